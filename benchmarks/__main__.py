"""The whole table, in minutes: `python -m benchmarks`.

Prints it, and writes `results.json` and `chart.svg` beside this file (or into another folder); with `--readme` the
README's section is written, too. What is not installed is left out; `pip install ".[bench]"` brings symengine and
CasADi.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.measure import compared, derived, measured
from benchmarks.peers import PEERS, Peer
from benchmarks.report import chart, table, update
from benchmarks.workloads import ROWS, SMALL, WORKLOADS, Row

__all__ = ["main", "run"]

HERE = Path(__file__).parent
LARGE = Row(WORKLOADS["Rosenbrock"], 12_600)  # 100,000 operations


def run(names: list[str], seconds: float) -> dict[str, Any]:
    """Measure these rows against every peer that is installed."""
    peers = [peer for peer in (make() for make in PEERS) if peer.available()]
    for peer in peers:
        peer.load()
    rows: dict[str, Any] = {}
    slow: set[tuple[str, str]] = set()
    for name in names:
        row = ROWS[name]
        rows[name] = measured(row) | {"peers": {}}
        for peer in peers:
            if peer.name == "SymPy + cse" and ("SymPy", name) in slow:
                continue  # it begins with what took too long
            print(f"\r{name}, {peer.name} …".ljust(50), end="", file=sys.stderr, flush=True)
            found = compared(row, peer, seconds)
            rows[name]["peers"][peer.name] = found
            if found is None:
                slow.add((peer.name, name))
    print("\r".ljust(50), end="\r", file=sys.stderr, flush=True)
    return {
        "rows": rows,
        "peers": [peer.name for peer in peers],
        "versions": _versions(peers),
        "deadline": seconds,
    }


def _versions(peers: list[Peer]) -> str:
    """What was compared, in words."""
    found = [f"Python {platform.python_version()}"]
    for peer in peers:
        if peer.name != "SymPy + cse":
            try:
                found.append(f"{peer.name} {version(peer.module)}")
            except PackageNotFoundError:
                found.append(peer.name)
    return ", ".join(found)


def large() -> dict[str, Any]:
    """100,000 operations with more than 10,000 inputs, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--large"], cwd=HERE.parent, capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _large() -> dict[str, Any]:
    start = time.perf_counter()
    found = derived(LARGE)
    seconds = time.perf_counter() - start
    try:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        megabytes = peak // (1 << 20 if sys.platform == "darwin" else 1 << 10)
    except ImportError:  # not there on Windows
        megabytes = 0
    return {
        "inputs": len(LARGE.names),
        "function": found.own,
        "gradient": found.operations,
        "seconds": seconds,
        "megabytes": megabytes,
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"only these: {', '.join(ROWS)}")
    parser.add_argument("--small", action="store_true", help="leave out the rows that take seconds")
    parser.add_argument("--deadline", type=float, default=20, metavar="SECONDS", help="for one peer and one row")
    parser.add_argument("--output", type=Path, default=HERE, metavar="FOLDER", help="for results.json and chart.svg")
    parser.add_argument("--readme", action="store_true", help="write the README's section, too")
    parser.add_argument("--large", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.large:
        print(json.dumps(_large()))
        return
    unknown = [name for name in chosen.rows if name not in ROWS]
    if unknown:
        parser.error(f"there is no row {unknown[0]}; the rows are {', '.join(ROWS)}")
    results = run(chosen.rows or (SMALL if chosen.small else list(ROWS)), chosen.deadline)
    results["large"] = large()
    print(table(results))
    chosen.output.mkdir(parents=True, exist_ok=True)
    (chosen.output / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (chosen.output / "chart.svg").write_text(chart(results), encoding="utf-8")
    if chosen.readme:
        update(HERE.parent / "README.md", results, "benchmarks/chart.svg")


if __name__ == "__main__":
    main()
