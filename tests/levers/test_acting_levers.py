"""Levers that act on levers: who is reached thanks to a campaign and when, delays that a service shortens, and what banks see."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from simsme.engine.terms import LeverRow
from simsme.levers import CreditInformation, DebtDeferral, FairAccess, LendingForbearance, LoanRenewal, PolicyAwareness, StreamlinedService
from simsme.levers.lever import Lever, Part
from simsme.policy import Policy
from simsme.problems import InputError
from simsme.scenario import parse_scenario
from simsme.streams import name_key, uniforms
from simsme.world import World
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.reach import in_order, rows_by_lever, whom
from tests.recordings import ordinary_world
from tests.worlds_for_tests import in_draws, outcomes_of_world, same_bits

DRAWS = 4
CAMPAIGN = PolicyAwareness(take_up=1.0, take_up_factor=1.5)
RENEWAL = LoanRenewal(take_up=0.4)


@pytest.fixture(scope="module")
def world() -> World:
    """Five hundred firms."""
    return ordinary_world(firms=500, horizon_days=56)


def numbers_of(world: World) -> DrawnNumbers:
    """Numbers of the first draws."""
    return DrawnNumbers(world.scenario, world.scenario.seed, np.arange(DRAWS, dtype=np.uint64))


def compiled(world: World, *levers: Lever) -> dict[str, tuple[LeverRow, ...]]:
    """The rows of levers in one policy, by label."""
    policy = Policy(name="any", levers=levers)
    rows = rows_by_lever(policy, numbers_of(world), world.firms, slice(0, len(world.firms.key)))
    return dict(zip((lever.label for lever in in_order(policy)), rows, strict=True))


def luck(world: World, label: str) -> NDArray[np.float64]:
    """Every firm's luck with a lever, (draw, firm)."""
    draws = np.arange(DRAWS, dtype=np.uint64)[:, None]
    return uniforms(world.scenario.seed, draws, world.firms.key, name_key(label), "take_up")


def first_days(rows: Sequence[LeverRow], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Day from which the rows of a lever reach each firm; infinite where they never do. No firm is in two rows."""
    days = np.full(shape, np.inf)
    for row in rows:
        reached = np.broadcast_to(row.reaches, shape)
        assert not (reached & np.isfinite(days)).any()
        days[reached] = np.broadcast_to(row.from_day, shape)[reached]
    return days


# --------------------------------------------------------------------------------------------------------------------- campaigns


def test_a_campaign_adds_firms_and_takes_none_away(world: World) -> None:
    # Of all firms those with luck below 0.4 take the measure up from day 10, with the campaign from day 60 also those below 0.6.
    renewal, late = RENEWAL.model_copy(update={"from_day": 10.0}), CAMPAIGN.model_copy(update={"from_day": 60.0})
    u = luck(world, "loan_renewal")
    days = first_days(compiled(world, renewal, late)["loan_renewal"], u.shape)
    np.testing.assert_array_equal(days, np.where(u < 0.4, 10.0, np.where(u < 0.4 * 1.5, 60.0, np.inf)))


def test_a_measure_that_begins_after_the_campaign_has_all_its_firms_from_its_first_day(world: World) -> None:
    rows = compiled(world, RENEWAL.model_copy(update={"from_day": 60.0}), CAMPAIGN)["loan_renewal"]
    assert len(rows) == 1
    np.testing.assert_array_equal(whom(rows), luck(world, "loan_renewal") < 0.4 * 1.5)


def test_a_campaign_works_at_the_firms_that_it_reaches(world: World) -> None:
    half = CAMPAIGN.model_copy(update={"take_up": 0.5})
    u, heard = luck(world, "loan_renewal"), luck(world, "policy_awareness") < 0.5
    np.testing.assert_array_equal(whom(compiled(world, RENEWAL, half)["loan_renewal"]), (u < 0.4) | (heard & (u < 0.4 * 1.5)))


def test_take_up_does_not_rise_above_everybody(world: World) -> None:
    wide = CAMPAIGN.model_copy(update={"take_up_factor": 10.0})
    assert whom(compiled(world, RENEWAL, wide)["loan_renewal"]).all()


def test_an_automatic_measure_is_not_spread(world: World) -> None:
    forbearance = LendingForbearance(take_up=0.4)
    np.testing.assert_array_equal(
        whom(compiled(world, forbearance, CAMPAIGN)["lending_forbearance"]), whom(compiled(world, forbearance)["lending_forbearance"])
    )


def test_two_campaigns_multiply_from_the_later_of_their_days_on(world: World) -> None:
    # 0.2 from day 0; 0.2 * 1.5 = 0.3 from the first campaign on, day 30; 0.2 * 1.5 * 2 = 0.6 from the second on, day 50.
    renewal = RENEWAL.model_copy(update={"take_up": 0.2})
    first = CAMPAIGN.model_copy(update={"name": "z", "from_day": 30.0})
    second = CAMPAIGN.model_copy(update={"name": "a", "from_day": 50.0, "take_up_factor": 2.0})
    u = luck(world, "loan_renewal")
    days = first_days(compiled(world, renewal, first, second)["loan_renewal"], u.shape)
    raised = 0.2 * 1.5
    np.testing.assert_array_equal(days, np.where(u < 0.2, 0.0, np.where(u < raised, 30.0, np.where(u < 0.2 * 2.0 * 1.5, 50.0, np.inf))))


def test_a_campaign_for_measures_that_all_take_up_changes_nothing() -> None:
    # The lever nearest to it: a measure that everybody has has nobody left to hear of it.
    levers = (LoanRenewal(take_up=1.0), DebtDeferral(take_up=1.0))
    policies = [Policy(name="none"), Policy(name="plain", levers=levers), Policy(name="told", levers=(*levers, CAMPAIGN))]
    both = outcomes_of_world(in_draws(ordinary_world(policies), 3))
    plain, told = (both.policy_index(name) for name in ("plain", "told"))
    assert same_bits(both.survival["exit"][plain], both.survival["exit"][told])
    assert same_bits(both.flows[plain], both.flows[told])


# ---------------------------------------------------------------------------------------------------------------------- services


def test_a_service_shortens_delays_where_it_is_at_work_in_time(world: World) -> None:
    # 40 days of delay become 20. A service that itself begins on day 20 is in time, one that begins on day 21 is not, nor one that ended
    # on day 19.
    slow = RENEWAL.model_copy(update={"take_up": 1.0, "delay_days": 40.0})
    for window, expected in (({}, 20.0), ({"from_day": 20.0}, 20.0), ({"from_day": 21.0}, 40.0), ({"to_day": 19.0}, 40.0)):
        service = StreamlinedService(take_up=1.0, delay_cut=0.5, **window)
        days = first_days(compiled(world, slow, service)["loan_renewal"], (DRAWS, 500))
        assert (days == expected).all(), window


def test_a_service_works_at_the_firms_that_it_reaches(world: World) -> None:
    slow = RENEWAL.model_copy(update={"take_up": 1.0, "delay_days": 40.0})
    service = StreamlinedService(take_up=0.3, delay_cut=0.25)
    days = first_days(compiled(world, slow, service)["loan_renewal"], (DRAWS, 500))
    np.testing.assert_array_equal(days, np.where(luck(world, "streamlined_service") < 0.3, 30.0, 40.0))


def test_two_services_shorten_in_turn(world: World) -> None:
    # 40 days, less a half, less a half of what is left: 10.
    slow = RENEWAL.model_copy(update={"take_up": 1.0, "delay_days": 40.0})
    services = [StreamlinedService(name=name, take_up=1.0, delay_cut=0.5) for name in ("a", "b")]
    assert (first_days(compiled(world, slow, *services)["loan_renewal"], (DRAWS, 500)) == 10.0).all()


def test_a_measure_without_delay_is_left_as_it_is(world: World) -> None:
    with_service = compiled(world, RENEWAL, StreamlinedService(take_up=0.5))["loan_renewal"]
    (plain,) = compiled(world, RENEWAL)["loan_renewal"]
    assert len(with_service) == 1
    assert same_bits(with_service[0].reaches, plain.reaches)


def test_a_campaign_comes_sooner_by_a_service(world: World) -> None:
    # The campaign's 60 days become 30 where the service is; who hears of the measure then has it from day 30.
    late = CAMPAIGN.model_copy(update={"delay_days": 60.0})
    service = StreamlinedService(take_up=0.5, delay_cut=0.5)
    u, served = luck(world, "loan_renewal"), luck(world, "streamlined_service") < 0.5
    days = first_days(compiled(world, RENEWAL, late, service)["loan_renewal"], u.shape)
    thanks = np.where(served, 30.0, 60.0)
    np.testing.assert_array_equal(days, np.where(u < 0.4, 0.0, np.where(u < 0.4 * 1.5, thanks, np.inf)))


# -------------------------------------------------------------------------------------------------------------------- information


def test_information_adds_up_over_the_levers_that_reach_a_firm(world: World) -> None:
    # Reliefs of 0.4 and 0.5 leave 0.3 of the noise where both reach, 0.6 or 0.5 where one does: the view through one relief of 0.7, or the
    # one relief.
    first, second = CreditInformation(take_up=0.5, opacity_relief=0.4), FairAccess(take_up=0.5, opacity_relief=0.5)
    rows = compiled(world, first, second)
    reached = [whom(rows[kind]) for kind in ("credit_information", "fair_access")]

    def prudent(relief: float) -> NDArray[np.float64]:
        (row,) = compiled(world, CreditInformation(take_up=1.0, opacity_relief=relief))["credit_information"]
        return row.terms.informed_prudent

    last = rows["fair_access"][0].terms.informed_prudent
    both, only = reached[0] & reached[1], reached[1] & ~reached[0]
    assert both.any() and only.any()
    np.testing.assert_allclose(last[both], prudent(0.7)[both], rtol=1e-12)
    np.testing.assert_allclose(last[only], prudent(0.5)[only], rtol=1e-12)
    np.testing.assert_array_equal(rows["credit_information"][0].terms.informed_prudent[reached[0]], prudent(0.4)[reached[0]])


# ------------------------------------------------------------------------------------------------------------------ parts, order


class TwoParts(LoanRenewal):
    """A lever that does one thing at once and another later, at some firms."""

    def parts(self) -> tuple[Part, ...]:
        """Renewal now; more patience later."""
        return (Part("now", self.terms()), Part("later", {"grace_lift": 1.0}, after_days=30.0, odds=0.25))


def test_parts_have_days_and_luck_of_their_own(world: World) -> None:
    now, later = compiled(world, TwoParts(take_up=0.6, from_day=5.0))["loan_renewal"]
    assert (float(now.from_day), float(later.from_day)) == (5.0, 35.0)
    draws = np.arange(DRAWS, dtype=np.uint64)[:, None]
    works = uniforms(world.scenario.seed, draws, world.firms.key, name_key("loan_renewal.later"), "part") < 0.25
    np.testing.assert_array_equal(later.reaches, now.reaches & works)
    assert abs(later.reaches.mean() - 0.15) < 0.03


def test_the_order_of_levers_in_the_file_changes_no_row(world: World) -> None:
    levers = (
        RENEWAL.model_copy(update={"delay_days": 40.0}),
        CAMPAIGN,
        StreamlinedService(take_up=0.5),
        CreditInformation(take_up=0.5),
        FairAccess(take_up=0.5),
        DebtDeferral(take_up=0.3),
    )
    there, back = compiled(world, *levers), compiled(world, *reversed(levers))
    assert list(there) == list(back)
    for label, rows in there.items():
        for left, right in zip(rows, back[label], strict=True):
            for name in LeverRow._fields:
                if name != "terms":
                    assert same_bits(getattr(left, name), getattr(right, name)), (label, name)
            assert all(same_bits(one, other) for one, other in zip(left.terms, right.terms, strict=True)), label


def test_a_number_that_two_terms_take_from_one_field_is_drawn_once(world: World) -> None:
    deferral = DebtDeferral.model_validate(
        {"kind": "debt_deferral", "take_up": 1.0, "until_day": {"dist": "uniform", "low": 100.0, "high": 300.0}}
    )
    (row,) = compiled(world, deferral)["debt_deferral"]
    assert row.terms.deferral_day.shape == (DRAWS, 1)
    np.testing.assert_array_equal(row.terms.deferral_day, row.terms.interest_deferral_day)


# ---------------------------------------------------------------------------------------------------------------------- complaints


def complaints(levers: str) -> list[str]:
    """What is wrong with the levers of a file, one line each."""
    text = f'name = "x"\n[population]\n[[policy]]\nname = "p"\nlevers = [{levers}]\n'
    with pytest.raises(InputError) as caught:
        parse_scenario(text, "own.toml")
    return [str(problem) for problem in caught.value.problems]


def test_a_deferral_to_a_day_before_its_start_is_refused() -> None:
    (line,) = complaints('{ kind = "debt_deferral", from_day = 100.0, until_day = 90.0 }')
    assert "policy.p.levers.0.until_day" in line or "until_day" in line
    assert "90 is not after from_day 100" in line and "allowed: more than 100" in line


def test_a_campaign_or_a_service_cannot_hang_on_how_a_firm_fares() -> None:
    lines = complaints('{ kind = "policy_awareness", min_sales_fall = 0.2 }, { kind = "streamlined_service", without_bank_arrears = true }')
    assert len(lines) == 2
    assert "min_sales_fall: 0.2 hangs on how a firm fares, and whom policy_awareness reaches must not; leave it out" in lines[0]
    assert "without_bank_arrears: true hangs on how a firm fares" in lines[1]


@pytest.mark.parametrize(
    ("lever", "expected"),
    [
        ('{ kind = "policy_awareness", take_up_factor = 0.5 }', "take_up_factor: 0.5 is outside the allowed range 1 to 1,000"),
        ('{ kind = "receivables_finance", advance_share = 1.2 }', "advance_share: 1.2 is outside the allowed range 0 to 1"),
        ('{ kind = "growth_fund", instrument = "loan" }', "instrument"),
        ('{ kind = "risk_compensaton" }', "risk_compensation"),
        ('{ kind = "growth_fund", min_margin = 2.0 }', "min_margin: 2 is outside the allowed range -10 to 1"),
        ('{ kind = "interest_subsidy", max_cash_days = -1.0 }', "max_cash_days"),
    ],
)
def test_a_wrong_number_is_named_with_what_is_allowed(lever: str, expected: str) -> None:
    (line,) = complaints(lever)
    assert expected in line
