"""How a firm's sales divide into materials, people, rent, overheads, taxes and margin."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simsme.firm_luck import FirmLuck

Floats = NDArray[np.float64]
Given = Mapping[str, Floats]

PARTS = ("materials_share", "people_share", "rent", "overheads", "tax_share")
"""Costs as the population gives them: shares of sales. ``people_share`` includes social insurance."""

LEAST_SCALE, MOST_SCALE = 0.5, 1.5
"""How far costs that a file leaves out may move from the industry's normal shares to meet the drawn margin."""


@dataclass(frozen=True)
class Costs:
    """Costs of each firm, (n,): shares of sales, and money a year.

    ``overspent`` counts the firms whose parts add up to more than the total that their file gives.
    """

    materials_share: Floats
    payroll: Floats
    social_share: Floats
    insured_payroll_share: Floats
    rent: Floats
    overheads: Floats
    tax_share: Floats
    overspent: int


def divide_sales(luck: FirmLuck, given: Given) -> Costs:
    """Fill in the costs that are not given.

    Parts that are given stay. The others have the proportions of the industry and are scaled together, so that all costs add up to
    ``operating_costs`` plus taxes where that is given, else to sales less the margin, given or drawn. Where some parts are given and
    neither total nor margin is, the scale stays between `LEAST_SCALE` and `MOST_SCALE` and the margin is what is left.

    Parameters
    ----------
    luck
        The firms and their population.
    given
        Columns that are known, (n,) each, NaN where a firm's is not; ``sales`` is complete.
    """
    sales = given["sales"]
    missing = np.full(sales.shape, np.nan)
    insured = first_known(given.get("insured_payroll_share", missing), luck, "insured_payroll_share")
    social_share = given.get("social_share", missing)
    social_share = np.where(np.isnan(social_share), luck.draw("social_rate") * insured, social_share)

    known = {
        "materials_share": given.get("materials_share", missing),
        "people_share": given.get("payroll", missing) * (1.0 + social_share) / sales,
        "rent": given.get("rent", missing) / sales,
        "overheads": given.get("overheads", missing) / sales,
        "tax_share": given.get("tax_share", missing),
    }
    normal = {part: luck.draw(part) for part in PARTS}
    operating = given.get("operating_costs", missing) / sales
    has_total = ~np.isnan(operating)
    known["tax_share"] = np.where(has_total & np.isnan(known["tax_share"]), normal["tax_share"], known["tax_share"])
    margin = given.get("margin", missing)
    explicit = has_total | ~np.isnan(margin)
    total = np.where(has_total, operating + known["tax_share"], 1.0 - first_known(margin, luck, "margin"))

    present = sum((np.where(np.isnan(known[part]), 0.0, known[part]) for part in PARTS), np.zeros(sales.shape))
    absent = sum((np.where(np.isnan(known[part]), normal[part], 0.0) for part in PARTS), np.zeros(sales.shape))
    scale = np.where(absent > 0.0, (total - present) / np.where(absent > 0.0, absent, 1.0), 1.0)
    partly = (present > 0.0) & ~explicit
    overspent = explicit & (scale < -1e-9)
    scale = np.where(partly, np.clip(scale, LEAST_SCALE, MOST_SCALE), np.maximum(scale, 0.0))
    share = {part: np.where(np.isnan(known[part]), normal[part] * scale, known[part]) for part in PARTS}

    def money(column: str, part: Floats) -> Floats:
        """Return what is given to the last bit, and the share in money where nothing is."""
        amount = given.get(column, missing)
        return np.where(np.isnan(amount), part * sales, amount)

    return Costs(
        materials_share=share["materials_share"],
        payroll=money("payroll", share["people_share"] / (1.0 + social_share)),
        social_share=social_share,
        insured_payroll_share=insured,
        rent=money("rent", share["rent"]),
        overheads=money("overheads", share["overheads"]),
        tax_share=share["tax_share"],
        overspent=int(overspent.sum()),
    )


def first_known(known: Floats, luck: FirmLuck, column: str) -> Floats:
    """Return what is known, and what the population gives where it is NaN."""
    return np.where(np.isnan(known), luck.draw(column), known) if np.isnan(known).any() else known
