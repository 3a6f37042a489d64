"""Hints that never spoil: how many paths, which nodes, one edge, the factors of a product, and only then the total.

>>> for given in range(3):
...     print(hint("sin(x^2)", given=given))
There is one path from x to y, so the derivative is one product.
Name the operations: u = x² and y = sin u. The path is x → u → y.
On the edge x → u the local derivative is 2x.

A reader who does what each hint says is there after the fourth; the fifth is the derivative itself. The next hint
depends on the attempt: whoever has the paths and a wrong sign on an edge is sent to that edge, and not back to
counting.

No hint before the last holds the answer or its value: a local derivative that is worth what the answer is worth is
told as the rule that gives it, in letters of its own. For the slope of a curve the hints lead to its two parts, to
their quotient, and, where the second derivative is asked for, once more along the curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Symbol

from symgraph.calculus.evaluation import Point
from symgraph.calculus.graph import Edge, Node, Source
from symgraph.calculus.simplifier import simplest
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer
from symgraph.explanation.shown import Chain, Factors, Shown, Terms
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Name, Number, Rate, Tree
from symgraph.marking.answers import Written
from symgraph.marking.checker import mark
from symgraph.marking.formulas import derivative_shown, route, unfolded
from symgraph.marking.grounds import EvidenceView
from symgraph.marking.lines import Tangent
from symgraph.marking.question import Question
from symgraph.marking.spoilers import Guard
from symgraph.marking.tasks import Task, pose
from symgraph.marking.verdicts import Outcome, Verdict

__all__ = ["KINDS", "EdgeHint", "Hint", "hint"]

KINDS = ("paths", "nodes", "edge", "product", "total")  # of a tangent also "line" and "through"
# What leads to the slope of a curve, in the place of all but the last: its parts, their quotient, and this once more.
_OF_CURVES = ("curve", "quotient", "again")
LISTED = 8  # paths and edges that one hint lists
_OF_PATHS = frozenset(
    {"missing_path", "repeated_path", "other_input", "variable_as_constant", "product_of_derivatives"}
)
_PASSING = frozenset({"add", "subtract", "negate", "identity"})


@dataclass(frozen=True)
class EdgeHint:
    """What is told of one edge: its local derivative, or only the rule that gives it.

    Args:
        partial: the local derivative, in the names of nodes; None where it would give the answer away.
        function, slope: the rule instead: a function of letters of its own, and its derivative by the edge's argument.
    """

    edge: Edge
    partial: Tree | None
    function: Tree
    letter: Tree
    slope: Tree

    @property
    def route(self) -> Shown:
        return route((self.edge.tail, self.edge.head))


@dataclass(frozen=True)
class Hint:
    """One hint; it prints as its sentence.

    Args:
        kind: one of `KINDS`, or of what leads to a tangent or to the slope of a curve; "done" for an attempt that is
            right, "unreadable" for one that cannot be read.
        number: 1 for the first one.
        last: whether the next would say no more.
    """

    kind: str
    number: int
    last: bool
    question: Question = field(repr=False, compare=False)
    task: Task = field(repr=False, compare=False)
    verdict: Verdict | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        return self.render("txt").strip()

    @property
    def sentence(self) -> str:
        """Its words in one line."""
        return renderer.say(f"hint_{self.kind}", self)

    def render(self, to: str = "txt") -> str:
        """The hint as "txt", "html", "tex", "md" or "json"."""
        return renderer.compose("hint", self, to)

    # What the words are made of

    @property
    def wrt(self) -> Shown:
        return Name(self.question.wrt.name)

    @property
    def of(self) -> Shown:
        return Name(self.question.of.name)

    @property
    def tangent(self) -> Tangent | None:
        """The tangent, where it is asked for."""
        return self.task.tangent

    @property
    def rate(self) -> Rate:
        """dy/dx, the slope of a curve."""
        assert self.task.slope is not None
        return self.task.slope.rate

    @property
    def coordinates(self) -> list[Shown]:
        """y and x, of a curve."""
        return [Name(self.rate.of), Name(self.rate.wrt)]

    @property
    def equation(self) -> Shown | None:
        """F = x² + y² − 25, of a curve that an equation gives."""
        node = self.question.of
        if self.task.slope is None or not self.task.slope.sides or node.formula is None:
            return None
        return Chain((Name(node.name), unfolded(node.formula, self.question.graph)))

    @property
    def parts(self) -> list[Rate]:
        """∂F/∂x and ∂F/∂y, or dy/dt and dx/dt."""
        if self.equation is None:
            return [Rate(name, self.question.wrt.name, straight=True) for name in (self.rate.of, self.rate.wrt)]
        return [Rate(self.question.of.name, name) for name in (self.rate.wrt, self.rate.of)]

    @property
    def along(self) -> Shown:
        """∂F/∂x + ∂F/∂y·dy/dx = 0."""
        across, up = self.parts
        return Chain((Terms((across, Factors((up, self.rate)))), Number(0)))

    @property
    def count(self) -> int:
        """How many paths there are."""
        return self.question.path_count

    @cached_property
    def _guard(self) -> Guard:
        return Guard(self.question, self.task.value)

    @property
    def definitions(self) -> list[Shown]:
        """The operations between input and output, those that are the answer by name alone."""
        found: list[Shown] = []
        for operation in self.question.operations[:LISTED]:
            name, formula = Name(operation.node.name), operation.node.formula
            found.append(Chain((name, formula)) if formula is not None and self._guard.lets(formula) else name)
        return found

    @property
    def routes(self) -> list[Shown]:
        """The paths, the first ones of many."""
        return [route(path.nodes) for path in self.question.paths[:LISTED]]

    @property
    def unlisted(self) -> int:
        """How many paths are not listed."""
        return max(0, self.count - LISTED)

    @cached_property
    def edge(self) -> EdgeHint:
        """The edge to look at: the one of the likeliest mistake, else the one that is hardest."""
        first = self.verdict.diagnoses[0] if self.verdict is not None and self.verdict.diagnoses else None
        where = first.where if first is not None else None
        edges = self.question.edges
        if isinstance(where, Edge):
            if where in edges:
                return self._told(where)
            edges = self.question.between(where.tail, where.head) or edges  # none leads on from another input
        return self._told(_hardest(edges))

    @property
    def edge_named(self) -> list[Shown]:
        """What the nodes of that edge are, where it is the first hint and nobody has named them."""
        graph, found = self.question.graph, list[Shown]()
        for node in (self.edge.edge.tail, self.edge.edge.head) if self.number == 1 else ():
            if node.formula is not None and node is not self.question.of:
                formula = unfolded(node.formula, graph)
                if self._guard.lets(formula) and node.name not in graph.graph["program"].assigned:
                    found.append(Chain((Name(node.name), formula)))
        return found

    @cached_property
    def edges(self) -> list[EdgeHint]:
        """Every edge between input and output."""
        return [self._told(edge) for edge in self.question.edges]

    def _told(self, edge: Edge) -> EdgeHint:
        partial = from_sympy(edge.partial)
        function, letter, slope = rule_of(self.question, edge)
        return EdgeHint(edge, partial if self._guard.lets(partial) else None, function, letter, slope)

    @property
    def product(self) -> Shown | None:
        """The first path, as a product to be worked out."""
        return route(self.question.paths[0].nodes) if self.question.paths else None

    @property
    def derivative(self) -> Shown:
        """The derivative itself, or its value at the point."""
        if self.task.value is not None:
            return from_sympy(self.task.value)
        slope = self.task.slope
        return derivative_shown(self.question) if slope is None else from_sympy(simplest(slope.answer))

    @property
    def evidence(self) -> EvidenceView | None:
        """Why an attempt cannot be read, and how it could be written."""
        return None if self.verdict is None else EvidenceView(self.verdict.evidence)

    def data(self) -> dict[str, Any]:
        """The hint as plain data."""
        return {"schema": 1, "number": self.number, "kind": self.kind, "last": self.last, "sentence": self.sentence}


def hint(
    source: Source | Task,
    wrt: str | Symbol | None = None,
    *,
    of: str | Symbol | None = None,
    at: Point | None = None,
    attempt: Written | None = None,
    given: int = 0,
    order: int = 1,
    tangent: bool = False,
) -> Hint:
    """The next hint for one derivative, or for the tangent at a point.

    Args:
        attempt: what the reader has so far; it decides where to begin.
        given: how many hints were given already.
        tangent: the tangent at the point is asked for.

    Raises:
        SymgraphError: the source cannot be read, or asks for several derivatives at once.

    >>> hint("sin(x^2)", attempt="cos(x^2)").sentence
    'On the edge x → u, where u = x², the local derivative is 2x.'
    >>> hint("sin(x^2)", attempt="2x*cos(x^2)").kind
    'done'
    >>> hint("x^2", at="x=2", tangent=True, attempt="y = 4x").sentence[:38]
    'Then the equation: at the point it has'
    """
    task = source if isinstance(source, Task) else pose(source, wrt, of=of, at=at, order=order, tangent=tangent)
    if len(task.questions) != 1 and task.tangent is None:
        raise SymgraphError("a hint is about one derivative: say which, with wrt= and of=")
    if not isinstance(given, int) or given < 0:
        raise SymgraphError(f"{given!r} hints cannot have been given: 0, 1, 2, …")
    question = task.questions[0]
    verdict = None if attempt is None else mark(task, attempt)
    if verdict is not None and verdict.outcome in (Outcome.RIGHT, Outcome.RIGHT_ON, Outcome.WRONG_FORM):
        return Hint("done", given + 1, True, question, task, verdict)
    if verdict is not None and verdict.outcome is Outcome.UNREADABLE:
        return Hint("unreadable", given + 1, False, question, task, verdict)
    steps = KINDS[:-1] if task.slope is None else _OF_CURVES[: 1 + task.slope.order]
    if task.tangent is not None:
        kinds = _kinds_of_tangent(verdict, steps, plane=task.tangent.is_plane)
    else:
        kinds = _kinds(question, verdict) if task.slope is None else (*steps, "total")
    kind = kinds[min(given, len(kinds) - 1)]
    return Hint(kind, given + 1, given >= len(kinds) - 1, question, task, verdict)


def _kinds(question: Question, verdict: Verdict | None) -> Sequence[str]:
    """The hints to come, in order: those that an attempt shows to be known are left out."""
    if verdict is None or not verdict.diagnoses:
        return KINDS
    mistake = verdict.diagnoses[0].mistake
    if mistake in _OF_PATHS and question.path_count > 1:
        return KINDS
    if verdict.diagnoses[0].where is not None:
        return ("edge", "nodes", "product", "total")
    return KINDS


def _kinds_of_tangent(verdict: Verdict | None, steps: Sequence[str], *, plane: bool) -> Sequence[str]:
    """The same for a tangent: what makes one, then the steps to the derivative, then the line."""
    slope = ("line", "through", "total") if plane else ("line", *steps, "through", "total")
    if verdict is None or not verdict.diagnoses or verdict.diagnoses[0].mistake == "not_a_line":
        return slope
    mistake = verdict.diagnoses[0].mistake
    if mistake == "tangent_slope":
        alone = verdict.diagnoses[0].where is None or steps[0] == "curve"
        return slope[1:] if alone else ("edge", "nodes", "product", "through", "total")
    return ("line", "total") if mistake == "slope_not_evaluated" else ("through", "total")


def _hardest(edges: Sequence[Edge]) -> Edge:
    """The edge with most to know about: a function rather than a factor, and nothing that passes a change on."""
    return max(edges, key=lambda edge: (edge.rule not in _PASSING, edge.rule not in ("multiply", "divide"), edge.key))


def rule_of(question: Question, edge: Edge) -> tuple[Tree, Tree, Tree]:
    """The rule of the table that gives an edge's local derivative: a function, its letter, and the derivative by it."""
    operation = next(each for each in question.operations if each.node is edge.head)
    place = operation.edges.index(edge)
    if operation.row not in PRIMITIVES:
        tree = from_sympy(edge.partial)
        return (edge.head.formula or Name(edge.head.name)), Name(edge.tail.name), tree
    letters = _letters(question.graph, len(operation.arguments))
    partial = PRIMITIVES[operation.row].partials(*(Symbol(letter) for letter in letters))[place]
    function = Apply(operation.row, tuple(Name(letter) for letter in letters))
    return function, Name(letters[place]), from_sympy(partial)


def _letters(nodes: Sequence[Node], count: int) -> list[str]:
    """Letters that no node has."""
    taken = {node.name for node in nodes}
    free = [letter for letter in "pqrsmnkhgt" if letter not in taken]
    return [*free, *(f"p{number}" for number in range(count))][:count]
