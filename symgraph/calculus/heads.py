"""What each of SymPy's classes, and each row of our own table, does to real values: the tables of `balls.py`.

>>> print(HEADS[sympy.Abs](exact(-2)))
2
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy

from symgraph.calculus import reals
from symgraph.calculus.reals import BALL, RULES, NotReal, exact, lift
from symgraph.language.primitives import PRIMITIVES

__all__ = ["CONSTANTS", "HEADS", "TREE_CONSTANTS", "Rule", "failing", "row_rule"]

Rule = Callable[..., Any]


def failing(reason: str, certain: bool) -> Rule:
    """A rule that says why there is no value.

    Args:
        certain: that is proved, and not only unsettled.
    """

    def rule(*arguments: Any) -> Any:
        raise NotReal(reason, certain)

    return rule


_IMAGINARY = failing("a number that is not real", True)
_INFINITE = failing("infinity, which is not a number", True)

TREE_CONSTANTS: Mapping[str, Rule] = {
    "pi": lambda: BALL.pi(),
    "e": lambda: BALL(1).exp(),
    "infinity": _INFINITE,
    "i": _IMAGINARY,
}


def row_rule(operator: str) -> Rule:
    """The rule of a row: ours where there is one, or else the row's own ball."""
    if operator in RULES:
        return RULES[operator]
    row = PRIMITIVES.get(operator)
    if row is None or row.ball is None:
        return failing(f"{operator.replace('_', ' ')} has no numbers of its own", False)
    ball = row.ball
    return lambda *arguments: ball(*(lift(argument) for argument in arguments))


# SymPy


def _airy(place: int) -> Rule:
    return lambda u: lift(u).airy()[place]


def _identity(u: Any) -> Any:
    return u


_ROWS = {
    "Add": "total",
    "exp": "exponential",
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "cot": "cotangent",
    "sec": "secant",
    "csc": "cosecant",
    "Abs": "absolute_value",
    "sign": "sign",
    "Max": "maximum",
    "Min": "minimum",
    "floor": "floor",
    "ceiling": "ceiling",
    "atan2": "arctangent2",
    "erf": "error_function",
    "erfc": "complementary_error_function",
    "gamma": "gamma",
    "loggamma": "log_gamma",
    "polygamma": "polygamma",
    "digamma": "digamma",
    "beta": "beta",
    "LambertW": "lambert_w",
    "besselj": "bessel_j",
    "bessely": "bessel_y",
    "besseli": "bessel_i",
    "besselk": "bessel_k",
    "sinc": "cardinal_sine",
    "Si": "sine_integral",
    "Ci": "cosine_integral",
    "Ei": "exponential_integral",
    "factorial": "factorial",
    "binomial": "binomial",
    "Heaviside": "heaviside",
    "And": "and",
    "Or": "or",
    "Not": "not",
    "StrictLessThan": "less",
    "LessThan": "less_equal",
    "StrictGreaterThan": "greater",
    "GreaterThan": "greater_equal",
    "Equality": "equal",
    "Unequality": "unequal",
    "Pow": "power",
}
for _short, _long in (("sin", "sine"), ("cos", "cosine"), ("tan", "tangent"), ("cot", "cotangent"), ("sec", "secant")):
    _ROWS |= {f"a{_short}": f"inverse_{_long}", f"{_short}h": f"hyperbolic_{_long}"}
    _ROWS |= {f"a{_short}h": f"inverse_hyperbolic_{_long}"}
_ROWS |= {"acsc": "inverse_cosecant", "csch": "hyperbolic_cosecant", "acsch": "inverse_hyperbolic_cosecant"}

HEADS: dict[type, Rule] = {getattr(sympy, head): RULES[row] for head, row in _ROWS.items()}
HEADS |= {
    sympy.Mul: reals.multiply,
    sympy.log: RULES["logarithm"],
    sympy.re: _identity,
    sympy.conjugate: _identity,
    sympy.im: lambda u: exact(0),
    sympy.arg: lambda u: RULES["arctangent2"](exact(0), u),
    sympy.frac: lambda u: u - reals.floor(u),
    sympy.Mod: reals.modulo,
    sympy.DiracDelta: reals.impulse,
    sympy.erfi: lambda u: exact(0) if u == 0 else lift(u).erfi(),
    sympy.Shi: lambda u: exact(0) if u == 0 else lift(u).shi(),
    sympy.Chi: reals.hyperbolic_cosine_integral,
    sympy.li: reals.logarithmic_integral,
    sympy.fresnels: lambda u: exact(0) if u == 0 else lift(u).fresnel_s(),
    sympy.fresnelc: lambda u: exact(0) if u == 0 else lift(u).fresnel_c(),
    sympy.airyai: _airy(0),
    sympy.airyaiprime: _airy(1),
    sympy.airybi: _airy(2),
    sympy.airybiprime: _airy(3),
    sympy.expint: reals.generalised_exponential_integral,
    sympy.zeta: reals.zeta,
    sympy.harmonic: reals.harmonic,
    sympy.RisingFactorial: reals.rising,
    sympy.FallingFactorial: reals.falling,
    sympy.lowergamma: reals.lower_gamma,
    sympy.uppergamma: reals.upper_gamma,
}
"""What each SymPy class does to values."""

CONSTANTS: dict[sympy.Basic, Rule] = {
    sympy.pi: lambda: BALL.pi(),
    sympy.E: lambda: BALL(1).exp(),
    sympy.EulerGamma: lambda: BALL.const_euler(),
    sympy.Catalan: lambda: BALL.const_catalan(),
    sympy.GoldenRatio: lambda: (BALL(5).sqrt() + 1) / 2,
    sympy.I: _IMAGINARY,
    sympy.oo: _INFINITE,
    -sympy.oo: _INFINITE,
    sympy.zoo: _INFINITE,
    sympy.nan: failing("not a number", True),
    sympy.true: lambda: True,
    sympy.false: lambda: False,
}
