"""Pictures: nothing over anything else, on named examples and on graphs made at random."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from math import cos, dist, pi, sin
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgraph.errors import TooLargeToShow
from symgraph.explanation.drawing import (
    Box,
    Curve,
    Drawing,
    EdgeCurve,
    NodeBox,
    Picture,
    PictureEdge,
    PictureNode,
    draw,
)
from symgraph.explanation.layering import Extent, Link
from symgraph.explanation.placing import arrange, spread

ROOT = Path(__file__).parent.parent
Point = tuple[float, float]
Rows = Sequence[tuple[str, str]]  # a node and what it is made of, one letter an argument
RATE = (60.0, 34.0)  # about the size of ∂e/∂c = 2


def text(words: str) -> tuple[float, float]:
    return 9.0 * len(words), 17.0


def picture(
    inputs: str,
    rows: Rows,
    *,
    marks: Mapping[str, str] | None = None,
    label: tuple[float, float] | None = RATE,
    lines: int = 2,
    direction: str = "up",
    dots: bool = False,
) -> Picture:
    """A picture in which every node is one letter; `marks` gives path letters to edges ("bc", or "xy1" for key 1)."""
    marks = marks or {}
    nodes = [PictureNode(name, (text(f"{name}=2"),)) for name in inputs]
    edges = []
    for name, made_of in rows:
        long = text(f"{name}={'+'.join(made_of)}"), text(f"{name}=3")
        nodes.append(PictureNode(name, long[:lines] if lines else (text(name),)))
        for key, tail in enumerate(made_of):
            letters = marks.get(f"{tail}{name}{key}", marks.get(tail + name, ""))
            edges.append(PictureEdge(tail, name, key, label, tuple(letters)))
    return Picture(tuple(nodes), tuple(edges), "up" if direction == "up" else "right", dots)


OLAH = ("ab", [("c", "ab"), ("d", "b"), ("e", "cd")])
B7 = ("X", [("Y", "XXX"), ("Z", "YYY")])
NEURON = [("u", "ax"), ("v", "by"), ("w", "uv"), ("p", "wc"), ("q", "p")]
TWELVE = [
    ("u", "xy"),
    ("v", "u"),
    ("w", "yz"),
    ("r", "w"),
    ("s", "vr"),
    ("t", "xs"),
    ("p", "z"),
    ("q", "tp"),
    ("f", "qu"),
]
DAG_25 = [("e", "ab"), ("f", "c"), ("g", "de"), ("h", "aa"), ("i", "fg"), ("j", "ce"), ("k", "ih"), ("l", "jd"),
          ("m", "kk"), ("n", "el"), ("o", "m"), ("p", "no"), ("q", "pb"), ("r", "fq"), ("s", "rh"), ("t", "sm"),
          ("u", "tg"), ("v", "ua"), ("w", "vr"), ("x", "w"), ("y", "xq")]  # fmt: skip

EXAMPLES = {
    "Olah": picture(*OLAH),
    "Olah without labels": picture(*OLAH, label=None),
    "Olah with paths": picture(*OLAH, marks={"bc": "A", "ce": "A", "bd": "B", "de": "B"}),
    "B7 upwards": picture(*B7, lines=0),
    "B7 to the right": picture(*B7, lines=0, label=(11, 15), direction="right", dots=True),
    "neuron": picture("axbyc", NEURON),
    "neuron, inputs by alphabet": picture("abcxy", NEURON),
    "x sin x": picture("x", [("u", "x"), ("y", "xu")], marks={"xy": "A", "xu": "B", "uy": "B"}),
    "a a": picture("a", [("b", "aa")]),
    "six paths": picture("x", [("y", "xxxxxx")], marks={f"xy{k}": "ABCDEF"[k] for k in range(6)}),
    "paths that share an edge": picture(
        "x",
        [("u", "x"), ("v", "u"), ("w", "u"), ("y", "vw")],
        marks={"xu": "AB", "uv": "A", "vy": "A", "uw": "B", "wy": "B"},
    ),
    "twelve nodes": picture("xyz", TWELVE),
    "net 2-3-2": picture("xy", [("h", "xy"), ("i", "xy"), ("j", "xy"), ("p", "hij"), ("q", "hij")]),
    "net 3-3-3": picture("xyz", [(name, "xyz") for name in "hij"] + [(name, "hij") for name in "pqr"]),
    "chain of twelve": picture("a", list(pairwise("abcdefghijkl")) and [(b, a) for a, b in pairwise("abcdefghijkl")]),
    "ladder": picture("a", [(b, a + "a") for a, b in pairwise("abcdefghi")]),
    "sum of ten": picture("abcdefghij", [("s", "abcdefghij")]),
    "twenty-five nodes": picture("abcd", DAG_25),
    "two outputs": picture("xy", [("h", "x"), ("k", "xy"), ("p", "hk"), ("q", "k"), ("r", "h")]),
    "apart": picture("abc", [("d", "a")]),
    "nothing": Picture((), ()),
}


# Geometry, on the numbers that are printed: no help from the modules under test


def bezier(start: Point, piece: tuple[Point, Point, Point]) -> Iterator[Point]:
    one, two, end = piece
    count = max(8, int(dist(start, end) / 4))
    for k in range(count + 1):
        u, v = k / count, 1 - k / count
        yield (
            v**3 * start[0] + 3 * v * v * u * one[0] + 3 * v * u * u * two[0] + u**3 * end[0],
            v**3 * start[1] + 3 * v * v * u * one[1] + 3 * v * u * u * two[1] + u**3 * end[1],
        )


def points(curve: Curve) -> list[Point]:
    starts = [curve.start, *(end for _, _, end in curve.pieces)]
    return [point for start, piece in zip(starts, curve.pieces, strict=False) for point in bezier(start, piece)]


def in_box(box: Box, point: Point, margin: float = 0.0) -> bool:
    return (
        box.left - margin < point[0] < box.left + box.width + margin
        and box.top - margin < point[1] < box.top + box.height + margin
    )


def in_ellipse(box: Box, point: Point, margin: float = 0.0) -> bool:
    across, down = (point[0] - box.x) / (box.width / 2 + margin), (point[1] - box.y) / (box.height / 2 + margin)
    return across * across + down * down < 1


def boxes_meet(one: Box, two: Box) -> bool:
    return abs(one.x - two.x) < (one.width + two.width) / 2 and abs(one.y - two.y) < (one.height + two.height) / 2


def ellipse_meets_box(ellipse: Box, box: Box) -> bool:
    nearest = (
        min(max(ellipse.x, box.left), box.left + box.width),
        min(max(ellipse.y, box.top), box.top + box.height),
    )
    return in_ellipse(ellipse, nearest)


def ellipses_meet(one: Box, two: Box) -> bool:
    if not boxes_meet(one, two):
        return False
    rim = ((two.x + two.width / 2 * cos(a * pi / 60), two.y + two.height / 2 * sin(a * pi / 60)) for a in range(120))
    return any(in_ellipse(one, point) for point in rim)


def length(some: Sequence[Point]) -> float:
    return sum(dist(one, two) for one, two in pairwise(some))


def faults(drawing: Drawing) -> list[str]:
    """Everything in a drawing that lies over something else, each in a few words."""
    return [*box_faults(drawing), *edge_faults(drawing)]


def box_faults(drawing: Drawing) -> Iterator[str]:
    labels = [(name(edge), edge.label.box) for edge in drawing.edges if edge.label]
    for (one, box), (two, other) in combinations(labels, 2):
        if boxes_meet(box, other):
            yield f"label {one} over label {two}"
    for one_node, two_node in combinations(drawing.nodes, 2):
        if ellipses_meet(one_node.box, two_node.box):
            yield f"node {one_node.id} over node {two_node.id}"
    for node in drawing.nodes:
        for label, box in labels:
            if ellipse_meets_box(node.box, box):
                yield f"label {label} over node {node.id}"
        yield from text_faults(node)
    for edge in drawing.edges:
        if edge.label and not drawing.dots:
            inside = [edge.label.text] if edge.label.text else []
            inside += [Box(at[0] - 6.4, at[1] - 6.4, 12.8, 12.8) for _, at in edge.label.letters]
            if any(boxes_meet(*pair) for pair in combinations(inside, 2)):
                yield f"letters over the text of {name(edge)}"
            if not all(in_box(edge.label.box, corner, 0.2) for box in inside for corner in corners(box)):
                yield f"text outside the label {name(edge)}"


def corners(box: Box) -> Iterator[Point]:
    for x in (box.left, box.left + box.width):
        for y in (box.top, box.top + box.height):
            yield x, y


def text_faults(node: NodeBox) -> Iterator[str]:
    for line in node.lines:
        if not all(in_ellipse(node.box, corner) for corner in corners(line)):
            yield f"text outside node {node.id}"


def edge_faults(drawing: Drawing) -> Iterator[str]:
    tips: dict[str, list[Point]] = {}
    labels = [(edge, edge.label.box) for edge in drawing.edges if edge.label]
    for edge in drawing.edges:
        middle = points(edge.curve)
        every = [*middle, *edge.arrow, *(point for strand in edge.strands for point in points(strand.curve))]
        for node in drawing.nodes:
            own = node.id in (edge.tail, edge.head)
            if any(in_ellipse(node.box, point, -2.5 if own else 1.5) for point in (middle if own else every)):
                yield f"edge {name(edge)} over node {node.id}"
        for other, box in labels:
            if other is not edge and any(in_box(box, point, 1.5) for point in every):
                yield f"edge {name(edge)} over label {name(other)}"
        if not all(-0.1 <= x <= drawing.width + 0.1 and -0.1 <= y <= drawing.height + 0.1 for x, y in every):
            yield f"edge {name(edge)} outside the picture"
        if any(dist(edge.arrow[0], tip) < 9 for tip in tips.setdefault(edge.head, [])):
            yield f"arrowheads coincide at {edge.head}"
        tips[edge.head].append(edge.arrow[0])
        if edge.label and edge.label.dot is None:
            yield from hidden(edge, middle)


def hidden(edge: EdgeCurve, middle: list[Point]) -> Iterator[str]:
    """An arrow must run into its own label and show before it and after it."""
    assert edge.label
    inside = [k for k, point in enumerate(middle) if in_box(edge.label.box, point)]
    if not inside:
        yield f"the label {name(edge)} is not on its edge"
    elif length(middle[: inside[0] + 1]) < 8 or length([*middle[inside[-1] :], edge.arrow[0]]) < 16:
        yield f"the label {name(edge)} swallows its arrow"


def name(edge: EdgeCurve) -> str:
    return f"{edge.tail}{edge.head}{edge.key}"


# Nothing over anything


@pytest.mark.parametrize("direction", ["up", "right"])
@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_nothing_lies_over_anything_else(example: Picture, direction: str) -> None:
    turned = replace(example, direction="up" if direction == "up" else "right")
    assert faults(draw(turned)) == []


@st.composite
def pictures(draw_from: st.DrawFn) -> Picture:
    """Any graph up to thirty nodes, with texts of all sizes, parallel edges, marked paths and unlabelled edges."""
    count = draw_from(st.integers(1, 30))
    inputs = draw_from(st.integers(1, min(count, 6)))
    reach = draw_from(st.sampled_from([2, 5, 30]))
    most = draw_from(st.sampled_from([1, 2, 3, 5]))
    labelled = draw_from(st.sampled_from(["all", "none", "some"]))
    size = st.tuples(st.sampled_from([8.0, 40.0, 90.0, 200.0]), st.sampled_from([14.0, 17.0, 34.0]))
    label = {"all": size, "none": st.none(), "some": st.none() | size}[labelled]
    letters = st.sampled_from(["", "", "A", "AB", "BCD", "ABCDEF"])
    nodes = tuple(PictureNode(f"n{k}", tuple(draw_from(st.lists(size, min_size=1, max_size=3)))) for k in range(count))
    edges = [
        PictureEdge(
            f"n{draw_from(st.integers(max(0, k - reach), k - 1))}",
            f"n{k}",
            key,
            draw_from(label),
            tuple(draw_from(letters)),
        )
        for k in range(inputs, count)
        for key in range(draw_from(st.integers(1, most)))
    ]
    return Picture(nodes, tuple(edges), draw_from(st.sampled_from(["up", "up", "right"])), draw_from(st.booleans()))


@settings(max_examples=60)
@given(pictures())
def test_nothing_lies_over_anything_else_in_any_graph(some: Picture) -> None:
    drawing = draw(some)
    assert faults(drawing) == []
    assert [node.id for node in drawing.nodes] == [node.id for node in some.nodes]
    assert [(edge.tail, edge.head, edge.key) for edge in drawing.edges] == [
        (edge.tail, edge.head, edge.key) for edge in some.edges
    ]


def moved(box: Box, across: float, down: float) -> Box:
    return Box(box.left + across, box.top + down, box.width, box.height)


def test_the_tests_see_a_fault() -> None:
    drawing = draw(EXAMPLES["Olah"])
    by_name = {name(edge): edge for edge in drawing.edges}
    ca, cb = by_name["ac0"].label, by_name["bc1"].label
    assert ca and cb
    onto = moved(ca.box, cb.box.x - ca.box.x - 20, 0)
    spoilt = replace(drawing, edges=(replace(drawing.edges[0], label=replace(ca, box=onto)), *drawing.edges[1:]))
    assert "label ac0 over label bc1" in faults(spoilt)
    assert any("over label ac0" in fault and "edge" in fault for fault in faults(spoilt))
    huge = replace(ca, box=moved(Box(ca.box.left, ca.box.top - 40, ca.box.width, ca.box.height + 80), 0, 0))
    swallowed = replace(drawing, edges=(replace(drawing.edges[0], label=huge), *drawing.edges[1:]))
    assert "the label ac0 swallows its arrow" in faults(swallowed)
    there = replace(drawing.nodes[0], box=moved(drawing.nodes[0].box, 60, -90))
    assert any("over node a" in fault for fault in faults(replace(drawing, nodes=(there, *drawing.nodes[1:]))))


# How it looks


def boxes(drawing: Drawing) -> dict[str, Box]:
    return {node.id: node.box for node in drawing.nodes}


def test_olahs_picture() -> None:
    drawing = draw(EXAMPLES["Olah"])
    box = boxes(drawing)
    assert box["a"].x < box["b"].x and box["c"].x < box["d"].x
    assert box["a"].y == box["b"].y > box["c"].y == box["d"].y > box["e"].y
    assert box["c"].x < box["e"].x < box["d"].x
    assert all(edge.curve.straight for edge in drawing.edges)
    assert drawing.width < 380 and drawing.height < 420
    for edge in drawing.edges:
        assert edge.label is not None
        crossing = [x for x, y in points(edge.curve) if abs(y - edge.label.box.y) < 4]
        assert all(abs(x - edge.label.box.x) < 0.4 * edge.label.box.width for x in crossing)


def test_parallel_edges_fan_out() -> None:
    for example, along in (("B7 upwards", "y"), ("B7 to the right", "x")):
        drawing = draw(EXAMPLES[example])
        box = boxes(drawing)
        flow = [getattr(box[node], along) for node in "XYZ"]
        assert flow == sorted(flow, reverse=along == "y")
        across = "x" if along == "y" else "y"
        assert getattr(box["X"], across) == pytest.approx(getattr(box["Y"], across), abs=0.2)
        for tail in "XY":
            labels = [edge.label.box for edge in drawing.edges if edge.tail == tail and edge.label]
            places = [getattr(each, across) for each in labels]
            assert len(set(places)) == 3 and places == sorted(places)  # in the order of the arguments
    dots = [edge.label.dot for edge in draw(EXAMPLES["B7 to the right"]).edges if edge.label]
    assert len(set(dots)) == 6 and None not in dots
    for edge, dot in zip(draw(EXAMPLES["B7 to the right"]).edges, dots, strict=True):
        assert dot is not None and min(dist(dot, point) for point in points(edge.curve)) < 2.5


def test_a_path_has_a_strand_of_its_own_on_each_of_its_edges() -> None:
    drawing = draw(EXAMPLES["paths that share an edge"])
    shared = next(edge for edge in drawing.edges if edge.paths == ("A", "B"))
    assert [strand.letter for strand in shared.strands] == ["A", "B"]
    one, two = (points(strand.curve) for strand in shared.strands)
    assert all(3.5 < min(dist(point, other) for other in two) < 6 for point in one)
    assert shared.label and [letter for letter, _ in shared.label.letters] == ["A", "B"]
    assert {node.id: node.paths for node in drawing.nodes}["v"] == ("A",)


def test_an_edge_of_many_paths_is_one_line_with_their_letters() -> None:
    drawing = draw(picture("x", [("u", "x"), ("v", "u")], marks={"xu": "ABC", "uv": "ABCD"}))
    assert [len(edge.strands) for edge in drawing.edges] == [3, 0]
    assert [[letter for letter, _ in edge.label.letters] for edge in drawing.edges if edge.label] == [
        ["A", "B", "C"],
        ["A", "B", "C", "D"],
    ]


@settings(max_examples=25)
@given(pictures())
def test_edges_are_smooth_and_never_turn_back(some: Picture) -> None:
    for edge in draw(some).edges:
        starts = [edge.curve.start, *(end for _, _, end in edge.curve.pieces)]
        for joint, before, after in zip(starts[1:], edge.curve.pieces, edge.curve.pieces[1:], strict=False):
            ahead = (after[0][0] - joint[0], after[0][1] - joint[1])
            behind = (joint[0] - before[1][0], joint[1] - before[1][1])
            bend = abs(ahead[0] * behind[1] - ahead[1] * behind[0]) / (dist((0, 0), ahead) * dist((0, 0), behind))
            assert bend < 0.2 or min(dist((0, 0), ahead), dist((0, 0), behind)) < 1.5  # rounding shows in short ones
        flow = [-point[1] if some.direction == "up" else point[0] for point in points(edge.curve)]
        assert all(one <= two + 0.11 for one, two in pairwise(flow))


def test_inputs_stay_in_the_order_of_the_program_where_that_costs_no_crossing() -> None:
    for example in ("Olah", "neuron", "sum of ten", "twelve nodes"):
        drawing = draw(EXAMPLES[example])
        heads = {edge.head for edge in drawing.edges}
        inputs = [node for node in drawing.nodes if node.id not in heads]
        assert [node.box.x for node in inputs] == sorted(node.box.x for node in inputs)


def test_inputs_change_places_where_that_saves_crossings() -> None:
    drawing = draw(EXAMPLES["neuron, inputs by alphabet"])
    box = boxes(drawing)
    order = "".join(sorted("abcxy", key=lambda node: box[node].x))
    assert sorted(order[:2]) == ["a", "x"] and sorted(order[2:4]) == ["b", "y"] and order[4] == "c"
    assert len({box[node].y for node in "abcxy"}) == 1


def test_a_picture_keeps_to_the_column_where_it_can() -> None:
    widths = {each: draw(example).width for each, example in EXAMPLES.items()}
    assert all(widths[each] <= 700 for each in widths if each not in ("sum of ten", "net 3-3-3", "twenty-five nodes"))
    assert max(widths.values()) < 1000
    rows = Counter(node.box.y for node in draw(EXAMPLES["sum of ten"]).nodes)
    assert max(rows.values()) <= 5  # ten inputs in two rows


def test_numbers_are_short() -> None:
    found = re.findall(r"-?\d+\.\d+", repr(draw(EXAMPLES["twenty-five nodes"])))
    assert found and all(len(number.split(".")[1]) == 1 for number in found)
    assert "-0.0" not in repr(draw(EXAMPLES["twenty-five nodes"]))


# The same each time, and any size


def test_the_same_under_every_hash_seed() -> None:
    code = "import sys; sys.path.insert(0, 'tests'); import test_drawing as t; print(*map(t.draw, t.EXAMPLES.values()))"
    seen = set()
    for seed in ("0", "1", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, env=environment, check=True)
        seen.add(done.stdout)
    assert len(seen) == 1


def test_long_chains_need_no_recursion() -> None:
    count = 3_000
    nodes = tuple(PictureNode(f"n{k}", ((20.0, 17.0),)) for k in range(count))
    edges = tuple(PictureEdge(f"n{k}", f"n{k + 1}", 0, RATE) for k in range(count - 1))
    drawing = draw(Picture(nodes, edges))
    assert all(edge.curve.straight for edge in drawing.edges)


def test_what_nobody_could_read_is_refused() -> None:
    links = [Link(0, k) for k in range(1, 1_000)] + [Link(k, k + 1) for k in range(1, 999)]
    with pytest.raises(TooLargeToShow, match="fold"):
        arrange([Extent(9, 9, 9)] * 1_000, links, 700)


def test_faulty_pictures_are_refused() -> None:
    node = PictureNode("a", ((9.0, 9.0),))
    with pytest.raises(ValueError, match="unknown ends"):
        draw(Picture((node,), (PictureEdge("a", "b"),)))
    with pytest.raises(ValueError, match="same id"):
        draw(Picture((node, node), ()))
    with pytest.raises(ValueError, match="cycle"):
        draw(Picture((node, PictureNode("b", ())), (PictureEdge("a", "b"), PictureEdge("b", "a"))))


@given(st.lists(st.tuples(st.floats(-100, 100), st.floats(0.1, 9), st.floats(0, 30)), min_size=1, max_size=12))
def test_spread_keeps_the_distances_and_is_nearest(some: list[tuple[float, float, float]]) -> None:
    targets, weights, distances = ([each[k] for each in some] for k in range(3))
    places = spread(targets, weights, distances[1:])
    assert all(b - a >= d - 1e-6 for (a, b), d in zip(pairwise(places), distances[1:], strict=True))
    # The optimum of a convex problem: left of every gap the pulls cancel, or push against what is on its right.
    near = 1e-6 * (1 + sum(weight * (200 + sum(distances)) for weight in weights))
    pushed = 0.0
    for k, (place, target, weight) in enumerate(zip(places, targets, weights, strict=True)):
        pushed += weight * (target - place)
        last = k + 1 == len(places)
        free = last or places[k + 1] - place > distances[k + 1] + 1e-6
        assert abs(pushed) < near if free else pushed > -near
