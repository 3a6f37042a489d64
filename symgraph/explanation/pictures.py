"""The pictures of an explanation: which nodes and edges each has, and which formulas stand at them.

>>> from symgraph.explanation.explainer import explain
>>> sorted(Pictures(explain("(a+b)*(b+1)", "b")).picture("edges").nodes)
['a', 'b', 'c', 'd', 'e']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from symgraph.calculus.evaluation import rates
from symgraph.calculus.graph import Edge, Node, edges_into
from symgraph.calculus.sweeps import forward, reverse
from symgraph.errors import TooLargeToShow
from symgraph.explanation import drawing, typesetting
from symgraph.explanation.drawing import Drawing, Picture, PictureEdge, PictureNode
from symgraph.explanation.folding import BLOCKS, Block, bundles, fold
from symgraph.explanation.formulas import (
    company,
    edge_rate,
    equated,
    live_edge,
    live_node,
    live_rate,
    merged_rate,
    numeral,
    shown,
    slotted,
    total_rate,
)
from symgraph.explanation.lines import WIDE, abridged
from symgraph.explanation.sizes import size
from symgraph.explanation.steps import EdgeFact, Step
from symgraph.explanation.typesetting import Chain, Shown
from symgraph.language.tree import Name, Number, Rate, Text

if TYPE_CHECKING:
    from symgraph.explanation.explainer import Explanation

__all__ = ["PICTURE_NODES", "DrawnPicture", "FoldedBlock", "Pictures"]

PICTURE_NODES = 40  # above, a picture would be unreadable
FOLDED_NODES = 25  # above, a picture is told in blocks
ROWS = 500  # of all blocks together that a page tells node by node
UNFOLDED_NODES = 60  # above, blocks are unfolded without pictures of their own
ROW_EDGES = 8  # into one node, that such a row tells one by one
FEW_EDGES = 16  # whose labels may be long
LABEL = 64  # characters of a formula on an edge or in a node; a longer one would make the picture too wide to be seen
BLANK = Text("________")  # a label that students fill in


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A picture's numbers, and the formulas that stand in it."""

    kind: str
    drawing: Drawing
    nodes: Mapping[str, tuple[Shown, ...]]
    edges: Mapping[tuple[str, str, int], Shown]

    def description(self) -> str:
        """What it shows, for those who cannot see it: its formulas, node by node and edge by edge."""
        nodes = [typesetting.text(lines[0]) for lines in self.nodes.values()]
        edges = [typesetting.text(label) for label in self.edges.values()]
        return "; ".join(nodes + edges)


@dataclass(frozen=True, slots=True)
class FoldedBlock:
    """A block of a large graph: its name, and for each node its formulas and the derivatives on its edges.

    `rows` are those of the first nodes, where there are too many for a page.
    """

    id: str
    name: Shown
    count: int
    rows: list[tuple[tuple[Shown, ...], list[Shown]]]
    picture: DrawnPicture | None

    @property
    def left_out(self) -> int:
        """How many nodes have no row."""
        return self.count - len(self.rows)


class Pictures:
    """What an explanation's pictures show."""

    def __init__(self, explanation: Explanation) -> None:
        """Made for one document."""
        self.explanation = explanation
        self.graph = explanation.graph

    def picture(self, kind: str, start: Node | None = None) -> DrawnPicture | None:
        """A picture: "edges", the same with "blank" labels, "layers", "folded", or "forward" or "reverse" from a node.

        None when it would be unreadable.
        """
        if kind == "layers":
            return self._layers()
        if kind == "folded":
            return self.folded_picture
        shown_nodes = company(self.graph, self.explanation.wrt)
        if len(shown_nodes) > FOLDED_NODES:
            return None
        lines = self._node_lines() if start is None else self._rates(kind, start)
        lines = {node.name: lines[node.name] for node in shown_nodes}
        return self._drawn(kind, lines)

    def _drawn(self, kind: str, lines: Mapping[str, tuple[Shown, ...]]) -> DrawnPicture | None:
        """The nodes that have lines, and the edges between them."""
        edges = [
            edge
            for node in self.graph
            if node.name in lines
            for edge in edges_into(self.graph, node)
            if edge.tail.name in lines
        ]
        strand = self.explanation.values is None and _is_strand(edges)
        room = LABEL if len(edges) <= FEW_EDGES else LABEL // 2
        labels = {
            (edge.tail.name, edge.head.name, edge.key): self._edge_label(edge, kind, strand, room) for edge in edges
        }
        letters = self._letters() if kind in ("edges", "blank") else {}
        picture = Picture(
            tuple(
                PictureNode(name, tuple(size(line)[:2] for line in shown_lines)) for name, shown_lines in lines.items()
            ),
            tuple(PictureEdge(*key, self._room(label, kind), letters.get(key, ())) for key, label in labels.items()),
            direction="right" if strand else "up",
            dots=strand,
        )
        return DrawnPicture(kind, drawing.draw(picture), lines, labels)

    # Many nodes

    @cached_property
    def blocks(self) -> list[FoldedBlock]:
        """Of a graph that is too large for one picture: its blocks of more than one node, with what is in them."""
        shown_nodes = company(self.graph, self.explanation.wrt)
        if len(shown_nodes) <= FOLDED_NODES:
            return []
        lines = self._node_lines()
        return [self._unfolded(block, lines) for block in fold(self.graph) if len(block.nodes) > 1]

    def _unfolded(self, block: Block, lines: Mapping[str, tuple[Shown, ...]]) -> FoldedBlock:
        """A block with its nodes' formulas and the derivatives on the edges into them."""
        told = block.nodes if len(self.graph) <= ROWS else block.nodes[: ROWS // BLOCKS]
        rows = [(lines[node.name], self._labels(node)) for node in told]
        small = len(self.graph) <= UNFOLDED_NODES and len(block.nodes) <= FOLDED_NODES
        inside = {node.name for node in block.nodes}
        for node in block.nodes:
            inside.update(tail.name for tail in self.graph.predecessors(node))
        own = {node.name: lines[node.name] for node in self.graph if node.name in inside}
        picture = self._drawn("block", own) if small and block.nodes[0].formula is not None else None
        return FoldedBlock(block.id, _block_name(block), len(block.nodes), rows, picture)

    def _labels(self, node: Node) -> list[Shown]:
        """The derivatives on the edges into a node; of many the first ones and the last, for they are alike."""
        edges = edges_into(self.graph, node)
        if len(edges) <= ROW_EDGES:
            return [self._label(edge) for edge in edges]
        return [*map(self._label, edges[:3]), Text("…"), self._label(edges[-1])]

    @cached_property
    def folded_picture(self) -> DrawnPicture | None:
        """The blocks as nodes; on an edge how many edges it stands for, or the derivative where it is one."""
        if not self.blocks:
            return None
        blocks = fold(self.graph)
        own = self._node_lines()
        lines = {block.id: own[block.id] if len(block.nodes) == 1 else (_block_name(block),) for block in blocks}
        labels: dict[tuple[str, str, int], Shown] = {}
        for (tail, head), edges in bundles(self.graph, blocks).items():
            labels[tail, head, 0] = Number(len(edges)) if len(edges) > 1 else self._label(edges[0])
        picture = Picture(
            tuple(PictureNode(name, tuple(size(line)[:2] for line in each)) for name, each in lines.items()),
            tuple(PictureEdge(*key, size(label)[:2]) for key, label in labels.items()),
        )
        try:
            return DrawnPicture("folded", drawing.draw(picture), lines, labels)
        except TooLargeToShow:
            return None

    def _layers(self) -> DrawnPicture | None:
        """Vectors and matrices as nodes, with an edge wherever a component of one is computed from the other's."""
        program = self.graph.graph["program"]
        owner = {name: layer for layer in program.layers for name in layer.components if name}
        unnamed = dict(zip(program.outputs, (node.name for node in self.graph.graph["outputs"]), strict=True)).get("")
        lines: dict[str, tuple[Shown, ...]] = {}
        edges: dict[tuple[str, str, int], None] = {}
        for node in self.graph:
            layer = owner.get(node.name)
            if layer is None and node.name == unnamed:
                layer = next((each for each in program.layers if not each.name), None)
            name = layer.name if layer is not None and layer.name else node.name
            tree = layer.tree if layer is not None else node.formula
            whole: Shown = Name(name) if tree is None else Chain((Name(name), tree))
            lines.setdefault(name, (whole if len(typesetting.text(whole)) <= WIDE else Name(name),))
            for tail in self.graph.predecessors(node):
                below = owner[tail.name].name if tail.name in owner else tail.name
                edges[below or unnamed or tail.name, name, 0] = None
        if len(lines) > PICTURE_NODES or not edges:
            return None
        picture = Picture(
            tuple(PictureNode(name, tuple(size(line)[:2] for line in own)) for name, own in lines.items()),
            tuple(PictureEdge(*key) for key in edges),
        )
        return DrawnPicture("layers", drawing.draw(picture), lines, {})

    def _letters(self) -> dict[tuple[str, str, int], tuple[str, ...]]:
        """The paths that run along each edge, by their letters."""
        found: dict[tuple[str, str, int], tuple[str, ...]] = {}
        for letter, path in self.explanation.letters.items():
            for edge in path.edges:
                key = (edge.tail.name, edge.head.name, edge.key)
                found[key] = (*found.get(key, ()), letter)
        return found

    def _edge_label(self, edge: Edge, kind: str, strand: bool, room: int) -> Shown:
        if kind == "blank":
            return equated((self._edge_rate(edge), BLANK))
        label = shown(edge.partial, self.graph) if strand else self._label(edge)
        return label if len(typesetting.text(label)) <= room else self._edge_rate(edge)

    def _room(self, label: Shown, kind: str) -> tuple[float, float]:
        """How much room a label takes; what is written by hand takes more."""
        width, height = size(label)[:2]
        return (width * 1.3, height * 1.2) if kind == "blank" else (width, height)

    @cached_property
    def _facts(self) -> dict[Edge, EdgeFact]:
        return {fact.edge: fact for step in self.explanation.steps for fact in _edge_facts(step)}

    def _edge_rate(self, edge: Edge) -> Rate:
        fact = self._facts.get(edge)
        return fact.rate if fact else edge_rate(edge, slotted(self.graph), self.graph)

    def _label(self, edge: Edge) -> Shown:
        rate = self._edge_rate(edge)
        values = self.explanation.values
        return equated((rate, live_edge(edge, values.edges[edge]) if values else shown(edge.partial, self.graph)))

    def _node_lines(self) -> dict[str, tuple[Shown, ...]]:
        """The texts in the nodes: what each is, and its value at the point."""
        lines: dict[str, tuple[Shown, ...]] = {}
        for node in self.graph:
            name = Name(node.name)
            first: Shown = name if node.formula is None else Chain((name, abridged(node.formula)))
            if len(typesetting.text(first)) > LABEL:
                first = name
            values = self.explanation.values
            worth = () if values is None else (equated((Name(node.name), live_node(node, values.nodes[node]))),)
            lines[node.name] = worth if node.formula is None and worth else (first, *worth)
        return lines

    def _rates(self, mode: str, start: Node) -> dict[str, tuple[Shown, ...]]:
        """∂c/∂b = 1 for every node, from the sweep of that mode."""
        rows = forward(self.graph, start) if mode == "forward" else reverse(self.graph, start)
        values = self.explanation.values
        numbers = None if values is None else rates(rows, values)
        found: dict[Node, Shown] = {}
        for row in rows:
            left = (
                total_rate(row.node, start, self.graph)
                if mode == "forward"
                else total_rate(start, row.node, self.graph)
            )
            if numbers is not None:
                pair = (row.node, start) if mode == "forward" else (start, row.node)
                right = live_rate(*pair, numbers[row.node]) if row.terms else numeral(numbers[row.node])
                found[row.node] = equated((left, right))
            else:
                merged = merged_rate(row, self.graph)
                whole = left if merged is None else equated((left, merged))
                # what is too long for a node stands in the table below
                found[row.node] = whole if len(typesetting.text(whole)) <= LABEL else left
        return {node.name: (found.get(node, Name(node.name)),) for node in self.graph}


def _block_name(block: Block) -> Shown:
    """u₀ … u₅."""
    return Chain((Name(block.nodes[0].name), Name(block.nodes[-1].name)), ("through",))


def _is_strand(edges: Sequence[Edge]) -> bool:
    """X ⇉ Y ⇉ Z: one node after the other, with parallel edges between; drawn from left to right."""
    pairs = {(edge.tail.name, edge.head.name) for edge in edges}
    tails, heads = ({pair[end] for pair in pairs} for end in (0, 1))
    return len(pairs) == len(tails) == len(heads) < len(edges)


def _edge_facts(step: Step) -> list[EdgeFact]:
    return [fact for group in getattr(step, "groups", ()) for fact in group.edges]
