"""A synthetic population: firms drawn from a scenario's distributions in fixed numbers of each size and industry."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simsme.fill_firms import fill_firms
from simsme.firm_luck import FirmLuck, draw_codes
from simsme.firms import Firms, firm_keys
from simsme.firms_file import FirmsFile
from simsme.population import Population

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


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
    industry, size = strata(population)
    ids = [f"firm-{number:07d}" for number in range(1, population.firms + 1)]
    key = firm_keys(ids)
    order = np.argsort(key, kind="stable")
    if (np.diff(key[order]) == 0).any():
        raise ValueError("two firms have the same key")
    weight = weights(population, industry, size)[order]
    key, industry, size = key[order], industry[order], size[order]
    filled = fill_firms(FirmLuck(population, key, industry, size), {"weight": weight}, FirmsFile())
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
    return Firms(ids=tuple(ids[row] for row in order), key=key, order=order.astype(np.int64), **parts)


def strata(population: Population) -> tuple[Codes, Codes]:
    """Return codes of industry and size of each firm, (n,), in the order in which firms are numbered.

    Firms are dealt to the cells (size, industry) as seats are in the method of Webster and Sainte-Lague: the k-th firm of a cell of
    sample share s comes at (k - 1/2) / s. Any first n of the sequence is in proportion up to rounding.
    """
    industries = np.array(list(population.industries.values()))
    samples = np.array([size.share if size.sample is None else size.sample for size in population.sizes.values()])
    cells = np.outer(samples / samples.sum(), industries / industries.sum()).ravel()
    n = population.firms
    places: list[Floats] = []
    codes: list[Codes] = []
    for code, share in enumerate(cells):
        if share > 0.0:
            k = np.arange(int(np.ceil(n * share)) + 2)
            places.append((k + 0.5) / share)
            codes.append(np.full(k.shape, code))
    first = np.argsort(np.concatenate(places), kind="stable")[:n]
    cell = np.concatenate(codes)[first]
    return cell % industries.size, cell // industries.size


def weights(population: Population, industry: Codes, size: Codes) -> Floats:
    """Return the weight of each firm, (n,): mean 1, sizes and industries within sizes in the population's shares.

    Where a sample is too small to have a firm of every industry in a size, the industries that it has stand for the others.
    """
    shares = np.array([kind.share for kind in population.sizes.values()])
    industries = np.array(list(population.industries.values()))
    counts = np.zeros((shares.size, industries.size))
    np.add.at(counts, (size, industry), 1.0)
    within = np.where(counts > 0.0, industries, 0.0)
    totals = within.sum(axis=1, keepdims=True)
    wanted = np.divide(within, totals, out=np.zeros_like(within), where=totals > 0.0) * np.where(totals[:, 0] > 0.0, shares, 0.0)[:, None]
    each = np.divide(wanted / wanted.sum() * industry.size, counts, out=np.zeros_like(counts), where=counts > 0.0)
    weight: Floats = each[size, industry]
    return weight
