"""The chart of how many cases wait, day by day: a line, a band around it, the closed days; as numbers that a template draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

WIDTH, HEIGHT = 960, 240
LEFT, TOP, BOTTOM = 56, 12, 28
TICKS = 4


def chart(days: Sequence[dict[str, Any]], waiting: Sequence[Sequence[float]], highest: float) -> dict[str, Any]:
    """Where everything stands: `waiting` is the low, middle and high count of each day, `highest` the top of the axis."""
    step = (WIDTH - LEFT) / len(days)
    across = [LEFT + step * (number + 0.5) for number in range(len(days))]
    low, middle, high = ([_height(values[which], highest) for values in waiting] for which in range(3))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "top": TOP,
        "base": HEIGHT - BOTTOM,
        "band": _points([*zip(across, high, strict=True), *reversed([*zip(across, low, strict=True)])]),
        "line": _points([*zip(across, middle, strict=True)]),
        "closed": [
            {"x": f"{LEFT + step * number:.1f}", "width": f"{step:.1f}"}
            for number, day in enumerate(days)
            if not day["open"]
        ],
        "dates": [
            {"x": f"{across[number]:.1f}", "label": days[number]["date"][5:]}
            for number in range(0, len(days), max(1, len(days) // 8))
        ],
        "counts": [
            {"y": f"{_height(value, highest):.1f}", "label": f"{value:.0f}"}
            for value in sorted({round(highest * tick / TICKS) for tick in range(TICKS + 1)})
        ],
    }


def _height(value: float, highest: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / (highest or 1)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
