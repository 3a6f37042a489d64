"""Where each node, edge and label of a picture goes: numbers only, no markup and no words.

The caller says what there is and how large each text is, in pixels; `draw` answers with boxes and curves. The page
(SVG), the paper (TikZ) and the picture alone print the same numbers.

>>> small = (40.0, 18.0)
>>> olah = Picture(
...     nodes=tuple(PictureNode(name, (small, small)) for name in "abcde"),
...     edges=tuple(PictureEdge(*ends, 0, small) for ends in ("ac", "bc", "bd", "ce", "de")),
... )
>>> drawing = draw(olah)
>>> by_id = {node.id: node.box for node in drawing.nodes}
>>> by_id["a"].x < by_id["b"].x and by_id["a"].y == by_id["b"].y > by_id["c"].y > by_id["e"].y
True

Two directions: "up", inputs at the bottom and a rounded box on every arrow, and "right", left to right. With
`dots`, a label is a small dot on the edge and the text beside it, for edges that are named by a letter.

A path's letter on an edge gives the edge a strand of its own for that path (side by side where paths share an
edge), and the letter stands in the label's box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import ceil, sqrt
from typing import Literal

from symgraph.explanation.layering import Extent, Link, Slot
from symgraph.explanation.placing import arrange
from symgraph.explanation.routing import ARROW, Band, Knot, Wire, bands, route

__all__ = [
    "Box",
    "Curve",
    "Drawing",
    "EdgeCurve",
    "EdgeLabel",
    "NodeBox",
    "Picture",
    "PictureEdge",
    "PictureNode",
    "Strand",
    "draw",
]

Size = tuple[float, float]
Point = tuple[float, float]

COLUMN = 700.0  # the width that a picture should not exceed
_MARGIN = 6.0
_LINE_GAP = 3.0  # between the lines of a node's text
_PAD = (8.0, 5.0)  # around a label's text
_LETTER = 14.0  # room for a path's letter
_STRAND = 4.4  # from one strand to the next
_MOST_STRANDS = 3  # more side by side are a muddle: then the letters alone say whose edge it is
_DOT = 5.0  # half a dot, with air
_BESIDE = 8.0  # from the middle of a dot to its text


@dataclass(frozen=True, slots=True)
class PictureNode:
    """A node to be drawn: its id and the width and height of each line of its text, in pixels."""

    id: str
    lines: tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class PictureEdge:
    """An edge to be drawn: ids of tail and head, the argument position, the label's size, the letters of its paths."""

    tail: str
    head: str
    key: int = 0
    label: Size | None = None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn. Nodes without tails stand in the given order."""

    nodes: tuple[PictureNode, ...]
    edges: tuple[PictureEdge, ...]
    direction: Literal["up", "right"] = "up"
    dots: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle, in pixels, y downwards; `x` and `y` are its centre."""

    left: float
    top: float
    width: float
    height: float

    @property
    def x(self) -> float:
        return _round(self.left + self.width / 2)

    @property
    def y(self) -> float:
        return _round(self.top + self.height / 2)

    def baseline(self, size: tuple[float, float, float]) -> Point:
        """Where the baseline of a text (width, height, part below the baseline) starts when it stands in the middle."""
        width, height, depth = size
        middle = self.left + self.width / 2, self.top + self.height / 2
        return _round(middle[0] - width / 2), _round(middle[1] + height / 2 - depth)


@dataclass(frozen=True, slots=True)
class Curve:
    """A chain of cubic Bézier pieces, each with two control points and its end; `straight` if it is a line."""

    start: Point
    pieces: tuple[tuple[Point, Point, Point], ...]
    straight: bool = False

    @property
    def end(self) -> Point:
        return self.pieces[-1][2]

    @property
    def svg(self) -> str:
        """As the data of an SVG path."""
        if self.straight:
            return f"M{_at(self.start)}L{_at(self.end)}"
        pieces = [f"C{_at(one)} {_at(two)} {_at(end)}" for one, two, end in self.pieces]
        return f"M{_at(self.start)}{''.join(pieces)}"


def _at(point: Point) -> str:
    return f"{point[0]} {point[1]}"


@dataclass(frozen=True, slots=True)
class Strand:
    """The part of an edge that shows one path."""

    letter: str
    curve: Curve


@dataclass(frozen=True, slots=True)
class NodeBox:
    """The ellipse that fills `box`, a box for each line of text, and the letters of the paths that pass."""

    id: str
    box: Box
    lines: tuple[Box, ...]
    paths: tuple[str, ...]

    @property
    def rx(self) -> float:
        return _round(self.box.width / 2)

    @property
    def ry(self) -> float:
        return _round(self.box.height / 2)


@dataclass(frozen=True, slots=True)
class EdgeLabel:
    """The rounded box on an edge (with dots: the space beside the dot), the text in it, and each path's letter."""

    box: Box
    text: Box | None
    letters: tuple[tuple[str, Point], ...]
    dot: Point | None


@dataclass(frozen=True, slots=True)
class EdgeCurve:
    """An edge: the curve, the same curve for each path (unless too many share it), and the arrowhead's corners."""

    tail: str
    head: str
    key: int
    paths: tuple[str, ...]
    curve: Curve
    strands: tuple[Strand, ...]
    arrow: tuple[Point, ...]
    label: EdgeLabel | None

    @property
    def arrow_svg(self) -> str:
        """The arrowhead as the data of an SVG path."""
        return f"M{'L'.join(map(_at, self.arrow))}Z"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture with every number known; nodes and edges in the caller's order."""

    width: float
    height: float
    direction: str
    dots: bool
    nodes: tuple[NodeBox, ...]
    edges: tuple[EdgeCurve, ...]

    @property
    def least_width(self) -> float:
        """Shown narrower than this, its text is too small to read: then it is to be panned."""
        return _round(0.7 * self.width)


@lru_cache(maxsize=256)  # formulas that differ in their digits are equally large, and the pictures of variants alike
def draw(picture: Picture) -> Drawing:
    """Lay a picture out: deterministic, no label over another, over a node or over another edge.

    Raises ValueError for an edge whose ends are unknown or for a cycle, TooLargeToShow for a picture that
    nobody could read (see `layering.MOST_SLOTS`).
    """
    number = {node.id: k for k, node in enumerate(picture.nodes)}
    unknown = [end for edge in picture.edges for end in (edge.tail, edge.head) if end not in number]
    if unknown or len(number) < len(picture.nodes):
        raise ValueError(f"edges with unknown ends {unknown}" if unknown else "two nodes of a picture have the same id")
    ellipses = _ellipses(picture)
    links = [
        Link(number[edge.tail], number[edge.head], _label_extent(edge, picture), 3.0 + _half_strands(edge))
        for edge in picture.edges
    ]
    order = sorted(range(len(links)), key=lambda k: (links[k].head, picture.edges[k].key, k))
    rows, chains = arrange(
        [_node_extent(size, picture) for size in ellipses], [links[k] for k in order], COLUMN if _up(picture) else 500.0
    )
    spans = bands(rows)
    slots = {slot.node: slot for row in rows for slot in row if slot.is_node}
    chain_of = dict(zip(order, chains, strict=True))
    wires = [
        Wire(slots[link.tail], slots[link.head], chain_of[k], 4.0 + _half_strands(edge))
        for k, (link, edge) in enumerate(zip(links, picture.edges, strict=True))
    ]
    route(rows, spans, wires)
    every = [slot for row in rows for slot in row]
    left = min((slot.across - slot.extent.left for slot in every), default=0.0)
    right = max((slot.across + slot.extent.right for slot in every), default=0.0)
    letters: dict[str, set[str]] = {node.id: set() for node in picture.nodes}
    for edge in picture.edges:
        letters[edge.tail].update(edge.paths)
        letters[edge.head].update(edge.paths)
    canvas = _Canvas(_up(picture), left, right - left, spans[-1][1])
    return Drawing(
        *canvas.size(),
        picture.direction,
        picture.dots,
        tuple(
            _node_box(node, slots[k], ellipses[k], letters[node.id], spans, canvas)
            for k, node in enumerate(picture.nodes)
        ),
        tuple(_edge_curve(edge, wire, spans, canvas, picture) for edge, wire in zip(picture.edges, wires, strict=True)),
    )


def _up(picture: Picture) -> bool:
    return picture.direction == "up"


# ── sizes ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ellipses(picture: Picture) -> list[Size]:
    """Half width and half height of every node's ellipse; alike where they differ little, for calm."""
    least = 42.0 if any(len(node.lines) > 1 for node in picture.nodes) else 27.0
    sizes = [_ellipse(node.lines, least) for node in picture.nodes]
    entering = {node.id: 0 for node in picture.nodes}
    leaving = dict(entering)
    for edge in picture.edges:
        entering[edge.head] += 1
        leaving[edge.tail] += 1
    for k, node in enumerate(picture.nodes):
        ports = 16.0 * max(entering[node.id], leaving[node.id]) / 1.6
        width, height = sizes[k]
        sizes[k] = (max(width, ports), height) if _up(picture) else (width, max(height, ports))
    if sizes:
        for side in (0, 1):
            most = max(size[side] for size in sizes)
            if most <= 1.5 * min(size[side] for size in sizes):
                sizes = [(most, size[1]) if side == 0 else (size[0], most) for size in sizes]
    return sizes


def _ellipse(lines: Sequence[Size], least: float) -> Size:
    """The flattest pleasant ellipse that holds centred lines of text."""
    if not lines:
        return 12.0, 12.0
    heights = [height for _, height in lines]
    half = (sum(heights) + _LINE_GAP * (len(lines) - 1)) / 2
    tops = [half - sum(heights[:k]) - _LINE_GAP * k for k in range(len(lines))]
    corners = [(width / 2, max(abs(top), abs(top - height))) for (width, height), top in zip(lines, tops, strict=True)]
    best = (0.0, 0.0)
    for percent in range(125, 230, 5):
        high = half * percent / 100 + 1
        wide = max(across / sqrt(1 - (up / high) ** 2) for across, up in corners) + 4
        if not best[0] or wide + 1.6 * high < best[0] + 1.6 * best[1]:
            best = (wide, high)
    return max(best[0], least, best[1]), max(best[1], least / 1.6)


def _node_extent(ellipse: Size, picture: Picture) -> Extent:
    across, along = ellipse if _up(picture) else ellipse[::-1]
    return Extent(across, across, 2 * along)


def _half_strands(edge: PictureEdge) -> float:
    return _STRAND * max(0, len(_strands(edge)) - 1) / 2


def _strands(edge: PictureEdge) -> tuple[str, ...]:
    return edge.paths if len(edge.paths) <= _MOST_STRANDS else ()


def _letter_columns(edge: PictureEdge, picture: Picture) -> int:
    """In how many columns the letters of an edge's paths stand beside its text."""
    height = edge.label[1] + (0.0 if picture.dots else 2 * _PAD[1]) if edge.label else 0.0
    return ceil(len(edge.paths) / max(1, int(height // _LETTER)))


def _label_size(edge: PictureEdge, picture: Picture) -> Size | None:
    """Width and height of a label's box with its padding and the letters of its paths."""
    if edge.label is None and not edge.paths:
        return None
    width, height = edge.label or (0.0, 0.0)
    letters = _LETTER * _letter_columns(edge, picture)
    if picture.dots:
        return width + letters, max(height, _LETTER if letters else 0.0)
    pad = 2 * _PAD[0] if edge.label else 6.0
    return width + letters + pad, max(height + 2 * _PAD[1], _LETTER + 4 if letters else 0.0)


def _label_extent(edge: PictureEdge, picture: Picture) -> Extent | None:
    size = _label_size(edge, picture)
    if size is None:
        return None
    width, height = size
    if picture.dots:
        if _up(picture):
            return Extent(_DOT, _BESIDE + width, max(height, 2 * _DOT))
        return Extent(_BESIDE + height, _DOT, max(width, 2 * _DOT))
    return Extent(width / 2, width / 2, height) if _up(picture) else Extent(height / 2, height / 2, width)


# ── from rows and flow to the page ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Canvas:
    """Turns (across, flow) into x to the right and y downwards."""

    up: bool
    left: float
    breadth: float
    length: float

    def size(self) -> Size:
        across, along = _round(self.breadth + 2 * _MARGIN), _round(self.length + 2 * _MARGIN)
        return (across, along) if self.up else (along, across)

    def point(self, across: float, flow: float) -> Point:
        if self.up:
            return _round(across - self.left + _MARGIN), _round(self.length - flow + _MARGIN)
        return _round(flow + _MARGIN), _round(across - self.left + _MARGIN)


def _box(x: float, y: float, width: float, height: float) -> Box:
    return Box(_round(x - width / 2), _round(y - height / 2), _round(width), _round(height))


def _round(number: float) -> float:
    """To a tenth of a pixel; whole numbers as int, so that they print without a fraction, and no minus zero."""
    rounded = round(number, 1) + 0.0
    return int(rounded) if rounded == int(rounded) else rounded


def _middle(slot: Slot, spans: Sequence[Band]) -> float:
    return sum(spans[slot.row]) / 2


def _node_box(
    node: PictureNode, slot: Slot, ellipse: Size, letters: set[str], spans: Sequence[Band], canvas: _Canvas
) -> NodeBox:
    x, y = canvas.point(slot.across, _middle(slot, spans))
    lines = []
    top = y - (sum(height for _, height in node.lines) + _LINE_GAP * (len(node.lines) - 1)) / 2
    for width, height in node.lines:
        lines.append(_box(x, top + height / 2, width, height))
        top += height + _LINE_GAP
    return NodeBox(node.id, _box(x, y, 2 * ellipse[0], 2 * ellipse[1]), tuple(lines), tuple(sorted(letters)))


def _edge_curve(edge: PictureEdge, wire: Wire, spans: Sequence[Band], canvas: _Canvas, picture: Picture) -> EdgeCurve:
    across, flow, slope = wire.knots[-1]
    length = sqrt(1 + slope * slope)
    back = (across - ARROW * slope / length, flow - ARROW / length)
    side = (ARROW / 2 / length, -ARROW / 2 * slope / length)
    notch = (across - 0.75 * ARROW * slope / length, flow - 0.75 * ARROW / length)
    arrow = (
        (across, flow),
        (back[0] + side[0], back[1] + side[1]),
        notch,
        (back[0] - side[0], back[1] - side[1]),
    )
    knots = [*wire.knots[:-1], (*notch, slope)]
    strands = [
        Strand(letter, _curve(_beside(knots, _STRAND * k - _half_strands(edge)), canvas))
        for k, letter in enumerate(_strands(edge))
    ]
    return EdgeCurve(
        edge.tail,
        edge.head,
        edge.key,
        edge.paths,
        _curve(knots, canvas),
        tuple(strands),
        tuple(canvas.point(*point) for point in arrow),
        _edge_label(edge, wire, spans, canvas, picture),
    )


def _curve(knots: Sequence[Knot], canvas: _Canvas) -> Curve:
    pieces = []
    for (x0, t0, m0), (x1, t1, m1) in pairwise(knots):
        third = (t1 - t0) / 3
        pieces.append(
            (
                canvas.point(x0 + m0 * third, t0 + third),
                canvas.point(x1 - m1 * third, t1 - third),
                canvas.point(x1, t1),
            )
        )
    straight = len(knots) == 2 and knots[0][2] == knots[1][2]
    return Curve(canvas.point(knots[0][0], knots[0][1]), tuple(pieces), straight)


def _beside(knots: Sequence[Knot], distance: float) -> list[Knot]:
    """The same course a little to the right of itself."""
    return [
        (across + distance / sqrt(1 + slope * slope), flow - distance * slope / sqrt(1 + slope * slope), slope)
        for across, flow, slope in knots
    ]


def _edge_label(
    edge: PictureEdge, wire: Wire, spans: Sequence[Band], canvas: _Canvas, picture: Picture
) -> EdgeLabel | None:
    size = _label_size(edge, picture)
    if size is None:
        return None
    slot = next(slot for slot in wire.chain if not slot.is_lane)
    x, y = canvas.point(slot.across, _middle(slot, spans))
    dot = (x, y) if picture.dots else None
    if picture.dots:
        x, y = (x + _BESIDE + size[0] / 2, y) if _up(picture) else (x, y - _BESIDE - size[1] / 2)
    box = _box(x, y, *size)
    columns = _letter_columns(edge, picture)
    pad = 0.0 if picture.dots else _PAD[0] if edge.label else 3.0
    first = box.left + (pad / 2 if columns else 0.0)
    rows = ceil(len(edge.paths) / columns) if columns else 0
    letters = tuple(
        (letter, (_round(first + _LETTER * (k // rows + 0.5)), _round(box.y + _LETTER * (k % rows - (rows - 1) / 2))))
        for k, letter in enumerate(edge.paths)
    )
    text = None
    if edge.label:
        text = _box(box.left + box.width - pad - edge.label[0] / 2, box.y, *edge.label)
    return EdgeLabel(box, text, letters, dot)
