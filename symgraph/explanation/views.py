"""What templates look at: the facts of an explanation, worked out for printing, with no words and no markup.

A template loops and prints. Whatever it would have to compute (the speed after two edges, a node's definition as an
equation, what a sum's rule is called) is a method here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from sympy import Symbol

from symgraph.calculus.graph import Edge, Node
from symgraph.calculus.paths import Path, count_paths
from symgraph.explanation import lines, typesetting
from symgraph.explanation.formulas import equated, product, shown, total_rate, without_constants
from symgraph.explanation.pictures import DrawnPicture, FoldedBlock, Pictures
from symgraph.explanation.shapes import one_chain
from symgraph.explanation.shown import bare
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
from symgraph.explanation.typesetting import Chain, Live, Shown
from symgraph.language.numerals import number_tree
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Name, Number, Rate

if TYPE_CHECKING:
    from symgraph.explanation.explainer import Explanation

__all__ = ["View"]

FOLLOWED = 4  # numbers that stay in sight while an input moves
LISTED = 40  # nodes that a sentence still names
_WHOLE = {"equal": "whole", "unequal": "broken"}  # u = ⌊u⌋ and u ≠ ⌊u⌋


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
        self._pictures = Pictures(explanation) if self.has_pictures else None
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

    @property
    def is_long(self) -> bool:
        """Whether the text is worth an empty line between its steps."""
        return self.edge_count > 1

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

    # Formulas

    @staticmethod
    def tree(each: Any) -> Shown:
        """What is to be set: a formula, or the name of a node."""
        return Name(each) if isinstance(each, str) else Name(each.name) if isinstance(each, Node) else each

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
    def whole(chain: StepChain | Shown) -> Shown:
        """A chain as one formula."""
        return equated((chain.left, *chain.lines)) if isinstance(chain, StepChain) else chain

    rows = staticmethod(lines.rows)

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

    # Answers

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
        return StepChain(step.rate, (together,) if len(typesetting.text(together)) <= lines.WIDE else tuple(sides))

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

    # Rules

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

    @cached_property
    def _places(self) -> tuple[str, str]:
        """Two letters for a rule's formula that are no names in this graph."""
        taken = {node.name for node in self.graph}
        pairs = (("f", "g"), ("p", "q"), ("r", "s"), ("m", "n"), ("F", "G"))
        return next(((one, two) for one, two in pairs if not {one, two} & taken), ("f0", "g0"))

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
        """A picture of that kind; None when there is none, or it would be unreadable."""
        return self._pictures.picture(kind, start) if self._pictures else None

    @cached_property
    def blocks(self) -> list[FoldedBlock]:
        """Of a graph that is too large for one picture: its blocks."""
        return self._pictures.blocks if self._pictures else []

    @property
    def folded_picture(self) -> DrawnPicture | None:
        """The blocks in one picture."""
        return self._pictures.folded_picture if self._pictures else None


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
