"""Published and simulated numbers in words, for a screen and for a page."""

from simsme.validation.rows import Row
from simsme.validation.targets import Target


def published_text(target: Target) -> str:
    """The published number or band."""
    if target.published is not None:
        return f"{target.published:.4g}"
    if target.low is None:
        return "" if target.high is None else f"at most {target.high:.4g}"
    return f"at least {target.low:.4g}" if target.high is None else f"{target.low:.4g} to {target.high:.4g}"


def simulated_text(row: Row) -> str:
    """The simulated number with its Monte Carlo error."""
    if row.simulated is None:
        return "not run"
    value, error = row.simulated.value, row.simulated.error
    decimals = 3 if abs(value) < 1.0 else 2 if abs(value) < 100.0 else 1
    return f"{value:.{decimals}f}" + ("" if error is None else f" ± {error:.{decimals}f}")


def tolerance_text(target: Target) -> str:
    """How far a simulated number may be off, and who says so."""
    limits = limits_text(target)
    return f"{limits} ({target.tolerance_from})" if limits else ""


def limits_text(target: Target) -> str:
    """How far a simulated number may be off; nothing where it is not counted."""
    if not target.is_counted:
        return ""
    if target.tolerance is not None:
        return f"{target.tolerance:.3g}"
    return "band" if target.published is None else f"{target.low:.4g} to {target.high:.4g}"
