"""The measurements as a table, as a chart, and as a section of the README."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from math import exp, log, log10
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

__all__ = ["chart", "geometric_mean", "section", "table", "update"]

Results = Mapping[str, Any]

_BEGIN, _END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
_GRAPHS = ("graph", "first")  # our graph, and the first one of all, when no pattern is known
_COLOURS = {
    "CasADi": "#0b6e99",
    "symengine": "#b3541e",
    "torch": "#7b4fa3",
    "JAX": "#2f7d4f",
    "SymPy": "#555555",
    "SymPy + cse": "#999999",
}


def geometric_mean(values: Iterable[float]) -> float | None:
    """The geometric mean; None of nothing.

    >>> geometric_mean([2, 8])
    4.0
    """
    logs = [log(value) for value in values]
    return round(exp(sum(logs) / len(logs)), 10) if logs else None


def _ratio(found: Mapping[str, float] | None, ours: str = "ours", theirs: str = "theirs") -> float | None:
    return found[theirs] / found[ours] if found and theirs in found and ours in found else None


def _ratios(results: Results, peer: str, ours: str = "ours", theirs: str = "theirs") -> list[float]:
    found = (_ratio(row["peers"].get(peer), ours, theirs) for row in results["rows"].values())
    return [ratio for ratio in found if ratio is not None]


def _times(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.1f}×" if ratio < 10 else f"{ratio:.0f}×"


def _thousands(number: float | None) -> str:
    return "–" if number is None else f"{number:,}"


def table(results: Results) -> str:
    """Everything, a line for each workload.

    Operations first (the function's, its gradient's here and with each peer), then how many times longer each peer
    takes to build and differentiate, then SymPy's `diff` against our graph, and against the first graph of all, then
    Python calls and bytes an edge.
    """
    peers: list[str] = results["peers"]
    counted = [peer for peer in peers if any("gradient" in (row["peers"].get(peer) or {}) for row in _rows(results))]
    head = ["workload", "f", "gradient", *(f"by {peer}" for peer in counted), "ms"]
    head += [f"× {peer}" for peer in peers] + ["graph × diff", "first × diff", "calls/edge", "bytes/edge"]
    lines = [head]
    for name, row in results["rows"].items():
        found = row["peers"]
        sizes = [_thousands((found.get(peer) or {}).get("gradient")) for peer in counted]
        own = min((each["ours"] for each in found.values() if each), default=None)
        lines.append(
            [name, _thousands(row["function"]), _thousands(row["gradient"]), *sizes]
            + ["–" if own is None else f"{1000 * own:.2f}"]
            + [_times(_ratio(found.get(peer))) for peer in peers]
            + [_times(_ratio(found.get("SymPy"), ours, "diff")) for ours in _GRAPHS]
            + [
                f"{row['calls']['graph']} / {row['calls']['compact']}",
                f"{row['bytes']['graph']} / {row['bytes']['compact']}",
            ]
        )
    means = [_times(geometric_mean(_ratios(results, peer))) for peer in peers]
    means += [_times(geometric_mean(_ratios(results, "SymPy", ours, "diff"))) for ours in _GRAPHS]
    lines.append(["geometric mean", "", "", *("" for _ in counted), "", *means, "", ""])
    return _aligned(lines)


def _rows(results: Results) -> Iterable[Mapping[str, Any]]:
    rows: Mapping[str, Mapping[str, Any]] = results["rows"]
    return rows.values()


def _aligned(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0]), *(part.rjust(width) for part, width in zip(line[1:], widths[1:], strict=True))]
        )
        for line in lines
    )


# The README


def _smallest(row: Mapping[str, Any]) -> tuple[int, str] | None:
    """The fewest operations of any peer's gradient, and whose they are."""
    sizes = [(found["gradient"], peer) for peer, found in row["peers"].items() if found and "gradient" in found]
    return min(sizes, default=None)


def section(results: Results) -> str:
    """What the README shows: sizes and times, the rows where a peer is better included."""
    peers: list[str] = results["peers"]
    lines = [
        "| workload | f | gradient | smallest peer | "
        + " | ".join(f"{peer} takes" for peer in peers)
        + " | `diff` against the graph | against the first one |",
        "|---|--:|--:|--:|" + "--:|" * (len(peers) + 2),
    ]
    for name, row in results["rows"].items():
        best, found = _smallest(row), row["peers"]
        theirs = "–" if best is None else f"{_thousands(best[0])} ({best[1]})"
        own = _thousands(row["gradient"])
        if best is not None:
            theirs, own = (f"**{theirs}**", own) if best[0] < row["gradient"] else (theirs, own)
        ratios = [_bold_below_one(_ratio(found.get(peer))) for peer in peers]
        ratios += [_bold_below_one(_ratio(found.get("SymPy"), ours, "diff")) for ours in _GRAPHS]
        lines.append(f"| {name} | {_thousands(row['function'])} | {own} | {theirs} | " + " | ".join(ratios) + " |")
    means = [_times(geometric_mean(_ratios(results, peer))) for peer in peers]
    means += [_times(geometric_mean(_ratios(results, "SymPy", ours, "diff"))) for ours in _GRAPHS]
    lines.append("| geometric mean | | | | " + " | ".join(means) + " |")
    large = results.get("large")
    words = (
        "\n".join(lines)
        + "\n\nOperations are counted in the gradient as a shared graph (a sum of k terms is k − 1, minus is free). "
        "“takes” is the peer's time to build the function and differentiate it, as a multiple of ours for the same "
        "(`symgraph.calculus.quantities`, one sweep), medians of runs by turns in one process; torch computes numbers, "
        "not formulas. “`diff` against the graph” is `sympy.diff` alone as a multiple of Program to graph, local "
        "derivatives on every edge and both sweeps. Against SymPy, its caches are emptied before every run, of ours as "
        "of its own; what the graph's way remembers by itself are patterns (the local derivatives of a formula, "
        "whatever its names are) and one Symbol for a name. In the last column these are forgotten before every run, "
        "too. Bold: a peer is better. –: not installed, or not done in "
        f"{results['deadline']} seconds. Versions: {results['versions']}."
    )
    if large:
        words += (
            f"\n\nA function of {large['inputs']:,} inputs and {large['function']:,} operations: built and "
            f"differentiated in {large['seconds']:.1f} s, {large['gradient']:,} operations, "
            f"{large['megabytes']:,} MB in all."
        )
    return words


def _bold_below_one(ratio: float | None) -> str:
    return f"**{_times(ratio)}**" if ratio is not None and ratio < 1 else _times(ratio)


def update(readme: Path, results: Results, picture: str) -> None:
    """Put the section between the README's two markers."""
    text = readme.read_text(encoding="utf-8")
    body = f"{_BEGIN}\n{section(results)}\n\n![How many times longer each library takes]({picture})\n{_END}"
    replaced, found = re.subn(re.escape(_BEGIN) + ".*?" + re.escape(_END), lambda _: body, text, flags=re.S)
    if not found:
        raise ValueError(f"{readme} has no line {_BEGIN}")
    readme.write_text(replaced, encoding="utf-8")


# The chart


def chart(results: Results) -> str:
    """Each library's time as a multiple of ours, a line for each workload, on a logarithmic scale: an SVG."""
    rows: Mapping[str, Mapping[str, Any]] = results["rows"]
    points = [
        (line, peer, ratio)
        for line, row in enumerate(rows.values())
        for peer in results["peers"]
        if (ratio := _ratio(row["peers"].get(peer))) is not None
    ]
    lowest = min([0.1, *(ratio for *_, ratio in points)])
    highest = max([10.0, *(ratio for *_, ratio in points)])
    left, width, step, top = 130, 560, 22, 46

    def across(ratio: float) -> float:
        return left + width * log10(ratio / lowest) / log10(highest / lowest)

    bottom = top + step * len(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 30} {bottom + 40}" '
        'font-family="sans-serif" font-size="12" role="img">',
        "<title>How many times longer each library takes to build and differentiate</title>",
        f'<rect width="{left + width + 30}" height="{bottom + 40}" fill="#ffffff"/>',
    ]
    for place, peer in enumerate(results["peers"]):
        x = left + 95 * place
        parts.append(f'<circle cx="{x}" cy="18" r="5" fill="{_COLOURS[peer]}"/>')
        parts.append(f'<text x="{x + 9}" y="22" fill="#222222">{escape(peer)}</text>')
    for power in range(round(log10(lowest) - 0.5), round(log10(highest) + 0.5) + 1):
        if lowest <= 10.0**power <= highest:
            x = round(across(10.0**power), 1)
            heavy = 1.6 if power == 0 else 0.6
            parts.append(f'<path d="M{x} {top - 8}V{bottom}" stroke="#888888" stroke-width="{heavy}"/>')
            label = "same" if power == 0 else f"{10.0**power:g}×"
            parts.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle" fill="#222222">{label}</text>')
    for line, name in enumerate(rows):
        parts.append(
            f'<text x="{left - 12}" y="{top + step * line + 8}" text-anchor="end" fill="#222222">{escape(name)}</text>'
        )
    for line, peer, ratio in points:
        x, y = round(across(ratio), 1), top + step * line + 4
        parts.append(f'<circle cx="{x}" cy="{y}" r="5" fill="{_COLOURS[peer]}" fill-opacity="0.85"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
