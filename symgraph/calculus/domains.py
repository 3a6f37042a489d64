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

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sympy import Eq, Expr, Ne, Or, S, StrictGreaterThan, Symbol
from sympy.core.relational import Relational

from symgraph.calculus.graph import Graph, Node
from symgraph.calculus.implication import follows, opposite
from symgraph.calculus.seams import is_on_a_seam, is_smooth
from symgraph.calculus.substitution import tree_size
from symgraph.errors import DomainError, LimitExceeded, SymgraphError
from symgraph.language import structures
from symgraph.language.binders import LOOKED_AT, kinks_of_terms, substitute
from symgraph.language.branches import Computed, computed, holds, is_restricted, is_sure, row_of, stays_whole, taken
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import TABLE
from symgraph.language.tree import Apply, Name, Tree, Undefined, names_in, postorder, rebuild, size
from symgraph.parsing.echo import echo

__all__ = ["Trouble", "check", "possible_troubles", "said", "troubles", "where", "why", "without_needless"]

SHORT = 30  # pieces of a node that is written in the inputs
SIZE = 300  # pieces of an argument that is still looked at

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
        "inverse_cotangent": "it jumps by π at 0",
        "sum": "one of its terms has a step without a derivative there",
        "product": "one of its factors has a step without a derivative there",
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
            no derivative), "always" (one of these holds everywhere), or "seam" (where one holds two formulas meet).
        smooth: at a seam that is one number: whether they meet with equal values and slopes; None: not known.
        guards: conditions under which alone it is computed, inside cases; what follows from them is no trouble.
        uncertain: at a seam: one of the formulas may have no value or no slope there.
    """

    node: Node
    piece: Tree
    rule: str
    kind: str
    conditions: tuple[Any, ...]
    smooth: bool | None = None
    guards: tuple[Any, ...] = ()
    uncertain: bool = False


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
        for part in demanding.get(node, ()):
            found: list[Trouble] = []
            with suppress(TypeError, ValueError):  # SymPy compares no complex numbers
                found = _of_piece(graph, node, part, written)
            yield from found


def without_needless(found: Sequence[Trouble]) -> list[Trouble]:
    """The troubles without those that say u ≠ 0 where another says u > 0."""
    conditions = [
        condition for each in found if each.kind == "domain" and not each.guards for condition in each.conditions
    ]
    positive = {each.lhs for each in conditions if isinstance(each, StrictGreaterThan) and each.rhs == 0}
    return [each for each in found if each.kind in ("nowhere", "always") or not _follows(each, positive)]


def _of_piece(graph: Graph, node: Node, part: Computed, written: Mapping[str, Any]) -> list[Trouble]:
    """The troubles of one operation: of those of a case the ones that its conditions do not exclude."""
    piece, row = part.piece, row_of(part.piece)
    arguments = _arguments(piece, written)
    if arguments is None:
        return []
    guards = _guards(part, written)
    if guards is None:
        return []
    plain = tuple(map(_plain, guards))
    found: list[Trouble] = []
    domain = [each for each in row.domain(*arguments) if not (guards and follows(each, guards))]
    if any(each == False for each in domain):  # noqa: E712 (SymPy's false is not Python's)
        return [Trouble(node, piece, row.name, "nowhere", (), guards=plain)]
    kept = _kept(domain)
    if kept:
        found.append(Trouble(node, piece, row.name, "domain", kept, guards=plain))
    if part.deciding:
        return found
    kinks = [each for each in row.kinks(*arguments) if not (guards and _is_excluded(each, guards))]
    told_otherwise = row.name == "piecewise" or (row.name == "power" and names_in(piece.arguments[1]))
    if not told_otherwise and any(each == True for each in kinks):  # noqa: E712 (the same)
        return [*found, Trouble(node, piece, row.name, "always", (), guards=plain)]
    kept = _kept(kinks)
    if row.name == "piecewise":
        for seam in kept:
            smooth, uncertain = _meets_smoothly(graph, piece, seam)
            found.append(Trouble(node, piece, row.name, "seam", (seam,), smooth, plain, uncertain))
    elif kept:
        found.append(Trouble(node, piece, row.name, "kink", kept, guards=plain))
    return found


def _kept(conditions: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(_plain(each) for each in conditions if each not in (S.true, S.false, True, False)))


def _guards(part: Computed, written: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The conditions under which an operation is computed; None where they are too large to look at."""
    found = []
    for guard in part.guards:
        negated = isinstance(guard, Apply) and guard.operator == "not"
        try:
            condition = construct(guard.arguments[0] if negated else guard, written)  # type: ignore[union-attr]  # "not" is an Apply
        except SymgraphError:
            return None
        if tree_size(condition) > SIZE:
            return None
        found.append(opposite(condition) if negated else condition)
    return tuple(found)


def _is_excluded(kink: Any, guards: tuple[Any, ...]) -> bool:
    """Whether a case never holds where a condition does, or only where it meets the next: the seam has that."""
    if kink in (S.true, S.false, True, False):
        return False
    seams = [seam for guard in guards for seam in structures.seams(guard)]
    return follows(opposite(kink), guards) or follows(Or(*seams), (kink, *guards))


def _demanding(node: Node) -> list[Computed]:
    """The operations of a node that do not have a value and a derivative everywhere."""
    if node.formula is None or is_sure(node.formula):
        return []
    return [part for part in computed(node.formula) if row_of(part.piece) is not None]


def _demanding_nodes(graph: Graph) -> dict[Node, list[Computed]]:
    """The same of every node, without those that have both whatever real numbers their names are: 1/(1 + u²)."""
    sure: dict[Tree, bool] = {}  # by the operation with its names numbered
    found: dict[Node, list[Computed]] = {}
    for node in graph:
        for part in _demanding(node):
            form = _numbered(part.piece)
            if form not in sure:
                own = any(isinstance(each, Undefined) for each in postorder(form))  # two may look the same
                sure[form] = size(form) <= SIZE and not (is_restricted(form, False) if own else _is_restricted(form))
            if not sure[form]:
                found.setdefault(node, []).append(part)
    return found


@lru_cache(maxsize=512)
def _is_restricted(form: Apply) -> bool:
    return is_restricted(form, False)


def _numbered(piece: Apply | Undefined) -> Apply | Undefined:
    """A piece with other names, those by which all of its form are known."""
    names: dict[str, Name] = {}

    def named(part: Tree) -> Tree | None:
        return names.setdefault(part.name, Name(f"x{len(names)}")) if isinstance(part, Name) else None

    found = rebuild(piece, named)
    assert isinstance(found, Apply | Undefined)
    return found


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


def _meets_smoothly(graph: Graph, piece: Apply | Undefined, seam: Any) -> tuple[bool | None, bool]:
    """Whether two formulas of one input meet with equal values and slopes where it is a certain number.

    Where that is not known, also whether they may fail to have a value or a slope there.
    """
    inputs = graph.graph["inputs"]
    if len(inputs) != 1 or not isinstance(seam, Eq) or seam.lhs != inputs[0].symbol or not seam.rhs.is_number:
        return None, stays_whole(piece) or any(part.operator in _POINTS for part in _comparisons(piece))
    smooth = is_smooth(graph, piece, {inputs[0].name: seam.rhs})
    return smooth, smooth is None


_POINTS = frozenset({"equal", "unequal"})  # of what one of two formulas holds at one point alone


def _comparisons(piece: Apply | Undefined) -> list[Apply]:
    return [part for each in piece.arguments[1::2] for part in postorder(each) if isinstance(part, Apply)]


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
    """A condition in plain symbols again, of which less is known: what was not decided is not decided now."""
    symbols = {symbol: Symbol(symbol.name) for symbol in condition.free_symbols}
    if not isinstance(condition, Relational):
        return condition.xreplace(symbols)
    return condition.func(*[side.xreplace(symbols) for side in condition.args], evaluate=False)


# At a point ---------------------------------------------------------------------------------------------------------


def check(graph: Graph, node: Node, values: Mapping[str, Expr], limits: Any, *, derivatives: bool) -> None:
    """Refuse a point at which a node has no value, or no derivative, with the reason.

    Args:
        values: of everything that the node is computed from, and of the inputs.
    """
    assert node.formula is not None
    for piece, guards, deciding in _demanding(node):
        if any(holds(guard, values, limits) is False for guard in guards):
            continue
        try:
            fails, smooth = _state(graph, piece, values, limits)
        except LimitExceeded:
            continue
        if fails:
            raise DomainError(f"{node.name} has no value at this point: {where(node, values)}")
        if smooth is True or deciding or not derivatives or any(is_on_a_seam(guard, values) for guard in guards):
            continue  # where a case begins, it is the cases that have a derivative or none
        reason = _OPEN if smooth is None else _why_here(piece)
        if smooth is None or not _decides(graph, piece, node.formula, values, limits):
            raise DomainError(
                f"the rules give {node.name} no derivative at this point: {where(node, values)}: {reason}"
            )
        raise DomainError(f"{node.name} has no derivative at this point: {where(node, values)}: {reason}")


def _why_here(piece: Apply | Undefined) -> str:
    """What is the matter with an operation at a point."""
    rule = row_of(piece).name
    if rule == "power" and not names_in(piece.arguments[1]) and construct(piece.arguments[1]) > 1:
        return "this power ends there, with the slope 0 on the one side that it has"
    return why(rule)


def _decides(graph: Graph, piece: Apply | Undefined, formula: Tree, values: Mapping[str, Expr], limits: Any) -> bool:
    """Whether a node is one operation on inputs, or on what is linear in one: where √(x⁴) fails, √u does not decide."""
    if formula is not piece and taken(formula, values, limits) != piece:
        return False
    if isinstance(piece, Apply) and piece.operator == "piecewise":
        return True
    symbols = {node.symbol for node in graph.graph["inputs"]}
    written = [construct(argument) for argument in piece.arguments]
    if len(set(written)) < len(written):
        return False  # max(x, x) is x
    return all(each.is_number or (each.free_symbols <= symbols and _is_linear(each)) for each in written)


def _is_linear(expr: Expr) -> bool:
    """A number times one name, and perhaps a number added."""
    rates = [expr.diff(name) for name in expr.free_symbols] if tree_size(expr) <= SHORT else []
    return len(rates) == 1 and bool(rates[0].is_number and rates[0] != 0)


_OPEN = "here one formula ends and the next begins, and only a limit tells whether there is a derivative"


def _state(graph: Graph, piece: Apply | Undefined, values: Mapping[str, Expr], limits: Any) -> tuple[bool, bool | None]:
    """Whether an operation has no value at a point, and whether it has a derivative there; None: no rule says it."""
    if isinstance(piece, Apply) and piece.operator == "piecewise":  # a condition that is decided has lost its two sides
        conditions = piece.arguments[1::2]
        open_ended = len(piece.arguments) % 2 == 0
        if open_ended and all(holds(condition, values, limits) is False for condition in conditions):
            return True, None
        return False, is_smooth(graph, piece, values) if is_on_a_seam(Apply("or", conditions), values) else True
    row = row_of(piece)
    arguments = [construct(taken(argument, values, limits), values, limits) for argument in piece.arguments]
    fails = any(condition == False for condition in row.domain(*arguments))  # noqa: E712 (SymPy's false is not Python's)
    fails = fails or (row.name == "power" and arguments == [0, 0] and bool(names_in(piece.arguments[1])))  # 0^0
    kinks = _kinks_of_terms(piece, values) if row.name in ("sum", "product") else row.kinks(*arguments)
    return fails, not any(condition == True for condition in kinks)  # noqa: E712 (the same)


def _kinks_of_terms(piece: Tree, values: Mapping[str, Expr]) -> Iterator[Any]:
    """Whether a term has a corner: its names stay until that is asked, so that it shows which operations move."""
    assert isinstance(piece, Apply)
    body, variable, *ends = piece.arguments
    inside = {Symbol(name): values[name] for name in names_in(body) if name in values}
    low, high = (construct(end, values) for end in ends)
    for kink in kinks_of_terms(construct(body), construct(variable), low, high, TABLE, LOOKED_AT):
        yield substitute(kink, inside)


def where(node: Node, values: Mapping[str, Expr]) -> str:
    """A computed node and the values that it is computed from, for a message.

    >>> from sympy import Integer
    >>> from symgraph.calculus.graph import build
    >>> (node,) = build("ln(x)").graph["outputs"]
    >>> where(node, {"x": Integer(-1)})
    'y = ln(x) at x = -1'
    """
    assert node.formula is not None  # inputs are not checked
    shown = ", ".join(f"{name} = {said(values[name])}" for name in names_in(node.formula) if name in values)
    written = f"{node.name} = {echo(node.formula)}"
    return f"{written} at {shown}" if shown else written


def said(value: Expr) -> str:
    """A number for a message, as one would type it."""
    return echo(from_sympy(value if value.is_Rational or tree_size(value) < 12 else value.evalf(6)))
