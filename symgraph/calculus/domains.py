"""Where a node has no value or no derivative, and why: corners, jumps, ties, seams, the edges of a domain.

>>> from symgraph.calculus.graph import build
>>> for trouble in troubles(build("|x| + ln(x)")):
...     print(trouble.node.name, trouble.rule, trouble.kind, [str(condition) for condition in trouble.conditions])
u absolute_value kink ['Eq(x, 0)']
y logarithm domain ['x > 0']

The table's rows say both: `domain` has the conditions that must hold, `kinks` those under which there is a value and no
derivative. A condition that is always met (x² + 1 ≠ 0 for a real x) is left out.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Any

from sympy import Eq, Expr, Ne, Rational, S, StrictGreaterThan, Symbol, diff

from symgraph.calculus.graph import Graph, Node
from symgraph.calculus.pieces import operations
from symgraph.calculus.substitution import in_inputs, replace_symbols, tree_size
from symgraph.errors import DomainError, LimitExceeded, SymgraphError
from symgraph.language import structures
from symgraph.language.constructors import construct
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Name, Tree, Undefined, names_in, rebuild

__all__ = ["Trouble", "check", "possible_troubles", "troubles", "why", "without_needless"]

STEP = Rational(1, 2**40)  # how far beside a seam the pieces are looked at
DIGITS = 50
SMALL = Rational(1, 10**40)
SHORT = 30  # pieces of a node that is written in the inputs
SIZE = 300  # pieces of a formula that is still compared at a seam

# What is the matter, for a reader of errors; the words of documents are in words.j2.
_WHY: Mapping[str, str] = MappingProxyType(
    {
        "absolute_value": "|u| has a corner where u is 0: the slope is −1 on one side, 1 on the other",
        "relu": "ReLU has a corner at 0: the slope is 0 on one side, 1 on the other",
        "maximum": "two arguments of the maximum are equal: it is not settled whose change is passed on",
        "minimum": "two arguments of the minimum are equal: it is not settled whose change is passed on",
        "piecewise": "here one formula ends and the next begins, and they do not meet with equal values and slopes",
        "sign": "the sign jumps at 0",
        "heaviside": "the step jumps at 0",
        "floor": "it jumps at whole numbers",
        "ceiling": "it jumps at whole numbers",
        "arctangent2": "the angle jumps by 2π there",
        "square_root": "a square root rises straight up at 0",
        "cube_root": "a cube root rises straight up at 0",
        "real_root": "a root rises straight up at 0",
        "power": "this power rises straight up at 0",
        "inverse_sine": "it rises straight up at the end of its domain",
        "inverse_cosine": "it falls straight down at the end of its domain",
    }
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """An operation inside a node, and where it fails.

    Args:
        piece: the operation, in the names of nodes.
        rule: its row.
        kind: "domain" (the conditions must hold), "nowhere" (one of them never does), "kink" (where one holds there is
            no derivative), or "seam" (where one holds two formulas meet).
        smooth: at a seam that is one number: whether they meet with equal values and slopes; None: not known.
    """

    node: Node
    piece: Tree
    rule: str
    kind: str
    conditions: tuple[Any, ...]
    smooth: bool | None = None


def why(rule: str) -> str:
    """What is the matter at a kink of that row, in words.

    >>> why("floor")
    'it jumps at whole numbers'
    """
    return _WHY.get(rule, "its slope is without bound there, or different on its two sides")


def troubles(graph: Graph) -> list[Trouble]:
    """Where each node of a graph has no value or no derivative, in the order of the nodes."""
    return without_needless(list(possible_troubles(graph)))


def possible_troubles(graph: Graph) -> Iterator[Trouble]:
    """The same one by one; what another of them makes needless is among them."""
    demanding = _demanding_nodes(graph)
    needed = _needed(graph, demanding)
    written: dict[str, Any] = {}
    for node in graph:
        if node.name in needed:
            written[node.name] = _written(node, written)
        for piece in demanding.get(node, ()):
            row = _row(piece)
            for kind, kept in _conditions(piece, written):
                conditions = tuple(map(_plain, kept))
                if kind == "nowhere" and "piecewise" not in graph.graph["rules"]:
                    yield Trouble(node, piece, row.name, kind, ())
                    break
                if row.name == "piecewise" and kind == "kink":
                    for seam in dict.fromkeys(conditions):
                        yield Trouble(node, piece, row.name, "seam", (seam,), _meets_smoothly(graph, piece, seam))
                elif kind != "nowhere":
                    yield Trouble(node, piece, row.name, kind, tuple(dict.fromkeys(conditions)))


def without_needless(found: Sequence[Trouble]) -> list[Trouble]:
    """The troubles without those that say u ≠ 0 where another says u > 0."""
    conditions = [condition for each in found if each.kind == "domain" for condition in each.conditions]
    positive = {each.lhs for each in conditions if isinstance(each, StrictGreaterThan) and each.rhs == 0}
    return [each for each in found if each.kind == "nowhere" or not _follows(each, positive)]


def _conditions(piece: Apply | Undefined, written: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """The conditions of an operation that are not always met, by kind, where there are any; "nowhere": one never is."""
    row, arguments = _row(piece), _arguments(piece, written)
    if arguments is not None:
        domain, kinks = row.domain(*arguments), row.kinks(*arguments)
        if any(each == False for each in domain):  # noqa: E712 (SymPy's false is not Python's)
            yield "nowhere", []
        for kind, conditions in (("domain", domain), ("kink", kinks)):
            kept = [each for each in conditions if each not in (S.true, S.false, True, False)]
            if kept:
                yield kind, kept


def _demanding(node: Node) -> list[Apply | Undefined]:
    """The operations of a node that do not have a value and a derivative everywhere."""
    if node.formula is None:
        return []
    rows = [(piece, _row(piece)) for piece in operations(node.formula)]
    return [piece for piece, row in rows if row is not None and row.domain is not row.kinks]


def _demanding_nodes(graph: Graph) -> dict[Node, list[Apply | Undefined]]:
    """The same of every node, without those that have both whatever real numbers their names are: 1/(1 + u²)."""
    sure: dict[Tree, bool] = {}  # by the operation with its names numbered
    found: dict[Node, list[Apply | Undefined]] = {}
    for node in graph:
        for piece in _demanding(node):
            form = _numbered(piece)
            if form not in sure:
                sure[form] = _is_sure(form)
            if not sure[form]:
                found.setdefault(node, []).append(piece)
    return found


def _numbered(piece: Tree) -> Tree:
    """A piece with other names, those by which all of its form are known."""
    names: dict[str, Name] = {}

    def named(part: Tree) -> Tree | None:
        return names.setdefault(part.name, Name(f"x{len(names)}")) if isinstance(part, Name) else None

    return rebuild(piece, named)


def _is_sure(piece: Tree) -> bool:
    """Whether an operation has a value and a derivative whatever real numbers its names are."""
    assert isinstance(piece, Apply | Undefined)
    real = {name: Symbol(name, real=True) for name in names_in(piece)}
    return _arguments(piece, real) is not None and not list(_conditions(piece, real))


def _needed(graph: Graph, demanding: Container[Node]) -> set[str]:
    """The names of the nodes that such operations are applied to, and of those that these are made of."""
    needed: set[str] = set()
    for node in reversed(list(graph)):
        if node.formula is not None and (node.name in needed or node in demanding):
            needed.update(names_in(node.formula))
    return needed


def _follows(trouble: Trouble, positive: set[Any]) -> bool:
    """Whether it asks only that something is not zero that must be positive anyway."""
    return all(isinstance(each, Ne) and each.rhs == 0 and each.lhs in positive for each in trouble.conditions)


def _written(node: Node, written: Mapping[str, Any]) -> Any:
    """A node in real inputs, so that SymPy can see what always holds; as a name where that would be long."""
    alone = Symbol(node.name, real=True)
    if node.formula is None:
        return alone
    try:
        expr = construct(node.formula, {name: written[name] for name in names_in(node.formula)})
    except SymgraphError:
        return alone
    return expr if isinstance(expr, Expr) and tree_size(expr) <= SHORT else alone


def _meets_smoothly(graph: Graph, piece: Apply | Undefined, seam: Any) -> bool | None:
    """Whether two formulas of one input meet with equal values and slopes where it is a certain number."""
    inputs = graph.graph["inputs"]
    if len(inputs) != 1 or not isinstance(seam, Eq) or seam.lhs != inputs[0].symbol or not seam.rhs.is_number:
        return None
    return _is_smooth(graph, piece, {inputs[0].name: seam.rhs})


def _row(piece: Tree) -> Any:
    if isinstance(piece, Apply):
        return PRIMITIVES.get(piece.operator)
    return piece.row if isinstance(piece, Undefined) else None


def _arguments(piece: Apply | Undefined, written: Mapping[str, Any]) -> list[Any] | None:
    """The arguments in real symbols; None where they are too large to look at."""
    try:
        arguments = [construct(argument, written) for argument in piece.arguments]
    except SymgraphError:
        return None
    if any(tree_size(argument) > SIZE for argument in arguments):
        return None
    return arguments


def _plain(condition: Any) -> Any:
    """A condition in plain symbols again."""
    return condition.xreplace({symbol: Symbol(symbol.name) for symbol in condition.free_symbols})


# At a point ---------------------------------------------------------------------------------------------------------


def check(graph: Graph, node: Node, values: Mapping[str, Expr], limits: Any, *, derivatives: bool) -> None:
    """Refuse a point at which a node has no value, or no derivative, with the reason.

    Args:
        values: of everything that the node is computed from, and of the inputs.
    """
    assert node.formula is not None
    for piece in _demanding(node):
        row = _row(piece)
        try:
            arguments = [construct(argument, values, limits) for argument in piece.arguments]
        except LimitExceeded:
            continue
        if any(condition == False for condition in row.domain(*arguments)):  # noqa: E712 (SymPy's false is not Python's)
            raise DomainError(f"{node.name} has no value at this point: {_where(node, values)}")
        if row.name == "piecewise":  # a condition that is decided has lost its two sides
            at_seam = _on_a_seam(piece, values) and not _is_smooth(graph, piece, values)
        else:
            at_seam = any(condition == True for condition in row.kinks(*arguments))  # noqa: E712 (the same)
        if not derivatives or not at_seam:
            continue
        where = _where(node, values)
        raise DomainError(f"{node.name} has no derivative at this point: {where}: {why(row.name)}")


def _on_a_seam(piece: Apply | Undefined, values: Mapping[str, Expr]) -> bool:
    """Whether the two sides of one of its comparisons are equal at a point."""
    seams = [seam for condition in piece.arguments[1::2] for seam in structures.seams(construct(condition))]
    at = {symbol: values[str(symbol)] for seam in seams for symbol in seam.free_symbols if str(symbol) in values}
    return any(seam.xreplace(at) == True for seam in seams)  # noqa: E712 (SymPy's true is not Python's)


def _where(node: Node, values: Mapping[str, Expr]) -> str:
    shown = ", ".join(f"{name} = {_said(values[name])}" for name in names_in(node.formula) if name in values)  # type: ignore[arg-type]  # inputs are not checked
    return f"{node} at {shown}" if shown else str(node)


def _said(value: Expr) -> str:
    return str(value) if value.is_Rational or tree_size(value) < 12 else str(value.evalf(6))


def _is_smooth(graph: Graph, piece: Apply | Undefined, values: Mapping[str, Expr]) -> bool:
    """Whether the pieces that meet at a point have one value there, and one slope by every input.

    Which pieces meet is seen a little beside the point, in all directions.
    """
    values_of = list(piece.arguments[0::2])
    conditions = [*piece.arguments[1::2], None][: len(values_of)]
    inputs = [node.symbol for node in graph.graph["inputs"]]
    here = {symbol: values[str(symbol)] for symbol in inputs}
    try:
        names = {name: in_inputs(graph, Symbol(name)) for part in piece.arguments for name in names_in(part)}
        branches = [construct(value, names) for value in values_of]
        tests = [None if test is None else construct(test, names) for test in conditions]
    except SymgraphError:
        return False
    if any(tree_size(branch) > SIZE for branch in branches):
        return False
    meeting = {_branch(tests, point) for point in _around(here)}
    if None in meeting:
        return False
    forms = [branches[place] for place in sorted(place for place in meeting if place is not None)]
    slopes = ([diff(form, symbol) for form in forms] for symbol in inputs)
    return _one_value(forms, here) and all(_one_value(each, here) for each in slopes)


def _around(here: Mapping[Symbol, Expr]) -> list[dict[Symbol, Expr]]:
    """Points a little beside a point: every input up, down, or where it is, unevenly so that no seam runs through."""
    symbols = list(here)[:4]
    sizes = [STEP * Rational(7 + 3 * place, 5) for place in range(len(symbols))]
    found = []
    for moves in product((-1, 0, 1), repeat=len(symbols)):
        if any(moves):
            steps = zip(symbols, moves, sizes, strict=True)
            found.append({**here, **{symbol: here[symbol] + move * size for symbol, move, size in steps}})
    return found


def _branch(tests: list[Any], point: Mapping[Symbol, Expr]) -> int | None:
    """Which formula holds at a point; None where that is not decided."""
    for place, test in enumerate(tests):
        if test is None:
            return place
        answer = test.xreplace(dict(point))
        if answer == True:  # noqa: E712 (SymPy's true is not Python's)
            return place
        if answer != False:  # noqa: E712 (the same)
            return None
    return None


def _one_value(forms: list[Expr], here: Mapping[Symbol, Expr]) -> bool:
    numbers = [replace_symbols(form, here) for form in forms]
    if not all(number.is_number and number.is_real for number in numbers):
        return False
    return all(number == numbers[0] or abs((number - numbers[0]).evalf(DIGITS)) < SMALL for number in numbers)
