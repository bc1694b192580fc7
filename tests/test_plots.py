"""Figures: what is drawn, that it can be read, and what the files say about themselves."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from PIL import Image

from simsme.costs import Costs
from simsme.effectiveness import Comparison
from simsme.fund_tables import days_passed_over, fund_use
from simsme.outcomes import FundName, Outcomes
from simsme.plots import plot_difference, plot_effectiveness, plot_funds, plot_survival, write_figures
from simsme.plots.funds import fund_looks, fund_names
from simsme.plots.labels import FONT_SIZE, SPACING, signed, spread
from simsme.plots.layout import tick_days
from simsme.plots.style import looks
from simsme.provenance import Provenance, version
from tests.synthetic_funds import FUNDS, funded, with_funds
from tests.synthetic_money import costly
from tests.synthetic_outcomes import synthetic_outcomes

mpl.use("Agg")


@pytest.fixture(scope="module")
def outcomes() -> Outcomes:
    return synthetic_outcomes()


@pytest.fixture(autouse=True)
def closed_figures() -> None:
    pyplot.close("all")


def line_of(ax: Axes, label: str) -> "mpl.lines.Line2D":
    return next(line for line in ax.get_lines() if line.get_label() == label)


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def boxes(ax: Axes) -> list[tuple[Text, "mpl.transforms.Bbox"]]:
    ax.figure.canvas.draw()
    written = [text for text in ax.texts if text.get_text()] + [label for label in ax.get_xticklabels() if label.get_text()]
    # the leader of a label may touch others, its text may not
    return [(text, Text.get_window_extent(text)) for text in (*written, ax.title, ax.xaxis.label)]


@pytest.mark.parametrize("endpoint", ["exit", "cash", "open"])
def test_curves_are_the_means_drawn_as_steps(outcomes: Outcomes, endpoint: str) -> None:
    ax = plot_survival(outcomes, endpoint)
    for place, policy in enumerate(outcomes.policies):
        line = line_of(ax, policy)
        assert line.get_drawstyle() == "steps-post"
        assert line.get_ydata() == pytest.approx(outcomes.survival[endpoint][place].mean(axis=0))
    assert len(ax.collections) == 2  # bands of the reference and of the best: those of all five would merge
    assert len(plot_survival(outcomes, endpoint, policies=outcomes.policies[:3]).collections) == 3


def test_difference_is_in_points_and_has_a_zero_line(outcomes: Outcomes) -> None:
    ax = plot_difference(outcomes)
    gain = outcomes.survival["exit"] - outcomes.survival["exit"][0]
    assert line_of(ax, "both").get_ydata() == pytest.approx(100 * gain[4].mean(axis=0))
    assert any(not np.any(line.get_ydata()) for line in ax.get_lines())
    assert not any(line.get_label() == "none" for line in ax.get_lines())
    low, high = ax.get_ylim()
    assert low < 0 < high


def test_policies_differ_in_colour_and_in_dashes() -> None:
    outcomes = synthetic_outcomes(tuple(f"policy-{number}" for number in range(9)), reference="policy-0", draws=2, firms=50)
    ax = plot_survival(outcomes)
    lines = [line_of(ax, policy) for policy in outcomes.policies]
    assert to_hex(lines[0].get_color()) == "#000000"
    assert [line.is_dashed() for line in lines] == [False] + 8 * [True]
    style = looks(outcomes)
    assert [to_hex(line.get_color()) for line in lines] == [style[policy].colour.lower() for policy in outcomes.policies]
    # ten colours and seven patterns: where the patterns start again the colours go on
    assert len({look.colour for look in style.values()}) == 9
    assert len({look.dashes for look in style.values()}) == 8
    assert len(set(style.values())) == 9


def test_a_policy_looks_the_same_wherever_it_is_drawn(outcomes: Outcomes) -> None:
    drawn = [plot_survival(outcomes), plot_survival(outcomes, policies=["both"]), plot_difference(outcomes, policies=["both"])]
    assert len({to_hex(line_of(ax, "both").get_color()) for ax in drawn}) == 1


@pytest.mark.parametrize("figure", ["exit", "cash", "open", "difference"])
@pytest.mark.parametrize("world", ["five", "identical", "long", "short"])
def test_nothing_overlaps_and_nothing_is_clipped(figure: str, world: str) -> None:
    outcomes = {
        "five": lambda: synthetic_outcomes(firms=300),
        "identical": lambda: synthetic_outcomes(tuple("abcdefgh"), reference="a", firms=60, draws=3),
        "long": lambda: synthetic_outcomes(("none", "a-policy-whose-name-is-rather-long-indeed", "x_1$y$"), firms=60, draws=3),
        "short": lambda: synthetic_outcomes(days=np.arange(0.0, 92.0, 7.0), report_days=np.array([91.0]), firms=300, yearly_exit=3.0),
    }[world]()
    ax = plot_difference(outcomes) if figure == "difference" else plot_survival(outcomes, figure)
    page = ax.figure.bbox
    found = boxes(ax)
    for (one, here), (other, there) in combinations(found, 2):
        # a hair of overlap is the line spacing of the font, not ink
        assert not here.padded(-1.0).overlaps(there.padded(-1.0)), f"{one.get_text()!r} overlaps {other.get_text()!r}"
    for text, box in found:
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, f"{text.get_text()!r} is clipped"


@pytest.mark.parametrize(("value", "text"), [(1.234, "+1.23"), (-0.5, "−0.50"), (0.0, "0.00"), (-0.001, "0.00"), (0.004, "0.00")])
def test_a_number_that_rounds_to_zero_has_no_sign(value: float, text: str) -> None:
    assert signed(value) == text


def end_labels(ax: Axes) -> list[Annotation]:
    """Labels right of the axes: the only texts of their size."""
    return [text for text in ax.texts if isinstance(text, Annotation) and text.get_fontsize() == FONT_SIZE]


def test_labels_stand_at_the_ends_of_their_lines(outcomes: Outcomes) -> None:
    ax = plot_survival(outcomes)
    labels = end_labels(ax)
    assert [label.get_text().split("  ")[0] for label in labels] == list(outcomes.policies)
    for place, label in enumerate(labels):
        assert label.xy == pytest.approx((364.0, outcomes.survival["exit"][place, :, -1].mean()))


@pytest.mark.parametrize("endpoint", ["exit", "cash"])
def test_at_risk_table(outcomes: Outcomes, endpoint: str) -> None:
    written = texts(plot_survival(outcomes, endpoint))
    assert any(text.startswith("Firms at risk") for text in written)
    for place in range(5):
        for step in (0, 13, 26, 39, 52):
            assert f"{outcomes.survival[endpoint][place, :, step].mean() * outcomes.weight:,.0f}" in written


def test_a_prevalence_has_no_table_at_risk(outcomes: Outcomes) -> None:
    assert not any("at risk" in text for text in texts(plot_survival(outcomes, "open")))
    assert not any("at risk" in text for text in texts(plot_survival(outcomes, "exit", at_risk_table=False)))


def test_large_numbers_at_risk_are_shortened(outcomes: Outcomes) -> None:
    written = texts(plot_survival(replace(outcomes, weight=52e6)))
    assert any("million" in text for text in written)
    assert "52.0" in written


def test_band_and_error_are_named_apart(outcomes: Outcomes) -> None:
    notes = next(text for text in texts(plot_survival(outcomes)) if "percentile" in text)
    assert "5th to 95th percentile over 40 draws" in notes
    assert "Monte Carlo standard error" in notes
    assert "paired" in next(text for text in texts(plot_difference(outcomes)) if "percentile" in text)


def test_one_draw_has_no_band() -> None:
    outcomes = synthetic_outcomes(draws=1, firms=50)
    for ax in (plot_survival(outcomes), plot_difference(outcomes)):
        assert not ax.collections
        assert any(text.startswith("One draw") for text in texts(ax))


def test_axis_that_does_not_start_at_zero_says_so(outcomes: Outcomes) -> None:
    ax = plot_survival(outcomes, "exit")
    bottom = ax.get_ylim()[0]
    assert 0 < bottom < outcomes.survival["exit"].min() + 0.05
    assert f"vertical axis starts at {100 * bottom:.0f} %" in texts(ax)
    ax = plot_survival(outcomes, "cash")
    assert ax.get_ylim()[0] == 0
    assert not any("starts at" in text for text in texts(ax))


# ------------------------------------------------------------------------------------------------------------------- public funds


def test_use_of_funds_is_the_mean_over_draws() -> None:
    outcomes = funded()
    ax = plot_funds(outcomes)
    names = fund_names(outcomes)
    assert names == ("renewal", "both: bridge", "both: guarantee")
    for place, name in enumerate(names):
        assert line_of(ax, name).get_ydata() == pytest.approx(fund_use(outcomes)[place].mean(axis=0))
    bands = [part for part in ax.collections if isinstance(part, PolyCollection)]
    assert len(bands) == 3
    labels = [label.get_text() for label in end_labels(ax)]
    assert [label.split("  ")[0] for label in labels] == list(names)
    notes = next(text for text in texts(ax) if "percentile" in text)
    assert "5th to 95th percentile over 10 draws" in notes and "not the error of the mean" in notes
    assert "leverage" in notes and "capital" in notes


def test_strips_show_when_somebody_was_passed_over() -> None:
    outcomes = funded()
    share = days_passed_over(outcomes)
    ax = plot_funds(outcomes)
    assert any(text.startswith("Somebody was passed over") for text in texts(ax))
    frames_and_strips = [part for part in ax.collections if isinstance(part, PatchCollection)]
    strips = frames_and_strips[1::2]
    assert len(strips) == 3
    for place, strip in enumerate(strips):
        alpha = strip.get_facecolor()[:, 3]
        assert len(alpha) == 52
        assert ((alpha > 0) == (share[place, 1:] > 0)).all()
        assert (np.argsort(alpha, kind="stable") == np.argsort(share[place, 1:], kind="stable")).all()


def test_ample_funds_pass_nobody_over() -> None:
    ax = plot_funds(funded(tight=False))
    written = "\n".join(texts(ax))
    assert "Nobody was passed over." in written
    assert "Somebody was passed over" not in written
    assert "vertical axis ends at" in written
    assert not any(isinstance(part, PatchCollection) for part in ax.collections)


def test_funds_of_a_policy_have_its_colour_and_dashes_of_their_own() -> None:
    funds = (*FUNDS, FundName("both", "guarantee_fund:east", "guarantee"))
    outcomes = with_funds(synthetic_outcomes(draws=2, firms=10), funds)
    style, found = looks(outcomes), fund_looks(outcomes)
    assert found[:2] == (style["renewal"], style["both"])
    assert len({look.colour for look in found[1:]}) == 1
    assert len({look.dashes for look in found[1:]}) == 3
    assert fund_names(outcomes)[2:] == ("both: guarantee", "both: guarantee east")
    # a fund of the reference, which is solid
    alone = with_funds(synthetic_outcomes(draws=2, firms=10), (FundName("none", "a", "bridge"), FundName("none", "b", "guarantee")))
    assert [look.dashes == "-" for look in fund_looks(alone)] == [True, False]


@pytest.mark.parametrize("world", ["tight", "ample", "one-draw", "many", "long"])
def test_figure_of_funds_overlaps_and_clips_nothing(world: str) -> None:
    many = tuple(FundName(f"policy-{number}", "emergency_relending", "bridge") for number in range(8))
    long = (FundName("a-policy-whose-name-is-rather-long-indeed", "guarantee_fund:x_1$y$", "guarantee"),) * 2
    outcomes = {
        "tight": lambda: funded(),
        "ample": lambda: funded(tight=False),
        "one-draw": lambda: funded(draws=1),
        "many": lambda: with_funds(synthetic_outcomes(("none", *(fund.policy for fund in many)), draws=3, firms=10), many),
        "long": lambda: with_funds(synthetic_outcomes(("none", long[0].policy), draws=3, firms=10), long),
    }[world]()
    ax = plot_funds(outcomes)
    page = ax.figure.bbox
    found = boxes(ax)
    for (one, here), (other, there) in combinations(found, 2):
        assert not here.padded(-1.0).overlaps(there.padded(-1.0)), f"{one.get_text()!r} overlaps {other.get_text()!r}"
    for text, box in found:
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, f"{text.get_text()!r} is clipped"


def test_one_draw_of_funds_has_no_band() -> None:
    ax = plot_funds(funded(draws=1))
    assert not any(isinstance(part, PolyCollection) for part in ax.collections)
    assert any("One draw" in text for text in texts(ax))
    assert not any(isinstance(part, PolyCollection) for part in plot_funds(funded(), band=False).collections)


def test_without_funds_there_is_nothing_to_plot(outcomes: Outcomes) -> None:
    with pytest.raises(ValueError, match="no public funds"):
        plot_funds(outcomes)


def test_funds_are_drawn_on_given_axes() -> None:
    figure = Figure(figsize=(13, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    outcomes = funded()
    assert plot_funds(outcomes, ax=left) is left and plot_survival(outcomes, ax=right) is right
    assert tuple(figure.get_size_inches()) == (13, 5)
    assert pyplot.get_fignums() == []


def test_the_figure_of_funds_has_its_data_beside_it(tmp_path: Path) -> None:
    written = write_figures(tmp_path, funded(), PROVENANCE)
    assert {path.name for path in written} >= {"funds.png", "funds.svg", "funds.csv"}
    data = pd.read_csv(tmp_path / "funds.csv")
    assert list(data.columns) == ["policy", "fund", "day", "use", "low", "high", "mc_error", "passed_over"]
    with Image.open(tmp_path / "funds.png") as image:
        assert image.info["Title"] == "three-months: Use of public funds"


# ----------------------------------------------------------------------------------------------------------- cost and effectiveness


def points_of(ax: Axes) -> dict[str, "mpl.lines.Line2D"]:
    """The point of each policy, by name."""
    return {container.get_label(): container.lines[0] for container in ax.containers}


def test_points_are_means_and_filled_on_the_frontier() -> None:
    outcomes = costly()
    compared = Comparison(Costs(outcomes), "firms_saved", 2)
    ax = plot_effectiveness(outcomes, currency="CNY")
    points = points_of(ax)
    assert set(points) == set(outcomes.policies)
    for place, policy in enumerate(outcomes.policies):
        assert points[policy].get_xdata()[0] == pytest.approx(compared.saved.mean[place])
        assert points[policy].get_ydata()[0] == pytest.approx(compared.cost.mean[place])
        assert (points[policy].get_markerfacecolor() != "white") == (place in compared.frontier)
    line = line_of(ax, "frontier")
    assert list(line.get_xdata()) == pytest.approx(compared.saved.mean[list(compared.frontier)])
    assert "million CNY" in ax.get_ylabel() and "by day 364" in ax.get_title(loc="left")


def test_bars_are_monte_carlo_errors_and_the_caption_says_so() -> None:
    outcomes = costly()
    ax = plot_effectiveness(outcomes, "jobs_saved", day=91.0)
    compared = Comparison(Costs(outcomes), "jobs_saved", 0)
    bars = next(container for container in ax.containers if container.get_label() == "subsidy").lines[2][0]
    left, right = bars.get_segments()[0][:, 0]
    assert (right - left) / 2 == pytest.approx(compared.saved.mc_error[1])
    notes = " ".join(" ".join(texts(ax)).split())
    assert "one Monte Carlo standard error of the mean over 20 draws" in notes and "not the band" in notes
    assert "by day 91" in ax.get_title(loc="left")


def test_one_draw_has_points_without_bars() -> None:
    ax = plot_effectiveness(costly(draws=1))
    assert all(not container.lines[2] for container in ax.containers)
    assert any("One draw" in text for text in texts(ax))


def test_policies_differ_in_shape_too() -> None:
    outcomes = synthetic_outcomes(tuple(f"policy-{number}" for number in range(9)), reference="policy-0", draws=2, firms=50)
    points = points_of(plot_effectiveness(outcomes)).values()
    assert len({point.get_marker() for point in points}) == 9


def test_unknown_effects_and_days_are_refused(outcomes: Outcomes) -> None:
    with pytest.raises(ValueError, match="no effect 'happiness'; the effects are firms_saved, jobs_saved"):
        plot_effectiveness(outcomes, "happiness")
    with pytest.raises(ValueError, match="day 90 is not among the reported days"):
        plot_effectiveness(outcomes, day=90.0)


def test_the_plane_is_not_clipped() -> None:
    outcomes = synthetic_outcomes(("none", "a-policy-whose-name-is-rather-long-indeed", "x_1$y$"), firms=60, draws=3)
    ax = plot_effectiveness(outcomes)
    ax.figure.canvas.draw()
    page, legend = ax.figure.bbox, ax.get_legend().get_window_extent()
    assert page.x0 <= legend.x0 and legend.x1 <= page.x1
    assert any("x_1" in text.get_text() for text in ax.get_legend().get_texts())


# -------------------------------------------------------------------------------------------------------------------------- axes


def test_given_axes_are_used_and_nothing_else_is_touched(outcomes: Outcomes) -> None:
    before = dict(mpl.rcParams)
    figure = Figure(figsize=(13, 5), layout="constrained")
    left, right = figure.subplots(1, 2)
    assert plot_survival(outcomes, ax=left) is left
    assert plot_difference(outcomes, ax=right) is right
    assert tuple(figure.get_size_inches()) == (13, 5)
    assert pyplot.get_fignums() == []
    assert dict(mpl.rcParams) == before
    for ax in (left, right):
        for (one, here), (other, there) in combinations(boxes(ax), 2):
            assert not here.padded(-1.0).overlaps(there.padded(-1.0)), f"{one.get_text()!r} overlaps {other.get_text()!r}"


def test_axes_of_a_subfigure_are_used(outcomes: Outcomes) -> None:
    figure = Figure(figsize=(16, 6), layout="constrained")
    ax = figure.add_subfigure(figure.add_gridspec(1, 2)[0]).add_subplot()
    assert plot_survival(outcomes, ax=ax) is ax


def test_a_run_is_as_good_as_its_outcomes(outcomes: Outcomes) -> None:
    class Run:
        def __init__(self) -> None:
            self.outcomes = outcomes

    assert line_of(plot_survival(Run()), "both").get_ydata() == pytest.approx(line_of(plot_survival(outcomes), "both").get_ydata())


def test_unknown_names_are_refused(outcomes: Outcomes) -> None:
    with pytest.raises(ValueError, match="no curve of 'runway'"):
        plot_survival(outcomes, "runway")
    with pytest.raises(ValueError, match="no policy 'bath'"):
        plot_survival(outcomes, policies=["bath"])
    with pytest.raises(ValueError, match="no policy to compare"):
        plot_difference(outcomes, policies=["none"])


HORIZONS = [(7, 7), (30, 30), (91, 91), (100, 91), (182, 91), (364, 91), (365, 91), (1000, 91), (9000, 100)]


@pytest.mark.parametrize(("horizon", "headline"), HORIZONS)
def test_ticks_hold_the_headline_and_the_horizon_and_leave_room(horizon: float, headline: float) -> None:
    ticks = tick_days(horizon, headline)
    assert {0.0, float(headline), float(horizon)} <= set(ticks)
    assert 2 <= len(ticks) <= 11
    assert ticks == sorted(ticks)


@given(
    positions=st.lists(st.floats(-500, 500), min_size=1, max_size=15),
    high=st.floats(1, 600),
)
def test_labels_are_spread_apart_in_their_order(positions: list[float], high: float) -> None:
    wanted = np.array(positions)
    moved = spread(wanted, SPACING, 0.0, high)
    order = np.argsort(moved)
    assert (np.diff(moved[order]) >= SPACING - 1e-6).all()
    assert (np.diff(wanted[order]) >= 0).all()
    if high >= SPACING * (len(wanted) - 1):
        assert moved.min() >= -1e-9 and moved.max() <= high + 1e-6


def test_labels_with_room_stay_where_they_are() -> None:
    assert spread(np.array([10.0, 100.0, 50.0]), 12.0, 0.0, 200.0) == pytest.approx([10, 100, 50])
    # the mean of a pair stays, and the first of equal ones stands highest
    assert spread(np.array([50.0, 50.0]), 12.0, 0.0, 200.0) == pytest.approx([56, 44])


PROVENANCE = Provenance("three-months", "ab" * 32, 7, 40, ("none", "renewal", "renewal-for-all", "forbearance", "both"))


def test_files_of_figures(outcomes: Outcomes, tmp_path: Path) -> None:
    before = dict(mpl.rcParams)
    written = write_figures(tmp_path, outcomes, PROVENANCE)
    stems = ("survival-exit", "survival-cash", "survival-open", "difference-exit", "effectiveness-firms")
    assert {path.name for path in written} == {f"{stem}.{kind}" for stem in stems for kind in ("png", "svg", "csv")}
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in written}
    assert dict(mpl.rcParams) == before
    assert pyplot.get_fignums() == []

    with Image.open(tmp_path / "survival-exit.png") as image:
        facts = image.info
    expected = {"Title": "three-months: Survival (exit)", "Software": f"simsme {version()}", "Digest": "ab" * 32, "Seed": "7"}
    assert expected.items() <= facts.items()
    assert facts["Policies"] == "none, renewal, renewal-for-all, forbearance, both"
    drawing = (tmp_path / "survival-exit.svg").read_text(encoding="utf-8")
    assert "ab" * 32 in drawing and "Seed: 7" in drawing and f"simsme {version()}" in drawing

    data = pd.read_csv(tmp_path / "survival-exit.csv")
    assert list(data.columns) == ["policy", "day", "mean", "low", "high", "mc_error", "at_risk"]
    last = data.query("policy == 'both' and day == 364").iloc[0]
    assert last["at_risk"] == pytest.approx(last["mean"] * outcomes.weight)
    assert "at_risk" not in pd.read_csv(tmp_path / "survival-open.csv").columns
    assert set(pd.read_csv(tmp_path / "difference-exit.csv")["policy"]) == set(outcomes.policies[1:])


def test_the_same_outcomes_give_the_same_files(tmp_path: Path) -> None:
    outcomes = synthetic_outcomes(firms=50, draws=3)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_figures(tmp_path / name, outcomes, PROVENANCE)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_the_reference_alone_has_no_difference_to_show(tmp_path: Path) -> None:
    written = write_figures(tmp_path, synthetic_outcomes(("none",), draws=2, firms=50), PROVENANCE)
    assert not any("difference" in path.name or "effectiveness" in path.name for path in written)
