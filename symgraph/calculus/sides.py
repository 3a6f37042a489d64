"""A function of one input on the two sides of a point: what it comes near, and how it leaves that value.

The rules of differentiation end where a step has a corner, a jump, or a slope without bound. What is left can often be
said from each side: beside the point every step is its value there plus c·tᵖ and something smaller, t being how far one
has gone. Such leading terms are passed on from step to step. Where they cancel, more terms are looked at, as long as
there is a Taylor series (`taylor.py`): (1 − cos x)/x has the slope 1/2 at 0. Without one nothing is claimed.

>>> from sympy import Integer
>>> from symgraph.calculus.graph import build
>>> found = sides(build("x*|x|"), "x", {"x": Integer(0)})
>>> found.slopes, found.right
((0, 0), Side(value=0, coefficient=1, order=2))
>>> sides(build("|x|"), "x", {"x": Integer(0)}).kind
'minimum'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from types import MappingProxyType
from typing import Any

from networkx import ancestors
from sympy import Expr, Integer, Rational, S, Symbol, diff, factorial, floor

from symgraph.calculus.domains import said
from symgraph.calculus.evaluation import evaluate
from symgraph.calculus.graph import Graph, find_node
from symgraph.calculus.standins import unknown_functions
from symgraph.calculus.substitution import replace_symbols
from symgraph.calculus.taylor import TERMS, certain_sign, expanded
from symgraph.errors import SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Name, Tree, names_in, postorder

__all__ = ["Side", "Sides", "seen_from_both_sides", "sides"]

FLAT = 4  # derivatives of a step that may be 0 before nothing is said
ONE, ZERO = Integer(1), Integer(0)


class _Unknown(Exception):
    """Nothing is known of this on this side."""


class _Outside(Exception):
    """There is no value on this side."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a point: value + coefficient·t^order + something smaller.

    Args:
        value: what is come near to.
        coefficient: not 0; None where only that the difference is smaller than t^order is known.
        order: above 0, infinite for what is constant on this side; from 0 on where there is no coefficient.
        terms: the first terms of its Taylor series in t, where they are known and were wanted.
    """

    value: Expr
    coefficient: Expr | None
    order: Expr
    terms: tuple[Expr, ...] = field(default=(), repr=False, compare=False)

    @property
    def is_settled(self) -> bool:
        """Whether its slope and its sign beside the point are known."""
        return self.coefficient is not None or self.order is S.Infinity

    @property
    def sign(self) -> int | None:
        """Whether it lies above (1) or below (−1) its value there; 0: it is constant; None: not known."""
        if self.order is S.Infinity:
            return 0
        return None if self.coefficient is None else certain_sign(self.coefficient)


@dataclass(frozen=True, slots=True)
class Wild:
    """One side of a point where there are values, and perhaps no limit: 1/x and sin(1/x) beside 0.

    Args:
        bounded: whether they stay between two numbers.
        pole: 1 or −1 where they grow, or fall, as a power of 1/t does.
        grows: whether they leave all bounds in a slower way.
    """

    bounded: bool
    pole: int = 0
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of a point.

    Args:
        value: at the point itself.
        left, right: None where nothing is known, or there is nothing.
        ends: whether there is no value to the left, and to the right.
        poles: whether the values grow without bound to the left, and to the right.
    """

    value: Expr
    left: Side | None
    right: Side | None
    ends: tuple[bool, bool] = (False, False)
    poles: tuple[bool, bool] = (False, False)

    @property
    def slopes(self) -> tuple[Expr | None, Expr | None]:
        """The slope on each side, also without bound; None where there is none or it is not known."""
        return self._slope(self.left, -1), self._slope(self.right, 1)

    @property
    def slope(self) -> Expr | None:
        """The derivative there, where the slopes of both sides are known to be the same number."""
        left, right = self.slopes
        if left is None or right is None or not left.is_finite or not right.is_finite:
            return None
        return left if _is_zero(left - right) else None

    @property
    def is_torn(self) -> bool:
        """Whether the values do not come near the one at the point, on one side at least."""
        near = [each for each in (self.left, self.right) if each is not None]
        return any(self.poles) or any(certain_sign(each.value - self.value) in (1, -1) for each in near)

    @property
    def has_no_slope(self) -> bool:
        """Whether it is certain that there is no derivative."""
        left, right = self.slopes
        if self.is_torn or any(self.ends) or any(each is not None and not each.is_finite for each in (left, right)):
            return True
        return left is not None and right is not None and certain_sign(left - right) in (1, -1)

    @property
    def kind(self) -> str:
        """What is there: "minimum", "maximum" (also at an end), "neither", or "undecided"."""
        signs = [self._rise(each) for each, ends in zip((self.left, self.right), self.ends, strict=True) if not ends]
        if not signs or None in signs or 0 in signs:
            return "undecided"
        return "neither" if len(set(signs)) > 1 else "minimum" if signs[0] == 1 else "maximum"

    def _slope(self, side: Side | None, direction: int) -> Expr | None:
        if side is None or certain_sign(side.value - self.value) != 0:
            return None
        if side.order > 1 or (side.order == 1 and side.coefficient is None):
            return ZERO
        if side.coefficient is None:
            return None
        return direction * (side.coefficient if side.order == 1 else _sign(side.coefficient) * S.Infinity)

    def _rise(self, side: Side | None) -> int | None:
        if side is None:
            return None
        jump = certain_sign(side.value - self.value)
        return side.sign if jump == 0 else jump


def sides(graph: Graph, name: str, at: Mapping[str, Expr], of: str | None = None) -> Sides:
    """An output on both sides of a point, one input moving.

    Args:
        at: exact values of all inputs.

    Raises:
        DomainError: it has no value at the point.
    """
    end = find_node(graph, of) if of else graph.graph["outputs"][0]
    wanted = {end, *ancestors(graph, end)}
    found: list[Side | None] = []
    ends: list[bool] = []
    poles: list[bool] = []
    for direction in (-1, 1):
        side: Any = None
        for more in (False, True):
            known = {each: _constant(worth) for each, worth in at.items()}
            terms = (at[name], Integer(direction), *[ZERO] * (TERMS - 1)) if more else ()
            known[name] = Side(at[name], Integer(direction), ONE, terms)
            for node in graph:
                if node.formula is not None and node in wanted:
                    known[node.name] = _beside(node.formula, known)
            side = known[end.name]
            if isinstance(side, _Outside) or (isinstance(side, Side) and side.is_settled):
                break
        ends.append(isinstance(side, _Outside))
        poles.append(isinstance(side, Wild) and (side.pole != 0 or side.grows))
        found.append(side if isinstance(side, Side) else None)
    value = evaluate(graph, dict(at), derivatives=False, of=end).nodes[end]
    return Sides(value, found[0], found[1], (ends[0], ends[1]), (poles[0], poles[1]))


def seen_from_both_sides(graph: Graph, at: Mapping[str, Expr], of: str) -> str:
    """What a message says of an output of one input at a point where the rules end; empty where nothing is known.

    >>> from sympy import Integer
    >>> from symgraph.calculus.graph import build
    >>> seen_from_both_sides(build("x*|x|"), {"x": Integer(0)}, "y")
    'seen from both sides, y has the slope 0 there'
    """
    if len(at) != 1 or unknown_functions(graph.graph["program"]):
        return ""
    try:
        found = sides(graph, next(iter(at)), at, of)
    except SymgraphError:
        return ""
    left, right = found.slopes
    if found.slope is not None:
        return f"seen from both sides, {of} has the slope {said(found.slope)} there"
    if left is not None and right is not None and left.is_finite and right.is_finite:
        return f"{of} has the slope {said(left)} on the left and {said(right)} on the right"
    if found.is_torn:
        return f"beside it {of} does not come near its value there, so it has no derivative"
    return f"on one side of it {of} has no value, so it has no derivative there" if any(found.ends) else ""


# Numbers ------------------------------------------------------------------------------------------------------------


def _sign(number: Expr) -> int:
    """The sign of a number; _Unknown where it is not certain."""
    sign = certain_sign(number)
    if sign is None:
        raise _Unknown
    return sign


def _is_zero(number: Expr) -> bool:
    return certain_sign(number) == 0


# Leading terms ------------------------------------------------------------------------------------------------------


def _constant(value: Expr) -> Side:
    return Side(value, None, S.Infinity)


def _scaled(side: Side, factor: Expr) -> Side:
    """Only the difference matters: of factor · (side − its value)."""
    if side.order is S.Infinity:
        return side
    if _sign(factor) == 0:
        return replace(side, coefficient=None) if side.coefficient is not None else side
    return side if side.coefficient is None else replace(side, coefficient=factor * side.coefficient)


def _sum(value: Expr, terms: Sequence[Side]) -> Side:
    """A value and the sum of the differences."""
    unknown = min((each.order for each in terms if each.coefficient is None), default=S.Infinity)
    order = min((each.order for each in terms if each.coefficient is not None), default=S.Infinity)
    if order is S.Infinity or unknown < order:
        return Side(value, None, unknown)
    total = sum((each.coefficient for each in terms if each.coefficient is not None and each.order == order), ZERO)
    return Side(value, None if _sign(total) == 0 else total, order)


def _product(u: Side, v: Side) -> Side:
    terms = [_scaled(side, factor) for side, factor in ((u, v.value), (v, u.value)) if _sign(factor) != 0]
    if S.Infinity not in (u.order, v.order):
        both = None if u.coefficient is None or v.coefficient is None else u.coefficient * v.coefficient
        terms.append(Side(ZERO, both, u.order + v.order))
    return _sum(u.value * v.value, terms)


def _difference(u: Side, v: Side) -> Side:
    return _sum(u.value - v.value, [u, _scaled(v, Integer(-1))])


def _compared(u: Side, v: Side) -> int:
    """Whether u is above (1), below (−1) or the same as v (0), beside the point."""
    gap = _difference(u, v)
    sign = _sign(gap.value) or gap.sign
    if sign is None:
        raise _Unknown
    return sign


def _quotient(u: Side, v: Side) -> Side | Wild:
    if _sign(v.value) != 0:
        return _product(u, _scaled_to(v, 1 / v.value, -1 / v.value**2))
    if v.coefficient is None:
        raise _Unknown
    if _sign(u.value) != 0:
        return Wild(False, _sign(u.value) * _sign(v.coefficient))
    if u.order < v.order:
        return Wild(False, 0 if u.coefficient is None else _sign(u.coefficient) * _sign(v.coefficient))
    order = u.order - v.order
    if u.coefficient is None:
        return Side(ZERO, None, order)
    ratio = u.coefficient / v.coefficient
    return Side(ZERO, ratio, order) if order > 0 else Side(ratio, None, ZERO)


def _scaled_to(side: Side, value: Expr, factor: Expr) -> Side:
    return replace(_scaled(side, factor), value=value)


def _power(u: Side, v: Side) -> Any:
    if v.order is not S.Infinity or not v.value.is_Rational:
        return _smooth("power", [u, v])
    exponent = v.value
    if exponent == 0:
        return _constant(ONE)
    sign = _sign(u.value)
    if sign < 0 and not exponent.is_Integer:
        raise _Outside
    if sign != 0:
        return _scaled_to(u, u.value**exponent, exponent * u.value ** (exponent - 1))
    if exponent < 0:
        return _negative_power(u, exponent)
    if u.order is S.Infinity:
        return _constant(ZERO)
    if exponent.is_Integer:
        return Side(ZERO, None if u.coefficient is None else u.coefficient**exponent, u.order * exponent)
    if u.coefficient is None:
        raise _Unknown
    if _sign(u.coefficient) < 0:
        raise _Outside
    return Side(ZERO, u.coefficient**exponent, u.order * exponent)


def _negative_power(u: Side, exponent: Expr) -> Wild:
    if u.coefficient is None:
        raise _Unknown
    sign = _sign(u.coefficient)
    if sign < 0 and not exponent.is_Integer:
        raise _Outside
    return Wild(False, sign if exponent % 2 == 1 else 1)


def _logarithm(u: Side) -> Side | Wild:
    if _sign(u.value) != 0:
        return _smooth("logarithm", [u])
    if u.coefficient is None:
        raise _Unknown
    if _sign(u.coefficient) < 0:
        raise _Outside
    return Wild(False, grows=True)


def _root(u: Side, n: Side) -> Any:
    """The n-th root; odd ones of negative numbers, too."""
    index = n.value
    if n.order is not S.Infinity or not index.is_Integer or index == 0:
        raise _Unknown
    if index < 0:
        return _quotient(_constant(ONE), _root(u, _constant(-index)))
    if index % 2 == 0 or (_sign(u.value) or u.sign or 0) >= 0:
        return _power(u, _constant(1 / index))
    return _negative(_power(_negative(u), _constant(1 / index)))


def _negative(u: Side) -> Side:
    return _scaled_to(u, -u.value, Integer(-1))


def _absolute(u: Side) -> Side:
    sign = _sign(u.value)
    if sign == 0 and u.coefficient is not None:
        sign = _sign(u.coefficient)
    return _negative(u) if sign < 0 else u


def _jump(low: Expr, high: Expr, middle: Expr) -> Callable[[Side], Side]:
    def step(u: Side) -> Side:
        sign = _compared(u, _constant(ZERO))
        return _constant(middle if sign == 0 else high if sign > 0 else low)

    return step


def _floor(u: Side) -> Side:
    whole = floor(u.value)
    below = _sign(u.value - whole) == 0 and _compared(u, _constant(whole)) < 0
    return _constant(whole - 1 if below else whole)


def _larger(u: Side, v: Side) -> Side:
    return v if _compared(u, v) < 0 else u


def _smaller(u: Side, v: Side) -> Side:
    return u if _compared(u, v) < 0 else v


def _at_the_end(operator: str, ends: Mapping[int, int]) -> Callable[[Side], Side]:
    """An inverse function, which leaves the ends of its domain as a square root does.

    Args:
        ends: where it rises from (1) or falls from (−1).
    """

    def beside(u: Side) -> Side:
        end = next((end for end in ends if _sign(u.value - end) == 0), None)
        if end is None or u.order is S.Infinity:
            return _smooth(operator, [u])
        root = _power(_sum(ZERO, [_scaled(u, Integer(2 * _INWARD[operator, end]))]), _constant(Rational(1, 2)))
        return _scaled_to(root, PRIMITIVES[operator].construct(Integer(end)), Integer(ends[end]))

    return beside


_INWARD = {
    ("inverse_sine", 1): -1,
    ("inverse_sine", -1): 1,
    ("inverse_cosine", 1): -1,
    ("inverse_cosine", -1): 1,
    ("inverse_hyperbolic_cosine", 1): 1,
}

_X = Symbol("x")


def _smooth(operator: str, arguments: Sequence[Side]) -> Side:
    """An operation where it has derivatives: the first of them that is not 0 decides."""
    row = PRIMITIVES[operator]
    values = [side.value for side in arguments]
    if any(condition != True for condition in row.domain(*values)):  # noqa: E712 (SymPy's true is not Python's)
        raise _Outside if any(condition == False for condition in row.domain(*values)) else _Unknown  # noqa: E712
    if any(condition != False for condition in row.kinks(*values)):  # noqa: E712 (the same)
        raise _Unknown
    value = row.construct(*values)
    if len(arguments) == 1:
        (side,) = arguments
        if side.coefficient is None:
            return replace(side, value=value)
        rate = row.construct(_X)
        for order in range(1, FLAT + 1):
            rate = diff(rate, _X)
            there = replace_symbols(rate, {_X: side.value})
            if _sign(there) != 0:
                return Side(value, there / factorial(order) * side.coefficient**order, side.order * order)
        return Side(value, None, side.order * FLAT)
    partials = row.partials(*values)
    moving = [
        (side, partial) for side, partial in zip(arguments, partials, strict=True) if side.order is not S.Infinity
    ]
    if any(partial is None for _, partial in moving):
        raise _Unknown
    return _sum(value, [_scaled(side, partial) for side, partial in moving])


_RULES: Mapping[str, Callable[..., Side | Wild]] = MappingProxyType(
    {
        "add": lambda *terms: _sum(sum((each.value for each in terms), ZERO), terms),
        "total": lambda *terms: _sum(sum((each.value for each in terms), ZERO), terms),
        "subtract": _difference,
        "negate": _negative,
        "multiply": lambda *factors: reduce(_product, factors),
        "divide": _quotient,
        "power": _power,
        "square_root": lambda u: _power(u, _constant(Rational(1, 2))),
        "cube_root": lambda u: _root(u, _constant(Integer(3))),
        "real_root": _root,
        "absolute_value": _absolute,
        "maximum": lambda *terms: reduce(_larger, terms),
        "minimum": lambda *terms: reduce(_smaller, terms),
        "relu": lambda u: _larger(u, _constant(ZERO)),
        "logarithm": _logarithm,
        "inverse_sine": _at_the_end("inverse_sine", {1: -1, -1: 1}),
        "inverse_cosine": _at_the_end("inverse_cosine", {1: 1, -1: -1}),
        "inverse_hyperbolic_cosine": _at_the_end("inverse_hyperbolic_cosine", {1: 1}),
        "sign": _jump(Integer(-1), ONE, ZERO),
        "heaviside": _jump(ZERO, ONE, Rational(1, 2)),
        "floor": _floor,
        "ceiling": lambda u: _negative(_floor(_negative(u))),
    }
)

_COMPARISONS: Mapping[str, Callable[[int], bool]] = MappingProxyType(
    {
        "less": lambda sign: sign < 0,
        "less_equal": lambda sign: sign <= 0,
        "greater": lambda sign: sign > 0,
        "greater_equal": lambda sign: sign >= 0,
        "equal": lambda sign: sign == 0,
        "unequal": lambda sign: sign != 0,
    }
)


# Where there may be no limit ----------------------------------------------------------------------------------------

_BOUNDED = frozenset(
    {"sine", "cosine", "inverse_tangent", "hyperbolic_tangent", "sigmoid", "sign", "heaviside", "error_function"}
)
FAST = Integer(1000)  # e^(−1/t) is smaller than this power of t, and than any other


def _wildly(operator: str, arguments: Sequence[Side | Wild]) -> Side | Wild:
    """An operation that has a value for all numbers, on what may have no limit."""
    if operator in _BOUNDED:
        return Wild(True)
    if operator in ("add", "total", "maximum", "minimum"):
        wild = [each for each in arguments if isinstance(each, Wild)]
        alone = len([each for each in wild if not each.bounded]) == 1 and operator in ("add", "total")
        return Wild(all(each.bounded for each in wild), sum(each.pole for each in wild) if alone else 0)
    if operator == "subtract":
        return _wildly("add", [arguments[0], _opposite(arguments[1])])
    if operator == "negate":
        return _opposite(arguments[0])
    if operator == "multiply":
        return reduce(_times, arguments)
    if operator == "divide" and isinstance(arguments[1], Side):
        return _times(arguments[0], _quotient(_constant(ONE), arguments[1]))
    first = arguments[0]
    if operator == "absolute_value" and isinstance(first, Wild):
        return Wild(first.bounded, abs(first.pole))
    if operator == "exponential" and isinstance(first, Wild):
        return Side(ZERO, None, FAST) if first.pole < 0 else Wild(first.bounded)
    if operator == "power" and isinstance(first, Wild) and isinstance(arguments[1], Side):
        exponent = arguments[1].value
        if arguments[1].order is S.Infinity and exponent.is_Integer and exponent > 0:
            return Wild(first.bounded, first.pole ** int(exponent) if first.pole else 0)
    raise _Unknown


def _opposite(u: Side | Wild) -> Side | Wild:
    return Wild(u.bounded, -u.pole) if isinstance(u, Wild) else _negative(u)


def _times(u: Side | Wild, v: Side | Wild) -> Side | Wild:
    """What is bounded times what goes to 0 goes to 0, nearly as fast."""
    if isinstance(u, Side) and isinstance(v, Side):
        return _product(u, v)
    if isinstance(u, Wild) and isinstance(v, Wild):
        return Wild(u.bounded and v.bounded, u.pole * v.pole)
    wild, side = (u, v) if isinstance(u, Wild) else (v, u)
    assert isinstance(wild, Wild) and isinstance(side, Side)
    sign = _sign(side.value)
    if sign != 0:
        return Wild(wild.bounded, wild.pole * sign)
    if side.order is S.Infinity:
        return _constant(ZERO)
    if not wild.bounded:
        return Wild(False)
    if side.coefficient is None:
        return side
    return Side(ZERO, None, (side.order + 1) / 2 if side.order > 1 else side.order / 2)


# Trees --------------------------------------------------------------------------------------------------------------


def _beside(tree: Tree, known: Mapping[str, Any]) -> Any:
    """A formula beside the point: a Side, or why there is none."""
    found: dict[int, Any] = {}
    for piece in postorder(tree):
        try:
            found[id(piece)] = _piece(piece, found, known)
        except (_Unknown, _Outside) as fault:
            found[id(piece)] = fault
        except (SymgraphError, TypeError, ValueError, ZeroDivisionError):  # SymPy compares no complex numbers
            found[id(piece)] = _Unknown()
    return found[id(tree)]


def _piece(piece: Tree, found: Mapping[int, Any], known: Mapping[str, Any]) -> Any:
    if isinstance(piece, Name):
        return known.get(piece.name, _Unknown())  # the name of a sum's own variable is none of ours
    if not names_in(piece):
        if isinstance(piece, Apply) and (piece.operator in _COMPARISONS or piece.operator in ("and", "or", "not")):
            raise _Unknown
        return _constant(construct(piece))
    if not isinstance(piece, Apply):
        raise _Unknown
    arguments = [found[id(argument)] for argument in piece.arguments]
    if piece.operator == "piecewise":
        return _case(arguments)
    for argument in arguments:
        if isinstance(argument, Exception):
            raise argument
    if piece.operator in _COMPARISONS:
        if not all(isinstance(each, Side) for each in arguments):
            raise _Unknown
        return _COMPARISONS[piece.operator](_compared(*arguments))
    if piece.operator == "not":
        return not arguments[0]
    if piece.operator in ("and", "or"):
        return all(arguments) if piece.operator == "and" else any(arguments)
    if any(isinstance(each, Wild) for each in arguments):
        return _wildly(piece.operator, arguments)
    if piece.operator in _CHOOSING:  # one of the arguments, as it is
        return _RULES[piece.operator](*arguments)
    terms = _more_terms(piece.operator, arguments)
    made: Any = None
    try:
        made = _by_rule(piece.operator, arguments)
    except _Unknown:
        if not terms:
            raise
    if isinstance(made, Side) and (made.is_settled or not terms):
        return replace(made, terms=terms)
    return made if isinstance(made, Wild) or not terms else _leading(terms)


_CHOOSING = frozenset({"maximum", "minimum", "relu"})


def _by_rule(operator: str, arguments: Sequence[Any]) -> Any:
    """An operation on leading terms alone."""
    rule = _RULES.get(operator)
    if rule is not None:
        return rule(*arguments)
    if operator not in PRIMITIVES or not all(isinstance(each, Side) for each in arguments):
        raise _Unknown
    return _smooth(operator, arguments)


def _more_terms(operator: str, arguments: Sequence[Any]) -> tuple[Expr, ...]:
    """The first terms of an operation where they are wanted and known; empty elsewhere."""
    if not any(isinstance(each, Side) and each.terms for each in arguments):
        return ()
    if not all(isinstance(each, Side) and (each.terms or each.order is S.Infinity) for each in arguments):
        return ()
    known = [[each.value, *[ZERO] * TERMS] if each.order is S.Infinity else list(each.terms) for each in arguments]
    if operator == "absolute_value":
        signs = [certain_sign(each) for each in known[0]]
        first = next((sign for sign in signs if sign != 0), None)
        return () if first is None else tuple(first * each for each in known[0])
    return tuple(expanded(operator, known) or ())


def _leading(terms: tuple[Expr, ...]) -> Side:
    """What the first terms of a series say."""
    value, *others = terms
    for order, coefficient in enumerate(others, 1):
        if _sign(coefficient) != 0:
            return Side(value, coefficient, Integer(order), terms)
    return Side(value, None, Integer(len(others)), terms)


def _case(arguments: Sequence[Any]) -> Any:
    """The case that holds beside the point; what the others are does not matter."""
    for index in range(0, len(arguments) - 1, 2):
        value, condition = arguments[index : index + 2]
        if isinstance(condition, Exception):
            raise condition
        if condition:
            return value
    if len(arguments) % 2 == 0:
        raise _Outside
    return arguments[-1]
