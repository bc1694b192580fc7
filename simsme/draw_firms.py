"""A synthetic population: firms drawn from a scenario's distributions in fixed numbers of each size and industry, all at once or not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from simsme.fill_firms import fill_firms
from simsme.firm_luck import FirmLuck, draw_codes
from simsme.firms import Firms, firm_keys
from simsme.firms_file import FirmsFile
from simsme.population import Population
from simsme.streams import Keys

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

BLOCK = 32_768
"""Firms that are drawn together where nobody holds them; a multiple of the chunks in which money is summed. No bit depends on it."""


@dataclass(frozen=True)
class DrawnFirms:
    """Firms of a population that anybody can draw when needed, all or some of them, and that nobody has to hold.

    Everything about a firm is drawn from its own luck, which hangs on its identifier alone. What has to be known of all of them is
    their order and, since that is not left to chance, their industries and sizes: 13 or 14 bytes a firm.

    Attributes
    ----------
    population
        Where they are drawn from.
    key
        Keys, (n,), rising: the canonical order.
    order
        Position at which each was drawn, (n,).
    cell
        Industry and size of each, (n,), see :func:`strata`.
    weight_of_cell
        Weight of the firms of an industry and size, by cell.
    """

    population: Population
    key: Keys
    order: NDArray[np.uint32]
    cell: NDArray[np.unsignedinteger[Any]]
    weight_of_cell: Floats

    @classmethod
    def of(cls, population: Population) -> "DrawnFirms":
        """Number the firms of a population and put them into canonical order."""
        key = np.empty(population.firms, dtype=np.uint64)
        for first in range(0, len(key), BLOCK):
            numbers = range(first, min(first + BLOCK, len(key)))
            key[first : numbers.stop] = firm_keys(Ids(numbers))
        order = np.argsort(key).astype(np.uint32)
        key = key[order]
        if (key[1:] == key[:-1]).any():
            raise ValueError("two firms have the same key")
        cell = strata(population)
        return cls(population, key, order, cell[order], weights(population, cell))

    def __len__(self) -> int:
        return len(self.key)

    @property
    def remarks(self) -> tuple[str, ...]:
        """None: nothing about them is odd."""
        return ()

    @property
    def filled(self) -> Mapping[str, int]:
        """None: nothing was left open that had to be filled in."""
        return {}

    def blocks(self) -> list[slice]:
        """Rows of firms that stand next to each other, which together are all."""
        return [slice(first, min(first + BLOCK, len(self))) for first in range(0, len(self), BLOCK)]

    def weight(self, rows: Any) -> Floats:
        """Weight of some firms."""
        weight: Floats = self.weight_of_cell[self.cell[rows]]
        return weight

    def kinds(self, rows: Any) -> tuple[Codes, Codes]:
        """Codes of industry and size of some firms."""
        size, industry = np.divmod(self.cell[rows].astype(np.int64), len(self.population.industries))
        return industry, size

    def ids(self, rows: Any) -> "Ids":
        """Identifiers of some firms."""
        return Ids(self.order[rows].astype(np.int64))

    def take(self, rows: Any) -> Firms:
        """Draw some of the firms: a slice, or positions."""
        population, key, order = self.population, self.key[rows], self.order[rows].astype(np.int64)
        industry, size = self.kinds(rows)
        filled = fill_firms(FirmLuck(population, key, industry, size), {"weight": self.weight(rows)}, FirmsFile())
        parts: dict[str, Any] = {
            "industry": industry,
            "size": size,
            "legal_form": draw_codes(population, key, "legal_form", tuple(population.legal_forms.values())),
            "region": draw_codes(population, key, "region", tuple(population.regions.values())),
            "industry_names": population.industry_names,
            "size_names": population.size_names,
            "legal_form_names": tuple(population.legal_forms),
            "region_names": tuple(population.regions),
            **filled.columns,
        }
        return Firms(ids=Ids(order), key=key, order=order, **parts)

    def all(self) -> Firms:
        """Draw all of them, with names of their own: some 600 bytes a firm."""
        firms = self.take(slice(None))
        return replace(firms, ids=tuple(firms.ids))


class Ids(Sequence[str]):
    """Identifiers of drawn firms, made from the positions at which they were drawn when somebody asks for them."""

    def __init__(self, order: Sequence[int] | Codes) -> None:
        self._order = order

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> "Ids": ...
    def __getitem__(self, place: int | slice) -> "str | Ids":
        if isinstance(place, slice):
            return Ids(self._order[place])
        return f"firm-{int(self._order[place]) + 1:07d}"

    def __iter__(self) -> Iterator[str]:
        order = self._order.tolist() if isinstance(self._order, np.ndarray) else self._order
        return (f"firm-{position + 1:07d}" for position in order)


def draw_firms(population: Population) -> Firms:
    """Draw the firms of a population.

    The number of firms of each size and industry is not left to chance: it is the nearest to the samples that whole firms allow, and
    the weights bring sizes and industries back to their shares. Everything else is drawn from the firm's own luck, which hangs on
    its identifier alone: with more firms, the first ones stay the same but for their weight.

    Returns
    -------
    Firms
        In canonical order; identifiers are ``firm-0000001`` and so on; weights have mean 1.
    """
    return DrawnFirms.of(population).all()


def strata(population: Population) -> NDArray[np.unsignedinteger[Any]]:
    """Return the cell of each firm, (n,), in the order in which firms are numbered: code of size, times industries, and code of industry.

    Firms are dealt to the cells (size, industry) as seats are in the method of Webster and Sainte-Lague: the k-th firm of a cell of
    sample share s comes at (k - 1/2) / s. Any first n of the sequence is in proportion up to rounding.
    """
    industries = np.array(list(population.industries.values()))
    samples = np.array([size.share if size.sample is None else size.sample for size in population.sizes.values()])
    cells = np.outer(samples / samples.sum(), industries / industries.sum()).ravel()
    n, kind = population.firms, np.min_scalar_type(cells.size - 1)
    dealt = [(code, share, int(np.ceil(n * share)) + 2) for code, share in enumerate(cells) if share > 0.0]
    places, codes = np.empty(sum(count for *_, count in dealt)), np.empty(sum(count for *_, count in dealt), dtype=kind)
    end = 0
    for code, share, count in dealt:
        begin, end = end, end + count
        places[begin:end], codes[begin:end] = (np.arange(count) + 0.5) / share, code
    return codes[np.argsort(places, kind="stable")[:n]]


def weights(population: Population, cell: NDArray[Any]) -> Floats:
    """Return the weight of a firm by its cell, see :func:`strata`: mean 1, sizes and industries within sizes in the population's shares.

    Where a sample is too small to have a firm of every industry in a size, the industries that it has stand for the others.
    """
    shares = np.array([kind.share for kind in population.sizes.values()])
    industries = np.array(list(population.industries.values()))
    counts = np.bincount(cell, minlength=shares.size * industries.size).astype(np.float64).reshape(shares.size, industries.size)
    within = np.where(counts > 0.0, industries, 0.0)
    totals = within.sum(axis=1, keepdims=True)
    wanted = np.divide(within, totals, out=np.zeros_like(within), where=totals > 0.0) * np.where(totals[:, 0] > 0.0, shares, 0.0)[:, None]
    each = np.divide(wanted / wanted.sum() * cell.size, counts, out=np.zeros_like(counts), where=counts > 0.0)
    by_cell: Floats = each.ravel()
    return by_cell
