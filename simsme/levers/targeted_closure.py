"""Closures by order that are shorter, because they hit where the danger is."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from simsme.levers.lever import Lever
from simsme.quantities import Uncertain
from simsme.reference import reference


class TargetedClosure(Lever):
    """A firm closed by order reopens sooner: a share of the days of its closure does not happen.

    With `closure_relief` 1 it is as if nobody had been closed. What a longer closure is for, and what infections cost, is outside the
    model: this is the firms' side of it alone. It works on closure by order (`[shock.closure]`) only, not on the fall of demand that
    goes with it. It stylises "no one-size-fits-all" in China's rules against the epidemic (the 20 measures of November 2022). No
    source gives the share.
    """

    kind: Literal["targeted_closure"] = "targeted_closure"
    automatic: ClassVar[bool] = True
    closure_relief: Annotated[Uncertain, reference("targeted_closure.closure_relief")]

    def terms(self) -> Mapping[str, Uncertain]:
        """Fewer days closed."""
        return {"closure_relief": self.closure_relief}
