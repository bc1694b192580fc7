"""The levers: one file each, found by their kind; levers of other packages come in through the entry point ``simsme.levers``."""

from functools import cache
from importlib.metadata import entry_points

from simsme.levers.contract_enforcement import ContractEnforcement
from simsme.levers.credit_information import CreditInformation
from simsme.levers.debt_deferral import DebtDeferral
from simsme.levers.digital_transformation import DigitalTransformation
from simsme.levers.emergency_relending import EmergencyRelending
from simsme.levers.fair_access import FairAccess
from simsme.levers.grant import Grant
from simsme.levers.growth_fund import GrowthFund
from simsme.levers.guarantee_fund import GuaranteeFund
from simsme.levers.innovation_support import InnovationSupport
from simsme.levers.interest_subsidy import InterestSubsidy
from simsme.levers.large_firm_orders import LargeFirmOrders
from simsme.levers.lending_forbearance import LendingForbearance
from simsme.levers.lever import FundTerms, Lever
from simsme.levers.loan_renewal import LoanRenewal
from simsme.levers.policy_awareness import PolicyAwareness
from simsme.levers.prompt_payment import PromptPayment
from simsme.levers.public_services import PublicServices
from simsme.levers.receivables_finance import ReceivablesFinance
from simsme.levers.relending_facility import RelendingFacility
from simsme.levers.rent_relief import RentRelief
from simsme.levers.risk_compensation import RiskCompensation
from simsme.levers.social_insurance_relief import SocialInsuranceRelief
from simsme.levers.streamlined_service import StreamlinedService
from simsme.levers.targeted_closure import TargetedClosure
from simsme.levers.tax_deferral import TaxDeferral
from simsme.levers.tax_refund import TaxRefund
from simsme.levers.training import Training
from simsme.levers.wage_subsidy import WageSubsidy

__all__ = [
    "ContractEnforcement",
    "CreditInformation",
    "DebtDeferral",
    "DigitalTransformation",
    "EmergencyRelending",
    "FairAccess",
    "FundTerms",
    "Grant",
    "GrowthFund",
    "GuaranteeFund",
    "InnovationSupport",
    "InterestSubsidy",
    "LargeFirmOrders",
    "LendingForbearance",
    "Lever",
    "LoanRenewal",
    "PolicyAwareness",
    "PromptPayment",
    "PublicServices",
    "ReceivablesFinance",
    "RelendingFacility",
    "RentRelief",
    "RiskCompensation",
    "SocialInsuranceRelief",
    "StreamlinedService",
    "TargetedClosure",
    "TaxDeferral",
    "TaxRefund",
    "Training",
    "WageSubsidy",
    "kinds",
]

_SHIPPED: tuple[type[Lever], ...] = (
    LoanRenewal,
    LendingForbearance,
    EmergencyRelending,
    GuaranteeFund,
    DebtDeferral,
    RelendingFacility,
    InterestSubsidy,
    ReceivablesFinance,
    PromptPayment,
    CreditInformation,
    StreamlinedService,
    PolicyAwareness,
    RiskCompensation,
    GrowthFund,
    TaxRefund,
    TaxDeferral,
    SocialInsuranceRelief,
    RentRelief,
    WageSubsidy,
    Grant,
    LargeFirmOrders,
    DigitalTransformation,
    InnovationSupport,
    FairAccess,
    ContractEnforcement,
    TargetedClosure,
    PublicServices,
    Training,
)


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
