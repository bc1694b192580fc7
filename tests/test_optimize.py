"""The search for the best mix of levers: problems with known answers, brute force with real firms, and files and words of the command."""

import itertools
import json
from collections import Counter

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import simsme
import simsme.costs
from simsme.cli.application import answer
from simsme.optimization import optimizing
from simsme.optimization.goals import Goal, Measured, told_apart
from simsme.optimization.optimizing import optimize, plan_optimization
from simsme.optimization.robust import judged_by_draw, scores
from simsme.optimization.search import BATCH, Search
from simsme.optimization.search_file import search_tables, space_of_tables
from simsme.optimization.space import AS_GIVEN, OFF, space_of_policies
from simsme.optimization.trials import Trials
from simsme.plan import plan_run
from simsme.plots.frontier import plot_frontier
from simsme.problems import InputError
from simsme.scenario import load_scenario

mpl.use("Agg")

LEVERS, LEVELS = 4, 4
ALL_MIXES = list(itertools.product(range(LEVELS), repeat=LEVERS))

# ----------------------------------------------------------------------------------------------------------------- tables by hand


class Table:
    """A problem with a value and a price for every mix; with few draws both are seen with an error that mixes share in part."""

    rungs = (5, 20, 40)

    def __init__(self, worth, price, *, complement=0.0, substitute=0.0, fund=np.inf, worlds=1, seed=0):
        luck = np.random.default_rng(seed)
        self.worth, self.price = np.asarray(worth, dtype=float), np.asarray(price, dtype=float)
        self.complement, self.substitute, self.fund = complement, substitute, fund
        self.noise = 1.0 + 0.3 * luck.normal(size=(self.rungs[-1], LEVERS, LEVELS))
        self.factors = luck.uniform(0.3, 1.7, (worlds, LEVERS)) if worlds > 1 else np.ones((1, LEVERS))
        self.asked: Counter = Counter()

    def __call__(self, mixes, rung):
        assert 1 <= len(mixes) <= BATCH
        self.asked.update((mix, rung) for mix in mixes)
        return [self.measured(mix, self.rungs[rung]) for mix in mixes]

    def measured(self, mix, draws):
        places = np.arange(LEVERS), np.array(mix)
        each = (self.worth[places] * self.noise[:draws][:, *places])[None] * self.factors[:, None, :]
        value = each.sum(axis=2)
        value += self.complement * min(mix[0], mix[1]) / 3  # the first two do little without each other
        value -= self.substitute * np.minimum(each[:, :, 2], each[:, :, 3])  # the last two help the same firms
        value -= np.maximum(each[:, :, 0] + each[:, :, 2] - self.fund, 0.0)  # a fund that the first and the third share
        return Measured(value.mean(axis=1), float(self.price[places].sum() * self.noise[:draws, 0, 0].mean()))

    def brute_force(self, goal):
        known = {mix: self.measured(mix, self.rungs[-1]) for mix in ALL_MIXES}
        best = goal.best([mix for mix in ALL_MIXES if known[mix].cost <= goal.budget], known)
        return best, known

    def search(self):
        return Search((LEVELS,) * LEVERS, self, len(self.rungs))


def random_table(seed, worlds=1):
    luck = np.random.default_rng([seed, 7])
    worth, price = (np.cumsum(luck.uniform(0, high, (LEVERS, LEVELS)), axis=1) for high in (10, 8))
    worth[:, 0] = price[:, 0] = 0.0
    worth[:2] *= 0.05
    kinds = {"complement": luck.uniform(10, 30), "substitute": luck.uniform(0.3, 1.0), "fund": luck.uniform(8, 20)}
    return Table(worth, price, **kinds, worlds=worlds, seed=seed)


class TestSearch:
    @pytest.mark.parametrize("share", [0.15, 0.35, 0.6])
    @pytest.mark.parametrize("seed", range(8))
    def test_it_comes_within_two_percent_of_brute_force(self, seed, share):
        """Substitutes, complements, a shared fund and a budget that binds: at least 98 % of the optimum, for half of the work at most."""
        table = random_table(seed)
        goal = Goal(share * table.price[:, -1].sum())
        optimum, known = table.brute_force(goal)
        free, _ = table.brute_force(Goal(1e9))
        assert known[free].cost > goal.budget, "the budget does not bind"
        search = table.search()
        found = search.best(goal)
        assert known[found].cost <= goal.budget
        assert known[found].values[0] >= 0.98 * known[optimum].values[0]
        work = sum(count * draws for count, draws in zip(search.evaluations, table.rungs, strict=True))
        assert work < 0.5 * len(ALL_MIXES) * table.rungs[-1]

    def test_complements_of_which_neither_helps_alone_are_found(self):
        worth = np.zeros((4, 4))
        worth[2:] = [0, 1, 2, 3]
        table = Table(worth, np.tile([0, 2, 4, 6], (4, 1)), complement=30.0)
        assert table.search().best(Goal(13.0 * table.noise[:, 0, 0].mean())) == (3, 3, 0, 0)

    def test_of_substitutes_it_takes_the_cheaper_one(self):
        worth, price = np.zeros((4, 4)), np.tile([0.0, 4, 8, 12], (4, 1))
        worth[2:] = [0, 5, 9, 12]
        price[3] *= 0.5
        table = Table(worth, price, substitute=1.0)
        assert table.search().best(Goal(7.0 * table.noise[:, 0, 0].mean())) == (0, 0, 0, 3)

    def test_what_brings_nothing_stays_off(self):
        table = Table(np.zeros((4, 4)), np.zeros((4, 4)))
        assert table.search().best(Goal(5.0)) == (0, 0, 0, 0)

    def test_levers_for_nothing_are_taken_without_a_budget(self):
        worth, price = np.tile([0.0, 1, 2, 3], (4, 1)), np.tile([0.0, 1, 2, 3], (4, 1))
        price[1] = 0.0
        price[2] = -1.0 * price[3]
        found = Table(worth, price).search().best(Goal(0.0))
        assert found[1] == 3
        assert found[2] == 3

    @pytest.mark.parametrize("criterion", ["regret", "worst-decile"])
    @pytest.mark.parametrize("seed", range(4))
    def test_robust_mixes_against_brute_force(self, seed, criterion):
        table = random_table(seed, worlds=10)
        goal = Goal(0.35 * table.price[:, -1].sum(), criterion)
        optimum, known = table.brute_force(goal)
        found = table.search().best(goal)
        affordable = {mix: one for mix, one in known.items() if one.cost <= goal.budget}
        (_, reached, *_), (_, possible, *_) = goal.keys([found, optimum], affordable)
        typical = known[optimum].values.mean()
        # the best of each world, against which regret is measured, has to be found as well
        assert reached >= possible - (0.05 if criterion == "regret" else 0.02) * typical

    def test_nothing_is_measured_twice_and_a_second_budget_costs_less(self):
        table = random_table(1)
        search = table.search()
        search.best(Goal(20.0))
        first = sum(table.asked.values())
        search.best(Goal(21.0), ((0, 0, 0, 0),))
        assert max(table.asked.values()) == 1
        assert sum(table.asked.values()) - first < first / 2

    def test_more_money_never_saves_less_on_the_draws_of_the_search(self):
        table = random_table(2)
        search, winners = table.search(), []
        for budget in (5.0, 10.0, 20.0, 40.0):
            winners.append(search.best(Goal(budget), tuple(winners)))
        values = [search.known[-1][mix].values[0] for mix in winners]
        assert values == sorted(values)

    def test_mixes_that_are_the_same_to_the_last_digits_are_told_of_once(self):
        known = {(0,): Measured(np.array([1.0]), 2.0), (1,): Measured(np.array([1.0 + 1e-14]), 2.0), (2,): Measured(np.array([1.0]), 2.1)}
        assert told_apart([(1,), (0,), (2,)], known) == [(1,), (2,)]


class TestCriteria:
    VALUES = np.array([[4.0, 10.0], [5.0, 5.0], [1.0, 11.0]])

    def test_by_hand(self):
        benchmark = self.VALUES.max(axis=0)
        assert scores("mean", self.VALUES, benchmark).tolist() == [7.0, 5.0, 6.0]
        assert scores("regret", self.VALUES, benchmark).tolist() == [-1.0, -6.0, -4.0]
        assert scores("worst-decile", self.VALUES, benchmark).tolist() == [4.0, 5.0, 1.0]

    def test_the_worst_tenth_of_twenty_worlds_are_two(self):
        assert scores("worst-decile", np.arange(20.0)[None], np.zeros(20)).tolist() == [0.5]

    def test_the_jackknife_of_a_mean_is_its_standard_error(self):
        saved = np.random.default_rng(0).normal(size=(2, 3, 9))
        score, pseudo = judged_by_draw("mean", saved)
        assert pseudo == pytest.approx(saved.mean(axis=1))
        assert score == pytest.approx(saved.mean(axis=(1, 2)))

    def test_an_unknown_criterion(self):
        with pytest.raises(ValueError, match="there is mean, regret, worst-decile"):
            scores("median", self.VALUES, self.VALUES[0])


# -------------------------------------------------------------------------------------------------------------- what to choose from


class TestSpace:
    def test_take_up_is_no_choice(self):
        loaded = load_scenario("three-months")
        space = space_of_policies(loaded.scenario.policies, loaded.scenario.policies[0])
        renewal = next(one for one in space.candidates if one.label == "loan_renewal")
        assert [level.words for level in renewal.levels[:2]] == [OFF, AS_GIVEN]
        assert {level.lever.take_up for level in renewal.levels[1:]} == {0.2}
        assert any("renewal-for-all" in sentence for sentence in space.left_out)

    def test_lists_combine_and_all_lifts_a_condition(self):
        plan = plan_run("article-package")
        tables = search_tables(None, ["grant.sales_share=[0.01, 0.05]", "grant.max_cash_days=['all', 30]", "grant.industries=['retail']"])
        space = space_of_tables(tables, plan.scenario, plan.policies, "file")
        grants = [level.lever for level in space.candidates[0].levels[1:]]
        assert [(one.sales_share, one.max_cash_days) for one in grants] == [(0.01, None), (0.01, 30.0), (0.05, None), (0.05, 30.0)]
        assert {one.industries for one in grants} == {("retail",)}
        assert {one.min_sales_fall for one in grants} == {0.3}  # as in the policy

    def test_a_lever_that_must_be_in_and_levels_one_by_one(self):
        plan = plan_run("three-months")
        tables = {
            "loan_renewal": {"off": False, "policy": "renewal-for-all", "levels": [{"term_days": 182}, {"term_days": 91, "take_up": 0.5}]}
        }
        (candidate,) = space_of_tables(tables, plan.scenario, plan.policies, "file").candidates
        assert [(level.lever.term_days, level.lever.take_up) for level in candidate.levels] == [(182.0, 1.0), (91.0, 0.5)]

    def test_all_that_is_wrong_is_said_at_once(self):
        plan = plan_run("article-package")
        levels = [
            "grnt.sales_share=[0.1]",
            "grant.sales_share=[0.01, 1.5]",
            "grant.sectors=[1]",
            "tax_refund.industries=['fishing']",
            "loan_renewal.policy='finnce'",
            "rent_relief.waived_share=[]",
        ]
        with pytest.raises(InputError) as caught:
            space_of_tables(search_tables(None, levels), plan.scenario, plan.policies, "--levels")
        text = str(caught.value)
        for part in (
            'did you mean "grant"?',
            "1.5 is outside the allowed range 0 to 1",
            "unknown key",
            '"fishing"',
            '"finance"',
            "empty list",
        ):
            assert part in text, part


# ------------------------------------------------------------------------------------------------------------------- real firms

SMALL = ["population.firms=100"]
LOANS = [*SMALL, "population.with_loan=1.0", "credit.renewal=0.6", "credit.bridge_access=0.2"]  # so that loans that fall due matter
FUND_AND_CAMPAIGN = [
    "emergency_relending.take_up=1.0",
    "emergency_relending.capital_share=[0.001, 0.004, 0.04]",  # a fund that runs dry
    "loan_renewal.take_up=[0.2, 0.5, 1.0]",  # makes the fund needless
    "grant.sales_share=[0.01, 0.02, 0.05]",
    "grant.min_sales_fall=['all']",
    "policy_awareness.take_up_factor=[1.5, 3, 6]",  # does nothing but spread the others
    "policy_awareness.programme_cost=300",
]


@pytest.fixture(scope="module")
def question():
    plan = plan_run("article-package", draws=12, overrides=LOANS)
    return plan_optimization(plan, [3.5e6], levels=FUND_AND_CAMPAIGN)


@pytest.fixture(scope="module")
def everything(question):
    """All 256 mixes on the draws of the search: the search, and the same by brute force."""
    trials = Trials(optimizing._settings(question), question.space, "firms", question.day, question.payers)
    search = Search(question.space.levels, trials.measure, len(trials.rungs), 0)
    found = search.best(Goal(question.budgets[0]))
    all_of_them = [one for first in range(0, 256, 32) for one in trials.measure(ALL_MIXES[first : first + 32], len(trials.rungs) - 1)]
    return found, search, trials, dict(zip(ALL_MIXES, all_of_them, strict=True))


@pytest.mark.slow
class TestBruteForce:
    def test_the_search_comes_within_two_percent(self, question, everything):
        found, search, trials, known = everything
        budget = question.budgets[0]
        affordable = {mix: one.values[0] for mix, one in known.items() if one.cost <= budget}
        assert 20 < len(affordable) < 236, "the budget does not bind"
        assert known[max(known, key=lambda mix: known[mix].values[0])].cost > budget, "the budget does not bind"
        assert known[found].cost <= budget
        assert known[found].values[0] >= 0.98 * max(affordable.values()) > 0.0
        work = sum(count * draws for count, draws in zip(search.evaluations, trials.rungs, strict=True))
        assert work < 0.9 * 256 * trials.rungs[-1]

    def test_the_problem_has_what_it_is_meant_to_have(self, everything):
        *_, known = everything
        order = [0, 0, 0, 0]

        def value(**levels):
            mix = order.copy()
            for label, level in levels.items():
                mix[("emergency_relending", "loan_renewal", "grant", "policy_awareness").index(label)] = level
            return known[tuple(mix)].values[0]

        alone = value(emergency_relending=3) + value(loan_renewal=3)
        assert alone > value(emergency_relending=3, loan_renewal=3), "substitutes"
        assert value(policy_awareness=3) == 0.0
        assert value(grant=3, policy_awareness=3) > value(grant=3), "complements"
        assert value(emergency_relending=1) < value(emergency_relending=3), "the fund binds"


def test_what_is_told_comes_from_fresh_draws_and_the_scenario_file_says_the_same(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    levels = [f"--levels={text}" for text in ("grant.sales_share=[0.02, 0.05]", "loan_renewal.take_up=[0.2, 1]")]
    command = ["optimize", "article-package", "--set", SMALL[0], "--draws", "12", *levels, "--budgets", "5e5,5e6", "--out", "best"]
    assert answer([*command, "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert "9 mixes" in said.err
    assert (found["search_draws"], found["fresh_draws"], found["mixes"]) == (6, 6, 9)
    stored = json.loads((tmp_path / "best" / "optimum.json").read_text(encoding="utf-8"))
    assert {key: stored[key] for key in found} == found
    first, second = (optimum["mixes"][0] for optimum in found["budgets"])
    assert first["search"]["cost"] <= 5e5
    assert second["search"]["cost"] <= 5e6
    assert second["search"]["saved"] >= first["search"]["saved"]
    assert [mix["place"] for mix in found["budgets"][1]["mixes"]] == list(range(1, 1 + len(found["budgets"][1]["mixes"])))
    # the file runs, and gives the same numbers in the draws of which is told
    run = simsme.run("best/optimum.toml", policies=["optimum-1", "optimum-2"])
    costs = simsme.costs.Costs(run.outcomes)
    assert run.outcomes.policies == ("none", "optimum-1", "optimum-2")
    for policy, mix in ((1, first), (2, second)):
        assert costs.firms_saved[policy, 6:, -1].mean() == pytest.approx(mix["saved"]["mean"], rel=1e-12, abs=1e-12)
        public = sum(costs.by_payer[payer][policy, :, -1] for payer in ("government", "funds", "central_bank"))
        assert public[6:].mean() == pytest.approx(mix["cost"]["mean"], rel=1e-9, abs=1e-6)
        assert public[:6].mean() == pytest.approx(mix["search"]["cost"], rel=1e-9, abs=1e-6)
    with Image.open(tmp_path / "best" / "frontier.png") as picture:
        assert picture.width > 600
    # nothing is written over, and a second time nothing is left to do but to say so
    assert answer(command) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_table_for_people_says_whose_money_it_is(capsys):
    command = ["optimize", "three-months", "--policy", "package", "--set", "population.firms=80", "--draws", "8", "--budget", "1e6"]
    assert answer([*command, "--levels", "loan_renewal.take_up=[0.2,1]", "--maximize", "jobs", "-q"]) == 0
    said = capsys.readouterr()
    for part in ("Budget 1 million CNY", "jobs saved, day 364", "net cost to government, funds, central bank", "Monte Carlo"):
        assert part in " ".join(said.out.split()), part
    assert said.err == ""


def test_worlds_move_the_numbers_of_levers_and_the_regret_of_a_best_mix_is_small():
    worlds = [["credit.kappa=0.7"], ["credit.kappa=0.95", "policy.lever-0-level-1.levers.loan_renewal.take_up=0.05"]]
    best = optimize(
        "three-months",
        1e6,
        levels=["loan_renewal.take_up=[0.2, 1.0]", "lending_forbearance.max_cash_days=['all', 30]"],
        worlds=worlds,
        robust="regret",
        draws=8,
        overrides=["population.firms=120"],
    )
    (optimum,) = best.optima
    assert best.worlds == 2
    assert optimum.winner.saved.shape == (2, 4)
    assert optimum.winner.score <= 0.0
    assert all(mix.search_score <= optimum.winner.search_score for mix in optimum.mixes)
    labels = [mix.levers.get("loan_renewal", {}).get("take_up") for mix in optimum.mixes]
    assert labels[0] == 1.0  # costs no public money and helps most
    axes = plot_frontier(best)
    assert "2 worlds" in " ".join(text.get_text() for text in axes.texts).replace("\n", " ")


def test_worlds_are_drawn():
    best = optimize(
        "three-months",
        1e5,
        levels=["loan_renewal.take_up=[1.0]"],
        worlds=3,
        robust="worst-decile",
        draws=4,
        overrides=[*LOANS, "population.firms=200"],
    )
    saved = best.optima[0].winner.saved
    assert saved.shape == (3, 2)
    assert len({float(one) for one in saved.mean(axis=1)}) > 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--budget: is missing"),
        (["--budget", "-5"], "--budget -5: is not allowed; a budget is a sum of money from 0"),
        (["--budget", "1", "--budgets", "1,2"], "cannot both be given"),
        (["--budgets", "1,two"], '"two" is not a number'),
        (["--budget", "1", "--day", "100"], "--day 100: is not reported; reported are 91, 182, 364"),
        (["--budget", "1", "--payer", "goverment"], 'did you mean "government"?'),
        (["--budget", "1", "--policy", "packge"], 'did you mean "package"?'),
        (["--budget", "1", "--policy", "none"], "no lever beyond those of the reference"),
        (["--budget", "1", "--robust", "regret"], "--robust regret: needs worlds"),
        (["--budget", "1", "--draws", "2"], "--draws 2: must be 4 at least"),
        (["--budget", "1", "--levels", "loan_renewl.take_up=[0.1]"], 'did you mean "loan_renewal"?'),
        (["--budget", "1", "--levels", "loan_renewal.take_up=[1.5]"], "1.5 is outside the allowed range 0 to 1"),
        (["--budget", "1", "--levels", "take_up=[0.5]"], "must be LEVER.NUMBER=[VALUES]"),
        (["--budget", "1", "--search", "nowhere.toml"], "nowhere.toml: no such file"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(options, said, capsys):
    assert answer(["optimize", "three-months", *options]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_search_file_with_other_tables_is_refused(tmp_path):
    file = tmp_path / "search.toml"
    file.write_text("[optimise.levers.grant]\n[optimize]\nbudget = 5\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        search_tables(file, ())
    assert len(caught.value.problems) == 2


def test_a_budget_that_allows_nothing():
    with pytest.raises(InputError, match="allows none of the mixes tried; the cheapest costs"):
        optimize(
            "article-package", 0.0, levels=["grant.off=false", "grant.sales_share=[0.02, 0.05]"], draws=4, overrides=["population.firms=60"]
        )
