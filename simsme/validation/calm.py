"""Source ``calm``: normal times. Who leaves, what banks lose, and what a guarantee fund does; the scenario ``calm``.

A guarantee fund that all firms may ask and that no capital limits stands for the provincial system of the source. The self-employed are
micro firms: the model knows nothing else of them.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.engine.accounts import BALANCES, ITEMS
from simsme.outcomes import Outcomes
from simsme.runs import Run, run
from simsme.validation.estimates import Estimate, mean_of_draws
from simsme.validation.ranking import area_over_draws
from simsme.validation.rows import FITTED, Cause, Simulated
from simsme.validation.setting import Setting

Floats = NDArray[np.float64]

SCENARIO, DRAWS, FIRMS = "calm", 20, 2000
NONE, FUND = "none", "fund"

FUND_FOR_ALL = (
    f'policy=[{{name="{NONE}"}}, {{name="{FUND}", levers=[{{kind="guarantee_fund", take_up=1.0, capital_share=0.1, claim_limit=1.0}}]}}]'
)
"""Its capital, a tenth of the loans that fall due in a year, times five is more than firms ask for, and claims do not stop it."""

SELF_EMPLOYED = (
    "population.legal_forms={incorporated=0.0, self_employed=1.0}",
    "population.sizes={micro={share=1.0}, small={share=0.0, sample=0.0}, medium={share=0.0, sample=0.0}}",
)

OTHER_REASONS = 0.14
"""A year: exits of the self-employed for reasons other than money with which their number is met; no counted run uses it."""

NARROW_MARGIN = 0.01
"""Of loans: margin of a bank that refuses average firms; no counted run uses it."""


def simulate_calm(setting: Setting) -> dict[str, Simulated]:
    """Return the simulated numbers by identifier."""
    setting.tell("incorporated firms and self-employed")
    found: dict[str, Simulated] = {}
    for of_form in setting.each(_of_form, (False,), (True,)):
        found |= of_form
    return found


def _of_form(setting: Setting, self_employed: bool) -> dict[str, Simulated]:
    """Numbers of incorporated firms, or of the self-employed."""
    if self_employed:
        return {"exit-self-employed": _estimated(_exit(_run(setting, *SELF_EMPLOYED, "policy=[]").outcomes))}
    incorporated = _run(setting, FUND_FOR_ALL, firm_level=True)
    out = incorporated.outcomes
    size = {value: _exit_of(out, position) for position, (column, value) in enumerate(out.group_names) if column == "size"}
    return {
        "exit-incorporated": _estimated(_exit(out)),
        "micro-over-small": _estimated(size["micro"] - size["small"]),
        "small-over-medium": _estimated(size["small"] - size["medium"]),
        "loan-losses": _estimated(100.0 * _flow(out, "lost_by_banks")[:, -1] / out.opening[:, BALANCES.index("owed_banks")]),
        "auc-default-risk": Simulated(*_area(incorporated)),
        "guarantee-access": _estimated(_access(out)),
        "guarantee-claims": _estimated(_claims(out)),
        **{name: _estimated(values) for name, values in _drifts(out).items()},
    }


def explain_calm(setting: Setting, missed: Sequence[str]) -> dict[str, tuple[Cause, ...]]:
    """Run again, for numbers that miss, without what stands between them and the published ones."""
    setting.tell("why numbers miss")
    names = [name for name in ("exit-self-employed", "guarantee-claims") if name in missed]
    return {name: (cause,) for name, cause in zip(names, setting.each(_cause, *((name,) for name in names)), strict=True)}


def _cause(setting: Setting, name: str) -> Cause:
    if name == "exit-self-employed":
        rates = f"exit.background_rate={{micro={OTHER_REASONS!r}, small=0.005, medium=0.002}}"
        gone = float(_exit(_run(setting, *SELF_EMPLOYED, "policy=[]", rates).outcomes).mean())
        text = "the self-employed leave for reasons other than cash (age, a job, a better idea), of which the model has few"
        return Cause(text, f"{100.0 * OTHER_REASONS:g} % a year leave for such reasons", gone, FITTED)
    claims = float(_claims(_run(setting, FUND_FOR_ALL, f"credit.bank_margin={NARROW_MARGIN!r}").outcomes).mean())
    text = "only firms that the bank refuses for their risk ask the fund, and with a margin of 6 % it refuses none but the worst"
    return Cause(text, f"a bank that earns {100.0 * NARROW_MARGIN:g} % refuses average firms as well", claims, FITTED)


def _run(setting: Setting, *changes: str, firm_level: bool = False) -> Run:
    overrides = [f"population.firms={setting.firms or FIRMS}", *changes]
    return run(SCENARIO, draws=setting.draws or DRAWS, overrides=overrides, jobs=setting.jobs, firm_level=firm_level)


def _estimated(by_draw: Floats) -> Simulated:
    return Simulated(*mean_of_draws(by_draw))


def _exit(out: Outcomes) -> Floats:
    """Firms that have left by day 364, percent, by draw."""
    gone: Floats = 100.0 * (1.0 - out.survival["exit"][out.policies.index(NONE), :, -1])
    return gone


def _exit_of(out: Outcomes, group: int) -> Floats:
    gone: Floats = 100.0 * (1.0 - out.group_survival["exit"][out.policies.index(NONE), :, -1, group])
    return gone


def _flow(out: Outcomes, item: str) -> Floats:
    """Money booked by each reported day under no policy, (draw, day)."""
    flow: Floats = out.flows[out.policies.index(NONE), :, :, ITEMS.index(item)]
    return flow


def _access(out: Outcomes) -> Floats:
    """Firms that the fund served, percent of all, by draw."""
    served: Floats = 100.0 * out.fund_firms["served"][0, :, -1] / out.weight
    return served


def _claims(out: Outcomes) -> Floats:
    """Claims so far, percent of the guarantees outstanding at the end, by draw; nothing where nothing is outstanding."""
    claims, book = out.fund_series["losses"][0, :, -1], out.fund_series["used"][0, :, -1]
    share: Floats = 100.0 * np.where(book > 0.0, claims / np.where(book > 0.0, book, 1.0), 0.0)
    return share


def _area(finished: Run) -> Estimate:
    """Area under the ROC curve of the default risk for leaving within the year, and its error, firms taken one by one."""
    table: Any = finished.firm_level
    table = table[table["policy"] == NONE]
    firms = finished.outcomes.firms
    risk = firms.default_risk[np.argsort(firms.order, kind="stable")]
    weight, gone = table["weight"].to_numpy(), table[f"gone_by_{finished.outcomes.report_days[-1]:.0f}"].to_numpy()
    return area_over_draws(risk, gone, weight)


def _drifts(out: Outcomes) -> dict[str, Floats]:
    """How much the second half of the year differs from the first for the average firm that is there, percent, by draw."""
    none = out.policies.index(NONE)
    middle, end = (int(np.flatnonzero(out.report_days == day)[0]) for day in (182.0, out.report_days[-1]))
    alive = out.survival["exit"][none]
    days = out.days
    first, second = alive[:, days <= 182.0].mean(axis=1), alive[:, days >= 182.0].mean(axis=1)
    sales = _flow(out, "cash_sales") + _flow(out, "credit_sales")
    halves = (sales[:, end] - sales[:, middle]) / second / (sales[:, middle] / first)
    cash = out.balances[none, :, :, BALANCES.index("cash")] / alive[:, [int(np.flatnonzero(days == day)[0]) for day in out.report_days]]
    return {"drift-sales": 100.0 * (halves - 1.0), "drift-cash": 100.0 * (cash[:, end] / cash[:, middle] - 1.0)}
