"""The source noise: published statistics are those of the file of invoices, and bills are measured by the same functions."""

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from simsme.validation.noise import simulate_noise, statistics, variation
from simsme.validation.setting import Setting
from simsme.validation.targets import targets_of

FILE = "china_invoices_monthly.csv.gz"


def by_id():
    return {target.id: target for target in targets_of("noise")}


@pytest.fixture(scope="module")
def invoices():
    """Monthly sales of the firms of the file, (firm, month); months without invoice are 0, and so are months of more refunds than sales."""
    folder = os.environ.get("SIMSME_DATA")
    if not folder:
        pytest.skip("SIMSME_DATA does not name the folder of real data")
    with gzip.open(Path(folder) / FILE, "rt", encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    firms = sorted({row["firm_id"] for row in rows})
    months = sorted({row["month"] for row in rows})
    sales = np.zeros((len(firms), len(months)))
    for row in rows:
        sales[firms.index(row["firm_id"]), months.index(row["month"])] = max(float(row["sales"] or 0.0), 0.0)
    return sales


def test_published_statistics_are_those_of_the_invoices(invoices):
    """Within half of their sampling error: a firm or two more or less, refunds read one way or the other."""
    assert invoices.shape == (425, 21)
    found = statistics(invoices)
    for name, target in by_id().items():
        if name in found:
            assert found[name] == pytest.approx(target.published, abs=0.5 * target.tolerance), name


def test_statistics_of_white_noise_are_those_of_theory():
    rng = np.random.default_rng(0)
    sales = rng.gamma(4.0, 0.25, size=(20_000, 21))
    found = statistics(sales)
    assert found["cv-month-50"] == pytest.approx(0.5, abs=0.02)
    assert found["cv-quarter"] == pytest.approx(0.5 / np.sqrt(3.0), abs=0.02)
    assert found["growth"] == pytest.approx(0.5 * np.sqrt(2.0 / 9.0), abs=0.02)
    assert all(abs(found[f"autocorrelation-{lag}"]) < 0.08 for lag in (1, 3, 6, 12))


def test_firms_that_never_sell_have_no_variation():
    assert variation(np.array([[0.0, 0.0], [1.0, 3.0]])) == pytest.approx([np.sqrt(2.0) / 2.0])


def test_what_customers_pay_varies_less_than_what_is_billed():
    found = simulate_noise(Setting(draws=2, firms=200))
    assert found["cv-cash-month"].value < 0.7 * found["cv-month-50"].value
    assert found["cv-month-10"].value < found["cv-month-50"].value < found["cv-month-90"].value
    assert found["cv-quarter"].value < found["cv-month-50"].value < found["cv-week"].value
