"""Rebate of taxes on exports."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Annotated, Literal

from simsme.levers import Lever
from simsme.quantities import Uncertain
from simsme.reference import add_entries, reference

add_entries(files(__package__) / "reference.toml")


class ExportRebate(Lever):
    """Exporters get back a part of the taxes that their inputs carried, once a year and in one sum."""

    kind: Literal["export_rebate"] = "export_rebate"
    rebate_share: Annotated[Uncertain, reference("export_rebate.rebate_share")]

    def terms(self) -> Mapping[str, Uncertain]:
        """A refund of taxes."""
        return {"refund_share": self.rebate_share}
