"""How each edge runs from its tail to its head: a straight arrow where there is room, else a smooth curve.

Coordinates are those of `layering`: `across` a row, and the `flow` from inputs to outputs. An edge's course is a
list of knots (across, flow, slope), read as a cubic Hermite spline of across over flow: smooth, never turning back.

Why the curves cannot touch a foreign label or node: every row is a band of the flow in which each edge has a
place of its own. A straight arrow is tried first, then a spline through the places (monotone between knots, so no
overshoot); where sampling finds either too near to something foreign, the edge goes straight along the flow through
that band, inside its own place. Between the bands there is nothing to touch.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt

from symgraph.explanation.layering import Row, Slot
from symgraph.explanation.placing import spread

__all__ = ["ARROW", "Band", "Knot", "Wire", "bands", "route"]

Band = tuple[float, float]
Knot = tuple[float, float, float]

ARROW = 12.0  # length of an arrowhead; its base is as wide
_ENTER, _LEAVE = 16.0, 9.0  # least distance between two edges that enter, or leave, one node
_PORTS = 0.8  # of an ellipse's half width may carry ports
_AIR = 8.0  # between neighbours in a row, at least
_PLAY = 0.3  # of a label's half width it may stand beside its arrow's line
_DIP = -2.0  # how far it may dip into its own ends
_CLEAR = 4.0  # from the middle of an edge to anything foreign


@dataclass(slots=True, eq=False)
class Wire:
    """An edge while it is being routed; `leave` and `arrive` are its ports, measured from the nodes' centres."""

    tail: Slot
    head: Slot
    chain: list[Slot]
    clear: float = _CLEAR
    leave: float = 0.0
    arrive: float = 0.0
    straight: bool = False
    held: set[int] = field(default_factory=set)  # rows in which it must pass its own place
    square: set[int] = field(default_factory=set)  # rows through which it must run straight along the flow
    knots: list[Knot] = field(default_factory=list)


def bands(rows: Sequence[Row]) -> list[Band]:
    """From where to where along the flow each row reaches: the flatter the edges between, the further apart."""
    done: list[Band] = []
    low = 0.0
    for number, row in enumerate(rows):
        depth = max((slot.extent.depth for slot in row), default=0.0)
        done.append((low, low + depth))
        if number + 1 < len(rows):
            low += depth + _gap(row, rows[number + 1])
    return done


def _gap(row: Row, following: Row) -> float:
    flat = max((abs(slot.across - over.across) for slot in row for over in slot.above), default=0.0)
    below = 0 if any(slot.is_node for slot in row) else 1 if any(slot.extent.depth for slot in row) else 2
    above = 0 if any(slot.is_node for slot in following) else 1 if any(slot.extent.depth for slot in following) else 2
    base = ((26.0, 20.0, 22.0), (30.0, 12.0, 8.0), (28.0, 8.0, 8.0))[below][above]
    return base + min(44.0, (0.2 if 0 in (below, above) else 0.4) * max(0.0, flat - 20.0))


def route(rows: Sequence[Row], spans: Sequence[Band], wires: Sequence[Wire]) -> None:
    """Give every wire its ports and knots; moves labels onto straight arrows where that is possible.

    Longer edges go first, because they gain most from being straight.
    """
    order = sorted(range(len(wires)), key=lambda k: -len(wires[k].chain))
    for _ in range(3):
        _dock(wires, spans)
        for k in order:
            wires[k].straight = _pull(rows, spans, wires[k])
    for wire in wires:
        _bend(rows, spans, wire)


# ── ports ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _dock(wires: Sequence[Wire], spans: Sequence[Band]) -> None:
    """Choose where edges leave and enter: as if aimed at the centre, but apart from each other."""
    leaving: dict[Slot, list[Wire]] = {}
    entering: dict[Slot, list[Wire]] = {}
    for wire in wires:
        leaving.setdefault(wire.tail, []).append(wire)
        entering.setdefault(wire.head, []).append(wire)
    for node, some in leaving.items():
        some.sort(key=lambda wire: wire.chain[0].place)
        aims = [_aim(node, wire.head if wire.straight else wire.chain[0], spans) for wire in some]
        for wire, port in zip(some, _apart(aims, _LEAVE, node), strict=True):
            wire.leave = port
    for node, some in entering.items():
        some.sort(key=lambda wire: wire.chain[-1].place)
        aims = [_aim(node, wire.tail if wire.straight else wire.chain[-1], spans) for wire in some]
        for wire, port in zip(some, _apart(aims, _ENTER, node), strict=True):
            wire.arrive = port


def _aim(node: Slot, other: Slot, spans: Sequence[Band]) -> float:
    """Where the line from the centre of a node to another slot's leaves its ellipse."""
    across = other.across - node.across
    flow = sum(spans[other.row]) / 2 - sum(spans[node.row]) / 2
    width, depth = node.extent.right, node.extent.depth / 2
    return across / sqrt((across / width) ** 2 + (flow / depth) ** 2)


def _apart(aims: Sequence[float], distance: float, node: Slot) -> list[float]:
    """Ports near the aims, kept from each other and from where an arrow would only graze the ellipse."""
    width, depth = node.extent.right, node.extent.depth / 2
    graze = 1.7 * width / depth
    need = distance * (len(aims) - 1) / 2
    most = min(_PORTS * width, max(width * graze / sqrt(1 + graze * graze), need))
    step = min(distance, 2 * most / max(1, len(aims) - 1))
    ports = spread(aims, [1.0] * len(aims), [step] * (len(aims) - 1))
    last = most - step * (len(aims) - 1)
    return [min(max(port - step * k, -most), last) + step * k for k, port in enumerate(ports)]


def _rim(node: Slot, port: float, spans: Sequence[Band], *, out: bool) -> float:
    """How far along the flow the ellipse of a node reaches at a port."""
    middle, depth = sum(spans[node.row]) / 2, node.extent.depth / 2
    reach = depth * sqrt(max(0.0, 1 - (port / node.extent.right) ** 2))
    return middle + reach if out else middle - reach


def _ends(wire: Wire, spans: Sequence[Band]) -> tuple[float, float, float, float]:
    return (
        wire.tail.across + wire.leave,
        _rim(wire.tail, wire.leave, spans, out=True),
        wire.head.across + wire.arrive,
        _rim(wire.head, wire.arrive, spans, out=False),
    )


# ── straight arrows ───────────────────────────────────────────────────────────────────────────────────────────────────


def _pull(rows: Sequence[Row], spans: Sequence[Band], wire: Wire) -> bool:
    """Move all of a wire's slots onto the line from port to port, if its neighbours in every row leave the room.

    A label may stand a little beside its middle on the line.
    """
    x0, t0, x1, t1 = _ends(wire, spans)
    slope = (x1 - x0) / (t1 - t0)
    moved = []
    for slot in wire.chain:
        low, high = spans[slot.row]
        line = x0 + slope * ((low + high) / 2 - t0)
        sweep = abs(slope) * (high - low) / 2 + 2
        left, right = _between(rows[slot.row], slot)
        if line - sweep < left or line + sweep > right:
            return False
        play = 0.0
        if slot.extent.left != slot.extent.right:
            if sweep > 6.0:
                return False  # the letter beside the dot would stand on the line
        elif not slot.is_lane:
            play = _PLAY * slot.extent.left
        place = max(left + slot.extent.left, min(line, right - slot.extent.right))
        if abs(place - line) > play or place + slot.extent.right > right:
            return False
        moved.append((slot, place))
    for slot, place in moved:
        slot.across = place
    return True


def _between(row: Row, slot: Slot) -> tuple[float, float]:
    """The free space around a slot."""
    left, right = float("-inf"), float("inf")
    if slot.place:
        other = row[slot.place - 1]
        left = other.across + other.extent.right + _AIR
    if slot.place + 1 < len(row):
        other = row[slot.place + 1]
        right = other.across - other.extent.left - _AIR
    return left, right


# ── curves ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _bend(rows: Sequence[Row], spans: Sequence[Band], wire: Wire) -> None:
    """Find the wire's knots: give up beauty for room, row by row, where it comes too near to something foreign."""
    x0, t0, x1, t1 = _ends(wire, spans)
    if wire.straight:
        slope = (x1 - x0) / (t1 - t0)
        wire.knots = [(x0, t0, slope), (x1, t1, slope)]
        if not _touched(rows, spans, wire):
            return
    wire.held = {slot.row for slot in wire.chain if not slot.is_lane}
    wire.square = {slot.row for slot in wire.chain if slot.extent.left != slot.extent.right}
    for _ in range(2 * len(wire.chain) + 4):
        wire.knots = _spline(_course(wire, spans))
        touched = _touched(rows, spans, wire) - wire.square
        if touched:
            ends = {wire.tail.row, wire.head.row}
            wire.square |= touched & (wire.held | ends)
            wire.held |= touched
        elif strayed := _strayed(rows, spans, wire) - wire.held:
            wire.held |= strayed
        else:
            return


def _course(wire: Wire, spans: Sequence[Band]) -> list[tuple[float, float, bool]]:
    """The points to pass, and whether straight along the flow there."""
    x0, t0, x1, t1 = _ends(wire, spans)
    points = [(x0, t0, False)]
    if wire.tail.row in wire.square and spans[wire.tail.row][1] > t0:
        points = [(x0, t0, True), (x0, spans[wire.tail.row][1], True)]
    for slot in wire.chain:
        low, high = spans[slot.row]
        if slot.row in wire.square and high > low:
            points += [(slot.across, low, True), (slot.across, high, True)]
        elif slot.row in wire.held:
            points.append((slot.across, (low + high) / 2, slot.row in wire.square))
    if wire.head.row in wire.square and spans[wire.head.row][0] < t1:
        points.append((x1, spans[wire.head.row][0], True))
    return [*points, (x1, t1, wire.head.row in wire.square)]


def _spline(points: Sequence[tuple[float, float, bool]]) -> list[Knot]:
    """Slopes for a monotone cubic spline (Fritsch and Carlson, 1980), 0 where the course is to be straight."""
    steps = [after[1] - before[1] for before, after in pairwise(points)]
    rises = [(b[0] - a[0]) / step for (a, b), step in zip(pairwise(points), steps, strict=True)]
    slopes = []
    for k, (_, _, flat) in enumerate(points):
        if flat:
            slopes.append(0.0)
        elif k in (0, len(points) - 1):
            slopes.append(0.0)  # known once its neighbour's is
        elif rises[k - 1] * rises[k] <= 0:
            slopes.append(0.0)
        else:
            one, two = 2 * steps[k] + steps[k - 1], steps[k] + 2 * steps[k - 1]
            slopes.append((one + two) / (one / rises[k - 1] + two / rises[k]))
    for end, inner, rise in ((0, 1, rises[0]), (len(points) - 1, len(points) - 2, rises[-1])):
        if not points[end][2]:
            low, high = sorted((0.0, 3 * rise))
            slopes[end] = min(max((3 * rise - slopes[inner]) / 2, low), high)
    return [(across, flow, slope) for (across, flow, _), slope in zip(points, slopes, strict=True)]


def _touched(rows: Sequence[Row], spans: Sequence[Band], wire: Wire) -> set[int]:
    """The rows in which the wire comes too near to a foreign node or label, or runs through one of its own ends."""
    found: set[int] = set()
    flows = [flow for _, flow, _ in wire.knots]
    for slot in (wire.tail, *wire.chain, wire.head):
        low, high = spans[slot.row]
        start, stop = max(low - wire.clear, flows[0]), min(high + wire.clear, flows[-1])
        places = [_at(wire.knots, start), _at(wire.knots, stop)]  # the spline is monotone between knots
        inner = slice(bisect_right(flows, start), bisect_right(flows, stop))
        places += [across for across, _, _ in wire.knots[inner]]
        near = [(other, wire.clear) for other in _near(rows[slot.row], slot, min(places), max(places), wire.clear)]
        if slot.is_node:
            near.append((slot, _DIP))
        if near:
            steps = max(4, int((stop - start + max(places) - min(places)) / 3))
            course = [start + (stop - start) * k / steps for k in range(steps + 1)]
            points = [(_at(wire.knots, flow), flow) for flow in course]
            if any(_inside(other, *point, spans, clear) for other, clear in near for point in points):
                found.add(slot.row)
    return found


def _near(row: Row, slot: Slot, low: float, high: float, clear: float) -> list[Slot]:
    """The foreign nodes and labels in a row that reach into a stretch of it."""
    found = []
    for k in range(slot.place - 1, -1, -1):
        if row[k].across + row[k].extent.right + clear < low:
            break
        if not row[k].is_lane:
            found.append(row[k])
    for k in range(slot.place + 1, len(row)):
        if row[k].across - row[k].extent.left - clear > high:
            break
        if not row[k].is_lane:
            found.append(row[k])
    return found


def _strayed(rows: Sequence[Row], spans: Sequence[Band], wire: Wire) -> set[int]:
    """The rows in which the wire would pass on the wrong side of a neighbour, an edge's lane included."""
    found = set()
    for slot in wire.chain:
        across, row = _at(wire.knots, sum(spans[slot.row]) / 2), rows[slot.row]
        low = row[slot.place - 1].across + 6 if slot.place else across
        high = row[slot.place + 1].across - 6 if slot.place + 1 < len(row) else across
        if not low <= across <= high:
            found.add(slot.row)
    return found


def _at(knots: Sequence[Knot], flow: float) -> float:
    k = min(max(bisect_right(knots, flow, key=lambda knot: knot[1]), 1), len(knots) - 1)
    return _hermite(knots[k - 1], knots[k], (flow - knots[k - 1][1]) / (knots[k][1] - knots[k - 1][1]))


def _hermite(one: Knot, two: Knot, u: float) -> float:
    (x0, t0, m0), (x1, t1, m1) = one, two
    v, length = 1 - u, t1 - t0
    return x0 * v * v * (1 + 2 * u) + m0 * length * u * v * v + x1 * u * u * (1 + 2 * v) - m1 * length * u * u * v


def _inside(slot: Slot, across: float, flow: float, spans: Sequence[Band], clear: float) -> bool:
    over = flow - sum(spans[slot.row]) / 2
    if slot.is_node:
        width, depth = slot.extent.right + clear, slot.extent.depth / 2 + clear
        return ((across - slot.across) / width) ** 2 + (over / depth) ** 2 < 1
    return (
        abs(over) < slot.extent.depth / 2 + clear
        and slot.across - slot.extent.left - clear < across < slot.across + slot.extent.right + clear
    )
