"""Rows for arithmetic, powers and roots, exponentials and logarithms, trigonometric and hyperbolic functions.

Real variables throughout. A root of a negative number is not real except by `cube_root` and `real_root`; the
inverse cotangent is SymPy's odd one, which jumps at 0; inverse secants have the derivative 1/(|u|·√(u²−1)).
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import (
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Le,
    Or,
    Rational,
    S,
    cos,
    cosh,
    cot,
    coth,
    csc,
    csch,
    exp,
    log,
    sec,
    sech,
    sign,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

from symgraph.language.rows import (
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    Primitive,
    cases,
    differ,
    magnitude,
    meet,
    needs,
    raised,
    scaled,
    side_by_side,
    signed_root,
    stated,
    unary,
    whole,
)

__all__ = ["ARITHMETIC", "COMPARISONS", "EXPONENTIALS", "HYPERBOLIC", "POWERS", "TRIGONOMETRIC", "logistic"]

MINUS_HALF = Rational(-1, 2)


# Arithmetic ---------------------------------------------------------------------------------------------------------

ARITHMETIC = (
    Primitive("add", (), (2, 2), lambda u, v: u + v, lambda u, v: (ONE, ONE), ball=lambda u, v: u + v),
    Primitive("subtract", (), (2, 2), lambda u, v: u - v, lambda u, v: (ONE, MINUS_ONE), ball=lambda u, v: u - v),
    Primitive("multiply", (), (2, 2), lambda u, v: u * v, lambda u, v: (v, u), ball=lambda u, v: u * v),
    Primitive(
        "divide",
        (),
        (2, 2),
        lambda u, v: u / v,
        lambda u, v: (ONE / v, -u / v**2),
        domain=lambda u, v: differ(v, 0),
        ball=lambda u, v: u / v,
    ),
    Primitive("negate", (), (1, 1), lambda u: -u, lambda u: (MINUS_ONE,), ball=lambda u: -u),
)


# Powers and roots ---------------------------------------------------------------------------------------------------


def _power_partials(u: Any, v: Any) -> tuple[Expr, Expr]:
    """v·u^(v−1) and u^v·ln u; 0^v does not move with v (v > 0)."""
    return scaled(v, u ** (v - 1)), ZERO if u.is_zero else u**v * log(u)


def _power_domain(u: Any, v: Any) -> tuple[Any, ...]:
    """Where u^v is real: an integer power everywhere (but 1/0), any other where u > 0, or 0 under a positive power."""
    if whole(v):
        return differ(u, 0) if v < 0 else ()
    if v.is_number:
        return needs(stated(Ge if v.is_positive else Gt, u, 0))
    positive = stated(Gt, u, 0)
    if positive == True:  # noqa: E712 (SymPy's true is not Python's)
        return ()
    if u.is_zero:
        return needs(v > 0)
    return needs(Or(positive, And(Eq(u, 0), v > 0), And(u < 0, Eq(v, sympy.floor(v)))))


def _power_kinks(u: Any, v: Any) -> tuple[Any, ...]:
    """A root ends at 0; a power whose exponent moves has no derivative by it at u ≤ 0."""
    if whole(v):
        return ()
    if v.is_number:
        return meet(u, 0) if v.is_positive else ()
    condition = stated(Le, u, 0)
    return () if condition == S.false else (condition,)


def _odd(n: Any) -> bool:
    """Is this root's index an odd number?"""
    return bool(n.is_Integer) and int(n) % 2 == 1


def _root_partials(u: Any, n: Any) -> tuple[Expr | None, ...]:
    """u^(1/n)' = 1/(n·u^((n−1)/n)): for odd n the power is even and taken of |u|. An index that is a number stands."""
    base = magnitude(u) if _odd(n) else u
    by_index = None if n.is_number else -(u ** (ONE / n)) * log(u) / n**2
    return ONE / (n * base ** (ONE - ONE / n)), by_index


def _root_domain(u: Any, n: Any) -> tuple[Any, ...]:
    """Odd roots have values everywhere, others from 0 up; there is no zeroth root."""
    if _odd(n):
        return differ(u, 0) if n < 0 else ()
    if n.is_number:
        return needs(*differ(n, 0), stated(Ge if n.is_positive else Gt, u, 0))
    return needs(*differ(n, 0), Or(u > 0, And(Eq(u, 0), n > 0)))


def _root_kinks(u: Any, n: Any) -> tuple[Any, ...]:
    """Every root but the first has a vertical tangent or an end at 0."""
    return () if n == 1 or n.is_negative else meet(u, 0)


def _power_ball(u: Any, v: Any) -> Any:
    """u^v on balls; a whole power of a ball around 0 by multiplication (there arb's own says nan)."""
    if not (v.is_integer() and u.contains(0)):
        return u**v
    exponent = int(v.unique_fmpz())
    value, factor = 0 * u + 1, u
    for bit in reversed(bin(abs(exponent))[2:]):
        value = value * factor if bit == "1" else value
        factor = factor * factor
    return 1 / value if exponent < 0 else value


def _odd_root_ball(u: Any, n: int) -> Any:
    """The odd root of a ball; it increases, so that around 0 it is the hull of the roots of the two ends."""
    if u.is_zero() and n > 0:
        return u
    if n > 0 and u.contains(0) and u.is_finite() and not u.is_exact():
        return _odd_root_ball(u.lower(), n).union(_odd_root_ball(u.upper(), n))
    root = u.sgn() * abs(u).root(abs(n))
    return root if n > 0 else 1 / root


def _real_root_ball(u: Any, n: Any) -> Any:
    """The real root of a ball: odd roots on both sides of 0, others to its right."""
    if n.is_integer() and int(n.unique_fmpz()) % 2:
        return _odd_root_ball(u, int(n.unique_fmpz()))
    return u if u.is_zero() and n > 0 else u ** (1 / n)


POWERS = (
    Primitive(
        "power",
        ("pow",),
        (2, 2),
        lambda u, v: u**v,
        _power_partials,
        domain=_power_domain,
        kinks=_power_kinks,
        ball=_power_ball,
    ),
    unary(
        "square_root",
        "sqrt",
        sqrt,
        lambda u: ONE / (TWO * sqrt(u)),
        lambda u: u.sqrt(),
        domain=lambda u: needs(stated(Ge, u, 0)),
        kinks=lambda u: meet(u, 0),
    ),
    unary(
        "cube_root",
        "cbrt",
        lambda u: signed_root(u, Integer(3)),
        lambda u: ONE / (3 * magnitude(u) ** Rational(2, 3)),
        lambda u: _odd_root_ball(u, 3),
        kinks=lambda u: meet(u, 0),
    ),
    Primitive(
        "real_root",
        ("root", "nroot", "nthroot", "surd"),
        (2, 2),
        lambda u, n: signed_root(u, n) if _odd(n) else u ** (ONE / n),
        _root_partials,
        domain=_root_domain,
        kinks=_root_kinks,
        ball=_real_root_ball,
    ),
)


# Exponentials and logarithms ----------------------------------------------------------------------------------------


def logistic(u: Any) -> Any:
    """1/(1 + e^(−u))."""
    return raised(ONE + exp(-u), MINUS_ONE)


def _logistic_slope(u: Any) -> Expr:
    value = logistic(u)
    return side_by_side(value, ONE - value)


EXPONENTIALS = (
    unary("exponential", "exp", exp, exp, lambda u: u.exp(), latex=r"\exp"),
    unary(
        "logarithm",
        "ln log",
        log,
        lambda u: ONE / u,
        lambda u: u.log(),
        latex=r"\ln",
        domain=lambda u: needs(stated(Gt, u, 0)),
    ),
    Primitive(
        "logarithm_base",
        (),
        (2, 2),
        lambda u, b: log(u, b),
        lambda u, b: (ONE / (u * log(b)), -log(u) / (b * log(b) ** 2)),
        r"\log",
        domain=lambda u, b: needs(stated(Gt, u, 0), stated(Gt, b, 0), *differ(b, 1)),
        ball=lambda u, b: u.log() / b.log(),
    ),
    unary(
        "sigmoid",
        "sigmoid logistic expit",
        logistic,
        _logistic_slope,
        lambda u: 1 / (1 + (-u).exp()),
        latex=r"\sigma",
    ),
)


# Absolute value, sign, the larger and the smaller -------------------------------------------------------------------


def _chosen(largest: bool) -> Any:
    """The local derivatives of max (or min): 1 for the argument chosen, 0 for the others, none at a tie."""

    def partials(*terms: Any) -> tuple[Expr, ...]:
        found = []
        for k, term in enumerate(terms):
            others = terms[:k] + terms[k + 1 :]
            wins = [term > other if largest else term < other for other in others]
            loses = [term < other if largest else term > other for other in others]
            found.append(cases((ONE, And(*wins)), (ZERO, Or(*loses))) if others else ONE)
        return tuple(found)

    return partials


def _ties(largest: bool) -> Any:
    """Two arguments are equal and none beats them."""

    def kinks(*terms: Any) -> tuple[Any, ...]:
        found = []
        for j, first in enumerate(terms):
            for k in range(j + 1, len(terms)):
                others = terms[:j] + terms[j + 1 : k] + terms[k + 1 :]
                tie = And(Eq(first, terms[k]), *[first >= other if largest else first <= other for other in others])
                if tie != S.false:
                    found.append(tie)
        return tuple(found)

    return kinks


def _fold(method: str) -> Any:
    def ball(first: Any, *others: Any) -> Any:
        for other in others:
            first = getattr(first, method)(other)
        return first

    return ball


COMPARISONS = (
    unary(
        "absolute_value",
        "abs",
        magnitude,
        sign,
        abs,
        head=sympy.Abs,
        kinks=lambda u: meet(u, 0),
    ),
    unary(
        "sign",
        "sign sgn signum",
        sign,
        lambda u: ZERO,
        lambda u: u.sgn(),
        latex=r"\operatorname{sgn}",
        kinks=lambda u: meet(u, 0),
    ),
    Primitive(
        "maximum",
        ("max",),
        (1, None),
        sympy.Max,
        _chosen(True),
        r"\max",
        sympy.Max,
        kinks=_ties(True),
        ball=_fold("max"),
    ),
    Primitive(
        "minimum",
        ("min",),
        (1, None),
        sympy.Min,
        _chosen(False),
        r"\min",
        sympy.Min,
        kinks=_ties(False),
        ball=_fold("min"),
    ),
    unary(
        "relu",
        "relu ReLU",
        lambda u: sympy.Max(ZERO, u),
        lambda u: cases((ZERO, u < 0), (ONE, u > 0)),
        lambda u: u.max(u - u),
        latex=r"\operatorname{ReLU}",
        kinks=lambda u: meet(u, 0),
    ),
)


# Trigonometric functions --------------------------------------------------------------------------------------------


def _inside(u: Any) -> tuple[Any, ...]:
    """−1 ≤ u ≤ 1."""
    return needs(stated(Ge, u, -1), stated(Le, u, 1))


def _outside(u: Any) -> tuple[Any, ...]:
    """u ≤ −1 or u ≥ 1."""
    return needs(Or(stated(Le, u, -1), stated(Ge, u, 1)))


def _ends(u: Any) -> tuple[Any, ...]:
    return meet(u, -1) + meet(u, 1)


TRIGONOMETRIC = (
    unary("sine", "sin sen", sin, cos, lambda u: u.sin(), latex=r"\sin"),
    unary("cosine", "cos", cos, lambda u: -sin(u), lambda u: u.cos(), latex=r"\cos"),
    unary(
        "tangent",
        "tan tg",
        tan,
        lambda u: sec(u) ** 2,
        lambda u: u.tan(),
        latex=r"\tan",
        domain=lambda u: differ(cos(u), 0),
    ),
    unary(
        "cotangent",
        "cot ctg cotg cotan",
        cot,
        lambda u: -(csc(u) ** 2),
        lambda u: u.cot(),
        latex=r"\cot",
        domain=lambda u: differ(sin(u), 0),
    ),
    unary(
        "secant",
        "sec",
        sec,
        lambda u: sec(u) * tan(u),
        lambda u: u.sec(),
        latex=r"\sec",
        domain=lambda u: differ(cos(u), 0),
    ),
    unary(
        "cosecant",
        "csc cosec",
        csc,
        lambda u: -csc(u) * cot(u),
        lambda u: u.csc(),
        latex=r"\csc",
        domain=lambda u: differ(sin(u), 0),
    ),
    unary(
        "inverse_sine",
        "arcsin asin arcsen asen",
        sympy.asin,
        lambda u: raised(ONE - u**2, MINUS_HALF),
        lambda u: u.asin(),
        latex=r"\arcsin",
        domain=_inside,
        kinks=_ends,
    ),
    unary(
        "inverse_cosine",
        "arccos acos arcos",
        sympy.acos,
        lambda u: -raised(ONE - u**2, MINUS_HALF),
        lambda u: u.acos(),
        latex=r"\arccos",
        domain=_inside,
        kinks=_ends,
    ),
    unary(
        "inverse_tangent",
        "arctan atan arctg arctang",
        sympy.atan,
        lambda u: raised(ONE + u**2, MINUS_ONE),
        lambda u: u.atan(),
        latex=r"\arctan",
    ),
    unary(
        "inverse_cotangent",
        "arccot acot arcctg arccotg",
        sympy.acot,
        lambda u: -raised(ONE + u**2, MINUS_ONE),
        lambda u: (1 / u).atan(),
        latex=r"\operatorname{arccot}",
        kinks=lambda u: meet(u, 0),
    ),
    unary(
        "inverse_secant",
        "arcsec asec",
        sympy.asec,
        lambda u: ONE / (magnitude(u) * sqrt(u**2 - ONE)),
        lambda u: (1 / u).acos(),
        latex=r"\operatorname{arcsec}",
        domain=_outside,
        kinks=_ends,
    ),
    unary(
        "inverse_cosecant",
        "arccsc acsc arccosec acosec",
        sympy.acsc,
        lambda u: MINUS_ONE / (magnitude(u) * sqrt(u**2 - ONE)),
        lambda u: (1 / u).asin(),
        latex=r"\operatorname{arccsc}",
        domain=_outside,
        kinks=_ends,
    ),
)


# Hyperbolic functions -----------------------------------------------------------------------------------------------


HYPERBOLIC = (
    unary("hyperbolic_sine", "sinh sh", sinh, cosh, lambda u: u.sinh(), latex=r"\sinh"),
    unary("hyperbolic_cosine", "cosh ch", cosh, sinh, lambda u: u.cosh(), latex=r"\cosh"),
    unary("hyperbolic_tangent", "tanh th", tanh, lambda u: ONE - tanh(u) ** 2, lambda u: u.tanh(), latex=r"\tanh"),
    unary(
        "hyperbolic_cotangent",
        "coth cth",
        coth,
        lambda u: -(csch(u) ** 2),
        lambda u: u.coth(),
        latex=r"\coth",
        domain=lambda u: differ(u, 0),
    ),
    unary(
        "hyperbolic_secant",
        "sech",
        sech,
        lambda u: -sech(u) * tanh(u),
        lambda u: u.sech(),
        latex=r"\operatorname{sech}",
    ),
    unary(
        "hyperbolic_cosecant",
        "csch cosech",
        csch,
        lambda u: -csch(u) * coth(u),
        lambda u: u.csch(),
        latex=r"\operatorname{csch}",
        domain=lambda u: differ(u, 0),
    ),
    unary(
        "inverse_hyperbolic_sine",
        "arsinh asinh arcsinh argsinh argsh arsh",
        sympy.asinh,
        lambda u: raised(u**2 + ONE, MINUS_HALF),
        lambda u: u.asinh(),
        latex=r"\operatorname{arsinh}",
    ),
    unary(
        "inverse_hyperbolic_cosine",
        "arcosh acosh arccosh argcosh argch arch",
        sympy.acosh,
        lambda u: raised(u**2 - ONE, MINUS_HALF),
        lambda u: u.acosh(),
        latex=r"\operatorname{arcosh}",
        domain=lambda u: needs(u >= 1),
        kinks=lambda u: meet(u, 1),
    ),
    unary(
        "inverse_hyperbolic_tangent",
        "artanh atanh arctanh argtanh argth arth",
        sympy.atanh,
        lambda u: raised(ONE - u**2, MINUS_ONE),
        lambda u: u.atanh(),
        latex=r"\operatorname{artanh}",
        domain=lambda u: needs(u > -1, u < 1),
    ),
    unary(
        "inverse_hyperbolic_cotangent",
        "arcoth acoth arccoth argcoth",
        sympy.acoth,
        lambda u: raised(ONE - u**2, MINUS_ONE),
        lambda u: (1 / u).atanh(),
        latex=r"\operatorname{arcoth}",
        domain=lambda u: needs(Or(u < -1, u > 1)),
    ),
    unary(
        "inverse_hyperbolic_secant",
        "arsech asech arcsech argsech",
        sympy.asech,
        lambda u: -raised(ONE - u**2, MINUS_HALF) / u,
        lambda u: (1 / u).acosh(),
        latex=r"\operatorname{arsech}",
        domain=lambda u: needs(stated(Gt, u, 0), stated(Le, u, 1)),
        kinks=lambda u: meet(u, 1),
    ),
    unary(
        "inverse_hyperbolic_cosecant",
        "arcsch acsch arccsch argcsch",
        sympy.acsch,
        lambda u: MINUS_ONE / (magnitude(u) * sqrt(ONE + u**2)),
        lambda u: (1 / u).asinh(),
        latex=r"\operatorname{arcsch}",
        domain=lambda u: differ(u, 0),
    ),
)
