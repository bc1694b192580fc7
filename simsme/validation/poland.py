"""Source ``poland``: real firms, and whether those go bankrupt that the simulation sees fail; the scenario ``poland-firms``.

Nothing is fitted to the bankruptcies. What the file does not say of a firm is filled in at random once a run, so that each firm's chance
is the mean over several fillings; benchmarks/evidence.py tells the whole story. Without the file nothing is run.
"""

import csv
import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.runs import run
from simsme.validation.ranking import area, logistic_score
from simsme.validation.rows import TAKEN_OUT, Cause, Simulated
from simsme.validation.setting import Setting

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

SCENARIO, FILE, VARIABLE = "poland-firms", "poland_firms_5y.csv.gz", "SIMSME_DATA"
ABSENT = f"needs {FILE}, which does not come with simsme, in the folder that the environment variable {VARIABLE} names"
FILLINGS, DRAWS = 10, 20
DAY = 364
RESAMPLES = 500
TENTHS, FIFTHS = 10, 5
MARGIN_LIMITS = (0.0, 0.03, 0.08, 0.20)
"""Between the rows of the table of burn and buffer; between its columns stand the quartiles of runway."""


def real_firms() -> Path | None:
    """Return the file of real firms; None where there is none."""
    folder = os.environ.get(VARIABLE)
    file = Path(folder) / FILE if folder else None
    return file if file is not None and file.is_file() else None


def simulate_poland(setting: Setting) -> dict[str, Simulated]:
    """Return the simulated numbers by identifier; none without the file."""
    file = real_firms()
    if file is None:
        return {}
    setting.tell("real firms")
    columns = _columns(file)
    failed, runway = columns["bankrupt"], columns["runway_days_zero_revenue"]
    profit = np.clip(columns["operating_profit"] / columns["sales_annual"], -0.5, 0.5)
    fitted = logistic_score(failed, [np.log1p(runway), profit])
    # one process for all fillings: the compiled engine is loaded once
    gone, cash_out = setting.each(_chances, (str(file),))[0]
    equal = np.ones(len(failed))
    table = _cells(columns)
    return {
        "bankrupt": Simulated(100.0 * float(failed.mean())),
        "auc-runway": Simulated(area(-runway, failed, equal)),
        "auc-cash-margin": Simulated(area(fitted, failed, equal)),
        "exit-over-cash-margin": _gain(gone, fitted, failed),
        "cash-over-cash-margin": _gain(cash_out, fitted, failed),
        "tenths-that-fall": _tenths(gone.mean(axis=0), failed),
        "auc-exit": Simulated(area(gone.mean(axis=0), failed, equal), _error_over_fillings(gone, failed)),
        "auc-cash": Simulated(area(cash_out.mean(axis=0), failed, equal), _error_over_fillings(cash_out, failed)),
        "highest-tenth": Simulated(_rate_of_highest(gone.mean(axis=0), failed)),
        "burn-and-buffer": Simulated(rank_correlation(_means(table, gone.mean(axis=0)), _means(table, failed))),
    }


def _tenths(chance: Floats, failed: Floats) -> Simulated:
    """Steps between tenths at which bankrupts do not become more; where there are some, what it is with twice as many in a class."""
    text = "a tenth has 27 bankrupts on average, and the low ones about ten: too few to tell neighbours apart"
    cause = Cause(text, "fifths instead of tenths", float(falls(chance, failed, FIFTHS)), TAKEN_OUT)
    return Simulated(float(falls(chance, failed, TENTHS)), causes=(cause,))


# ------------------------------------------------------------------------------------------------------------------ the runs


def _chances(setting: Setting, file: str) -> tuple[Floats, Floats]:
    """Chances to be gone and to have been short of cash within a year, (filling, firm)."""
    gone, short = [], []
    for number in range(FILLINGS):
        finished = run(
            SCENARIO,
            firms=file,
            policies=["none"],
            draws=setting.draws or DRAWS,
            seed=number,
            overrides=[f"population.seed={number}"],
            jobs=setting.jobs,
            firm_level=True,
        )
        table: Any = finished.firm_level
        gone.append(table[f"gone_by_{DAY}"].to_numpy())
        short.append(table[f"cash_out_by_{DAY}"].to_numpy())
    return np.stack(gone), np.stack(short)


def _columns(file: Path) -> dict[str, Floats]:
    """Columns of the file that scores need, firms in its order."""
    names = ("bankrupt", "runway_days_zero_revenue", "operating_profit", "sales_annual", "opex_annual")
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    return {name: np.array([float(row[name]) for row in rows]) for name in names}


# ---------------------------------------------------------------------------------------------------------------- the numbers


def _gain(chances: Floats, other: Floats, failed: Floats) -> Simulated:
    """Lower end of the 95 % interval of the gain in AUC over another score; firms drawn again, the same ones for both scores."""
    score, rng, firms = chances.mean(axis=0), np.random.default_rng(0), len(failed)
    again = rng.multinomial(firms, np.full(firms, 1.0 / firms), size=RESAMPLES)
    gains = [area(score, failed, weight) - area(other, failed, weight) for weight in again.astype(np.float64)]
    low, high = np.quantile(gains, [0.025, 0.975])
    gain = area(score, failed, np.ones(firms)) - area(other, failed, np.ones(firms))
    note = f"the gain is {gain:.3f}, 95 % interval {low:.3f} to {high:.3f} over {RESAMPLES} resamples of firms, the same for both scores"
    return Simulated(float(low), _error_over_fillings(chances, failed), note=note)


def _error_over_fillings(chances: Floats, failed: Floats) -> float:
    """Monte Carlo error of the AUC for the luck of fillings, one left out at a time."""
    fillings = len(chances)
    equal = np.ones(len(failed))
    left = np.array([area(np.delete(chances, out, axis=0).mean(axis=0), failed, equal) for out in range(fillings)])
    return float(np.sqrt((fillings - 1) / fillings * np.square(left - left.mean()).sum()))


def _classes(score: Floats, number: int) -> Numbers:
    """Classes of equal size by a score, 0 the lowest; firms of equal score in an order that is drawn."""
    place = np.empty(len(score), dtype=np.int64)
    place[np.lexsort((np.random.default_rng(0).permutation(len(score)), score))] = np.arange(len(score))
    classes: Numbers = place * number // len(score)
    return classes


def falls(score: Floats, failed: Floats, number: int) -> int:
    """Return at how many steps between classes of a score, low to high, the share of bankrupts does not rise."""
    rates = _means(_classes(score, number), failed)
    return int((np.diff(rates) <= 0.0).sum())


def _rate_of_highest(score: Floats, failed: Floats) -> float:
    return 100.0 * float(_means(_classes(score, TENTHS), failed)[-1])


def _cells(columns: dict[str, Floats]) -> Numbers:
    """Cell of each firm in the table of burn (margin) and buffer (runway)."""
    runway = columns["runway_days_zero_revenue"]
    margin = 1.0 - columns["opex_annual"] / columns["sales_annual"]
    cells: Numbers = 4 * np.digitize(margin, MARGIN_LIMITS) + np.digitize(runway, np.quantile(runway, [0.25, 0.5, 0.75]))
    return cells


def _means(classes: Numbers, values: Floats) -> Floats:
    means: Floats = np.bincount(classes, values) / np.bincount(classes)
    return means


def rank_correlation(first: Floats, second: Floats) -> float:
    """Return Spearman's rank correlation."""
    from scipy.stats import spearmanr

    return float(spearmanr(first, second).statistic)
