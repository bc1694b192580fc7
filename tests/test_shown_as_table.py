"""Results show themselves in a line, and as their table in a notebook."""

import pandas as pd
import pytest

import simsme
from simsme.shown_as_table import MOST_ROWS, ShownAsTable

SMALL = {"draws": 2, "overrides": ["population.firms=40", "time.horizon_days=91", "time.report_days=[91]"]}


class Long(ShownAsTable):
    def table(self):
        return pd.DataFrame({"name": ["<b>"] * 100, "value": [1234567.0, 0.123456789] * 50})


def test_a_table_is_cut_and_text_stays_text():
    shown = Long()._repr_html_()
    assert shown.count("<tr>") <= MOST_ROWS + 2
    assert f"<p>{100 - MOST_ROWS} more rows</p>" in shown
    assert "<b>" not in shown
    assert "1,234,567" in shown and "0.1235" in shown


@pytest.mark.parametrize(
    "ask",
    [
        lambda: simsme.attribute("three-months", "renewal", **SMALL),
        lambda: simsme.sweep("three-months", {"shock.duration_days": [60, 91]}, policies=["renewal"], **SMALL),
        lambda: simsme.sensitivity("three-months", only=["credit.kappa"], policies=["renewal"], **SMALL),
        lambda: simsme.across_worlds("three-months", 2, policies=["renewal"], **SMALL),
    ],
    ids=["attribute", "sweep", "sensitivity", "worlds"],
)
def test_results_show_themselves_in_a_line(ask):
    found = ask()
    assert len(repr(found)) < 200
    assert repr(found).startswith("<")
    if isinstance(found, ShownAsTable):
        assert "<table" in found._repr_html_()
