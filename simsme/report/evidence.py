"""How far the model is to be believed: what it reproduces of published numbers, by source, as last recorded."""

from collections.abc import Iterator

from simsme.report.markup import Markup, joined, table, tag
from simsme.validation.sources import SOURCES
from simsme.validation.targets import COUNTED, targets_of, title_of


def evidence_section() -> Markup:
    """Return how many published numbers are reproduced, by source and role."""
    words = (
        "Numbers of other people that the model was run against, as last recorded for this version. Calibration: the model was fitted to "
        "them. Validation: it was not. Rates are never taken over sources together."
    )
    again = tag("p", tag("code", "simsme validate"), " runs them again and names every miss with its cause.", of={"class": "note"})
    return joined([tag("p", words), table("Published numbers reproduced", ("source", "role", "reproduced"), _recorded()), again])


def _recorded() -> Iterator[tuple[str, str, str]]:
    for source in SOURCES:
        for role in COUNTED:
            verdicts = [target.recorded for target in targets_of(source) if target.role == role and target.recorded]
            if verdicts:
                yield title_of(source), role, f"{verdicts.count('pass')} of {len(verdicts)}"
