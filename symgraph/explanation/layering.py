"""Which row each node and label of a picture stands in, and in which order.

Why our own: a layout that pip can install alone, that keeps labels apart, fans parallel edges out, respects sizes
and gives the same bytes under every hash seed was not to be had. The method is Sugiyama's:

1. ranks: a node stands above all its tails; between two ranks lies a row for labels, so that **a label is placed
   like a node**, and an edge that passes a row keeps a lane free in it. Labels cannot meet, by construction.
2. order: barycentres and swaps of neighbours, ties kept as they were; inputs stay in the caller's order unless
   another order has fewer crossings.
3. stagger: a row wider than the column becomes two or more, its members in turn; an edge takes a lane past the
   rows it does not stand in.
4. `placing` then finds how far across each stands.

Here "across" is the direction of a row and "flow" that of the edges; the caller turns the picture. No recursion,
nothing random.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from symgraph.errors import TooLargeToShow

__all__ = ["Extent", "Link", "Row", "Slot", "breadth", "clearance", "layer", "width"]

MOST_SLOTS = 60_000  # lanes grow with edges × rows: beyond this no reader could follow, and memory would go


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a thing reaches from its point to the left and right across, and how deep it is along the flow."""

    left: float
    right: float
    depth: float


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between two nodes, given by their positions in the list of nodes."""

    tail: int
    head: int
    label: Extent | None = None
    lane: float = 3.0  # half the room that the edge alone needs


@dataclass(slots=True, eq=False)
class Slot:
    """A place in a row: a node, a label, or the lane in which an edge passes."""

    extent: Extent
    lane: Extent  # what its edge takes up where it only passes
    node: int = -1
    link: int = -1
    below: list[Slot] = field(default_factory=list, repr=False)
    above: list[Slot] = field(default_factory=list, repr=False)
    row: int = 0
    place: int = 0
    across: float = 0.0

    @property
    def is_node(self) -> bool:
        return self.node >= 0

    @property
    def is_lane(self) -> bool:
        return self.node < 0 and self.extent.depth == 0


Row = list[Slot]
_LANE = Extent(3.0, 3.0, 0.0)
_GAP = 14.0
_CALM = 400.0  # up to this width a label stands in the middle of its edge, whatever that costs


def layer(
    nodes: Sequence[Extent], links: Sequence[Link], column: float, *, tight: bool = False
) -> tuple[list[Row], list[list[Slot]]]:
    """The rows from the inputs on, in order, and for each link the slots that it passes.

    Inputs stand in the first row; if `tight`, each just below its first use.

    Raises:
        ValueError: the links form a cycle.
        TooLargeToShow: they would need too many lanes.

    >>> rows, chains = layer([Extent(9, 9, 9)] * 2, [Link(0, 1, Extent(5, 5, 5))] * 2, 700)
    >>> [[slot.node for slot in row] for row in rows], [len(chain) for chain in chains]
    ([[0], [-1, -1], [1]], [1, 1])
    """
    rows = _rows(nodes, links, _ranks(len(nodes), links, tight=tight))
    _order(rows)
    rows = _stagger(rows, column)
    _number(rows)
    return rows, _chains(rows, len(links))


def clearance(left: Slot, right: Slot) -> float:
    """The empty space kept between two neighbours in a row."""
    if left.is_node and right.is_node:
        return 26.0
    if left.is_lane and right.is_lane:
        return 10.0
    return _GAP


def breadth(row: Row) -> float:
    """The least room that a row takes, from its first slot's left edge to its last one's right edge."""
    return sum(slot.extent.left + slot.extent.right for slot in row) + sum(
        clearance(row[k], row[k + 1]) for k in range(len(row) - 1)
    )


def width(rows: Sequence[Row]) -> float:
    """How far across the rows of a picture reach together."""
    slots = [slot for row in rows for slot in row]
    if not slots:
        return 0.0
    return max(s.across + s.extent.right for s in slots) - min(s.across - s.extent.left for s in slots)


# ── ranks ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ranks(count: int, links: Sequence[Link], *, tight: bool) -> list[int]:
    """Longest path from the inputs, then each node with more heads than tails moved up to its lowest head."""
    tails: list[list[int]] = [[] for _ in range(count)]
    heads: list[list[int]] = [[] for _ in range(count)]
    for link in links:
        tails[link.head].append(link.tail)
        heads[link.tail].append(link.head)
    waiting = [len(each) for each in tails]
    order = [node for node in range(count) if not waiting[node]]
    ranks = [0] * count
    for node in order:  # grows while it is read
        for head in heads[node]:
            ranks[head] = max(ranks[head], ranks[node] + 1)
            waiting[head] -= 1
            if not waiting[head]:
                order.append(head)
    if len(order) < count:
        raise ValueError("a picture's edges must not form a cycle")
    for node in reversed(order):
        gain = len(heads[node]) - len(tails[node])
        if heads[node] and (tight or tails[node]) and (gain > 0 or (tight and gain == 0)):
            ranks[node] = min(ranks[head] for head in heads[node]) - 1
    lowest = min(ranks, default=0)
    return [rank - lowest for rank in ranks]


def _rows(nodes: Sequence[Extent], links: Sequence[Link], ranks: Sequence[int]) -> list[Row]:
    """Even rows hold nodes, odd rows labels; a long edge's label stands in the emptiest row that it passes."""
    count = 2 * max(ranks, default=0) + 1
    slots = sum(2 * (ranks[link.head] - ranks[link.tail]) - 1 for link in links)
    if slots > MOST_SLOTS:
        raise TooLargeToShow(f"a picture of {len(nodes)} nodes would need {slots} places for its edges; fold it first")
    rows: list[Row] = [[] for _ in range(count)]
    made = [Slot(extent, _LANE, node=node) for node, extent in enumerate(nodes)]
    for node, slot in enumerate(made):
        rows[2 * ranks[node]].append(slot)
    homes = _homes(rows, links, ranks)
    for index, link in enumerate(links):
        under = made[link.tail]
        for row in range(2 * ranks[link.tail] + 1, 2 * ranks[link.head]):
            bare = Extent(link.lane, link.lane, 0.0)
            slot = Slot(link.label if link.label and row == homes[index] else bare, bare, link=index)
            rows[row].append(slot)
            _join(under, slot)
            under = slot
        _join(under, made[link.head])
    return rows


def _homes(rows: Sequence[Row], links: Sequence[Link], ranks: Sequence[int]) -> list[int]:
    """The row of each link's label: in the middle of the edge, unless another row would widen the picture less."""
    loads = [breadth(row) for row in rows]
    widest = max(_CALM, *loads)
    homes = [0] * len(links)
    for index in sorted(range(len(links)), key=lambda k: ranks[links[k].head] - ranks[links[k].tail]):
        link = links[index]
        first, last = 2 * ranks[link.tail] + 1, 2 * ranks[link.head] - 1
        need = link.label.left + link.label.right + _GAP if link.label else 2 * link.lane + _GAP
        middle = (first + last) / 2
        costs = [(max(0.0, loads[row] + need - widest), abs(row - middle), row) for row in range(first, last + 1)]
        home = min(costs)[2]
        homes[index] = home
        for row in range(first, last + 1):
            loads[row] += need if row == home else 2 * link.lane + _GAP
        widest = max(widest, *loads[first : last + 1])
    return homes


def _join(under: Slot, over: Slot) -> None:
    under.above.append(over)
    over.below.append(under)


def _chains(rows: Sequence[Row], count: int) -> list[list[Slot]]:
    chains: list[list[Slot]] = [[] for _ in range(count)]
    for row in rows:
        for slot in row:
            if slot.link >= 0:
                chains[slot.link].append(slot)
    return chains


# ── order ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _order(rows: list[Row]) -> None:
    """Order every row for few crossings: with the first row as given, and freely only if that crosses less."""
    size = sum(map(len, rows))
    rounds = max(2, min(12, 30_000 // (size + 1)))
    _sort_by(rows[1:], below=True, start=rows[0])
    best_count, best = _search(rows, rounds, first_fixed=True)
    if best_count:
        for start in (best, _as_tree(rows)):
            _restore(rows, start)
            if start is not best:
                _sort_by(rows[1:], below=True, start=rows[0])
            count, found = _search(rows, rounds, first_fixed=False)
            if count < best_count:
                best_count, best = count, found
    _restore(rows, best)


def _search(rows: list[Row], rounds: int, *, first_fixed: bool) -> tuple[int, list[Row]]:
    best_count, best, stale = _crossings(rows), [row[:] for row in rows], 0
    for _ in range(rounds):
        if not best_count or stale > 2:
            break
        _sort_by(rows[-2::-1] if not first_fixed else rows[-2:0:-1], below=False, start=rows[-1])
        _sort_by(rows[1:], below=True, start=rows[0])
        _swap(rows[1:] if first_fixed else rows)
        count = _crossings(rows)
        stale = 0 if count < best_count else stale + 1
        if count < best_count:
            best_count, best = count, [row[:] for row in rows]
    return best_count, best


def _restore(rows: list[Row], order: Sequence[Row]) -> None:
    rows[:] = [list(row) for row in order]
    _number(rows)


def _renumber(row: Row) -> None:
    for place, slot in enumerate(row):
        slot.place = place


def _number(rows: Sequence[Row]) -> None:
    for number, row in enumerate(rows):
        _renumber(row)
        for slot in row:
            slot.row = number


def _sort_by(rows: Sequence[Row], *, below: bool, start: Row) -> None:
    """Sort each row by the mean place of its neighbours in the row before; a slot without any keeps its place."""
    for row in (start, *rows):
        _renumber(row)
    for row in rows:
        keys = {}
        for slot in row:
            near = slot.below if below else slot.above
            keys[slot] = sum(other.place for other in near) / len(near) if near else float(slot.place)
        row.sort(key=keys.__getitem__)
        _renumber(row)


def _as_tree(rows: Sequence[Row]) -> list[Row]:
    """The rows in the order of a walk down from the outputs, arguments from left to right."""
    seen: dict[Slot, int] = {}
    stack = [slot for row in rows for slot in row if not slot.above][::-1]
    while stack:
        slot = stack.pop()
        if slot not in seen:
            seen[slot] = len(seen)
            stack.extend(reversed(slot.below))
    return [sorted(row, key=seen.__getitem__) for row in rows]


def _crossings(rows: Sequence[Row]) -> int:
    """How many pairs of segments cross between neighbouring rows (places must be numbered)."""
    total = 0
    for row in rows:
        ends: list[int] = []
        for slot in row:
            here = sorted(other.place for other in slot.above)
            for end in here:
                total += len(ends) - bisect_left(ends, end + 1)
            for end in here:
                insort(ends, end)
    return total


def _swap(rows: Sequence[Row]) -> None:
    """Exchange neighbours in a row while that removes crossings."""
    for row in rows:
        if len(row) > 400:  # quadratic in a row: for rows that fit no page the barycentres must do
            continue
        for _ in range(len(row)):
            changed = False
            for k in range(len(row) - 1):
                left, right = row[k], row[k + 1]
                now = _pair(left.below, right.below) + _pair(left.above, right.above)
                then = _pair(right.below, left.below) + _pair(right.above, left.above)
                if then < now:
                    row[k], row[k + 1] = right, left
                    right.place, left.place = k, k + 1
                    changed = True
            if not changed:
                break


def _pair(left: Sequence[Slot], right: Sequence[Slot]) -> int:
    """How many of their segments cross when one stands left of the other."""
    count = 0
    for one in left:
        for other in right:
            if one.place > other.place:
                count += 1
    return count


# ── stagger ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _stagger(rows: Sequence[Row], column: float) -> list[Row]:
    """Break every row that is wider than the column into as many as make it fit, at most four."""
    done: list[Row] = []
    for row in rows:
        parts = 1
        if breadth(row) > column:
            widths = [max(breadth(part) for part in _dealt(row, parts)) for parts in range(1, 5)]
            fitting = [parts for parts in range(1, 5) if widths[parts - 1] <= column]
            parts = fitting[0] if fitting else 1 + widths.index(min(widths))
        done.extend(_split(row, parts) if parts > 1 else [row])
    return done


def _dealt(row: Row, parts: int) -> Iterator[list[Slot]]:
    """What each part would hold, lanes included; for measuring only."""
    things = [slot for slot in row if not slot.is_lane]
    turn = {slot: index % parts for index, slot in enumerate(things)}
    for part in range(parts):
        held: list[Slot] = []
        for slot in row:
            if slot not in turn or turn[slot] == part:
                held.append(slot)
            else:
                lanes = 1 if not slot.is_node else len(slot.below) if part < turn[slot] else len(slot.above)
                held.extend(Slot(slot.lane, slot.lane, link=0) for _ in range(lanes))
        yield held


def _split(row: Row, parts: int) -> list[Row]:
    """Deal the nodes or labels of a row to several rows in turn; every edge passes the others in a lane of its own."""
    split: list[Row] = [[] for _ in range(parts)]
    index = 0
    for slot in row:
        home = 0 if slot.is_lane else index % parts
        index += not slot.is_lane
        split[home].append(slot)
        for part in range(home):
            split[part].extend(_pass(slot, below=True))
        for part in range(parts - 1, home, -1):
            split[part].extend(_pass(slot, below=False))
    for row in split:
        _renumber(row)
    return split


def _pass(slot: Slot, *, below: bool) -> list[Slot]:
    """Put a lane on every edge between a slot and its neighbours below or above, next to the slot."""
    lanes = []
    for near in sorted(slot.below if below else slot.above, key=lambda other: other.place):
        edge = near if slot.is_node else slot
        lane = Slot(edge.lane, edge.lane, link=edge.link, place=near.place)
        if below:
            near.above[near.above.index(slot)] = lane
            slot.below[slot.below.index(near)] = lane
            lane.below, lane.above = [near], [slot]
        else:
            near.below[near.below.index(slot)] = lane
            slot.above[slot.above.index(near)] = lane
            lane.below, lane.above = [slot], [near]
        lanes.append(lane)
    return lanes
