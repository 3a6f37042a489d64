"""Counts that must not grow: operations of the workloads' gradients, and Python calls on the way to them.

`golden/counts.json` holds what they are; `smallest_peer` is the smallest gradient that CasADi, symengine, SymPy or
SymPy + cse made of the same function, counted by `python -m benchmarks` and frozen. A count that shrinks is written
into the file by hand: then it cannot grow again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.measure import calls, derived
from benchmarks.report import chart, section, table, update
from benchmarks.workloads import ROWS, SMALL

GOLDEN: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "golden" / "counts.json").read_text("utf-8"))


def test_every_row_is_frozen() -> None:
    assert list(GOLDEN) == list(ROWS)
    assert len(GOLDEN) == 19


@pytest.mark.parametrize("name", GOLDEN)
def test_operations_do_not_grow(name: str) -> None:
    row, frozen = ROWS[name], GOLDEN[name]
    sweep, best = derived(row), derived(row, thorough=True)
    assert best.own == frozen["function"]
    assert sweep.operations <= frozen["sweep"]
    assert best.operations <= frozen["gradient"]


def test_no_library_makes_smaller_gradients() -> None:
    assert [name for name, frozen in GOLDEN.items() if frozen["gradient"] > frozen["smallest_peer"]] == []


@pytest.mark.parametrize("name", [name for name in SMALL if "calls" in GOLDEN[name]])
def test_python_calls_do_not_grow(name: str) -> None:
    """Calls for one sweep; other versions of Python may make a few more."""
    assert calls(lambda: derived(ROWS[name])) <= 1.05 * GOLDEN[name]["calls"]


@pytest.mark.parametrize("workload", ["chain", "Speelpenning", "Rosenbrock", "Ackley", "Chebyshev"])
def test_the_cost_of_an_operation_does_not_grow_with_their_number(workload: str) -> None:
    from benchmarks.workloads import WORKLOADS, Row

    cost = []
    for size in (50, 100, 500, 1000):
        row = Row(WORKLOADS[workload], size)
        cost.append((calls(lambda row=row: derived(row)), derived(row).operations))  # type: ignore[misc] # bound now
    slopes = [(more - few) / (larger - smaller) for (few, smaller), (more, larger) in (cost[:2], cost[2:])]
    assert slopes[1] <= 1.05 * slopes[0]


RESULTS = {
    "rows": {
        "chain 10": {
            "function": 30,
            "gradient": 77,
            "sweep": 86,
            "edges": 50,
            "calls": {"graph": 100.0, "compact": 9.0},
            "bytes": {"graph": 900, "compact": 250},
            "peers": {
                "CasADi": {"ours": 0.001, "theirs": 0.0005, "function": 30, "gradient": 70},
                "torch": {"ours": 0.001, "theirs": 0.004},
                "SymPy": {"ours": 0.001, "theirs": 0.1, "graph": 0.002, "first": 0.01, "diff": 0.2, "gradient": 86},
            },
        },
        "chain 100": {
            "function": 300,
            "gradient": 797,
            "sweep": 896,
            "edges": 500,
            "calls": {"graph": 100.0, "compact": 9.0},
            "bytes": {"graph": 900, "compact": 250},
            "peers": {"CasADi": {"ours": 0.001, "theirs": 0.002, "gradient": 896}, "torch": None, "SymPy": None},
        },
    },
    "peers": ["CasADi", "torch", "SymPy"],
    "versions": "Python 3",
    "deadline": 20,
    "large": {"inputs": 12_600, "function": 100_791, "gradient": 176_384, "seconds": 3.0, "megabytes": 160},
}


def test_a_row_is_measured_against_a_peer(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import __main__ as command
    from benchmarks.peers import Sympy, SympyCse

    monkeypatch.setattr(command, "PEERS", (Sympy, SympyCse))
    monkeypatch.setattr("benchmarks.measure._ROUNDS", 1)
    results = command.run(["Olah 1"], 60)
    assert results["peers"] == ["SymPy", "SymPy + cse"]
    row = results["rows"]["Olah 1"]
    assert row["gradient"] == 3 and row["edges"] == 5 and row["calls"]["graph"] > row["calls"]["compact"]
    assert row["peers"]["SymPy"]["gradient"] == 4 and row["peers"]["SymPy"]["diff"] > 0
    assert row["peers"]["SymPy"]["first"] > 0
    assert "Olah 1" in table(results) and "| Olah 1 | 3 | 3 | 4 (SymPy) |" in section(results)


def test_a_peer_that_takes_too_long_is_left_out() -> None:
    from benchmarks.measure import compared
    from benchmarks.peers import Sympy

    peer = Sympy()
    peer.load()
    assert compared(ROWS["chain 100"], peer, 0.2) is None


def test_the_table_says_where_a_peer_is_better(tmp_path: Path) -> None:
    words = section(RESULTS)
    assert "| chain 10 | 30 | 77 | **70 (CasADi)** | **0.5×** | 4.0× | 100× | 100× | 20× |" in words
    assert "| chain 100 | 300 | 797 | 896 (CasADi) | 2.0× | – | – | – | – |" in words
    assert "| geometric mean | | | | 1.0× | 4.0× | 100× | 100× | 20× |" in words
    printed = table(RESULTS)
    assert len({len(line.rstrip()) for line in printed.splitlines()[:3]}) == 1
    readme = tmp_path / "README.md"
    readme.write_text(
        "before\n<!-- benchmarks: begin -->\nearlier\n<!-- benchmarks: end -->\nafter\n", encoding="utf-8"
    )
    update(readme, RESULTS, "chart.svg")
    assert readme.read_text("utf-8").startswith("before\n<!-- benchmarks: begin -->\n| workload")
    assert "earlier" not in readme.read_text("utf-8") and readme.read_text("utf-8").endswith("-->\nafter\n")
    readme.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no line"):
        update(readme, RESULTS, "chart.svg")


def test_the_chart_has_a_point_for_every_ratio() -> None:
    from lxml import etree

    picture = etree.fromstring(chart(RESULTS).encode())
    points = picture.findall("{http://www.w3.org/2000/svg}circle")
    assert len(points) == len(RESULTS["peers"]) + 4  # the legend, and four ratios
    _, _, width, height = map(float, picture.get("viewBox").split())
    assert all(0 < float(point.get("cx")) < width and 0 < float(point.get("cy")) < height for point in points)
