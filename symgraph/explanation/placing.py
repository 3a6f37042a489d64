"""How far across each node and label of a picture stands.

Least squares (short edges, few bends) under the distances that neighbours in a row must keep. For one row with the
others held still that is isotonic regression, which is exact and linear; going over the rows again and again is
block descent, and never overlaps anything on the way.
"""

from __future__ import annotations

from collections.abc import Sequence

from symgraph.explanation.layering import Extent, Link, Row, Slot, breadth, clearance, layer, width

__all__ = ["arrange", "spread"]

# What a bend costs against length. Straight edges make a wide picture: less, where it would be wider than the column.
# Twice: for an edge from row to row, and for one that passes several.
_BENDS = ((8.0, 24.0), (1.5, 1.5))


def arrange(nodes: Sequence[Extent], links: Sequence[Link], column: float) -> tuple[list[Row], list[list[Slot]]]:
    """Place every node and label: the rows from the inputs on, and for each link the slots that it passes.

    Inputs stand in one row, unless the widest row is wider than `column` then, and a tenth narrower with each input
    just below its first use. Raises what `layer` raises.

    >>> rows, chains = arrange([Extent(9, 9, 9)] * 2, [Link(0, 1, Extent(5, 5, 5))] * 2, 700)
    >>> [[slot.across for slot in row] for row in rows]
    [[0.0], [-12.0, 12.0], [0.0]]
    """
    rows, chains = layer(nodes, links, column)
    if (widest := max(map(breadth, rows))) > column:
        other = layer(nodes, links, column, tight=True)
        if max(map(breadth, other[0])) < 0.9 * widest:
            rows, chains = other
            widest = max(map(breadth, rows))
    for bend in _BENDS if widest <= column else _BENDS[1:]:
        _place(rows, bend)
        if width(rows) <= column:
            break
    _straighten(rows, chains)
    return rows, chains


def spread(targets: Sequence[float], weights: Sequence[float], distances: Sequence[float]) -> list[float]:
    """The places nearest to the targets (weighted squares) that keep the given distances from one to the next.

    Pool-adjacent-violators, exact and linear. `distances` has one entry fewer than `targets`.

    >>> spread([0.0, 0.0, 9.0], [1.0, 1.0, 1.0], [4.0, 4.0])
    [-2.0, 2.0, 9.0]
    """
    if len(targets) == 1:
        return [targets[0] + 0.0]
    offsets = [0.0]
    for distance in distances:
        offsets.append(offsets[-1] + distance)
    means: list[float] = []
    masses: list[float] = []
    counts: list[int] = []
    for target, weight, offset in zip(targets, weights, offsets, strict=False):
        mean, mass, count = target - offset, weight, 1
        while means and means[-1] > mean:
            other = masses.pop()
            mean = (means.pop() * other + mean * mass) / (other + mass)
            mass += other
            count += counts.pop()
        means.append(mean)
        masses.append(mass)
        counts.append(count)
    pooled = [mean for mean, count in zip(means, counts, strict=True) for _ in range(count)]
    return [value + offset for value, offset in zip(pooled, offsets, strict=False)]


def _place(rows: Sequence[Row], bend: tuple[float, float]) -> None:
    """Find the places across: block descent, one row at a time, each an exact isotonic regression."""
    distances = [
        [row[k].extent.right + clearance(row[k], row[k + 1]) + row[k + 1].extent.left for k in range(len(row) - 1)]
        for row in rows
    ]
    slots = [slot for row in rows for slot in row]
    at = {slot: index for index, slot in enumerate(slots)}
    places = [0.0] * len(slots)
    for row, steps in zip(rows, distances, strict=True):
        start = -sum(steps) / 2
        for slot, step in zip(row, [*steps, 0.0], strict=False):
            places[at[slot]] = start
            start += step
    pulls, masses = _pulls(slots, at, bend)
    sweeps = max(6, min(80, 60_000 // (len(slots) + 1)))
    bounds = [(at[row[0]], at[row[0]] + len(row)) if row else (0, 0) for row in rows]
    for sweep in range(sweeps):
        before = places.copy()
        for number in range(len(rows)) if sweep % 2 else range(len(rows) - 1, -1, -1):
            low, high = bounds[number]
            targets = []
            for k in range(low, high):
                target = 0.0 if pulls[k] else places[k]
                for other, weight in pulls[k]:
                    target += weight * places[other]
                targets.append(target)
            places[low:high] = spread(targets, masses[low:high], distances[number])
        if places == before:
            break
    for slot, place in zip(slots, places, strict=True):
        slot.across = place


def _pulls(
    slots: Sequence[Slot], at: dict[Slot, int], bend: tuple[float, float]
) -> tuple[list[list[tuple[int, float]]], list[float]]:
    """For each slot the others that attract it, with shares of the whole, and the whole: lengths and bends squared."""
    pulls: list[dict[int, float]] = [{} for _ in slots]

    def add(slot: int, other: int, weight: float) -> None:
        pulls[slot][other] = pulls[slot].get(other, 0.0) + weight

    for here, slot in enumerate(slots):
        for over in slot.above:
            weight = 4.0 if slot.is_lane and over.is_lane else 1.0
            add(here, at[over], weight)
            add(at[over], here, weight)
        if slot.link >= 0:
            low, high = at[slot.below[0]], at[slot.above[0]]
            stiff = bend[slot.below[0].link >= 0 or slot.above[0].link >= 0]
            for one, other in ((low, high), (high, low)):
                add(here, one, 2 * stiff)
                add(one, here, 2 * stiff)
                add(one, other, -stiff)
    masses = [sum(pull.values()) or 1.0 for pull in pulls]
    return [[(k, w / mass) for k, w in sorted(pull.items())] for pull, mass in zip(pulls, masses, strict=True)], masses


def _straighten(rows: Sequence[Row], chains: Sequence[Sequence[Slot]]) -> None:
    """Give the slots that a long edge passes one common place, as many of them in a run as have room for it."""
    for chain in chains:
        run: list[Slot] = []
        low, high = float("-inf"), float("inf")
        for slot in [*chain, None]:
            if slot is not None:
                left, right = _room(rows[slot.row], slot)
                if max(low, left) <= min(high, right):
                    run.append(slot)
                    low, high = max(low, left), min(high, right)
                    continue
            if len(run) > 1:
                middle = sum(each.across for each in run) / len(run)
                for each in run:
                    each.across = min(max(middle, low), high)
            if slot is not None:
                run = [slot]
                low, high = _room(rows[slot.row], slot)


def _room(row: Row, slot: Slot) -> tuple[float, float]:
    """From where to where a slot may move between its neighbours."""
    low, high = float("-inf"), float("inf")
    if slot.place > 0:
        other = row[slot.place - 1]
        low = other.across + other.extent.right + clearance(other, slot) + slot.extent.left
    if slot.place < len(row) - 1:
        other = row[slot.place + 1]
        high = other.across - other.extent.left - clearance(slot, other) - slot.extent.right
    return low, high
