"""A graph edit, and the derivative that it makes: in numbers, to be screened, or in formulas, to be proved.

A mistake is made at one place of the sum over the paths. Forward mode says where such places are: every node's rate is
the sum of (local derivative) · (rate of the argument) over its edges. An `Edit` replaces the local derivative of an
edge, or the rate that comes in by it, or a node's whole rate, or its value, or the total; everything else stays.

>>> from symgraph.marking.question import ask
>>> question = ask("sin(x^3)")
>>> x_to_u, u_to_y = question.edges
>>> forgotten = Edit("missing_edge", x_to_u, outer={x_to_u: lambda at: 1})
>>> in_formulas(question).total(forgotten), in_formulas(question).total()
(cos(x**3), 3*x**2*cos(x**3))

Why rules are functions of an `At` and not formulas: the same rule is run on balls for every candidate (a microsecond)
and on SymPy expressions for the few that fit (a hundred).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, Protocol

from sympy import Basic, Rational

from symgraph.calculus import reals
from symgraph.calculus.balls import Tape
from symgraph.calculus.graph import Edge
from symgraph.calculus.paths import Path
from symgraph.calculus.substitution import replace_symbols
from symgraph.language.constructors import construct
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Name
from symgraph.marking.question import Operation, Question

__all__ = [
    "BITS",
    "Algebra",
    "At",
    "Edit",
    "Finish",
    "Formula",
    "Place",
    "Rule",
    "Sweep",
    "Unusable",
    "in_formulas",
    "numbers_of",
]

BITS = 96

Place = Edge | Path | None
Rule = Callable[["At"], Any]
Finish = Callable[["Sweep"], Any]
Formula = Callable[[], Any]


def _no_rules() -> Mapping[Any, Rule]:
    return MappingProxyType({})


class Unusable(Exception):
    """An edit has no value here."""


@dataclass(frozen=True, eq=False)
class Edit:
    """One way in which an answer can come out wrong.

    Args:
        mistake: the name of its row in the table.
        where: the edge or path that it is about; None: the whole.
        likelihood: among explanations of the same answer, the greatest is told first.
        outer: edges whose local derivative is another.
        inner: edges by which another rate comes in.
        rates: names of nodes whose rate is another.
        values: names of nodes whose value is another (a function that was misread).
        finish: what is made of the sweep in the end; None: the rate of the output.
        formula: the answer itself, for what is no edit of this sweep (another derivative, the function itself).
        rough: its value at a sweep's point, where that is cheaper to have than the formula.
        touched: the edges that are not to be credited; None: all.
        paths: the paths that are not to be credited.
        kind: edits of one mistake and kind are the same misconception at different places.
        detail: what the words need besides the place: a name, a number, a formula, or what makes one.
        asked: the question that was asked, where the slip is in the derivative before it and was carried on.
    """

    mistake: str
    where: Place = None
    likelihood: float = 50
    outer: Mapping[Edge, Rule] = field(default_factory=_no_rules)
    inner: Mapping[Edge, Rule] = field(default_factory=_no_rules)
    rates: Mapping[str, Rule] = field(default_factory=_no_rules)
    values: Mapping[str, Rule] = field(default_factory=_no_rules)
    finish: Finish | None = None
    formula: Formula | None = None
    rough: Finish | None = None
    touched: frozenset[Edge] | None = None
    paths: tuple[Path, ...] = ()
    kind: str = ""
    detail: Any = None
    asked: Question | None = None

    @property
    def is_local(self) -> bool:
        """Whether it changes something inside the sweep, and not what comes out of it."""
        return self.finish is None and self.formula is None

    @cached_property
    def places(self) -> frozenset[tuple[object, ...]]:
        """What it changes, so that two edits can be seen to change the same thing."""
        outer = {("outer", edge.head.name, edge.key) for edge in self.outer}
        inner = {("inner", edge.head.name, edge.key) for edge in self.inner}
        return frozenset(outer | inner | {("value", name) for name in self.values})

    def meets(self, other: Edit) -> bool:
        """Whether the two cannot both be made."""
        if not (self.is_local and other.is_local):
            return True
        if self.heads.isdisjoint(other.heads):
            return not self.values.keys().isdisjoint(other.values)
        if not self.places.isdisjoint(other.places):
            return True
        return not (other.heads.isdisjoint(self.rates) and self.heads.isdisjoint(other.rates))

    @cached_property
    def heads(self) -> frozenset[str]:
        """The nodes at whose operation something changes."""
        return frozenset({edge.head.name for edge in (*self.outer, *self.inner)} | set(self.rates))

    def joined(self, other: Edit, likelihood: float) -> Edit | None:
        """Both edits at once, or None where they change the same thing."""
        if self.meets(other):
            return None
        touched = None if self.touched is None or other.touched is None else self.touched | other.touched
        return Edit(
            "two_edits",
            self.where,
            likelihood,
            {**self.outer, **other.outer},
            {**self.inner, **other.inner},
            {**self.rates, **other.rates},
            {**self.values, **other.values},
            touched=touched,
            paths=(*self.paths, *other.paths),
            detail=(self, other),
        )


class Algebra(Protocol):
    """Numbers or formulas: what a sweep is made of."""

    def apply(self, row: str, *arguments: Any) -> Any:
        """A function of the table, by its row's name."""

    def number(self, value: Any) -> Any:
        """A number: a Fraction, one of SymPy's, or one that is of this algebra already."""

    def partial(self, edge: Edge, values: Mapping[str, Any]) -> Any:
        """An edge's local derivative where the nodes are worth this."""

    def constant(self, operation: Operation, place: int) -> Any:
        """An argument without names."""

    def value(self, operation: Operation, values: Mapping[str, Any]) -> Any:
        """What an operation makes of its arguments."""

    def sweep(self, given: Mapping[str, Any]) -> Sweep:
        """The sweep where the inputs are worth this."""


class At:
    """One operation during a sweep: what its arguments are worth, and how fast they move."""

    __slots__ = ("_rates", "operation", "sweep")

    def __init__(self, sweep: Sweep, operation: Operation, rates: Mapping[str, Any]) -> None:
        self.sweep, self.operation, self._rates = sweep, operation, rates

    @property
    def f(self) -> Algebra:
        """The functions of the table."""
        return self.sweep.algebra

    @property
    def value(self) -> Any:
        """The operation's own value."""
        return self.sweep.values[self.operation.node.name]

    @property
    def input(self) -> Any:
        """The value of what is differentiated by."""
        return self.sweep.values[self.sweep.question.wrt.name]

    def argument(self, place: int = 0) -> Any:
        """What an argument is worth."""
        tree = self.operation.arguments[place]
        return self.sweep.values[tree.name] if isinstance(tree, Name) else self.f.constant(self.operation, place)

    def rate(self, place: int = 0) -> Any:
        """How fast an argument moves."""
        edge = self.operation.edges[place]
        rate = 0 if edge is None else self._rates[edge.tail.name]
        return self.f.number(Fraction(rate)) if isinstance(rate, int) else rate  # of two of Python's, 1/1 would be 1.0

    def value_of(self, name: str) -> Any:
        """What another node is worth."""
        return self.sweep.values[name]

    def rate_of(self, name: str) -> Any:
        """How fast a node that came before moves."""
        return self._rates[name]

    def partial(self, place: int = 0) -> Any:
        """The local derivative by an argument."""
        edge = self.operation.edges[place]
        return 0 if edge is None else self.sweep.partial(edge)

    def partial_at(self, place: int, value: Any) -> Any:
        """The local derivative by an argument, with another value put in that argument's place."""
        edge = self.operation.edges[place]
        assert edge is not None
        return self.f.partial(edge, {**self.sweep.values, edge.tail.name: value})


class Sweep:
    """A question's forward sweep, in numbers at one point or in formulas.

    Args:
        values: what every node is worth.
    """

    def __init__(self, question: Question, algebra: Algebra, values: Mapping[str, Any]) -> None:
        self.question, self.algebra, self.values = question, algebra, values
        self._partials: dict[tuple[str, str, int], Any] = {}

    def partial(self, edge: Edge) -> Any:
        """An edge's local derivative."""
        key = (edge.tail.name, edge.head.name, edge.key)
        if key not in self._partials:
            self._partials[key] = self.algebra.partial(edge, self.values)
        return self._partials[key]

    @cached_property
    def rates(self) -> Mapping[str, Any]:
        """How fast every node on the way moves."""
        rates: dict[str, Any] = {self.question.wrt.name: 1}
        for name, _, terms in self._lines:
            rates[name] = _total(terms, rates)
        return rates

    @cached_property
    def _lines(self) -> list[tuple[str, Operation, list[tuple[Any, str]]]]:
        """Each operation's name, and its local derivatives with the names of the nodes that they belong to."""
        return [
            (
                operation.node.name,
                operation,
                [(self.partial(edge), edge.tail.name) for edge in operation.edges if edge is not None],
            )
            for operation in self.question.operations
        ]

    @property
    def derivative(self) -> Any:
        """The derivative itself."""
        return self.rates.get(self.question.of.name, 0)

    @cached_property
    def adjoints(self) -> Mapping[str, Any]:
        """How fast the output moves with every node, other inputs included."""
        found: dict[str, Any] = {node.name: 0 for node in self.question.graph}
        found[self.question.of.name] = 1
        for edge in self.question.edges_downwards:
            found[edge.tail.name] = found[edge.tail.name] + found[edge.head.name] * self.partial(edge)
        return found

    def product(self, path: Path) -> Any:
        """The local derivatives along a path, multiplied."""
        result: Any = 1
        for edge in path.edges:
            result = result * self.partial(edge)
        return result

    def total(self, *edits: Edit) -> Any:
        """The derivative, with edits or without.

        Raises:
            Unusable: there is no such value here.
        """
        if not edits:
            return self.derivative
        if edits[0].finish is not None:
            return edits[0].finish(self)
        sweep = self
        for edit in edits:
            sweep = sweep._changed(edit) if edit.values else sweep
        return sweep._run(edits)

    def _changed(self, edit: Edit) -> Sweep:
        """The sweep with some nodes worth something else, and all that follows from it."""
        values = dict(self.values)
        changed: set[str] = set()
        for operation in self.question.operations:
            name = operation.node.name
            if name in edit.values:
                values[name] = edit.values[name](At(Sweep(self.question, self.algebra, values), operation, {}))
            elif any(edge is not None and edge.tail.name in changed for edge in operation.edges):
                values[name] = self.algebra.value(operation, values)
            else:
                continue
            changed.add(name)
        return Sweep(self.question, self.algebra, values)

    def _run(self, edits: Sequence[Edit]) -> Any:
        """The output's rate; what comes before the edits is taken from the sweep without them."""
        rates = dict(self.rates)
        changed: set[str] = set()
        for name, operation, terms in self._lines:
            own = [edit for edit in edits if name in edit.heads]
            if own:
                rates[name] = self._edited(own, operation, rates)
            elif any(tail in changed for _, tail in terms):
                rates[name] = _total(terms, rates)
            else:
                continue
            changed.add(name)
        return rates.get(self.question.of.name, 0)

    def _edited(self, edits: Sequence[Edit], operation: Operation, rates: Mapping[str, Any]) -> Any:
        """One node's rate where something is changed at its operation."""
        at = At(self, operation, rates)
        for edit in edits:
            if operation.node.name in edit.rates:
                return edit.rates[operation.node.name](at)
        rate: Any = 0
        for edge in operation.edges:
            if edge is not None:
                outer = next((edit.outer[edge] for edit in edits if edge in edit.outer), None)
                inner = next((edit.inner[edge] for edit in edits if edge in edit.inner), None)
                slope = outer(at) if outer else self.partial(edge)
                rate = rate + slope * (inner(at) if inner else rates[edge.tail.name])
        return rate


def _total(terms: Sequence[tuple[Any, str]], rates: Mapping[str, Any]) -> Any:
    total: Any = 0
    for partial, tail in terms:
        total = total + partial * rates[tail]
    return total


class _Numbers:
    """Exact numbers and balls of `BITS` bits: two that do not meet are certainly different.

    Exponents stay exact as long as they can, because a power of a negative number asks whether they are whole.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self._tapes: dict[Any, Tape] = {}
        self._constants: dict[Any, Any] = {}

    def apply(self, row: str, *arguments: Any) -> Any:
        try:
            return _finite(reals.RULES[row](*arguments))
        except reals.NotReal as fault:
            raise Unusable(fault.reason) from None

    def number(self, value: Any) -> Any:
        if isinstance(value, Fraction):
            return reals.exact(value.numerator, value.denominator)
        return self._run(value, value, {}) if isinstance(value, Basic) else value

    def partial(self, edge: Edge, values: Mapping[str, Any]) -> Any:
        return self._run(edge, edge.partial, values)

    def constant(self, operation: Operation, place: int) -> Any:
        key = (operation.node.name, place)
        if key not in self._constants:
            self._constants[key] = self._run(key, operation.arguments[place], {})
        return self._constants[key]

    def value(self, operation: Operation, values: Mapping[str, Any]) -> Any:
        return self._run(operation.node.name, operation.node.formula, values)

    def sweep(self, given: Mapping[str, Any]) -> Sweep:
        values = {name: self.number(value) for name, value in given.items()}
        for node in self.question.computed:
            values[node.name] = self._run(node.name, node.formula, values)
        return Sweep(self.question, self, values)

    def _run(self, key: Any, formula: Any, values: Mapping[str, Any]) -> Any:
        if key not in self._tapes:
            self._tapes[key] = Tape(formula)
        tape = self._tapes[key]
        (found,) = tape.execute({name: values[name] for name in tape.names})
        if isinstance(found, reals.NotReal):
            raise Unusable(found.reason)
        return _finite(found)


def _finite(value: Any) -> Any:
    if type(value) is reals.BALL and not value.is_finite():
        raise Unusable("too large")
    return value


class _Formulas:
    """SymPy expressions in the inputs."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._symbols = {node.name: node.symbol for node in question.graph}

    def apply(self, row: str, *arguments: Any) -> Any:
        return PRIMITIVES[row].construct(*arguments)

    def number(self, value: Any) -> Any:
        return Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else value

    def partial(self, edge: Edge, values: Mapping[str, Any]) -> Any:
        return replace_symbols(edge.partial, {self._symbols[name]: value for name, value in values.items()})

    def constant(self, operation: Operation, place: int) -> Any:
        return construct(operation.arguments[place], {}, self.question.limits)

    def value(self, operation: Operation, values: Mapping[str, Any]) -> Any:
        assert operation.node.formula is not None
        return construct(operation.node.formula, values, self.question.limits)

    def sweep(self, given: Mapping[str, Any]) -> Sweep:
        values: dict[str, Any] = dict(given)
        for node in self.question.computed:
            assert node.formula is not None
            values[node.name] = construct(node.formula, values, self.question.limits)
        return Sweep(self.question, self, values)


def numbers_of(question: Question) -> Algebra:
    """Exact numbers and balls for a question's sweeps; to be used under `precision(BITS)`."""
    return _Numbers(question)


def in_formulas(question: Question) -> Sweep:
    """The question's sweep in formulas of the inputs."""
    symbols = {node.name: node.symbol for node in question.graph}
    return _Formulas(question).sweep({name: symbols[name] for name in question.names})
