"""What came out, for people: lines while it runs, tables and a chart for docs/performance.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT, FIGURES, CHART = (
    ROOT / "docs/performance.md",
    ROOT / "docs/performance.json",
    ROOT / "docs/pictures/performance.svg",
)
OURS, FLOOR, PLAIN, PARENT = "ours", "floor", "plain", "parent"
COLORS = {"web": "#2f6fde", "database": "#9dbcf2", FLOOR: "#b5b5b5", PLAIN: "#e0a458"}
COLUMNS = ("per_second", "p50_ms", "p95_ms", "p99_ms", "web_ms", "database_ms")
HEADS = (
    "operation",
    "a second",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "CPU web ms",
    "CPU database ms",
    "statements",
    "× floor",
    "× plain",
    "× parent",
)


def heading() -> None:
    print("  " + "".join(f"{head:>16}" for head in HEADS), flush=True)


def line(name: str, figure: dict[str, Any]) -> None:
    """One operation, as soon as it is measured."""
    print("  " + "".join(f"{cell:>16}" for cell in cells(name, figure)), flush=True)
    for which, each in figure["servers"].items():
        if each["failures"]:
            print(
                f"    {which}: {each['failures']} of {each['requests']} failed: {each.get('said', '')[:600]}",
                flush=True,
            )


def cells(name: str, figure: dict[str, Any]) -> list[str]:
    ours, ratios = figure["servers"][OURS], figure["ratios"]
    statements = f"{ours['statements']:.0f}" if "statements" in ours else ""
    return [
        name, *(f"{ours[column]:.1f}" for column in COLUMNS), statements,
        *(f"{ratios[which]:.2f}" if which in ratios else "" for which in (FLOOR, PLAIN, PARENT)),
    ]  # fmt: skip


def growth(sizes: list[dict[str, Any]]) -> dict[str, float]:
    """What the most rows cost against the fewest: CPU of web and database, by operation. A floor tells how much of it is the machine's."""
    first, last = sizes[0]["operations"], sizes[-1]["operations"]
    return {name: round(_cost(last[name]) / _cost(first[name]), 2) for name in first}


def _cost(figure: dict[str, Any]) -> float:
    return float(figure["servers"][OURS]["cpu_ms"])


def document(figures: dict[str, Any]) -> None:
    """Write the figures, the chart, and the tables between the marks of docs/performance.md."""
    FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    CHART.write_text(chart(figures["sizes"][-1]))
    text = DOCUMENT.read_text("utf-8")
    for mark, table in {"machine": _machine(figures), "figures": _tables(figures)}.items():
        marks = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
        text = re.sub(f"{marks[0]}.*?{marks[1]}", lambda _: f"{marks[0]}\n{table}\n{marks[1]}", text, flags=re.DOTALL)  # noqa: B023
    DOCUMENT.write_text(text, "utf-8")


def _machine(figures: dict[str, Any]) -> str:
    on = figures["machine"]
    return (
        f"{on['processor']}, {on['cores']} cores, {on['memory_gb']} GB, {on['system']}, Python {on['python']}; mean load of the"
        f" last quarter of an hour {on['load']:.1f}; commit {on['commit']}, {on['at'][:10]}; {figures['connections']} connections."
    )


def _tables(figures: dict[str, Any]) -> str:
    return "\n\n".join(
        f"### {size['rows']:,} filings and as many settlements\n\n{_table(size['operations'])}\n\n"
        f"A web process takes {size['web_process_mb']:.0f} MB."
        for size in figures["sizes"]
    )


def _table(operations: dict[str, Any]) -> str:
    rows = [HEADS, ["---"] * len(HEADS), *(cells(name, figure) for name, figure in operations.items())]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def chart(size: dict[str, Any]) -> str:
    """CPU of each operation as bars: ours by web and database, its floor, and the plain ModelViewSet where there is one."""
    widest = max(each["cpu_ms"] for figure in size["operations"].values() for each in figure["servers"].values())
    bars, top = [], 40
    for name, figure in size["operations"].items():
        bars.append(f'<text x="140" y="{top + 12}" text-anchor="end">{name}</text>')
        for which, each in figure["servers"].items():
            if which != PARENT:
                bars += _bar(which, each, top, 560 / widest)
                top += 11
        top += 8
    legend = [
        f'<rect x="{150 + 130 * at}" y="12" width="12" height="12" fill="{color}"/><text x="{167 + 130 * at}" y="22">{name}</text>'
        for at, (name, color) in enumerate(COLORS.items())
    ]
    style = "<style>text{font:12px sans-serif;fill:#555}</style>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="780" height="{top + 10}">{style}{"".join([*legend, *bars])}</svg>\n'


def _bar(which: str, figure: dict[str, Any], top: int, scale: float) -> list[str]:
    parts = (
        [("web", figure["web_ms"]), ("database", figure["database_ms"])]
        if which == OURS
        else [(which, figure["cpu_ms"])]
    )
    drawn, left = [], 150.0
    for color, value in parts:
        drawn.append(f'<rect x="{left:.1f}" y="{top}" width="{value * scale:.1f}" height="10" fill="{COLORS[color]}"/>')
        left += value * scale
    return [*drawn, f'<text x="{left + 4:.1f}" y="{top + 9}" style="font-size:9px">{figure["cpu_ms"]:.1f} ms</text>']
