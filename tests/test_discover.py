"""Boxes are found where they are known to be, hold on the other half, and are not found in noise."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import simsme
from simsme.cli.application import answer
from simsme.discoveries import Failure, discover, plan_discovery, search_worlds
from simsme.discovery.box import Restriction, inside, measure
from simsme.discovery.features import Cases, Category, Numeric, described_as
from simsme.discovery.finding import Search, find_boxes
from simsme.discovery.firm_features import firm_features
from simsme.discovery.peeling import peel
from simsme.discovery.result import Boxes, Discovery, Subject
from simsme.draw_firms import draw_firms
from simsme.plan import plan_run
from simsme.population import Population
from simsme.problems import InputError
from simsme.robustness.across_worlds import AcrossWorlds
from simsme.scenario import LoadedScenario, parse_scenario
from tests.test_compare import TEXT

SUBJECT = Subject("firms", "lost", "of the firms still lost", "Made up.")


def made_up(count: int = 4000, seed: int = 1, *, noise: bool = False, inside_odds: float = 0.6, outside_odds: float = 0.03) -> Cases:
    """Firms of which those with little cash, in one industry, are lost; three more features have nothing to do with it."""
    rng = np.random.default_rng(seed)
    cash, margin, rate = rng.lognormal(3.5, 0.8, count), rng.normal(0.1, 0.05, count), rng.uniform(0.02, 0.1, count)
    industry, size = rng.integers(0, 4, count), rng.integers(0, 3, count)
    in_box = (cash < 25.0) & (industry == 2)
    odds = np.full(count, 0.1) if noise else np.where(in_box, inside_odds, outside_odds)
    lost = rng.binomial(20, odds) / 20.0
    features = (
        Category("industry", industry, ("farms", "retail", "catering", "services"), "in {}"),
        Category("size", size, ("micro", "small", "medium"), "{}", place="before"),
        Numeric("cash_days", cash, "{} days of cash"),
        Numeric("margin", margin, "{} % margin", 100.0),
        Numeric("rate", rate, "{} % interest", 100.0),
    )
    return Cases(features, lost, np.ones(count))


class TestKnownBox:
    def test_it_is_found(self):
        cases = made_up()
        search = find_boxes(cases, seed=0)
        box = search.boxes[0].box
        assert [cases.features[restriction.feature].name for restriction in box] == ["industry", "cash_days"]
        assert box[0].kinds == {2}
        assert math.isinf(box[1].low) and 22.0 <= box[1].high <= 27.0
        assert len(search.boxes) == 1

    def test_it_holds_what_it_should_on_the_other_half(self):
        cases = made_up()
        measured = find_boxes(cases, seed=0).boxes[0].held_out
        truth = (cases.features[2].values < 25.0) & (cases.features[0].codes == 2)
        assert measured.density.value == pytest.approx(0.6, abs=0.06)
        assert measured.coverage.value == pytest.approx(cases.outcome[truth].sum() / cases.outcome.sum(), abs=0.06)
        assert measured.overall == pytest.approx(cases.outcome.mean(), abs=0.01)
        assert measured.density.low < measured.density.value < measured.density.high

    def test_the_sentence(self):
        (sentence,) = Boxes(SUBJECT, made_up(), find_boxes(made_up(), seed=0)).sentences[:1]
        assert " of the firms still lost are firms in catering with under 2" in sentence
        assert " days of cash: of the firms in this box, " in sentence and "times the average of" in sentence

    def test_the_order_of_features_and_cases_does_not_matter_to_what_is_found(self):
        cases = made_up()
        turned = Cases(cases.features[::-1], cases.outcome, cases.weight)
        one, other = find_boxes(cases, seed=0).boxes[0], find_boxes(turned, seed=0).boxes[0]
        assert set(one.words) == set(other.words) and one.held_out == other.held_out

    def test_weights_count(self):
        """Three rows of weight 1 are one row of weight 3."""
        cases = made_up(600)
        tripled = Cases(cases.features, cases.outcome, np.full(600, 3.0))
        one, other = find_boxes(cases, seed=0).boxes[0], find_boxes(tripled, seed=0).boxes[0]
        assert one.words == other.words
        assert one.held_out.density.value == pytest.approx(other.held_out.density.value)

    def test_no_box_is_told_that_is_less_dense_than_all(self):
        """Outside the box, cash goes on to matter a little; what stands out there only is not what is looked for."""
        cases = made_up(8000)
        mild = np.where(cases.features[2].values < 40.0, np.maximum(cases.outcome, 0.04), cases.outcome)
        search = find_boxes(Cases(cases.features, mild, cases.weight), seed=0)
        assert all(found.held_out.density.value > found.held_out.overall for found in search.boxes)
        assert len(search.boxes) == 1

    def test_a_second_box_lies_outside_the_first(self):
        cases = made_up(8000)
        other = (cases.features[4].values > 0.09) & (cases.features[1].codes == 0)
        outcome = np.where(other & (cases.outcome < 0.3), 0.5, cases.outcome)
        both = Cases(cases.features, outcome, cases.weight)
        search = find_boxes(both, seed=3)
        assert len(search.boxes) >= 2
        first, second = search.boxes[:2]
        named = [{both.features[restriction.feature].name for restriction in found.box} for found in (first, second)]
        assert {frozenset(names) for names in named} == {frozenset({"industry", "cash_days"}), frozenset({"size", "rate"})}
        assert search.together[0] >= first.held_out.coverage.value + second.held_out.coverage.value - 1e-9


class TestNoise:
    @pytest.mark.parametrize("seed", range(8))
    def test_nothing_is_found_in_noise(self, seed):
        search = find_boxes(made_up(2000, seed, noise=True), seed=seed)
        assert search.boxes == ()
        assert search.failed is None or search.failed.held_out.score < 2.576

    def test_it_would_have_seemed_to_be_something(self):
        """On the half on which it was found, the box of noise looks better than chance: the other half is what tells."""
        flattered = [find_boxes(made_up(2000, seed, noise=True), seed=seed).failed for seed in range(8)]
        scores = [found.there.score for found in flattered if found is not None]
        assert len(scores) >= 6 and np.mean(scores) > 2.0

    def test_it_says_so(self):
        cases = made_up(2000, 2, noise=True)
        (sentence,) = Boxes(SUBJECT, cases, find_boxes(cases, seed=2)).sentences
        assert sentence.startswith("No box")

    def test_what_never_happens(self):
        cases = made_up(400)
        nothing = Cases(cases.features, np.zeros(400), cases.weight)
        assert Boxes(SUBJECT, nothing, find_boxes(nothing, seed=0)).sentences == ("No firms are lost: there is nothing to look for.",)

    def test_what_always_happens(self):
        cases = made_up(400)
        search = find_boxes(Cases(cases.features, np.ones(400), cases.weight), seed=0)
        assert search.boxes == () and search.overall == 1.0


class TestPeeling:
    def test_every_step_lies_inside_the_one_before(self):
        cases = made_up(1500)
        path = peel(cases, np.ones(len(cases), dtype=bool))
        masses = [step.mass for step in path]
        assert masses[0] == 1.0 and path[0].coverage == pytest.approx(1.0)
        assert all(later < earlier for earlier, later in zip(masses, masses[1:], strict=False))
        assert all((inside(later.box, cases) <= inside(earlier.box, cases)).all() for earlier, later in zip(path, path[1:], strict=False))
        assert path[-1].density > 0.5

    def test_many_that_share_the_lowest_value(self):
        """Firms without a loan go all at once where it is the others that are lost."""
        loan = np.concatenate([np.zeros(300), np.linspace(1.0, 2.0, 100)])
        cases = Cases((Numeric("loan", loan, "{} of loan"),), (loan > 0).astype(float), np.ones(400))
        box = find_boxes(cases, seed=0).boxes[0].box
        assert box[0].low > 0.0 and inside(box, cases).sum() == 100

    def test_many_that_are_infinite(self):
        due = np.concatenate([np.full(300, np.inf), np.linspace(1.0, 200.0, 100)])
        cases = Cases((Numeric("due", due, "{} days"),), np.isfinite(due).astype(float), np.ones(400))
        box = find_boxes(cases, seed=0).boxes[0].box
        assert inside(box, cases).sum() >= 98 and not inside(box, cases)[:300].any()


class TestMeasures:
    def test_by_hand(self):
        cases = Cases((Numeric("x", np.array([1.0, 2.0, 3.0, 4.0]), "{}"),), np.array([1.0, 0.5, 0.0, 0.5]), np.array([1.0, 1.0, 1.0, 2.0]))
        measured = measure((Restriction(0, high=3.0),), cases)
        assert measured.coverage.value == pytest.approx(1.5 / 2.5)
        assert measured.density.value == pytest.approx(0.75)
        assert (measured.mass, measured.count) == (pytest.approx(0.4), 2)
        assert measured.overall == pytest.approx(0.5)
        assert measured.mass_share.low < 0.4 < measured.mass_share.high and measured.overall_share.low < 0.5 < measured.overall_share.high

    def test_errors_are_those_of_sampling_cases(self):
        box = (Restriction(0, kinds=frozenset({2})),)
        tried = [measure(box, made_up(400, seed)) for seed in range(300)]
        for name in ("density", "coverage"):
            values = np.array([getattr(measured, name).value for measured in tried])
            errors = np.array([getattr(measured, name).error for measured in tried])
            assert errors.mean() == pytest.approx(values.std(ddof=1), rel=0.12)

    def test_a_pure_box_has_an_interval_too(self):
        cases = Cases((Numeric("x", np.arange(40.0), "{}"),), (np.arange(40) < 10).astype(float), np.ones(40))
        measured = measure((Restriction(0, high=10.0),), cases)
        assert (measured.density.value, measured.density.error) == (1.0, 0.0)
        assert measured.density.high == 1.0 and measured.density.low == pytest.approx(10 / (10 + 1.96**2), rel=1e-3)
        assert measured.score == pytest.approx(math.sqrt(40))

    def test_the_test_is_one_in_two_hundred_on_noise(self):
        rng = np.random.default_rng(5)
        feature = Numeric("x", rng.random(400), "{}")
        scores = []
        for _ in range(400):
            cases = Cases((feature,), rng.binomial(10, 0.2, 400) / 10.0, np.ones(400))
            scores.append(measure((Restriction(0, low=0.5),), cases).score)
        assert np.std(scores) == pytest.approx(1.0, abs=0.12)
        assert np.mean(np.array(scores) > 2.576) < 0.02

    @pytest.mark.parametrize("outcome", [[0.5, 1.5], [np.nan, 0.0], [-0.1, 0.0]])
    def test_outcomes_are_shares(self, outcome):
        with pytest.raises(ValueError, match="outcomes must lie in"):
            Cases((Numeric("x", np.zeros(2), "{}"),), np.array(outcome), np.ones(2))


class TestWords:
    def test_numbers(self):
        feature = Numeric("margin", np.zeros(1), "{} % margin", 100.0)
        assert feature.said(-np.inf, 0.05) == "under 5 % margin"
        assert feature.said(0.051, np.inf) == "at least 5.1 % margin"
        assert feature.said(-0.02, 0.3) == "−2 to 30 % margin"
        assert Numeric("sales", np.zeros(1), "{} of sales").said(-np.inf, 1_250_000.0) == "under 1,250,000 of sales"

    def test_kinds(self):
        feature = Category("industry", np.zeros(1, dtype=int), ("a", "b", "c", "d", "e"), "in {}")
        assert feature.said(("a", "b")) == "in a or b"
        assert feature.said(("a", "b", "c", "d")) == "not in e"
        loan = Category("bank_loan", np.zeros(1, dtype=int), ("no", "yes"), "{}", {"no": "no bank loan"}, "with")
        assert loan.said(("no",)) == "no bank loan"

    def test_a_phrase(self):
        size = Category("size", np.zeros(1, dtype=int), ("micro", "small"), "{}", place="before")
        industry = Category("industry", np.zeros(1, dtype=int), ("catering", "retail"), "in {}")
        cash, loan = Numeric("cash", np.zeros(1), "{} days of cash"), Category("loan", np.zeros(1, dtype=int), ("no",), "{}", None, "with")
        words = ("in catering", "under 12 days of cash", "micro", "no bank loan")
        assert described_as("firms", (industry, cash, size, loan), words) == (
            "micro firms in catering with under 12 days of cash and no bank loan"
        )


class TestFirms:
    def test_features_are_those_of_the_firms(self):
        firms = draw_firms(Population(firms=200))
        features = {feature.name: feature for feature in firm_features(firms)}
        assert np.allclose(features["cash_days"].values, firms.static_runway_days)
        assert np.array_equal(features["margin"].values, firms.margin)
        assert np.array_equal(features["bank_loan"].codes == 1, firms.loan > 0.0)
        assert np.isinf(features["loan_due_day"].values[firms.loan == 0.0]).all()
        assert {"size", "industry", "sales", "default_risk", "loan_share"} <= set(features)


def small(*overrides: str) -> LoadedScenario:
    return parse_scenario(TEXT, "small.toml", None, ["population.firms=600", *overrides])


@pytest.fixture(scope="module")
def found() -> Discovery:
    return discover(small(), "renewal", draws=5, day=98, engine="numpy")


def across(values: np.ndarray, gain: np.ndarray, survival: float = 0.9) -> AcrossWorlds:
    """Worlds in which one policy gains what it is told to."""
    count, draws = len(gain), 4
    curves = np.full((count, 2, draws, 2), survival)
    curves[:, 1] += gain[:, None, None]
    names = ("credit.renewal", "exit.patience_days")
    common = {"scenario": "made-up", "digest": "0" * 64, "currency": "CNY", "seed": 1, "firms": 10, "weight": 10.0}
    return AcrossWorlds(
        **common,
        policies=("none", "help"),
        titles=("", ""),
        reference="none",
        headline_day=91.0,
        days=np.array([0.0, 91.0]),
        parameters=names,
        drawn=(),
        values=values,
        curves={"exit": curves.astype(np.float32), "cash": curves.astype(np.float32)},
        headline={"exit": curves[..., 1], "cash": curves[..., 1]},
        cost_per_firm=np.zeros((count, 2)),
    )


class TestWorlds:
    VALUES = np.random.default_rng(3).random((400, 2)) * np.array([1.0, 100.0])

    def test_the_known_box_of_worlds(self):
        gain = np.where(self.VALUES[:, 0] > 0.7, 0.001, 0.02)
        boxes = search_worlds(across(self.VALUES, gain), "help", 91.0, Failure(gain_below=0.01))
        (box,) = boxes.search.boxes
        assert box.box[0].feature == 0 and 0.66 <= box.box[0].low <= 0.72 and math.isinf(box.box[0].high) and len(box.box) == 1
        assert box.held_out.density.value > 0.9 and box.held_out.coverage.value > 0.9
        assert "worlds with credit.renewal at least 0.7: of the worlds in this box" in boxes.sentences[0]
        assert "below 1 percentage points" in boxes.subject.definition

    def test_survival_that_is_too_low(self):
        gain = np.where(self.VALUES[:, 1] < 40.0, -0.05, 0.0)
        boxes = search_worlds(across(self.VALUES, gain), "help", 91.0, Failure(survival_below=0.87))
        assert boxes.search.boxes[0].box[0].feature == 1
        assert "is below 87 %" in boxes.subject.definition

    def test_the_worst_quarter_by_itself(self):
        boxes = search_worlds(across(self.VALUES, self.VALUES[:, 0] / 10), "help", 91.0)
        assert boxes.cases.outcome.mean() == pytest.approx(0.25)
        assert "in the quarter of worlds" in boxes.subject.definition
        assert boxes.search.boxes[0].box[0].high == pytest.approx(0.25, abs=0.05)

    def test_noise(self):
        gain = np.random.default_rng(9).normal(0.0, 0.01, 400)
        assert search_worlds(across(self.VALUES, gain), "help", 91.0).search.boxes == ()


class TestDiscovery:
    def test_it_is_about_the_firms_of_the_run(self, found):
        run = simsme.run(small(), policies=["renewal"], draws=5, engine="numpy", firm_level=True)
        table = run.firm_level
        gone = table[table["policy"] == "renewal"]
        assert found.firms.cases.outcome.sum() == pytest.approx(gone["gone_by_98"].sum())
        cases = found.firms.cases
        assert np.average(cases.outcome, weights=cases.weight) == pytest.approx(
            1.0 - run.outcomes.survival["exit"][1, :, -1].mean(), abs=1e-9
        )
        assert found.firms.search.found_on + found.firms.search.told_on == 600

    def test_the_same_again(self, found):
        again = discover(small(), "renewal", draws=5, day=98, engine="numpy")
        assert again.json() == found.json()

    def test_a_box_of_this_scenario(self, found):
        """Half of sales gone for seven weeks with little patience: what tells is cash and debt."""
        names = {found.firms.cases.features[restriction.feature].name for restriction in found.firms.search.boxes[0].box}
        assert names & {"cash_days", "owner_days", "bank_loan", "loan_due_day", "loan_share"}
        assert found.firms.search.boxes[0].held_out.density.value > found.firms.search.overall

    def test_json_and_table_say_the_same(self, found):
        told = json.loads(json.dumps(found.json(), allow_nan=False))
        table = found.table()
        restrictions = [restriction for box in told["firms"]["boxes"] for restriction in box["restrictions"]]
        assert table["words"].tolist() == [restriction["words"] for restriction in restrictions]
        assert table["density"].iloc[0] == told["firms"]["boxes"][0]["held_out"]["density"]["value"]
        assert told["worlds"] is None

    def test_worlds_are_run(self):
        both = discover(small("population.firms=120"), "renewal", draws=2, worlds=40, engine="numpy")
        assert both.worlds is not None and len(both.worlds.cases) == 40
        assert both.worlds.cases.outcome.sum() >= 10  # several worlds may gain the same
        assert both.parts == (both.firms, both.worlds)

    def test_it_is_public(self):
        assert simsme.discover is discover and simsme.Discovery is Discovery and simsme.Failure is Failure


class TestMistakes:
    def problems(self, **more) -> list[str]:
        plan = plan_run(small(), policies=["renewal"])
        with pytest.raises(InputError) as raised:
            plan_discovery(plan, more.pop("policy", "renewal"), **more)
        return [str(problem) for problem in raised.value.problems]

    def test_all_at_once(self):
        found = self.problems(day=50, worlds=10)
        assert found == [
            "day=50: is not reported; reported are 49, 98 (time.report_days)",
            "worlds=10: are too few to find boxes on one half of them: 40 or more are needed",
        ]

    def test_a_failure_without_worlds(self):
        assert "no worlds are run" in self.problems(failure=Failure(gain_below=0.1))[0]

    def test_two_failures(self):
        assert "not both" in self.problems(worlds=40, failure=Failure(0.1, 0.5))[0]

    def test_the_reference_gains_nothing(self):
        assert "gains nothing against itself" in self.problems(policy="none", worlds=40)[0]

    def test_few_firms(self):
        with pytest.raises(InputError, match="60 firms are too few"):
            discover(small("population.firms=60"), "renewal", draws=2, engine="numpy")


class TestCommand:
    @pytest.fixture
    def place(self, tmp_path, monkeypatch) -> Path:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "110")
        (tmp_path / "small.toml").write_text(TEXT.replace("firms = 120", "firms = 600"), encoding="utf-8")
        return tmp_path

    OPTIONS = ["--policy", "renewal", "--draws", "4", "--day", "98", "--engine", "numpy"]

    def test_sentences_and_a_table(self, place, capsys):
        assert answer(["discover", "small.toml", *self.OPTIONS]) == 0
        said = capsys.readouterr()
        assert max(map(len, said.out.splitlines())) <= 110
        for word in ("Which firms it misses.", "of the firms still lost", "on the other half, %", "coverage", "A box says where, not why."):
            assert word in " ".join(said.out.split()), word
        assert list(place.iterdir()) == [place / "small.toml"]

    def test_json_and_files(self, place, capsys):
        command = ["discover", "small.toml", *self.OPTIONS, "--json", "--out", "kept"]
        assert answer(command) == 0
        found = json.loads(capsys.readouterr().out)
        kept = json.loads((place / "kept" / "discovery.json").read_text(encoding="utf-8"))
        assert kept.pop("provenance")["digest"] == found["digest"] and kept == found
        assert len(pd.read_csv(place / "kept" / "discovery.csv")) == sum(len(box["restrictions"]) for box in found["firms"]["boxes"])
        with Image.open(place / "kept" / "discovery.png") as picture:
            assert picture.text["Digest"] == found["digest"]
        assert answer(command) == 2
        assert "--force writes over it" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (["--policy", "x"], 'no policy is called "x"'),
            (["--policy", "renewal", "--day", "50"], "--day 50: is not reported; reported are 49, 98"),
            (["--policy", "renewal", "--worlds", "3"], "--worlds 3: are too few"),
            (["--policy", "renewal", "--survival-below", "80"], "--survival-below: says in which worlds the policy fails"),
            ([], "--policy"),
        ],
    )
    def test_mistakes(self, place, capsys, options, message):
        assert answer(["discover", "small.toml", *options]) == 2
        said = capsys.readouterr()
        assert message in said.err and said.out == "" and "Traceback" not in said.err


class TestFigure:
    def test_the_ways_and_the_marks(self):
        cases = made_up(1000)
        search: Search = find_boxes(cases, seed=0)
        axes = simsme.plot_discovery(Boxes(SUBJECT, cases, search))
        measured = search.boxes[0].held_out
        assert np.array_equal(axes.lines[0].get_xdata(), search.boxes[0].path[:, 0])
        assert list(axes.lines[2].get_ydata()) == [measured.density.low, measured.density.high]
        assert (axes.lines[3].get_xdata()[0], axes.lines[3].get_ydata()[0]) == (measured.coverage.value, measured.density.value)
        axes.figure.clear()
