"""What people take for the derivative of an elementary function: for each row of the table, its usual confusions.

A sign (sin′ = −cos), the function's partner (cosh′ = −sinh, arctan′ with the root of arcsin), a square too many or too
few (sec′ = tan²), the inverse taken for the reciprocal (arcsin x as 1/sin x).

>>> from sympy import Symbol
>>> from symgraph.marking.wrong_rules import WRONG_RULES
>>> class Table:
...     def apply(self, row, *arguments):
...         from symgraph.language.primitives import PRIMITIVES
...         return PRIMITIVES[row].construct(*arguments)
>>> [rule(Table(), Symbol("u")) for rule in WRONG_RULES["sine"]]
[-cos(u), -sin(u)]

What is wrong for every function alike (left as it was, a factor lost, an exponent kept) is in `local_edits.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

__all__ = ["WRONG_RULES", "WrongRule"]

WrongRule = Callable[[Any, Any], Any]  # (functions of the table, u) -> what is taken for the derivative at u


def _row(name: str) -> WrongRule:
    return lambda f, u: f.apply(name, u)


def _minus(rule: WrongRule) -> WrongRule:
    return lambda f, u: -rule(f, u)


def _over(rule: WrongRule) -> WrongRule:
    return lambda f, u: 1 / rule(f, u)


def _times(one: WrongRule, other: WrongRule) -> WrongRule:
    return lambda f, u: one(f, u) * other(f, u)


def _root(inside: Callable[[Any], Any]) -> WrongRule:
    return lambda f, u: f.apply("square_root", inside(u))


def _plain(value: Callable[[Any], Any]) -> WrongRule:
    return lambda f, u: value(u)


_sin, _cos, _tan = _row("sine"), _row("cosine"), _row("tangent")
_cot, _sec, _csc = _row("cotangent"), _row("secant"), _row("cosecant")
_sinh, _cosh, _tanh = _row("hyperbolic_sine"), _row("hyperbolic_cosine"), _row("hyperbolic_tangent")
_coth, _sech, _csch = _row("hyperbolic_cotangent"), _row("hyperbolic_secant"), _row("hyperbolic_cosecant")
_exp, _ln = _row("exponential"), _row("logarithm")
_identity = _plain(lambda u: u)
_sigmoid = _row("sigmoid")

_CIRCLE = _over(_root(lambda u: 1 - u * u))  # 1/√(1−u²)
_HYPERBOLA = _over(_root(lambda u: u * u - 1))
_SUM_ROOT = _over(_root(lambda u: 1 + u * u))
_BELL = _plain(lambda u: 1 / (1 + u * u))
_POLES = _plain(lambda u: 1 / (1 - u * u))


def _squared(rule: WrongRule) -> WrongRule:
    return _times(rule, rule)


def _by_name(outside: WrongRule) -> WrongRule:
    """1/(u·√…): the derivative of an inverse secant where u > 0, taken for all u."""
    return lambda f, u: outside(f, u) / u


WRONG_RULES: Mapping[str, tuple[WrongRule, ...]] = MappingProxyType(
    {
        "sine": (_minus(_cos), _minus(_sin)),
        "cosine": (_sin, _minus(_cos)),
        "tangent": (
            _minus(_squared(_csc)),
            _squared(_csc),
            _cot,
            _minus(_cot),
            _sec,
            _times(_sec, _tan),
            _squared(_tan),
            _over(_cos),
            _BELL,
            _minus(_squared(_sec)),
        ),
        "cotangent": (
            _squared(_csc),
            _squared(_sec),
            _minus(_squared(_sec)),
            _tan,
            _minus(_tan),
            _minus(_times(_csc, _cot)),
            _minus(_squared(_cot)),
            _over(_sin),
        ),
        "secant": (
            _minus(_times(_sec, _tan)),
            _squared(_tan),
            _squared(_sec),
            _tan,
            _minus(_csc),
            _csc,
            _minus(_times(_csc, _cot)),
            _times(_csc, _cot),
            _minus(_over(_sin)),
        ),
        "cosecant": (
            _times(_csc, _cot),
            _squared(_cot),
            _minus(_squared(_cot)),
            _minus(_squared(_csc)),
            _cot,
            _minus(_cot),
            _sec,
            _minus(_sec),
            _times(_sec, _tan),
            _minus(_times(_sec, _tan)),
        ),
        "inverse_sine": (
            _minus(_CIRCLE),
            _SUM_ROOT,
            _POLES,
            _BELL,
            _HYPERBOLA,
            _row("inverse_cosine"),
            lambda f, u: -_cos(f, u) / _sin(f, u) ** 2,
            _over(_cos),
            _root(lambda u: 1 - u * u),
            _minus(_BELL),
        ),
        "inverse_cosine": (
            _CIRCLE,
            _minus(_SUM_ROOT),
            _minus(_POLES),
            _minus(_BELL),
            _minus(_HYPERBOLA),
            _row("inverse_sine"),
            _minus(_row("inverse_sine")),
            lambda f, u: _sin(f, u) / _cos(f, u) ** 2,
            _minus(_over(_sin)),
            _minus(_root(lambda u: 1 - u * u)),
            _BELL,
        ),
        "inverse_tangent": (
            _POLES,
            _SUM_ROOT,
            _CIRCLE,
            _minus(_squared(_csc)),
            _squared(_cos),
            _plain(lambda u: 1 / (1 + u)),
            _plain(lambda u: 1 + u * u),
            _minus(_CIRCLE),
            _minus(_BELL),
        ),
        "inverse_cotangent": (
            _BELL,
            _minus(_POLES),
            _minus(_SUM_ROOT),
            _squared(_sec),
            _minus(_squared(_sin)),
            _minus(_CIRCLE),
            _CIRCLE,
        ),
        "inverse_secant": (_by_name(_HYPERBOLA), _minus(_by_name(_HYPERBOLA)), _HYPERBOLA, _by_name(_CIRCLE), _BELL),
        "inverse_cosecant": (_minus(_by_name(_HYPERBOLA)), _by_name(_HYPERBOLA), _minus(_HYPERBOLA), _minus(_BELL)),
        "exponential": (_ln, lambda f, u: _exp(f, u - 1), _times(_identity, _exp), _times(_ln, _exp)),
        "logarithm": (
            _over(_ln),
            _exp,
            lambda f, u: _ln(f, u) / u,
            _plain(lambda u: 1 / (u * u)),
            _plain(lambda u: -1 / (u * u)),
            _plain(lambda u: u),
        ),
        "square_root": (
            _over(_root(lambda u: u)),
            lambda f, u: 2 / f.apply("square_root", u),
            lambda f, u: 2 * f.apply("square_root", u),
            _plain(lambda u: 1 / (2 * u)),
            lambda f, u: -1 / (2 * u * f.apply("square_root", u)),
        ),
        "hyperbolic_sine": (_minus(_cosh), _cos),
        "hyperbolic_cosine": (_minus(_sinh), _minus(_sin)),
        "hyperbolic_tangent": (
            _squared(_sec),
            _sech,
            _coth,
            _minus(_squared(_csch)),
            lambda f, u: 1 + _tanh(f, u) ** 2,
            _minus(_squared(_sech)),
        ),
        "hyperbolic_cotangent": (_squared(_csch), _minus(_squared(_csc)), _squared(_sech), _tanh),
        "hyperbolic_secant": (_times(_sech, _tanh), _times(_sec, _tan), _minus(_squared(_sech)), _minus(_csch)),
        "hyperbolic_cosecant": (
            _times(_csch, _coth),
            _minus(_times(_csc, _cot)),
            _minus(_squared(_csch)),
            _minus(_sech),
        ),
        "inverse_hyperbolic_sine": (_HYPERBOLA, _CIRCLE, _minus(_SUM_ROOT), _BELL),
        "inverse_hyperbolic_cosine": (_SUM_ROOT, _CIRCLE, _minus(_HYPERBOLA), _minus(_CIRCLE)),
        "inverse_hyperbolic_tangent": (_BELL, _minus(_POLES), _plain(lambda u: 1 / (u * u - 1)), _CIRCLE),
        "inverse_hyperbolic_cotangent": (_minus(_POLES), _BELL, _minus(_BELL)),
        "inverse_hyperbolic_secant": (_by_name(_CIRCLE), _minus(_CIRCLE), _minus(_by_name(_SUM_ROOT))),
        "inverse_hyperbolic_cosecant": (_by_name(_SUM_ROOT), _minus(_by_name(_SUM_ROOT)), _minus(_SUM_ROOT)),
        "absolute_value": (_plain(lambda u: 1), _plain(lambda u: -1), _minus(_row("sign"))),
        "sigmoid": (
            lambda f, u: 1 - _sigmoid(f, u),
            _squared(_sigmoid),
            lambda f, u: _sigmoid(f, u) * (_sigmoid(f, u) - 1),
            lambda f, u: _sigmoid(f, u) * (1 + _sigmoid(f, u)),
        ),
        "relu": (_plain(lambda u: 1), _plain(lambda u: u)),
        "error_function": (
            lambda f, u: _exp(f, -u * u),
            lambda f, u: -_exp(f, -u * u),
            lambda f, u: 2 * _exp(f, -u * u),
        ),
    }
)
