"""The table of defaults: complete, consistent, honest about its sources."""

import math
import re
from datetime import date

import pytest

from simsme.distributions import KINDS
from simsme.levers import Lever, kinds
from simsme.reference import BASES, SOURCE_QUALITIES, Entry, entries, entry
from simsme.scenario import Scenario
from simsme.tables import Table

NUMBERS = [found for found in entries() if isinstance(found.value, int | float) and not isinstance(found.value, bool)]


def name_of(found: Entry) -> str:
    """Name of an entry, to call a test by."""
    return found.name


@pytest.mark.parametrize("found", entries(), ids=name_of)
def test_an_entry_says_what_it_is_and_where_it_comes_from(found: Entry) -> None:
    assert found.text and not found.text.endswith(".")
    assert found.basis in BASES
    assert found.source_quality in SOURCE_QUALITIES
    assert found.source or not found.source_quality
    if found.basis != "assumption":
        assert found.source, "what is published or derived says from what"
    if found.basis == "published":
        assert found.source_quality
    assert isinstance(found.value, int | float | str | list | dict | date)


@pytest.mark.parametrize("found", NUMBERS, ids=name_of)
def test_a_default_lies_in_its_range_and_its_range_in_its_limits(found: Entry) -> None:
    low, high = found.limits
    assert low < high
    if not math.isinf(found.value):
        assert low <= found.value <= high
    if found.range is not None:
        assert low <= found.range[0] <= found.value <= found.range[1] <= high


TRUSTED_HOSTS = {
    "cgdev.org",
    "english.scio.gov.cn",
    "indices.cnfin.com",
    "oecd.org",
    "pmc.ncbi.nlm.nih.gov",
    "www.scmp.com",
    "www.stats.gov.cn",
    "zj.people.com.cn",
}
"""Hosts of publishers: a link to a copy is no source."""


def test_sources_link_to_publishers_only() -> None:
    for found in entries():
        for host in re.findall(r"https?://([^/\s]+)", found.source):
            assert host in TRUSTED_HOSTS, f"{found.name}: {host} is not known as a publisher"


def test_an_entry_is_found_by_its_name() -> None:
    assert entry("credit.renewal").value == 0.93
    with pytest.raises(KeyError):
        entry("credit.renewl")


def references_below(table: type[Table]) -> set[str]:
    """Names of the entries that a table and the tables in it refer to."""
    found: set[str] = set()
    for field in table.model_fields.values():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and "reference" in extra:
            found.add(str(extra["reference"]))
        for part in [field.annotation, *getattr(field.annotation, "__args__", ())]:
            if isinstance(part, type) and issubclass(part, Table) and part not in KINDS.values():
                found |= references_below(part)
    return found


def test_every_entry_is_the_default_of_something_and_nothing_else_is() -> None:
    tables: list[type[Table]] = [Scenario, Lever, *kinds().values()]
    used = set().union(*map(references_below, tables))
    known = {found.name for found in entries()}
    # How much firms have in common is a key of the distribution of the depth, so no table has a field for it.
    assert known - used == {"shock.sales.common"}
