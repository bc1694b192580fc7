"""Conditions under which a firm trades in a step: the weather as the levers in force leave it. The stage before all others."""

from typing import NamedTuple

from simsme.arithmetic import Lanes, where
from simsme.engine.records import Clock, Firm, Weather
from simsme.engine.terms import NOTHING, Terms, added, relieved, untouched
from simsme.engine.weather import overlap


class Conditions(NamedTuple):
    """The firm and the weather as they are under a policy, in the place of the plain ones for the whole step.

    ``ordered_part`` and ``lifted_part`` are the parts of the intake that large firms ordered and that other levers brought.
    """

    firm: Firm
    weather: Weather
    ordered_part: Lanes
    lifted_part: Lanes


def conditions_of(clock: Clock, firm: Firm, terms: Terms, weather: Weather) -> Conditions:
    """Ease the weather of a firm: orders come in, staff is found, a closure ends sooner, less material is needed."""
    weather = _reopen(clock, terms, weather)
    lift = added(terms.demand_lift, terms.order_demand)
    served, outlook_served = _staffed(weather.served, terms), _staffed(weather.outlook_served, terms)
    if not untouched(lift, terms.labour_relief):
        eased = (lift > 0.0) | (terms.labour_relief > 0.0)
        wanted = weather.wanted + lift
        latent = where(eased, (weather.wanted * weather.noise + lift) * served, weather.latent)
        weather = weather._replace(wanted=wanted, demand=wanted * served, latent=latent)
    if not untouched(lift, terms.labour_relief, terms.closure_relief, terms.outlook_lift):
        expected = (weather.outlook_wanted + lift) * outlook_served * weather.outlook_open * (1.0 + terms.outlook_lift)
        weather = weather._replace(outlook_demand=expected)
    return Conditions(
        firm=firm._replace(materials_share=relieved(firm.materials_share, terms.materials_saving)),
        weather=weather,
        ordered_part=_part_of_intake(terms.order_demand, served, weather),
        lifted_part=_part_of_intake(terms.demand_lift, served, weather),
    )


def _reopen(clock: Clock, terms: Terms, weather: Weather) -> Weather:
    """A closure by order that takes fewer days; the owner counts on that."""
    relief = terms.closure_relief
    if relief is NOTHING:
        return weather
    helped = relief > 0.0
    reopens_on = where(helped, weather.closes_on + (weather.reopens_on - weather.closes_on) * (1.0 - relief), weather.reopens_on)
    closed_days = overlap(clock.a, clock.b, weather.closes_on, reopens_on)
    closed = weather.closed & (clock.b < reopens_on)
    outlook_open = where(helped, 1.0 - (1.0 - weather.outlook_open) * (1.0 - relief), weather.outlook_open)
    return weather._replace(
        open_share=where(helped, (1.0 - closed_days / clock.h) * weather.running, weather.open_share),
        closed=closed,
        outlook_open=where(closed, outlook_open, 1.0),
        reopens_on=reopens_on,
    )


def _staffed(served: Lanes, terms: Terms) -> Lanes:
    """Part of demand that can be served once a part of the shortage of labour is removed."""
    relief = terms.labour_relief
    return served if relief is NOTHING else where(relief > 0.0, 1.0 - (1.0 - served) * (1.0 - relief), served)


def _part_of_intake(share: Lanes, served: Lanes, weather: Weather) -> Lanes:
    """Part of the intake that a share of normal sales makes, as far as it can be served."""
    if share is NOTHING:
        return NOTHING
    return where(weather.latent > 0.0, share * served / where(weather.latent > 0.0, weather.latent, 1.0), 0.0)
