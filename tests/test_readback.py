"""What is printed says what is meant: every formula of every example is read again, and equals the step before.

Three printings of each are read by our own parser: text, ASCII and LaTeX. All three must be the same expression; and
every side of a chain of equations, written in the inputs, is certified to equal the side before (`equality.equal`).
Where numbers stand for names, both sides are taken at the point; where they are rounded, to so many digits.

The parser refuses rates (∂e/∂b, f'(x)) by design: whoever types dy/dx asks for what is to be computed. So in what is
read, the two parts of a rate are put in as names, p/q, where the rate stands; then p/q means the derivative that it
names, computed here by SymPy. What says nothing that could be compared, `d` and `Δ` before a name, is a name as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import pairwise, product
from typing import Any

import pytest
import sympy
from networkx import has_path
from sympy import Expr, Symbol
from sympy.matrices import MatrixBase

from symgraph.calculus.equality import Outcome, equal
from symgraph.explanation import typesetting
from symgraph.explanation.explainer import Explanation
from symgraph.explanation.formulas import rounded
from symgraph.explanation.shown import Chain, Factors, Live, Marked, Shown, Terms
from symgraph.explanation.steps import Chain as StepChain
from symgraph.gallery import Example, read_examples
from symgraph.language.constructors import construct
from symgraph.language.tree import Apply, Rate, Text, Tree, Undefined, names_in, postorder
from symgraph.parsing import latex, text

EXAMPLES = read_examples()
CONDITIONS = {"less", "less_equal", "greater", "greater_equal", "equal", "unequal", "and", "or", "not", "equals"}
FORMULA = (Marked, Factors, Terms, Chain, Live, *Tree.__args__)  # type: ignore[attr-defined]  # a union of classes


def plain(line: Shown) -> Shown:
    """A formula without the names of paths under its terms, which are no mathematics."""
    match line:
        case Marked() | Live():
            return plain(line.body)
        case Factors(parts):
            return Factors(tuple(map(plain, parts)))
        case Terms(parts):
            return Terms(tuple(map(plain, parts)))
    return line


def trees_in(line: Shown) -> list[Tree]:
    """The syntax trees of which a formula is made."""
    match line:
        case Marked() | Live():
            return trees_in(line.body)
        case Factors(parts) | Terms(parts) | Chain(parts):
            return [tree for part in parts for tree in trees_in(part)]
    return [line]


def sides(found: Any) -> Iterator[list[Shown]]:
    """Every formula that a step shows: chains of equations, and formulas alone."""
    if isinstance(found, StepChain):
        yield [found.left, *found.lines]
    elif isinstance(found, Chain):
        yield list(found.sides)
    elif isinstance(found, FORMULA):
        yield [found]
    elif isinstance(found, tuple):
        for each in found:
            yield from sides(each)
    elif is_dataclass(found) and type(found).__module__.endswith(("steps", "asking")):
        for each in fields(found):
            yield from sides(getattr(found, each.name))


class Reader:
    """Reads the formulas of one explanation and writes them in its inputs."""

    def __init__(self, explanation: Explanation) -> None:
        self.steps, self.graph = explanation.steps, explanation.graph
        self.nodes = {node.name: node for node in self.graph}
        inputs = self.graph.graph["inputs"]
        self.order = {name: place for place, name in enumerate(self.nodes)}
        point = explanation.values.point if explanation.values else {}
        self.point = {Symbol(node.name): point[node] for node in inputs if node in point}
        self.known: dict[str, Expr] = {}  # what the names stand for that were put in
        self.rates: dict[Symbol, Tree] = {}
        self.inner: dict[Tree, str] = {}
        self.done: dict[Shown, list[Any]] = {}

    # reading -----------------------------------------------------------------------------------------------------

    def read(self, line: Shown) -> list[Any]:
        """What the parser makes of the three printings."""
        if line not in self.done:
            self.done[line] = self._read(line)
        return self.done[line]

    def _read(self, line: Shown) -> list[Any]:
        trees = trees_in(line)
        found = [part for tree in trees for part in postorder(tree)]
        names = {name for tree in trees for name in names_in(tree)}
        functions = {part.name for part in found if isinstance(part, Undefined)}
        condition = isinstance(line, Apply) and line.operator in CONDITIONS
        put_in = [part for part in dict.fromkeys(reversed(found)) if self.is_put_in(part)]
        result = []
        for notation in ("text", "ascii", "latex"):
            printed = write(notation, line)
            for part in put_in:
                printed = printed.replace(write(notation, part), self.stand_in(notation, part))
            inner = {name for part in put_in for name in self.names(part)}
            declared = frozenset({*names, *map(subscripted, names), *inner, *(f"{each}(x)" for each in functions)})
            result.append(parse(notation, printed, declared - functions, condition).xreplace(self.renamed(names)))
        return result

    @staticmethod
    def renamed(names: set[str]) -> dict[Any, Any]:
        return {Symbol(subscripted(name)): Symbol(name) for name in names if subscripted(name) != name}

    @staticmethod
    def is_put_in(part: Tree) -> bool:
        differential = isinstance(part, Apply) and part.operator in ("differential", "change", "gradient")
        return differential or isinstance(part, Rate | Text) or (isinstance(part, Undefined) and bool(sum(part.orders)))

    def stand_in(self, notation: str, part: Tree) -> str:
        """How a rate looks with names for what stands above and below its line."""
        top, bottom = self.names(part)
        if top not in self.known:
            self.known[bottom] = sympy.Integer(7)
            meaning = self.meaning(part)
            self.known[top] = meaning * (7 if self.is_quotient(part) else 1)
            self.rates[Symbol(f"<{typesetting.text(part)}>")] = part
        as_names = rf"\mathrm{{{top}}}" if notation == "latex" else top
        if not self.is_quotient(part):
            return as_names
        return rf"\frac{{{as_names}}}{{\mathrm{{{bottom}}}}}" if notation == "latex" else f"{top}/{bottom}"

    def names(self, part: Tree) -> tuple[str, str]:
        number = self.inner.setdefault(part, str(len(self.inner)))
        return f"ratetop{number}x", f"ratelow{number}x"

    @staticmethod
    def is_quotient(part: Tree) -> bool:
        return isinstance(part, Rate) and part.slot is None and not part.held

    # what it means -----------------------------------------------------------------------------------------------

    def meaning(self, part: Tree) -> Expr:
        if isinstance(part, Undefined):
            return construct(part)
        unknown = Symbol(f"<{typesetting.text(part)}>")
        if not isinstance(part, Rate) or part.held or any(name not in self.nodes for name in (part.of, part.wrt)):
            return unknown
        of, wrt = self.nodes[part.of], self.nodes[part.wrt]
        if part.slot is not None:
            return self.graph.edges[wrt, of, part.slot - 1]["partial"]
        if not has_path(self.graph, wrt, of):
            return unknown
        found = self.in_inputs(Symbol(part.of), stop=part.wrt)
        real = {symbol: Symbol(symbol.name, real=True) for symbol in found.free_symbols}
        found = found.xreplace(real)
        for name in [part.wrt] * part.order + list(part.also):
            found = found.diff(Symbol(name, real=True))
        return found.xreplace({symbol: plain for plain, symbol in real.items()})

    def in_inputs(self, expr: Any, stop: str = "") -> Any:
        """An expression with every node's formula for its name, but for one."""
        expr = expr.xreplace({Symbol(name): value for name, value in self.known.items()})
        for name in reversed(self.nodes):
            formula = self.nodes[name].formula
            if name != stop and formula is not None and expr.has(Symbol(name)):
                expr = expr.xreplace({Symbol(name): construct(formula)})
        return expr

    def at_point(self, expr: Any) -> Any:
        return expr.xreplace(self.point)


# Sides that say something new and are not worked out from the side before: equations to be solved and their solutions,
# another point than the document's, errors that the question gives, logarithms taken of both sides, and whole vectors,
# whose components are nodes of their own and compared there.
SAID = {
    *("CriticalPoints", "LevelPoints", "NearPoint", "ErrorPropagation", "TakeLogarithms", "LogarithmicSlope"),
    *("SteepestAscent", "NameLayers", "LayerValues", "WeightedOutputs"),
}


class Claims:
    """The equations that one example claims, from all its parts, and the names and rates that they define."""

    def __init__(self, example: Example) -> None:
        explanation = example.explain()
        self.found: list[tuple[str, Reader, tuple[Shown, Any], tuple[Shown, Any]]] = []
        self.read = 0
        readers = [Reader(document) for document in (*explanation.parts, explanation)]
        for reader in readers:
            for step in reader.steps:
                for group in sides(step):
                    lines = [plain(line) for line in group]
                    self.add(type(step).__name__, reader, [(line, self.meant(reader, line)) for line in lines])
        self.bound: dict[Symbol, Any] = {}
        for _, reader, (_, left), (_, right) in self.found:
            new = isinstance(left, Symbol) and left.name not in reader.nodes and not right.has(left)
            if new and not isinstance(right, MatrixBase):
                self.bound.setdefault(left, right)
        rates = {name: part for reader in readers for name, part in reader.rates.items()}
        for reader, (name, part) in product(readers, rates.items()):
            meaning = reader.meaning(part)
            if name not in self.bound and not meaning.has(name):
                self.bound[name] = meaning

    def meant(self, reader: Reader, line: Shown) -> Any:
        first, *others = reader.read(line)
        assert all(other == first for other in others), [write(to, line) for to in ("text", "ascii", "latex")]
        self.read += 1
        return reader.in_inputs(first)

    def add(self, kind: str, reader: Reader, lines: list[tuple[Shown, Any]]) -> None:
        self.found += [(kind, reader, one, other) for one, other in pairwise(lines)]

    def compared(self, kind: str, reader: Reader, one: tuple[Shown, Any], other: tuple[Shown, Any]) -> bool | None:
        """Whether two sides are equal; None where names are left about which nothing is said, or a point is another."""
        if kind == "NearPoint":
            return None
        left, right = (side.doit() if side.is_Matrix else side for side in map(self.closed, (one[1], other[1])))
        if isinstance(left, MatrixBase) and isinstance(right, MatrixBase):
            pairs = list(zip(left, right, strict=True))
        elif isinstance(left, MatrixBase) or isinstance(right, MatrixBase):
            return True if left.is_Symbol and left.name not in reader.nodes else None
        else:
            pairs = [(left, right)]
        exact = not (rounded(one[0]) or rounded(other[0]))
        verdicts = [same(reader, *pair, exact=exact) for pair in pairs]
        return None if None in verdicts else all(verdicts)

    def closed(self, expr: Any) -> Any:
        for _ in range(3):
            expr = expr.xreplace(self.bound)
        return expr


def same(reader: Reader, left: Any, right: Any, *, exact: bool) -> bool | None:
    if left == right or (exact and certified(left, right)):
        return True
    left, right = left.xreplace(reader.point), right.xreplace(reader.point)
    if left.free_symbols or right.free_symbols:
        return None
    if exact:
        return certified(left, right)
    one, other = complex(left.evalf(25)), complex(right.evalf(25))
    return abs(one - other) <= 1e-4 * max(1.0, abs(one))


@cache
def certified(left: Expr, right: Expr) -> bool:
    """Proved; or, where that is not to be had, the same in certified balls at all points that were tried."""
    result = equal(left, right, heavy=False)
    return result.outcome is Outcome.PROVED or (result.outcome is Outcome.UNDECIDED and result.points >= 6)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_printed_step_is_read_again_and_equals_the_one_before(example: Example) -> None:
    claims = Claims(example)
    verdicts = [
        (kind, one[0], other[0], claims.compared(kind, reader, one, other)) for kind, reader, one, other in claims.found
    ]
    wrong = [
        (kind, write("text", one), write("text", other)) for kind, one, other, verdict in verdicts if verdict is False
    ]
    only_said = {kind for kind, _, _, verdict in verdicts if verdict is None}
    assert wrong == []
    assert only_said <= SAID
    assert claims.read > 2 and sum(verdict is True for *_, verdict in verdicts) > 0


def subscripted(name: str) -> str:
    """x1 is printed as x with a 1 below, which is read as x_1."""
    return re.sub(r"^([A-Za-z]+)([0-9]+)$", r"\1_\2", name)


def write(notation: str, line: Shown) -> str:
    if notation == "latex":
        return typesetting.latex(line)
    return typesetting.text(line, ascii=notation == "ascii")


@cache
def parse(notation: str, printed: str, names: frozenset[str], condition: bool) -> Any:
    if condition:
        return construct(text.parse_condition(printed, inputs=sorted(names)))
    door = latex if notation == "latex" else text
    tree = door.parse_expression(printed, inputs=sorted(names))
    return folded(tree) if has_matrices(tree) else construct(tree)


def has_matrices(tree: Tree) -> bool:
    return any(isinstance(part, Apply) and part.operator == "transpose" for part in postorder(tree))


def folded(tree: Tree) -> Symbol:
    """A formula of matrices, which is compared as it stands."""
    return Symbol(repr(tree))
