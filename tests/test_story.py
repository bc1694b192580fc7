"""The story of a firm: its amounts are those of the run, its sentences are few and plain, and nothing that happened is passed over."""

import datetime
import math
import re

import numpy as np
import pytest

import simsme
from simsme.engine.simulate import simulate
from simsme.levers import LoanRenewal, kinds
from simsme.policy import Policy
from simsme.problems import InputError
from simsme.runs import execute, plan_run
from simsme.story import story_of, tell_story
from simsme.story.calendar_days import date_of, date_text, dates_text
from simsme.story.chapters import told
from simsme.story.chronicle import record_lives
from simsme.story.sentences import Life, listed
from simsme.world import World
from tests.fund_worlds import both_funds, lively_world, relending
from tests.worlds_for_tests import NO_SALES, Size, bare_firm, random_levers, random_world, still_world

START = datetime.date(2022, 3, 1)
SMALL = ["population.firms=30", "draws=3"]


@pytest.fixture(scope="module")
def plan():
    return plan_run("three-months", policies=["none", "renewal-for-all", "package"], overrides=SMALL)


@pytest.fixture(scope="module")
def firms(plan):
    return plan.firms()


@pytest.fixture(scope="module")
def stories(plan, firms):
    """Every firm's story in draw 2."""
    return {firm_id: story_of(plan, firms, firm_id, 2) for firm_id in firms.ids}


def texts(life):
    return [sentence.text for sentence in life.sentences]


class TestDates:
    def test_day_0_is_the_start_and_a_step_covers_the_days_after_it(self):
        assert date_of(0.0, START) == START
        assert date_text(91.0, START) == "31 May 2022"
        assert dates_text(1.0, 7.0, START) == "2–8 Mar 2022"
        assert dates_text(29.0, 35.0, START) == "30 Mar – 5 Apr 2022"
        assert dates_text(302.0, 308.0, START) == "28 Dec 2022 – 3 Jan 2023"

    def test_a_part_of_a_day_belongs_to_the_date_on_which_it_ends(self):
        assert date_text(7.3, START) == "9 Mar 2022"
        assert date_text(7.0 + 1e-12, START) == "8 Mar 2022"

    def test_a_day_beyond_the_calendar_is_a_number(self):
        assert date_text(5e6, START) == "day 5,000,000"


def test_amounts_are_those_of_the_run(plan, firms):
    """One firm run alone has the same bits as among all firms."""
    draw = 1
    world = World(plan.scenario, firms, plan.policies)
    row = 7
    seen = {}

    def watch(policy, clock, weather, before, stepped):
        if before.alive[0, row]:
            seen[policy, clock.b] = {item: np.broadcast_to(value, before.cash.shape)[0, row] for item, value in stepped.bookings.items()}

    simulate(world.block(np.array([draw], dtype=np.uint64), slice(0, len(firms.ids))), watch)
    alone = record_lives(world, row, draw)
    compared = 0
    for policy, life in enumerate(alone.lives):
        for moment in life.moments:
            booked = seen.pop((policy, moment.clock.b))
            assert moment.booked == {item: booked.pop(item) for item in moment.booked}
            assert not any(booked.values())
            compared += 1
    assert compared > 50
    assert not seen


def test_as_many_leave_in_the_stories_as_in_the_run(plan, firms, stories):
    outcomes = execute(plan, firms=firms).outcomes
    weights = dict(zip(firms.ids, firms.weight, strict=True))
    for p, policy in enumerate(outcomes.policies):
        lives = {firm_id: next(life for life in story.lives if life.policy == policy) for firm_id, story in stories.items()}
        gone = sum(weights[firm_id] for firm_id, life in lives.items() if life.left_on is not None)
        assert gone / outcomes.weight == pytest.approx(1.0 - outcomes.survival["exit"][p, 2, -1], abs=1e-12)
        short = sum(weights[firm_id] for firm_id, life in lives.items() if any("Cash ran short" in text for text in texts(life)))
        assert short / outcomes.weight == pytest.approx(1.0 - outcomes.survival["cash"][p, 2, -1], abs=1e-12)


def test_cash_ran_short_by_the_amounts_that_are_told(stories):
    told_of = 0
    for story in stories.values():
        for life in story.lives:
            for sentence in life.sentences:
                if sentence.text.startswith("Cash ran short"):
                    told_of += 1
                    there = sentence.amounts["cash_and_receipts"] + (
                        0.0 if "had been cut" in sentence.text else sentence.amounts["unused_line"]
                    )
                    assert sentence.amounts["due"] > there
    assert told_of > 5


def test_the_reference_comes_first_and_equal_lives_are_told_once(stories):
    assert all(story.lives[0].policy == "none" and story.lives[0].same_as is None for story in stories.values())
    same = [life.same_as for story in stories.values() for life in story.lives[1:]]
    assert {"none", None} <= set(same)
    for story in stories.values():
        by_name = {life.policy: life for life in story.lives}
        for life in story.lives:
            assert life.same_as is None or by_name[life.same_as].sentences == life.sentences


def test_a_life_ends_with_leaving_or_with_the_last_day(stories):
    for story in stories.values():
        for life in story.lives:
            if life.left_on is None:
                assert life.sentences[-1].text.startswith("Still there")
            else:
                assert life.sentences[-2].text.startswith("It left")
                assert life.sentences[-1].text.startswith("Its estate brought")


def test_nobody_is_told_fifty_two_lines(stories):
    assert max(len(life.sentences) for story in stories.values() for life in story.lives) < 25


def test_a_lever_is_told_where_it_reaches_and_where_it_works(stories):
    all_reached = [life for story in stories.values() for life in story.lives if life.policy == "renewal-for-all"]
    assert all(life.levers == (("loan_renewal", True),) for life in all_reached)
    assert any("ran on under loan_renewal" in text for life in all_reached for text in texts(life))
    some = [life for story in stories.values() for life in story.lives if life.policy == "package"]
    assert {reached for life in some for label, reached in life.levers if label == "loan_renewal"} == {True, False}


def test_what_creditors_lose_is_what_was_booked(plan, firms):
    world = World(plan.scenario, firms, plan.policies)
    checked = 0
    for row in range(12):
        for life in record_lives(world, row, 2).lives:
            last = life.moments[-1]
            if last.estate is not None:
                checked += 1
                assert last.booked["lost_by_banks"] == last.estate.lost_by_banks
                assert last.booked["estate_suppliers"] == last.estate.suppliers
                assert last.booked["lost_by_private"] == last.estate.lost_by_private
    assert checked > 2


@pytest.mark.parametrize("seed", range(12))
def test_every_life_can_be_told(seed):
    """Random worlds, far from anything sensible."""
    world = random_world(seed, Size(firms=5, horizon_days=182))
    levers = tuple(lever for kind in sorted(kinds()) for lever in random_levers(kind, seed, 182.0))
    world = World(world.scenario, world.firms, (*world.policies, world.policies[0].model_copy(update={"name": "all", "levers": levers})))
    assert_told(world)


@pytest.mark.parametrize("seed", range(4))
def test_lives_with_public_funds_can_be_told(seed):
    levers = (*both_funds("random", seed), LoanRenewal(take_up=0.2))
    texts = assert_told(lively_world(seed, Policy(name="funds", levers=levers), size=Size(25, 1, 7, 126)))
    if seed == 0:
        for part in (
            "from the public bridge fund",
            "of which repaid the public bridge fund",
            "passed over",
            "with a guarantee",
            "said yes",
        ):
            assert any(part in text for text in texts), part


def assert_told(world):
    """Tell every life of a world; return all sentences."""
    texts = []
    for row in range(len(world.firms.ids)):
        lives = record_lives(world, row, 0)
        for life in lives.lives:
            sentences = told(Life(lives.firm, lives.rules, life.moments, START, 3.0, life.later))
            texts += [sentence.text for sentence in sentences]
            assert all(re.fullmatch(r"[A-Z].*[.]", sentence.text) for sentence in sentences)
            assert not any(re.search(r"\bnan\b|\binf\b|--| [,;]|  |Under nothing|without nothing|to nothing", text) for text in texts)
            assert all(math.isfinite(amount) for sentence in sentences for amount in sentence.amounts.values())
            assert all(0.0 <= sentence.first_day <= sentence.last_day for sentence in sentences)
            assert [sentence.step_end for sentence in sentences] == sorted(sentence.step_end for sentence in sentences)
    return texts


def test_a_firm_tells_what_the_fund_did_for_it():
    """One of two gets the money of a fund of one loan, and both say so; see tests/test_funds.py for the numbers."""
    rows = [bare_firm(name, loan=1_000.0, loan_due_day=60.0, cash=100.0) for name in ("f0", "f1")]
    fund = relending(capital=950.0, advance_days=20.0)
    time = {"step_days": 7, "horizon_days": 182, "headline_day": 91}
    world = still_world(rows, [Policy(name="fund", levers=(fund,))], time=time, shock=NO_SALES, credit={"grace_days": 20.0})
    told_by = {}
    for row, name in enumerate(world.firms.ids):
        lives = record_lives(world, row, 0)
        life = lives.lives[1]
        told_by[name] = " ".join(each.text for each in told(Life(lives.firm, lives.rules, life.moments, START, 3.0, life.later)))
    served, passed_over = sorted(told_by.values(), key=lambda text: "It left" in text)
    assert "was repaid with 950 from the public bridge fund and 50 of its own; the bank agreed to lend 1,000 again on" in served
    assert "The bank paid out 1,000, 950 of which repaid the public bridge fund." in served
    assert "It asked the public bridge fund for 950 and was passed over 4 times." in passed_over


def test_a_short_advance_is_told_with_its_days():
    rows = [bare_firm("f0", loan=1_000.0, loan_due_day=57.0, cash=100.0)]
    time = {"step_days": 7, "horizon_days": 91, "headline_day": 91}
    lever = relending(capital=1e6)
    world = still_world(rows, [Policy(name="fund", levers=(lever,))], time=time, shock=NO_SALES)
    lives = record_lives(world, 0, 0)
    texts = " ".join(each.text for each in told(Life(lives.firm, lives.rules, lives.lives[1].moments, START, 3.0, ())))
    assert "the bank lent 1,000 again after 3.4 days." in texts
    assert "The bank paid out 1,000, 950 of which repaid the public bridge fund." in texts


def test_an_unknown_firm_gets_the_nearest(plan, firms):
    with pytest.raises(InputError, match='no firm is called "firm-12"; nearest: firm-0000012'):
        story_of(plan, firms, "firm-12", 0)
    with pytest.raises(InputError, match="nearest: firm-000000"):
        story_of(plan, firms, "somebody", 0)


def test_a_draw_that_is_not_run_is_refused(plan, firms):
    with pytest.raises(InputError, match="3 is outside the allowed range 0 to 2"):
        story_of(plan, firms, firms.ids[0], 3)
    with pytest.raises(InputError, match="-1 is outside"):
        story_of(plan, firms, firms.ids[0], -1)


def test_from_python_in_one_call():
    story = tell_story("calm", "firm-0000003", policies=["none"], overrides=["population.firms=5", "draws=1"])
    assert story.firm_id == "firm-0000003"
    assert story.world[0].startswith("Calm weather")
    plain = story.json
    assert plain["policies"][0]["sentences"][-1]["last_date"] == plain["policies"][0]["sentences"][-1]["first_date"]
    assert plain["policies"][0]["same_as"] is None


def test_names_are_listed_as_a_sentence_has_them():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_a_story_is_text_wherever_it_is_shown():
    story = simsme.tell_story("three-months", "firm-0000007", draw=3, policies=["renewal-for-all"], overrides=["population.firms=60"])
    assert str(story) == story.text
    assert story.text.startswith("firm-0000007 in three-months, draw 3; all amounts in CNY\n")
    assert all(life.policy in story.text for life in story.lives)
    assert len(repr(story)) < 100
    assert story._repr_html_().startswith("<pre")


def test_what_is_large_shows_itself_in_a_line():
    out = simsme.run("calm", policies=["renewal"], draws=1, overrides=["population.firms=10"])
    assert repr(out) == "<Run of calm: 10 firms, 1 draws, policies none, renewal>"
    assert len(repr(out.plan.loaded)) < 250
