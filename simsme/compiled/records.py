"""What the kernel is given, what it works in, and what it hands back: records of arrays, and their types."""

from typing import Any, NamedTuple

from numba import boolean, float64, int8, int16, int64, types, uint8, uint64


class Inputs(NamedTuple):
    """What a run of some draws is given.

    Attributes
    ----------
    seed, draw_numbers, keys
        Of the noise: seed, numbers of the draws (d,), keys of the firms (n,).
    policies
        Positions of the policies that are run, the reference first, (p,).
    lanes, lucks, opening
        Rows of firms: (draw, row, firm), by year (year, draw, row, firm), and the state on day 0 (draw, row, firm).
    of_draw, of_step
        Numbers: (draw, number), (draw, step, number).
    ends, years, reports
        Ends of the steps, 0 first; the year in which each step begins; numbers of the steps that are reported.
    levers_of, offers, of_lever, reach
        Levers of all policies, one after another: where those of a policy begin, on which days each matters, its numbers (lever, draw,
        number), whom it reaches (lever, draw, firm).
    given_noise, given_down, given_depth
        Weather that is not computed here, (step, draw, firm), the last (step, 2, firm); empty where there is none.
    rows_everywhere, rows_of_policy, rows_of_term, rows_of_new
        Rows of the terms that a policy changes for every firm, one policy after another, and where those of a policy begin; rows of the
        terms that are asked for where a loan matures.
    funds_of
        Where the funds of a policy begin among all funds.
    answers_of, answers
        Place of a policy among those with funds, -1 for the others, and what its firms are answered, (place, draw, step, firm): a bit for
        each field of :class:`simsme.engine.records.Answers`.
    fund_numbers, fund_members, queue_luck
        (draw, fund, number), (draw, policy, kind, firm) and (draw, firm), see :mod:`simsme.engine.funds`; empty without funds.
    """

    seed: Any
    draw_numbers: Any
    keys: Any
    policies: Any
    lanes: Any
    lucks: Any
    opening: Any
    of_draw: Any
    of_step: Any
    ends: Any
    years: Any
    reports: Any
    levers_of: Any
    offers: Any
    of_lever: Any
    reach: Any
    given_noise: Any
    given_down: Any
    given_depth: Any
    rows_everywhere: Any
    rows_of_policy: Any
    rows_of_term: Any
    rows_of_new: Any
    funds_of: Any
    fund_numbers: Any
    fund_members: Any
    queue_luck: Any
    answers_of: Any
    answers: Any


class Space(NamedTuple):
    """Room to work in, for as many chunks as live together: (chunk, ...) or (chunk, policy, ...), and what is used by one at a time.

    Of every policy with public funds, ``concerned`` has the firms that they concern in a step, those of chunk c between ``counts`` c and
    c + 1; ``queue`` (weight and luck), ``members``, ``requests``, ``holdings`` and ``flows`` have a column for each of them.
    """

    common: Any
    own: Any
    history: Any
    totals: Any
    reach: Any
    step_then: Any
    sums: Any
    terms: Any
    chosen: Any
    few: Any
    concerned: Any
    counts: Any
    queue: Any
    members: Any
    requests: Any
    holdings: Any
    flows: Any
    asked: Any
    served: Any
    fund_books: Any


class Results(NamedTuple):
    """What became of the firms; shapes as in :class:`simsme.engine.simulate.Lives`, some of its arrays together on a first axis.

    ``answers`` is what the firms that ask together were answered, (step, firm).
    """

    steps: Any
    cause: Any
    lowest: Any
    flags: Any
    trading: Any
    flows: Any
    closing: Any
    valued: Any
    fund_series: Any
    fund_firms: Any
    answers: Any


def _arrays(kind: Any, dimensions: dict[str, int]) -> dict[str, Any]:
    """Types of arrays by field."""
    return {name: types.Array(kind, count, "C") for name, count in dimensions.items()}


def _record(record: type[Any], fields: dict[str, Any]) -> Any:
    """Type of a record."""
    return types.NamedTuple([fields[name] for name in getattr(record, "_fields")], record)  # noqa: B009


def signature() -> Any:
    """Types of what the kernel takes, spelled out so that it is never compiled for others."""
    inputs = {"seed": uint64} | _arrays(uint64, {"draw_numbers": 1, "keys": 1})
    inputs |= _arrays(int64, {"policies": 1, "years": 1, "reports": 1, "levers_of": 1, "funds_of": 1, "fund_members": 4, "answers_of": 1})
    inputs |= _arrays(uint8, {"answers": 4})
    inputs |= _arrays(int64, {"rows_everywhere": 1, "rows_of_policy": 1, "rows_of_term": 1, "rows_of_new": 1})
    inputs |= _arrays(float64, {"lanes": 3, "lucks": 4, "opening": 3, "of_draw": 2, "of_step": 3, "ends": 1, "of_lever": 3})
    inputs |= _arrays(float64, {"given_noise": 3, "given_down": 3, "given_depth": 3, "fund_numbers": 3, "queue_luck": 2})
    inputs |= _arrays(boolean, {"offers": 2, "reach": 3})
    space = _arrays(float64, {"common": 2, "own": 3, "history": 4, "totals": 3, "reach": 3, "sums": 1, "terms": 1})
    space |= _arrays(float64, {"queue": 3, "requests": 3, "holdings": 3, "flows": 3, "fund_books": 2})
    space |= _arrays(int64, {"step_then": 2, "few": 1, "concerned": 2, "counts": 2, "members": 3})
    space |= _arrays(boolean, {"asked": 3, "served": 3}) | _arrays(uint64, {"chosen": 2})
    results = _arrays(uint8, {"answers": 2}) | _arrays(int16, {"steps": 4}) | _arrays(int8, {"cause": 3}) | _arrays(boolean, {"flags": 5})
    results |= _arrays(float64, {"lowest": 4, "trading": 4, "flows": 5, "closing": 5, "valued": 5, "fund_series": 4, "fund_firms": 4})
    records = (_record(Inputs, inputs), _record(Space, space), _record(Results, results))
    return int64(*records, int64, int64, int64)
