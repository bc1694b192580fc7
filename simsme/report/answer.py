"""The question of a run in one sentence, and its answer in one sentence with its uncertainty."""

from typing import Any

import numpy as np

from simsme.report.contents import Contents
from simsme.report.numbers import count, day, money, percent, points

SURE = 1.96
"""Standard errors beyond which a difference is told from none, at 95 %."""


def question(contents: Contents) -> str:
    """Return what the run asks."""
    summary, policies = contents.summary, len(contents.others)
    firms = f"{summary['firms']:,} firms"
    under = f"under {'each of ' if policies > 1 else ''}{policies} polic{'ies' if policies > 1 else 'y'}" if policies else "with no policy"
    return f"How many of {firms} are still there after {summary['headline_day']:g} days {under}, and what does it cost?"


def answer(contents: Contents) -> str:
    """Return what came of it: the policy that saves the most, by how much, how sure that is, and what it costs."""
    summary = contents.summary
    when, last = day(summary["headline_day"]), day(contents.days[-1])
    reference = _entry(contents, contents.reference)
    level = percent(reference["survival"]["exit"]["mean"])
    if not contents.others:
        return f"{level} of firms are not gone for good on {when}; there is no other policy to compare with."
    best = _entry(contents, contents.best)
    gain = best["difference"]["exit"]
    if not gain["mean"] > SURE * _error(gain):
        draws = summary["draws"]
        return f"{level} of firms are not gone for good on {when} with no policy, and no policy can be told from that in {draws} draws."
    saved, name, share = best["firms_saved"], best["title"] or best["policy"], percent(best["survival"]["exit"]["mean"])
    between = f"between {points(gain['low'], 1)} and {points(gain['high'], 1)}"
    return (
        f"{name} saves the most: {share} of firms are not gone for good on {when}, "
        f"against {level} under {_title(reference)}, a difference of {points(gain['mean'])} ± {100 * _error(gain):.2f} percentage points "
        f"(Monte Carlo error of the paired difference; in nine of ten draws it lies {between}), "
        f"which is {count(saved['mean'])} of {count(summary['weight'])} firms. {_cost(contents, best, last)} {_runner_up(contents, best)}"
    ).strip()


def _cost(contents: Contents, best: dict[str, Any], last: str) -> str:
    net = best["by_day"][str(contents.days[-1])]["cost"]["net"]
    amount = money(abs(net), contents.currency)
    if net < 0:
        return f"By {last} those who pay for it are {amount} better off, since they lose less on firms that stay."
    return f"By {last} it costs those who pay for it {amount} net."


def _runner_up(contents: Contents, best: dict[str, Any]) -> str:
    """Say whether the second best can be told from the best, draw by draw."""
    rest = [entry for entry in contents.others if entry is not best]
    by_draw = contents.record.by_draw
    if not rest or by_draw is None:
        return ""
    second = max(rest, key=lambda entry: float(entry["difference"]["exit"]["mean"]))
    here = by_draw[by_draw["day"] == contents.summary["headline_day"]]
    values = [here[here["policy"] == entry["policy"]].sort_values("draw")["exit"].to_numpy(dtype=np.float64) for entry in (best, second)]
    ahead = values[0] - values[1]
    error = float(ahead.std(ddof=1) / np.sqrt(len(ahead))) if len(ahead) > 1 else float("nan")
    name = _title(second)
    if not ahead.mean() > SURE * error:
        return f"It cannot be told from {name} with {len(ahead)} draws."
    return f"It is {points(float(ahead.mean()))} ± {100 * error:.2f} points ahead of {name}."


def _entry(contents: Contents, policy: str) -> dict[str, Any]:
    return next(entry for entry in contents.policies if entry["policy"] == policy)


def _title(entry: dict[str, Any]) -> str:
    return f"“{entry['title'] or entry['policy']}”"


def _error(estimate: dict[str, Any]) -> float:
    error = estimate.get("mc_error")
    return float("inf") if error is None else float(error)
