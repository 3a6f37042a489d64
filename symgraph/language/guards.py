"""Sizes checked where the real arguments are seen: before SymPy is called, and on what it returns.

>>> from sympy import Integer
>>> from symgraph.limits import DEFAULT
>>> check_before("power", [Integer(9), Integer(9) ** 9], DEFAULT)
Traceback (most recent call last):
    ...
symgraph.errors.LimitExceeded: 1162261467 bits: the limit is 4096 (limits.bits)

SymPy computes numbers as it builds (2^(10^9), gamma(10^9), floor(e^(e^100))), factors what stands under a root, and
decides every comparison of constants. Each of these has its bound here. What a bound lets through takes milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import sympy
from sympy import Add, Integral, Mul, Pow, Product, S, Sum

from symgraph.errors import DomainError, LimitExceeded
from symgraph.limits import Limits

__all__ = ["check_after", "check_before", "is_constant", "magnitude_bits", "number_bits"]

Check = Callable[[Sequence[Any], Limits], None]


def number_bits(number: Any) -> int:
    """How long a rational number is, in bits of the longer of its two parts.

    >>> number_bits(sympy.Rational(1, 1024))
    11
    """
    return max(int(number.p).bit_length(), int(number.q).bit_length())


def is_constant(expr: Any) -> bool:
    """Whether an expression has no names in it (and is no vector or condition).

    >>> is_constant(sympy.pi + 1), is_constant(sympy.Symbol("x"))
    (True, False)
    """
    if not isinstance(expr, sympy.Expr):
        return False
    stack: list[Any] = [expr]
    seen: set[Any] = set()
    while stack:  # SymPy's own is_number calls itself for every level
        part = stack.pop()
        inner = part.args
        if not inner:
            if not part.is_number:
                return False
        elif part not in seen:
            seen.add(part)
            stack += inner
    return True


def magnitude_bits(expr: Any) -> float:
    """About log₂|c| of a constant, at least 0; infinity where it cannot be told safely.

    The parts of a constant were checked before, so that computing five digits of it is cheap.

    >>> magnitude_bits(sympy.Integer(2) ** 100), round(magnitude_bits(sympy.exp(10**10)) / 10**10, 2)
    (101, 1.44)
    """
    if expr.is_Rational:
        return number_bits(expr)
    if expr.has(Sum, Product, Integral):
        return math.inf
    try:
        found = expr.evalf(5, maxn=60)
        parts = found.as_real_imag()
        return max(0.0, *(_float_bits(part) for part in parts))
    except (RecursionError, ValueError, TypeError, ArithmeticError, AttributeError, NotImplementedError):
        return math.inf


def _float_bits(part: Any) -> float:
    if part.is_zero:
        return 0.0
    if not part.is_Float:
        return float(number_bits(part)) if part.is_Rational else math.inf
    _, mantissa, exponent, _ = part._mpf_
    size = exponent + int(mantissa).bit_length()
    return float(size) if abs(size) < 10**15 else math.inf if size > 0 else 0.0


def _bounded(bits: float, limits: Limits) -> None:
    if bits > limits.bits:
        raise LimitExceeded("bits", limits.bits, int(bits) if bits < 1e15 else "more than 10^15")


# before -------------------------------------------------------------------------------------------------------------


def _power(arguments: Sequence[Any], limits: Limits) -> None:
    base, exponent = arguments
    if getattr(base, "is_Matrix", False) or getattr(exponent, "is_Matrix", False):
        raise DomainError("a power of a vector or a matrix is taken component by component")
    if base is S.Zero and is_constant(exponent) and exponent.is_negative:
        raise DomainError("a division by zero has no value")
    if not is_constant(exponent):
        if base.is_Rational:
            _numeric_part(base, exponent, limits)
        return
    if base.is_Rational and base < 0 and exponent.is_Rational and not exponent.is_Integer:
        hint = ": for the real root write cbrt(x) or root(x, n)" if exponent.q % 2 else ""
        raise DomainError(f"a negative number has no real power like this{hint}")
    if exponent.is_Rational:
        _rational_power(base, exponent, limits)
    elif is_constant(base):
        # c^d with an irrational d stays as it is, but for the rational part of a sum in d
        _numeric_part(base, exponent, limits)


def _rational_power(base: Any, exponent: Any, limits: Limits) -> None:
    if is_constant(base):
        size = abs(exponent)
        if base is S.Exp1 or (size <= 1 and not base.is_Rational):
            return
        bits = number_bits(base) - 1 if base.is_Rational else magnitude_bits(base)
        _bounded(float(min(size, 10**18)) * bits, limits)
        if base.is_Rational and not exponent.is_Integer:
            _under_root(base, int(exponent.q), limits)
            _numerator(base, exponent, limits)
        return
    inner = base.exp if base.is_Pow and base.exp.is_Rational else S.One
    # not inner * exponent: SymPy may have been told not to evaluate
    if abs(inner.p * exponent.p) > limits.exponent * inner.q * exponent.q:
        whole = abs(sympy.Rational(inner.p * exponent.p, inner.q * exponent.q))
        raise LimitExceeded("exponent", limits.exponent, _shown(whole))
    if not base.is_Mul:
        return
    size = abs(exponent)
    coefficient, _ = base.as_coeff_Mul()
    constant = Mul(*[factor for factor in base.args if is_constant(factor)])
    _bounded(float(size) * magnitude_bits(constant), limits)
    if coefficient.is_Rational:
        _bounded(float(size) * (number_bits(coefficient) - 1), limits)
        if not exponent.is_Integer:
            _numerator(coefficient, exponent, limits)


def _numerator(base: Any, exponent: Any, limits: Limits) -> None:
    """For 12^(p/q) SymPy computes 12^p, however near p/q is to 1."""
    if abs(base) != 1:
        _bounded(float(min(abs(exponent.p), 10**18)) * number_bits(base), limits)


def _numeric_part(base: Any, exponent: Any, limits: Limits) -> None:
    """2^(x + 10^9) would compute 2^(10^9): the number in an exponent is bounded, too."""
    if base is S.Exp1:
        return
    number, _ = exponent.as_coeff_Add()
    if number.is_Rational:
        _bounded(float(min(abs(number), 10**18)) * max(1.0, magnitude_bits(base)), limits)


def _under_root(base: Any, index: int, limits: Limits) -> None:
    """SymPy factors a number under a root: it must be short, or an exact power."""
    for part in (int(abs(base.p)), int(base.q)):
        if part.bit_length() > limits.root_bits:
            exact = index <= part.bit_length() and sympy.integer_nthroot(part, index)[1]
            if not exact:
                raise LimitExceeded("root_bits", limits.root_bits, part.bit_length())


def _shown(number: Any) -> Any:
    return int(number) if number_bits(number) < 200 else f"a number of {number_bits(number)} bits"


def _root(arguments: Sequence[Any], limits: Limits) -> None:
    (base,) = arguments[:1]
    if base.is_Rational:
        if base < 0 and len(arguments) == 1:
            raise DomainError("a negative number has no real square root")
        _under_root(base, 2, limits)


def _cube_root(arguments: Sequence[Any], limits: Limits) -> None:
    if arguments[0].is_Rational:
        _under_root(arguments[0], 3, limits)


def _real_root(arguments: Sequence[Any], limits: Limits) -> None:
    base, index = arguments
    if index is S.Zero:
        raise DomainError("there is no root of order 0")
    if base.is_Rational and index.is_Rational:
        if base < 0 and not (index.is_Integer and index % 2):
            raise DomainError("a negative number has no real root of this order")
        _rational_power(abs(base), 1 / index, limits)


def _divide(arguments: Sequence[Any], limits: Limits) -> None:
    if arguments[1] is S.Zero:
        raise DomainError("a division by zero has no value")


def _exponential(arguments: Sequence[Any], limits: Limits) -> None:
    """e^(n ln 2) is 2^n to SymPy, and computed."""
    for term in Add.make_args(arguments[0]):
        factors = Mul.make_args(term)
        if any(isinstance(factor, sympy.log) and is_constant(factor) for factor in factors):
            _bounded(magnitude_bits_of_power(factors), limits)


def magnitude_bits_of_power(factors: Sequence[Any]) -> float:
    """log₂ of e to a product of constants, one of them a logarithm.

    >>> magnitude_bits_of_power([sympy.Integer(10), sympy.log(2)]) < 20
    True
    """
    constant = Mul(*[factor for factor in factors if is_constant(factor)])
    bits = magnitude_bits(constant)
    return math.inf if bits > 60 else 1.5 * 2.0**bits


def _factorial(arguments: Sequence[Any], limits: Limits) -> None:
    for number in arguments:
        if number.is_Rational and abs(number) > limits.factorial:
            raise LimitExceeded("factorial", limits.factorial, _shown(number))


def _binomial(arguments: Sequence[Any], limits: Limits) -> None:
    n, k = arguments
    if (
        k.is_Rational
        and abs(k) > limits.factorial
        and not (n.is_Rational and k <= n and n.p * k.q - k.p * n.q <= limits.factorial * n.q * k.q)
    ):
        raise LimitExceeded("factorial", limits.factorial, _shown(k))


def _sizes(arguments: Sequence[Any], limits: Limits) -> None:
    """A constant that a function is applied to must have a size that can be computed with."""
    for argument in arguments:
        if is_constant(argument) and not argument.is_Rational:
            bits = magnitude_bits(argument)
            if bits > limits.bits and not argument.has(Sum, Product, Integral):
                _bounded(bits, limits)


def _cases(arguments: Sequence[Any], limits: Limits) -> None:
    """SymPy writes a body as cases of its own: their number is the product of all cases in it."""
    count = 1
    for piece in arguments[0].atoms(sympy.Piecewise):
        count *= len(piece.args)
        limits.check("expanded_terms", count)


_BEFORE: Mapping[str, tuple[Check, ...]] = MappingProxyType(
    {
        "power": (_power,),
        "divide": (_divide,),
        "square_root": (_root,),
        "cube_root": (_cube_root,),
        "real_root": (_real_root,),
        "exponential": (_sizes, _exponential),
        "sigmoid": (_sizes, _exponential),
        "softplus": (_sizes, _exponential),
        "logsumexp": (_sizes, _exponential),
        "factorial": (_sizes, _factorial),
        "gamma": (_sizes, _factorial),
        "log_gamma": (_sizes, _factorial),
        "digamma": (_sizes, _factorial),
        "polygamma": (_sizes, _factorial),
        "beta": (_sizes, _factorial),
        "bessel_j": (_sizes, _factorial),
        "bessel_y": (_sizes, _factorial),
        "bessel_i": (_sizes, _factorial),
        "bessel_k": (_sizes, _factorial),
        "binomial": (_sizes, _binomial),
        "sum": (_cases,),
        "product": (_cases,),
        "integral": (_cases,),
    }
)
_PLAIN = frozenset({"add", "subtract", "multiply", "negate", "vector", "matrix", "transpose", "matrix_multiply"})


def check_before(row: str, arguments: Sequence[Any], limits: Limits) -> None:
    """Raise when a row's SymPy form must not be built of these arguments.

    Raises:
        DomainError: there is no value.
        LimitExceeded: it would be too large.
    """
    if row in _PLAIN:
        return
    for argument in arguments:
        if getattr(argument, "is_Matrix", False):
            _power(arguments, limits) if row == "power" else None
            return
    for check in _BEFORE.get(row, (_sizes,)):
        check(arguments, limits)


# after --------------------------------------------------------------------------------------------------------------

_NOTHING = frozenset({S.ComplexInfinity, S.NaN, S.Infinity, S.NegativeInfinity})
_MAY_BE_COMPLEX = frozenset({"power", "square_root", "real_root", "logarithm", "logarithm_base"})


def check_after(row: str, value: Any, limits: Limits) -> None:
    """Raise when what SymPy returned is no number, not real, or too long.

    >>> check_after("logarithm", sympy.log(0), Limits())
    Traceback (most recent call last):
        ...
    symgraph.errors.DomainError: there is no value here
    """
    if getattr(value, "is_Matrix", False) or not isinstance(value, sympy.Expr):
        return
    if value in _NOTHING:
        raise DomainError("there is no value here")
    if value.is_Rational:
        _bounded(number_bits(value), limits)
    elif value.is_Mul:
        coefficient = value.args[0]
        if coefficient.is_Rational:
            _bounded(number_bits(coefficient), limits)
        for factor in value.args:
            rooted = isinstance(factor, Pow) and factor.base.is_Rational and factor.exp.is_Rational
            if rooted and number_bits(factor.base) > limits.root_bits:
                raise LimitExceeded("root_bits", limits.root_bits, number_bits(factor.base))
    elif value.is_Add and value.args[0].is_Rational:
        _bounded(number_bits(value.args[0]), limits)
    if (row in _MAY_BE_COMPLEX or row.startswith("inverse_")) and is_constant(value) and value.has(sympy.I):
        raise DomainError("there is no real value here")
