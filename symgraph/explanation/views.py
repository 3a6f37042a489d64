"""What templates look at: the facts of an explanation, worked out for printing, with no words and no markup.

A template loops and prints. Whatever it would have to compute (the speed after two edges, a node's definition as an
equation, where a picture's parts go) is a method here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from fractions import Fraction
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from sympy import Symbol

from symgraph.calculus.evaluation import rates
from symgraph.calculus.graph import Edge, Node, edges_into
from symgraph.calculus.paths import Path, count_paths
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
    product,
    rounded,
    shown,
    slotted,
    total_rate,
    without_constants,
)
from symgraph.explanation.letters import count_text
from symgraph.explanation.shapes import one_chain
from symgraph.explanation.shown import bare
from symgraph.explanation.sizes import size
from symgraph.explanation.steps import (
    RESULTS,
    AlongTheCurve,
    Answer,
    Checks,
    EdgeFact,
    Evaluate,
    FactorPaths,
    FollowPaths,
    Ledger,
    LocalDerivatives,
    NameLayers,
    NameNodes,
    NoPath,
    PathFact,
    Quantity,
    Readings,
    RelatedRates,
    Step,
    SubstituteBack,
    SumPaths,
    SweepRow,
    SweepTable,
    TooLarge,
    UnitsOff,
)
from symgraph.explanation.steps import Chain as StepChain
from symgraph.explanation.typesetting import Chain, Factors, Live, Marked, Shown, Terms
from symgraph.language.numerals import digit_count, number_tree
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Name, Number, Rate, Text, Tree

if TYPE_CHECKING:
    from symgraph.explanation.explainer import Explanation

__all__ = ["PICTURE_NODES", "DrawnPicture", "View", "as_data"]

PICTURE_NODES = 40  # above, a picture would be unreadable
FOLDED_NODES = 25  # above, a picture is told in blocks
ROWS = 500  # of all blocks together that a page tells node by node
UNFOLDED_NODES = 60  # above, blocks are unfolded without pictures of their own
WIDE = 56  # characters of a sum that still fits a line
ROW_EDGES = 8  # into one node, that such a row tells one by one
FEW_EDGES = 16  # whose labels may be long
LABEL = 64  # characters of a formula on an edge or in a node; a longer one would make the picture too wide to be seen
_TERMS = 5  # of a sum that are written in a node, however long they are
FOLLOWED = 4  # numbers that stay in sight while an input moves
LISTED = 40  # nodes that a sentence still names
_WHOLE = {"equal": "whole", "unequal": "broken"}  # u = ⌊u⌋ and u ≠ ⌊u⌋
BLANK = Text("________")  # a label that students fill in


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """A picture's numbers, and the formulas that stand in it."""

    kind: str
    drawing: Drawing
    nodes: Mapping[str, tuple[Shown, ...]]
    edges: Mapping[tuple[str, str, int], Shown]


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


@cache
def _kind(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class View:
    """An explanation as templates see it."""

    def __init__(
        self,
        explanation: Explanation,
        memory: set[str] | None = None,
        *,
        pictures: bool = True,
        scripted: bool = True,
    ) -> None:
        """Made for one document.

        Args:
            memory: the remarks that were made; the parts of a document share it.
            pictures: whether any is drawn.
            scripted: whether a page's script copies its formulas.
        """
        self.scripted = scripted
        self.explanation = explanation
        self.edge_count = len(explanation.graph.edges)
        self.has_pictures = pictures and self.edge_count > 0
        self.graph = explanation.graph
        self.names: dict[str, str] = {}  # names of nodes -> their markup in sentences
        self.spoken: dict[str, Shown] = {}  # markup of formulas -> what it shows
        self.copied: dict[str, int] = {}  # formulas in sentences, in LaTeX as it is copied -> their numbers
        self.copied_texts: list[str] = []  # the same as text
        self._memory: set[str] = set() if memory is None else memory

    # The question

    @property
    def title(self) -> str | None:
        return self.explanation.title

    @property
    def question(self) -> str:
        """The name of what is asked: "derivative", "tangent", …"""
        return self.explanation.question

    def step(self, kind: str) -> Any:
        """The step of that kind, in the document or its parts."""
        for document in (self.explanation, *self.explanation.parts):
            for step in document.steps:
                if self.kind(step) == kind:
                    return step
        raise KeyError(kind)

    @property
    def role(self) -> str:
        """What a part is to its document."""
        return self.explanation.role

    @property
    def meaning(self) -> Any:
        """What a part's heading is about: p = dy/dx, an equation, the names held still."""
        return self.explanation.meaning

    @property
    def asked_of(self) -> Shown:
        """What is asked about, where the graph is of something else: y, of whose logarithm it is."""
        return Name(self.explanation.subject[0].name) if self.explanation.subject else Name(self.of[0])

    @property
    def asked_formula(self) -> Shown:
        """y = x^x, of whose logarithm the graph is."""
        node, tree = self.explanation.subject
        return Chain((Name(node.name), tree))

    @property
    def of(self) -> list[str]:
        return self._together(self.explanation.of)

    @property
    def wrt(self) -> list[str]:
        return self._together(self.explanation.wrt)

    def _together(self, nodes: Sequence[Node]) -> list[str]:
        """The names of nodes; that of a vector or matrix in the place of all its components."""
        names = [node.name for node in nodes]
        for layer in self.graph.graph["program"].layers:
            if len(layer.components) > 1 and set(layer.components) <= set(names):
                at = names.index(layer.components[0])
                names = [name for name in names if name not in layer.components]
                names.insert(at, layer.name)
        return names

    @property
    def folded(self) -> bool:
        """Whether vectors and matrices are told folded."""
        return any(isinstance(step, NameLayers) for step in self.explanation.steps)

    @cached_property
    def lives(self) -> dict[str, Live]:
        """The numbers that the page works out by a formula of their own, by their keys."""
        return {live.key: live for step in self.explanation.steps for live in _lives(step) if live.formula is not None}

    @property
    def is_tied(self) -> bool:
        """Whether the inputs cannot move one by one: the point has to stay on a curve."""
        documents = (self.explanation, *self.explanation.parts)
        steps = [step for document in documents for step in document.steps]
        return any(
            isinstance(step, AlongTheCurve) or (isinstance(step, RelatedRates) and step.unknown is not None)
            for step in steps
        )

    @property
    def grain(self) -> str:
        return str(self.graph.graph["grain"])

    @cached_property
    def path_count(self) -> int:
        return sum(count_paths(self.graph, wrt, of) for of in self.explanation.of for wrt in self.explanation.wrt)

    @property
    def formulas(self) -> list[Shown]:
        """What was written for the outputs: one expression as it stands, else the outputs' names."""
        program = self.graph.graph["program"]
        if program.layers:
            written = {layer.name or self.of[0]: layer.tree for layer in program.layers if layer.tree is not None}
            return [Chain((Name(name), written[name])) if name in written else Name(name) for name in self.of]
        if program.is_expression and program.assignments[0].tree is not None:
            return [Chain((Name(self.explanation.graph.graph["outputs"][0].name), program.assignments[0].tree))]
        return [Name(name) for name in self.of]

    # Steps

    @staticmethod
    def kind(step: Step) -> str:
        """The name of a step's macro: SumPaths is told by sum_paths."""
        return _kind(type(step).__name__)

    @staticmethod
    def is_still(step: Step) -> bool:
        """Whether it holds at the given point alone."""
        return isinstance(step, UnitsOff) or bool(getattr(step, "zero", False))

    @staticmethod
    def has_chains(step: Step) -> bool:
        """Whether formulas stand below its words, one after the other."""
        return hasattr(step, "chains")

    @staticmethod
    def tree(each: Any) -> Shown:
        """What is to be set: a formula, or the name of a node."""
        return Name(each) if isinstance(each, str) else Name(each.name) if isinstance(each, Node) else each

    def told(self, step: Step) -> bool:
        """Whether the paths were followed one by one just before."""
        return any(
            isinstance(other, FollowPaths)
            and isinstance(step, SumPaths)
            and (other.of, other.wrt) == (step.of, step.wrt)
            for other in self.explanation.steps
        )

    def remembered(self, what: str) -> bool:
        """Whether a remark was made before; it is not made twice."""
        before = what in self._memory
        self._memory.add(what)
        return before

    def left_out(self, step: NameNodes | Evaluate) -> bool:
        """Whether there are too many nodes for a sentence."""
        return sum(node.formula is not None for node in self.graph) > LISTED

    @staticmethod
    def school_rule(step: SumPaths) -> str:
        """The rule that two paths are which meet in one operation: "product", "quotient", or none."""
        if len(step.paths) != 2:
            return ""
        last = [fact.path.edges[-1] for fact in step.paths]
        formula = without_constants(last[0].head.formula)
        if last[0].head != last[1].head or last[0] == last[1] or not isinstance(formula, Apply):
            return ""
        return {"multiply": "product", "divide": "quotient"}.get(formula.operator, "")

    @staticmethod
    def definition(quantity: Quantity) -> Shown:
        """c = a + b."""
        return (
            Chain((Name(quantity.node.name), quantity.formula))
            if quantity.formula is not None
            else Name(quantity.node.name)
        )

    @staticmethod
    def worth(quantity: Quantity) -> Shown:
        """c = 3, or ≈ where the number is rounded."""
        assert quantity.value is not None
        return equated((Name(quantity.node.name), quantity.value))

    @staticmethod
    def edge(fact: EdgeFact) -> Shown:
        """∂e/∂c = d = 2, without repeating a side."""
        sides: list[Shown] = [fact.rate, fact.partial]
        if fact.value is not None and bare(fact.value) != fact.partial:
            sides.append(fact.value)
        return equated(sides)

    @staticmethod
    def row(row: SweepRow) -> Shown:
        """∂e/∂b = 1·2 + 1·3 = 5."""
        return equated((row.chain.left, *row.chain.lines))

    def widest(self, step: SweepTable) -> int:
        """The length of a table's longest row, in characters."""
        return max(len(typesetting.text(self.row(row))) for row in step.rows)

    @staticmethod
    def row_rule(row: SweepRow) -> Shown:
        """∂e/∂b = ∂c/∂b · ∂e/∂c + ∂d/∂b · ∂e/∂d."""
        assert row.rule is not None
        return equated((row.rule.left, *row.rule.lines))

    @staticmethod
    def whole(chain: StepChain | Shown) -> Shown:
        """A chain as one formula."""
        return equated((chain.left, *chain.lines)) if isinstance(chain, StepChain) else chain

    def least(self, step: Step) -> str:
        """The least detail at which a step is shown: "answer", "main" or "all"."""
        if isinstance(step, RESULTS):
            return "answer"
        kinds = {type(other) for other in self.explanation.steps}
        last = next((kind for kind in (Answer, SubstituteBack, SumPaths) if kind in kinds), Answer)
        if isinstance(step, LocalDerivatives | FollowPaths | FactorPaths | SweepTable | Ledger):
            return "all"
        sure = last | Answer if self.question == "derivative" else Checks
        return "answer" if isinstance(step, sure | Readings | Checks | TooLarge | NoPath) else "main"

    @property
    def has_details(self) -> bool:
        """Whether there is more than one detail to choose from."""
        documents = (self.explanation, *self.explanation.parts)
        return len({self.least(step) for document in documents for step in document.steps}) > 1

    @property
    def followed(self) -> list[tuple[str, Shown]]:
        """The numbers that stay in sight while an input moves, by their keys: outputs and derivatives, a few."""
        pairs = list(self.explanation.answers)
        found: list[tuple[str, Shown]] = [(of.name, Name(of.name)) for of in self.explanation.of if of.formula]
        nodes = {node.name: node for node in self.graph}
        for of, wrt in pairs:
            if of != wrt:
                found.append((f"{of}/{wrt}", total_rate(nodes[of], nodes[wrt], self.graph)))
        return found[:FOLLOWED]

    @staticmethod
    def rows(chain: StepChain) -> list[tuple[Shown | None, str, Shown]]:
        """A chain for display: left side (once), sign, right side; a long sum has a row for each of its terms."""
        rows: list[tuple[Shown | None, str, Shown]] = []
        for line in chain.lines:
            sign = "about" if rounded(line) else "equals"
            left = chain.left if not rows else None
            if isinstance(line, Terms) and len(typesetting.text(line)) > WIDE:
                first, *rest = _packed(line.terms)
                rows.append((left, sign, first))
                rows.extend((None, *_signed(part)) for part in rest)
            elif len(typesetting.text(line)) > WIDE:
                first, *rest = _packed_factors(line)
                rows.append((left, sign, first))
                rows.extend((None, "times", part) for part in rest)
            else:
                rows.append((left, sign, line))
        return rows

    @staticmethod
    def on_one_line(chain: StepChain) -> Shown:
        """A whole chain as one line."""
        return equated((chain.left, *chain.lines))

    @staticmethod
    def answer(step: Answer) -> Shown:
        """∂e/∂b = a + 2b + 1; with a point, the number after it."""
        sides: list[Shown] = [step.rate]
        if step.result is not None:
            sides.append(step.result)
        if step.value is not None and bare(step.value) != step.result:
            sides.append(step.value)
        return equated(sides)

    def is_continued(self, step: Answer) -> bool:
        """Whether another answer stands just before: they are told as one."""
        place = next(number for number, other in enumerate(self.explanation.steps) if other is step)
        return place > 0 and isinstance(self.explanation.steps[place - 1], Answer)

    def answers_from(self, step: Answer) -> list[StepChain]:
        """An answer and those that follow it at once, each with its value, if there is a point."""
        steps = iter(self.explanation.steps)
        next(other for other in steps if other is step)
        found = [step]
        for other in steps:
            if not isinstance(other, Answer):
                break
            found.append(other)
        return [self._answer_chain(each) for each in found]

    def final_formulas(self) -> list[Shown]:
        """What the document comes to: its answers, or the last formula that it derives."""
        steps = self.explanation.steps
        answers = [self.answer(step) for step in steps if isinstance(step, Answer)]
        if answers:
            return answers
        for step in reversed(steps):
            chain = getattr(step, "chain", None)
            chains = getattr(step, "chains", ()) or ((chain,) if isinstance(chain, StepChain) else ())
            if chains:
                return [equated((each.left, each.lines[-1])) for each in chains]
        return [Name(name) for name in self.of]

    @staticmethod
    def _answer_chain(step: Answer) -> StepChain:
        sides = [side for side in (step.result, step.value) if side is not None]
        sides = sides[:1] if sides[1:] == sides[:1] else sides
        together = equated(sides) if len(sides) > 1 else sides[0]
        return StepChain(step.rate, (together,) if len(typesetting.text(together)) <= WIDE else tuple(sides))

    @property
    def is_long(self) -> bool:
        """Whether the text is worth an empty line between its steps."""
        return self.edge_count > 1

    @staticmethod
    def description(picture: DrawnPicture) -> str:
        """What a picture shows, for those who cannot see it: its formulas, node by node and edge by edge."""
        nodes = [typesetting.text(lines[0]) for lines in picture.nodes.values()]
        edges = [typesetting.text(label) for label in picture.edges.values()]
        return "; ".join(nodes + edges)

    @staticmethod
    def speed(fact: PathFact, edges: int) -> Shown:
        """How fast the node after so many edges moves: a product that grows by a factor an edge."""
        return product([edge.value or Number(1) for edge in fact.edges[:edges]])

    @staticmethod
    def route(path: Path | PathFact) -> Shown:
        """b → c → e."""
        nodes = path.path.nodes if isinstance(path, PathFact) else path.nodes
        return Chain(tuple(Name(node.name) for node in nodes), ("to",) * (len(nodes) - 1))

    @staticmethod
    def equation(left: Shown, right: int) -> Shown:
        return Chain((left, Number(right)))

    @staticmethod
    def ratio(larger: int, smaller: int) -> Shown:
        """A quotient of two counts, as a number."""
        return number_tree(Fraction(larger, smaller), 3, decimal=True)

    @cached_property
    def _places(self) -> tuple[str, str]:
        """Two letters for a rule's formula that are no names in this graph."""
        taken = {node.name for node in self.graph}
        pairs = (("f", "g"), ("p", "q"), ("r", "s"), ("m", "n"), ("F", "G"))
        return next(((one, two) for one, two in pairs if not {one, two} & taken), ("f0", "g0"))

    @staticmethod
    def clause(condition: Shown) -> tuple[str, tuple[Shown, ...]]:
        """How a condition is said in a sentence, and what of: "and" or "or" of several, "whole" or "broken", or none.

        >>> from symgraph.language.tree import Apply, Name
        >>> x = Name("x")
        >>> View.clause(Apply("equal", (x, Apply("floor", (x,))))) == ("whole", (x,))
        True
        """
        operator = condition.operator if isinstance(condition, Apply) else ""
        if isinstance(condition, Apply) and (operator == "or" or (operator == "and" and one_chain(condition) is None)):
            return operator, condition.arguments
        if isinstance(condition, Apply) and operator in _WHOLE:
            for one, other in (condition.arguments, condition.arguments[::-1]):
                if other == Apply("floor", (one,)):
                    return _WHOLE[operator], (one,)
        return "", (condition,)

    def place_name(self, place: int) -> Shown:
        """The letter that a rule's formula has for an argument."""
        return Name(self._places[place])

    def shape(self, operator: str) -> Shown:
        """f/g or f^g: what a rule is about."""
        return Apply(operator, (Name(self._places[0]), Name(self._places[1])))

    def slope(self, operator: str, place: int) -> Shown:
        """The table's own derivative of f/g or f^g."""
        partial = PRIMITIVES[operator].partials(*(Symbol(name) for name in self._places))[place]
        assert partial is not None
        return shown(partial)

    # Pictures

    def picture(self, kind: str, start: Node | None = None) -> DrawnPicture | None:
        """A picture: "edges", the same with "blank" labels, "layers", "folded", or "forward" or "reverse" from a node.

        None when it would be unreadable.
        """
        if not self.has_pictures:
            return None
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
        if len(shown_nodes) <= FOLDED_NODES or not self.has_pictures:
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
            first: Shown = name if node.formula is None else Chain((name, _abridged(node.formula)))
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


def _abridged(formula: Tree) -> Tree:
    """What stands in a node: of a long sum the first two terms and the last, w₁x₁ + w₂x₂ + … + w₁₂x₁₂."""
    ends = [formula]  # the sum without its last term, without its last two, …
    while isinstance(ends[-1], Apply) and ends[-1].operator in ("add", "subtract"):
        ends.append(ends[-1].arguments[0])
    if len(ends) <= _TERMS or not isinstance(formula, Apply) or len(typesetting.text(formula)) <= WIDE:
        return formula
    return replace(formula, arguments=(Apply("add", (ends[-2], Text("…"))), formula.arguments[1]))


def _packed(terms: Sequence[Shown]) -> list[Shown]:
    """The terms of a long sum, as many to a row as fit; one that is named under a brace has a row of its own."""
    rows: list[list[Shown]] = []
    width = 0
    for term in terms:
        length = len(typesetting.text(term)) + 3
        alone = isinstance(term, Marked) and bool(term.label)
        if not rows or alone or width + length > WIDE or _signed(term)[0] == "minus":
            rows.append([])
            width = 0
        rows[-1].append(term)
        width += length
    return [row[0] if len(row) == 1 else Terms(tuple(row)) for row in rows]


def _packed_factors(line: Shown) -> list[Shown]:
    """The factors of a long product, as many to a row as fit."""
    found: list[Shown] = []
    stack = [line]
    while stack:
        part = stack.pop()
        if isinstance(part, Apply) and part.operator == "multiply":
            stack.extend(reversed(part.arguments))
        elif isinstance(part, Factors):
            stack.extend(reversed(part.factors))
        else:
            found.append(part)
    rows: list[list[Shown]] = [[]]
    width = 0
    for factor in found:
        length = len(typesetting.text(factor)) + 3
        if rows[-1] and width + length > WIDE:
            rows.append([])
            width = 0
        rows[-1].append(factor)
        width += length
    return [Factors(tuple(row)) for row in rows] if len(rows) > 1 else [line]


def _signed(term: Shown) -> tuple[str, Shown]:
    """A term of a sum, or several, with the sign before it: what is negative is taken away."""
    if isinstance(term, Terms):
        sign, first = _signed(term.terms[0])
        return sign, Terms((first, *term.terms[1:]))
    body = term.body if isinstance(term, Marked) else term
    if isinstance(body, Apply) and body.operator == "negate":
        inner: Shown = body.arguments[0]
        return "minus", replace(term, body=inner) if isinstance(term, Marked) else inner
    return "plus", term


def _is_strand(edges: Sequence[Edge]) -> bool:
    """X ⇉ Y ⇉ Z: one node after the other, with parallel edges between; drawn from left to right."""
    pairs = {(edge.tail.name, edge.head.name) for edge in edges}
    tails, heads = ({pair[end] for pair in pairs} for end in (0, 1))
    return len(pairs) == len(tails) == len(heads) < len(edges)


def _edge_facts(step: Step) -> list[EdgeFact]:
    return [fact for group in getattr(step, "groups", ()) for fact in group.edges]


def _lives(value: Any) -> Iterator[Live]:
    """The numbers that move in a step, however deep they stand in what it holds."""
    stack, seen = [value], set[int]()
    while stack:
        part = stack.pop()
        if id(part) in seen or isinstance(part, Node | Edge | Path | Number | Name | Rate):
            continue
        seen.add(id(part))
        if isinstance(part, Live):
            yield part
        elif is_dataclass(part):
            stack += [getattr(part, each.name) for each in fields(part)]
        elif isinstance(part, list | tuple):
            stack += part


def as_data(explanation: Explanation) -> dict[str, Any]:
    """The whole document as plain data, for JSON: facts, and every formula as text and LaTeX."""
    graph = explanation.graph
    return {
        "schema": 1,
        "inputs": [node.name for node in graph.graph["inputs"]],
        "outputs": [node.name for node in graph.graph["outputs"]],
        "grain": graph.graph["grain"],
        "nodes": [{"name": node.name, "formula": _data(node.formula)} for node in graph],
        "edges": [
            {
                "tail": edge.tail.name,
                "head": edge.head.name,
                "key": edge.key,
                "partial": _data(shown(edge.partial, graph)),
            }
            for node in graph
            for edge in edges_into(graph, node)
        ],
        "question": explanation.question,
        "steps": [{"kind": View.kind(step), **_data(step)} for step in explanation.steps],
        "parts": [as_data(part) for part in explanation.parts],
    }


_WRITTEN_DIGITS = 4300  # of an integer that Python writes out, and reads, without being told that it may


def _data(value: Any) -> Any:
    """One fact as plain data; a count with more digits than Python writes out becomes text, about 10^4341."""
    if isinstance(value, Node):
        return value.name
    if isinstance(value, Edge):
        return [value.tail.name, value.head.name, value.key]
    if isinstance(value, Path):
        return [node.name for node in value.nodes]
    if isinstance(value, Number | Name | Apply | Rate) or type(value).__module__ in (
        typesetting.Live.__module__,
        "symgraph.language.tree",
    ):
        return {"text": typesetting.text(value, whole=True), "latex": typesetting.latex(value, whole=True)}
    if is_dataclass(value):
        return {field.name: _data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [_data(each) for each in value]
    if isinstance(value, int) and digit_count(value) > _WRITTEN_DIGITS:
        return count_text(value)
    return value
