"""The story of a firm: its amounts are those of the run, its sentences are few and plain, and nothing that happened is passed over."""

import datetime
import re

import numpy as np
import pytest

from simsme.engine.simulate import simulate
from simsme.problems import InputError
from simsme.runs import execute, plan_run
from simsme.story import story_of, tell_story
from simsme.story.calendar_days import date_of, date_text, dates_text
from simsme.story.chapters import told
from simsme.story.chronicle import record_lives
from simsme.story.sentences import Life, listed
from simsme.world import World
from tests.worlds_for_tests import Size, random_levers, random_world

START = datetime.date(2022, 3, 1)
SMALL = ["population.firms=30", "draws=3"]


@pytest.fixture(scope="module")
def plan():
    return plan_run("three-months", policies=["none", "renewal-for-all", "both"], overrides=SMALL)


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
    some = [life for story in stories.values() for life in story.lives if life.policy == "both"]
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
    levers = (*random_levers("loan_renewal", seed, 182.0), *random_levers("lending_forbearance", seed, 182.0))
    world = World(world.scenario, world.firms, (*world.policies, world.policies[0].model_copy(update={"name": "all", "levers": levers})))
    for row in range(len(world.firms.ids)):
        lives = record_lives(world, row, 0)
        for life in lives.lives:
            sentences = told(Life(lives.firm, lives.rules, life.moments, START, 3.0, life.rolling))
            assert all(re.fullmatch(r"[A-Z].*[.]", sentence.text) for sentence in sentences)
            assert not any(word in sentence.text for sentence in sentences for word in ("nan", "inf ", "--", " ,", "  "))
            assert all(0.0 <= sentence.first_day <= sentence.last_day for sentence in sentences)
            assert [sentence.step_end for sentence in sentences] == sorted(sentence.step_end for sentence in sentences)


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
