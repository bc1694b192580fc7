"""Charts as inline SVG: a frame with scales, ticks and lines, in a wide shape for screens and paper and a narrow one for phones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simsme.report.markup import NO_ATTRIBUTES, Markup, joined, tag


@dataclass(frozen=True)
class Shape:
    """Size of a chart and of the margins around its frame, in SVG units."""

    name: str
    width: int
    height: int
    left: int = 58
    right: int = 16
    top: int = 14
    bottom: int = 46


WIDE, NARROW = Shape("wide", 860, 400), Shape("narrow", 400, 340, left=50, right=10)
SHAPES = (WIDE, NARROW)


@dataclass(frozen=True)
class Frame:
    """Scales of a chart: data inside the limits lie inside the margins."""

    shape: Shape
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]

    def x(self, value: float) -> float:
        """Where a value lies from left to right."""
        low, high = self.x_limits
        return self.shape.left + (value - low) / (high - low) * (self.shape.width - self.shape.left - self.shape.right)

    def y(self, value: float) -> float:
        """Where a value lies from top to bottom."""
        low, high = self.y_limits
        return (
            self.shape.height - self.shape.bottom - (value - low) / (high - low) * (self.shape.height - self.shape.top - self.shape.bottom)
        )

    def axes(self, x_ticks: Sequence[tuple[float, str]], y_ticks: Sequence[tuple[float, str]], x_label: str, y_label: str) -> Markup:
        """Lines of the grid with their labels."""
        shape = self.shape
        right, base = shape.width - shape.right, shape.height - shape.bottom
        parts = []
        for value, text in y_ticks:
            at = f"{self.y(value):.1f}"
            parts.append(_line(shape.left, at, right, at, "grid"))
            parts.append(
                tag("text", text, of={"x": f"{shape.left - 6}", "y": f"{self.y(value) + 4:.1f}", "class": "tick", "text-anchor": "end"})
            )
        for value, text in x_ticks:
            at = f"{self.x(value):.1f}"
            parts.append(_line(at, base, at, base + 4, "axis"))
            parts.append(tag("text", text, of={"x": at, "y": f"{base + 18}", "class": "tick", "text-anchor": "middle"}))
        parts.append(_line(shape.left, base, right, base, "axis"))
        parts.append(
            tag(
                "text", x_label, of={"x": f"{(shape.left + right) / 2:.1f}", "y": f"{base + 37}", "class": "label", "text-anchor": "middle"}
            )
        )
        parts.append(tag("text", y_label, of={"x": f"{shape.left}", "y": "10", "class": "label", "text-anchor": "start"}))
        return tag("g", *parts)

    def steps(self, days: Sequence[float], values: Sequence[float]) -> str:
        """Path of a step function that keeps each value until the next day."""
        path = [f"M{self.x(days[0]):.1f},{self.y(values[0]):.1f}"]
        for day, value in zip(days[1:], values[1:], strict=True):
            path.append(f"H{self.x(day):.1f}V{self.y(value):.1f}")
        return "".join(path)

    def band(self, days: Sequence[float], low: Sequence[float], high: Sequence[float]) -> str:
        """Closed path around a band of step functions."""
        forth = self.steps(days, high)
        corners = [f"L{self.x(days[-1]):.1f},{self.y(low[-1]):.1f}"]
        for place in range(len(days) - 2, -1, -1):
            corners.append(f"V{self.y(low[place]):.1f}H{self.x(days[place]):.1f}")
        return forth + "".join(corners) + "Z"


def _line(x1: object, y1: object, x2: object, y2: object, class_: str) -> Markup:
    return tag("line", of={"x1": str(x1), "y1": str(y1), "x2": str(x2), "y2": str(y2), "class": class_})


def chart(name: str, title: str, description: str, parts: Sequence[Markup], shape: Shape, of: Mapping[str, str] = NO_ATTRIBUTES) -> Markup:
    """Return an SVG with a title and a description for those who listen, and further attributes."""
    known_by = f"{name}-{shape.name}"
    words = joined([tag("title", title, of={"id": f"{known_by}-title"}), tag("desc", description, of={"id": f"{known_by}-desc"})])
    return tag(
        "svg",
        words,
        *parts,
        of={
            "viewBox": f"0 0 {shape.width} {shape.height}",
            "class": f"chart {shape.name}",
            "role": "img",
            "aria-labelledby": f"{known_by}-title {known_by}-desc",
            **of,
        },
    )


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers between two, about so many."""
    import math

    span = max(high - low, 1e-12)
    raw = span / about
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * multiple for multiple in (1.0, 2.0, 2.5, 5.0, 10.0) if size * multiple >= raw)
    first = math.ceil(low / step - 1e-9)
    return [round(place * step, 12) for place in range(first, math.floor(high / step + 1e-9) + 1)]
