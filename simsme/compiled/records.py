"""What the kernel is given, what it works in, and what it hands back: records of arrays, and their types."""

from typing import Any, NamedTuple

from numba import boolean, float64, int8, int16, int64, types, uint8, uint16, uint64


class Inputs(NamedTuple):
    """What a run of some draws is given.

    Attributes
    ----------
    seed, draw_numbers, keys
        Of the noise: seed, numbers of the draws (d,), keys of the firms (n,).
    policies
        Positions of the policies that are run, the reference first, (p,).
    columns
        Columns of the firms, (column, firm), see :data:`simsme.compiled.rows.COLUMNS`.
    depth, closed_share, background_rate
        What of a firm in a draw is not computed here, (draw, firm), or (1, firm) where it is the same in all draws.
    of_draw, of_step
        Numbers: (draw, number), (draw, step, number).
    ends, years, reports
        Ends of the steps, 0 first; the year in which each step begins; numbers of the steps that are reported.
    levers_of, offers, of_lever, reach, matters_on
        Levers of all policies, one after another: where those of a policy begin, on which days each matters, its numbers (lever, draw,
        number), whom it reaches (lever, draw, firm), on which occasions it can matter at all (a bit for each).
    informed_of, informed
        Place of a lever among those that let banks see more, -1 for the others, and what they let them see, (place, draw, row, firm).
    now_of, now_row, now_rule, now_offered
        What levers offer on the last day of a step, one term after another: where those of a lever begin, the term's row, the place of
        the rule by which it combines, and what is offered, (term, draw): a number, or the row of ``reach`` that has it.
    families
        Family of a policy, by what its levers change, see :mod:`simsme.compiled.formulas`.
    states_moved, states_of_policy, books_moved, books_of_policy
        Rows of the state and of the books that change at all under a policy or the reference, one policy after another, and where those
        of a policy begin.
    given_noise, given_down, given_depth
        Weather that is not computed here, (step, draw, firm), the last (step, 2, firm); empty where there is none.
    rows_of_year
        Rows of what all policies share that last for a year.
    relieves
        Policies under which the hazard of a recall is not that under the reference.
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
    columns: Any
    depth: Any
    closed_share: Any
    background_rate: Any
    of_draw: Any
    of_step: Any
    ends: Any
    years: Any
    reports: Any
    levers_of: Any
    offers: Any
    of_lever: Any
    reach: Any
    matters_on: Any
    informed_of: Any
    informed: Any
    now_of: Any
    now_row: Any
    now_rule: Any
    now_offered: Any
    families: Any
    states_moved: Any
    states_of_policy: Any
    books_moved: Any
    books_of_policy: Any
    given_noise: Any
    given_down: Any
    given_depth: Any
    rows_of_year: Any
    relieves: Any
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

    A policy has ``awake`` columns, those from ``fresh`` on since the step. ``lanes`` says whose a column is, ``columns`` where a lane has
    its column (-1 where it has none), ``since`` from which step on, ``tries`` how often it was given up. ``gathered`` and
    ``gathered_reach`` are ``common`` and ``reach`` by column, ``lane_numbers`` is ``lanes`` for recorded loops, ``hazards`` the hazard of a
    recall by lane, where the lane sleeps, ``terms_asleep`` its terms on the last day of the step. ``happened`` has the occasions of the
    step by lane, a bit for each; ``candidates`` says which lanes may wake, ``candidate_groups`` the same for eight lanes at once. ``line``
    holds a number of every lane.
    """

    common: Any
    gathered: Any
    own: Any
    books: Any
    marks: Any
    work: Any
    history: Any
    reach: Any
    gathered_reach: Any
    lanes: Any
    columns: Any
    since: Any
    tries: Any
    awake: Any
    fresh: Any
    lane_numbers: Any
    hazards: Any
    terms_asleep: Any
    line: Any
    terms: Any
    chosen: Any
    few: Any
    happened: Any
    candidates: Any
    candidate_groups: Any
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

    ``flows`` and ``closing`` have items and balances on the last one, so that what a chunk notes lies together.
    ``answers`` is what the firms that ask together were answered, (step, firm). ``prudent_risk`` is the risk by which the bank decides,
    (draw, firm): where there is room for it, nothing else is found.
    """

    steps: Any
    cause: Any
    trough: Any
    support: Any
    flags: Any
    trading: Any
    flows: Any
    closing: Any
    opening: Any
    valued: Any
    fund_series: Any
    fund_firms: Any
    answers: Any
    prudent_risk: Any


def _arrays(kind: Any, dimensions: dict[str, int]) -> dict[str, Any]:
    """Types of arrays by field."""
    return {name: types.Array(kind, count, "C") for name, count in dimensions.items()}


def _record(record: type[Any], fields: dict[str, Any]) -> Any:
    """Type of a record."""
    return types.NamedTuple([fields[name] for name in getattr(record, "_fields")], record)  # noqa: B009


def signature() -> Any:
    """Types of what the kernel takes, spelled out so that it is never compiled for others."""
    inputs = {"seed": uint64} | _arrays(uint64, {"draw_numbers": 1, "keys": 1}) | _arrays(uint16, {"matters_on": 1})
    inputs |= _arrays(int64, {"policies": 1, "years": 1, "reports": 1, "levers_of": 1, "funds_of": 1, "fund_members": 4, "answers_of": 1})
    inputs |= _arrays(uint8, {"answers": 4})
    # numbers of rows are unsigned: for a signed place compiled code asks whether it counts from the end
    inputs |= _arrays(uint64, {"states_moved": 1, "books_moved": 1, "rows_everywhere": 1})
    inputs |= _arrays(uint64, {"rows_of_term": 1, "rows_of_new": 1, "rows_of_year": 1})
    inputs |= _arrays(int64, {"states_of_policy": 1, "books_of_policy": 1, "rows_of_policy": 1})
    inputs |= _arrays(float64, {"columns": 2, "depth": 2, "closed_share": 2, "background_rate": 2})
    inputs |= _arrays(float64, {"of_draw": 2, "of_step": 3, "ends": 1, "of_lever": 3})
    inputs |= _arrays(float64, {"given_noise": 3, "given_down": 3, "given_depth": 3, "fund_numbers": 3, "queue_luck": 2})
    inputs |= _arrays(boolean, {"offers": 2, "reach": 3, "relieves": 1})
    inputs |= _arrays(int64, {"informed_of": 1, "now_of": 1, "now_row": 1, "now_rule": 1, "families": 1})
    inputs |= _arrays(float64, {"informed": 4, "now_offered": 2})
    space = _arrays(float64, {"common": 2, "gathered": 2, "own": 4, "books": 4, "marks": 3, "work": 2, "history": 4})
    space |= _arrays(float64, {"reach": 3, "gathered_reach": 2, "lane_numbers": 2, "hazards": 2, "terms_asleep": 1, "line": 1, "terms": 1})
    space |= _arrays(int64, {"lanes": 2, "columns": 2, "since": 2, "tries": 2})
    space |= _arrays(int64, {"awake": 1, "fresh": 1})
    space |= _arrays(float64, {"queue": 3, "requests": 3, "holdings": 3, "flows": 3, "fund_books": 2})
    space |= _arrays(int64, {"few": 1, "concerned": 2, "counts": 2, "members": 3})
    space |= _arrays(boolean, {"asked": 3, "served": 3, "candidates": 1}) | _arrays(uint64, {"chosen": 2, "candidate_groups": 1})
    space |= _arrays(uint16, {"happened": 1})
    results = _arrays(uint8, {"answers": 2}) | _arrays(int16, {"steps": 4}) | _arrays(int8, {"cause": 3}) | _arrays(boolean, {"flags": 5})
    results |= _arrays(
        float64, {"trough": 3, "support": 4, "trading": 4, "flows": 5, "closing": 5, "valued": 5, "fund_series": 4, "fund_firms": 4}
    )
    results |= _arrays(float64, {"opening": 3, "prudent_risk": 2})
    records = (_record(Inputs, inputs), _record(Space, space), _record(Results, results))
    return int64(*records, int64, int64, int64)
