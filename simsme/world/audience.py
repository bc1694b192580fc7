"""Whom a lever reaches, and from which day on: eligibility, take-up, and the levers that act on other levers.

A campaign (``take_up_factor``) raises the take-up of the others, a service (``delay_cut``) shortens their delays, each at the firms that
it reaches. Where that makes firms begin on different days, a lever opens several times; a firm is in one of its openings at the most.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simsme.arithmetic import Flags, Lanes, most, where
from simsme.firms import Firms
from simsme.levers.lever import Lever
from simsme.streams import name_key, uniforms
from simsme.world.constants import as_reported
from simsme.world.drawn_numbers import DrawnNumbers
from simsme.world.lever_numbers import is_plainly, lever_number
from simsme.world.observation import seems_profitable

EVERYBODY: Flags = np.ones((), dtype=np.bool_)


class Opening(NamedTuple):
    """Firms that a lever reaches, (draw, firm), and the day from which it does, a number of the draw."""

    reaches: Flags
    from_day: Lanes


class Service(NamedTuple):
    """A lever that shortens the delays of others: by how much, at whom, from when until when."""

    delay_cut: Lanes
    opening: Opening
    to_day: float


class Campaign(NamedTuple):
    """A lever that multiplies the take-up of others: by how much, at whom, from when on."""

    take_up_factor: Lanes
    opening: Opening


class Acting(NamedTuple):
    """The levers of a policy that act on the others."""

    services: tuple[Service, ...]
    campaigns: tuple[Campaign, ...]


def normal_margin(firms: Firms, rows: slice) -> Lanes:
    """What a normal year's sales leave after all costs and taxes, before interest, as a share of sales, (n,); -inf without sales."""
    plain, sales = as_reported(firms, rows), firms.sales[rows]
    fixed = where(sales > 0.0, (plain.people_cost + plain.rent + plain.overheads) / where(sales > 0.0, sales, 1.0), np.inf)
    return np.asarray(1.0 - (plain.materials_share + fixed) - firms.tax_share[rows])


def eligible(lever: Lever, numbers: DrawnNumbers, firms: Firms, rows: slice) -> Flags:
    """Firms that a lever admits by what they are: (firm,), or (draw, firm) where that is seen with an error."""
    admitted = np.ones(len(firms.key[rows]), dtype=np.bool_)
    for wanted, codes, names in (
        (lever.industries, firms.industry, firms.industry_names),
        (lever.sizes, firms.size, firms.size_names),
        (lever.legal_forms, firms.legal_form, firms.legal_form_names),
    ):
        if wanted is not None:
            admitted &= np.isin(codes[rows], [names.index(name) for name in wanted if name in names])
    if lever.max_risk is not None:
        admitted &= firms.default_risk[rows] <= lever.max_risk
    for column, least in lever.least_columns().items():
        admitted &= np.asarray(getattr(firms, column)[rows] >= least)
    if lever.min_margin is None:
        return admitted
    return admitted & seems_profitable(lever, normal_margin(firms, rows), numbers, firms, rows)


def luck_with(lever: Lever, numbers: DrawnNumbers, firms: Firms, rows: slice) -> Lanes:
    """A firm's luck with a lever, (draw, firm): it hangs on kind and name, not on the policy that the lever stands in."""
    return uniforms(numbers.seed, numbers.draws[:, None], firms.key[rows], name_key(lever.label), "take_up")


def acting_levers(levers: Sequence[Lever], numbers: DrawnNumbers, firms: Firms, rows: slice) -> Acting:
    """The levers that act on others. Services do not shorten each other, campaigns do not spread each other."""
    services: list[Service] = []
    for lever in levers:
        reach = lever.acts_on()
        if reach is not None and not is_plainly(reach.delay_cut, 0.0):
            cut = lever_number(lever, numbers, "delay_cut", reach.delay_cut)
            found = openings(lever, Acting((), ()), numbers, firms, rows)
            services += [Service(cut, opening, lever.to_day) for opening in found]
    campaigns: list[Campaign] = []
    for lever in levers:
        reach = lever.acts_on()
        if reach is not None and not is_plainly(reach.take_up_factor, 1.0):
            factor = lever_number(lever, numbers, "take_up_factor", reach.take_up_factor)
            found = openings(lever, Acting(tuple(services), ()), numbers, firms, rows)
            campaigns += [Campaign(factor, opening) for opening in found]
    return Acting(tuple(services), tuple(campaigns))


def openings(lever: Lever, acting: Acting, numbers: DrawnNumbers, firms: Firms, rows: slice) -> tuple[Opening, ...]:
    """Whom a lever reaches and from when on; openings with nobody in them may be among them.

    Parameters
    ----------
    lever
        The lever.
    acting
        The levers that act on it.
    numbers
        The scenario's numbers in the draws.
    firms, rows
        The firms, and which of them.
    """
    reach = lever.acts_on()
    admitted, luck = eligible(lever, numbers, firms, rows), luck_with(lever, numbers, firms, rows)
    take_up = lever_number(lever, numbers, "take_up", lever.take_up)
    is_service = reach is not None and not is_plainly(reach.delay_cut, 0.0)
    is_campaign = reach is not None and not is_plainly(reach.take_up_factor, 1.0)
    services = () if is_service or is_plainly(lever.delay_days, 0.0) else acting.services
    campaigns = () if is_campaign or lever.automatic or is_plainly(lever.take_up, 1.0) else acting.campaigns
    found: list[Opening] = []
    for served in _sooner(lever.from_day, lever_number(lever, numbers, "delay_days", lever.delay_days), services):
        found.append(Opening(admitted & served.reaches & (luck < take_up), served.from_day))
        found += [
            Opening(admitted & served.reaches & reached.reaches, reached.from_day)
            for reached in _told(served.from_day, luck, take_up, campaigns)
        ]
    return _joined(found)


def _sooner(from_day: float, delay_days: Lanes, services: Sequence[Service]) -> list[Opening]:
    """From when a lever works at firms that services reach and at those that they do not; each in turn, where it is at work by then."""
    split = [(EVERYBODY, delay_days)]
    for service in services:
        reached, parts = service.opening.reaches, split
        split = []
        for firms, delay in parts:
            shorter = delay * (1.0 - service.delay_cut)
            at_work = (service.opening.from_day <= from_day + shorter) & (from_day + shorter <= service.to_day)
            split += [(firms & ~reached, delay), (firms & reached, where(at_work, shorter, delay))]
    return [Opening(firms, np.asarray(from_day + delay)) for firms, delay in split]


def _told(from_day: Lanes, luck: Lanes, take_up: Lanes, campaigns: Sequence[Campaign]) -> list[Opening]:
    """Firms that a lever reaches thanks to campaigns only: from the day on which enough of them, and the lever, are there."""
    found: list[Opening] = []
    told: list[tuple[Flags, Lanes]] = []
    for campaign in campaigns:
        begins = campaign.opening.from_day
        raised = take_up
        for other in campaigns:
            counts = other.opening.reaches & (other.opening.from_day <= begins)
            raised = raised * where(counts, other.take_up_factor, 1.0)
        told.append((campaign.opening.reaches & (luck >= take_up) & (luck < raised), begins))
    for position, (reached, begins) in enumerate(told):
        earlier = np.zeros((), dtype=np.bool_)
        for place, (also_reached, other_begins) in enumerate(told):
            comes_first = (other_begins < begins) | ((other_begins == begins) & (place < position))
            earlier = earlier | (also_reached & comes_first)
        found.append(Opening(reached & ~earlier, np.asarray(most(from_day, begins))))
    return found


def _joined(found: Sequence[Opening]) -> tuple[Opening, ...]:
    """Openings with those on one day, the same in all draws, put together."""
    joined: list[Opening] = []
    for opening in found:
        same = [place for place, other in enumerate(joined) if _same_day(other.from_day, opening.from_day)]
        if same:
            joined[same[0]] = Opening(joined[same[0]].reaches | opening.reaches, opening.from_day)
        else:
            joined.append(opening)
    return tuple(joined)


def _same_day(left: Lanes, right: Lanes) -> bool:
    return left.ndim == right.ndim == 0 and float(left) == float(right)
