"""The levers: one file each, found by their kind; levers of other packages come in through the entry point ``simsme.levers``."""

from functools import cache
from importlib.metadata import entry_points

from simsme.levers.emergency_relending import EmergencyRelending
from simsme.levers.guarantee_fund import GuaranteeFund
from simsme.levers.lending_forbearance import LendingForbearance
from simsme.levers.lever import FundTerms, Lever
from simsme.levers.loan_renewal import LoanRenewal

__all__ = ["EmergencyRelending", "FundTerms", "GuaranteeFund", "LendingForbearance", "Lever", "LoanRenewal", "kinds"]

_SHIPPED: tuple[type[Lever], ...] = (LoanRenewal, LendingForbearance, EmergencyRelending, GuaranteeFund)


@cache
def kinds() -> dict[str, type[Lever]]:
    """Every known class of lever by its kind: the shipped ones, then those of installed packages.

    Raises
    ------
    TypeError
        When an entry point is not a lever, or takes a kind that is taken.
    """
    known = {str(lever.model_fields["kind"].default): lever for lever in _SHIPPED}
    for point in entry_points(group="simsme.levers"):
        lever = point.load()
        if not (isinstance(lever, type) and issubclass(lever, Lever)):
            raise TypeError(f"entry point {point.name!r} in group simsme.levers is not a Lever")
        kind = str(lever.model_fields["kind"].default)
        if kind in known and known[kind] is not lever:
            raise TypeError(f"entry point {point.name!r} in group simsme.levers: the kind {kind!r} is taken")
        known[kind] = lever
    return known
