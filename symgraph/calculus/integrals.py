"""Definite integrals as certified balls, for integrands that are analytic along the way.

The integrand is run on complex balls (python-flint's `acb`), by the rules of this table; the integrator wants a proof
that it is analytic on each of them, and gives bounds for the error. |u|, max and steps are analytic but where they
turn, and the way is halved there until what is left is small. What is not in the table (cases, inverse functions with
cuts near by) has no numbers under an integral sign, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

from symgraph.calculus import reals
from symgraph.calculus.reals import BALL, CERTIFIED, RULES, unsettled

try:
    import flint
except ImportError:
    flint = None

__all__ = ["integral"]

_OPEN = "an integral over numbers where the integrand may have no value"

_EVALUATIONS = 3_000
_ACCURACY = 24  # bits, fewer are of no use
_BITS = 1_100  # more are asked for only where fewer did not settle it, and then more do not either
Complex = Any  # flint.acb


def _sum(analytic: bool, *terms: Complex) -> Complex:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _product(analytic: bool, *factors: Complex) -> Complex:
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def _power(analytic: bool, base: Complex, exponent: Complex) -> Complex:
    real = exponent.real
    if exponent.imag == 0 and real.is_exact() and real.is_integer():
        return base ** int(real.unique_fmpz())
    return base.pow(exponent, analytic=analytic)


def _method(name: str) -> Callable[..., Complex]:
    """A function without cuts: poles show as balls that are not finite."""
    return lambda analytic, u: getattr(u, name)()


_ENTIRE = {
    "exponential": "exp",
    "sine": "sin",
    "cosine": "cos",
    "tangent": "tan",
    "cotangent": "cot",
    "secant": "sec",
    "cosecant": "csc",
    "hyperbolic_sine": "sinh",
    "hyperbolic_cosine": "cosh",
    "hyperbolic_tangent": "tanh",
    "hyperbolic_cotangent": "coth",
    "hyperbolic_secant": "sech",
    "hyperbolic_cosecant": "csch",
    "error_function": "erf",
    "complementary_error_function": "erfc",
    "cardinal_sine": "sinc",
    "sine_integral": "si",
}

_COMPLEX: Mapping[Any, Callable[..., Complex]] = {
    RULES["add"]: _sum,
    RULES["total"]: _sum,
    RULES["subtract"]: lambda analytic, u, v: u - v,
    RULES["negate"]: lambda analytic, u: -u,
    RULES["multiply"]: _product,
    RULES["divide"]: lambda analytic, u, v: u / v,
    RULES["power"]: _power,
    RULES["square_root"]: lambda analytic, u: u.sqrt(analytic=analytic),
    RULES["logarithm"]: lambda analytic, u, *base: u.log(analytic=analytic) / (base[0].log() if base else 1),
    RULES["absolute_value"]: lambda analytic, u: u.real_abs(analytic=analytic),
    RULES["sign"]: lambda analytic, u: u.real_sgn(analytic=analytic),
    RULES["floor"]: lambda analytic, u: u.real_floor(analytic=analytic),
    RULES["ceiling"]: lambda analytic, u: u.real_ceil(analytic=analytic),
    RULES["heaviside"]: lambda analytic, u, *at: u.real_heaviside(analytic=analytic),
    RULES["maximum"]: lambda analytic, *each: reduce(lambda u, v: u.real_max(v, analytic=analytic), each),
    RULES["minimum"]: lambda analytic, *each: reduce(lambda u, v: u.real_min(v, analytic=analytic), each),
    RULES["sigmoid"]: lambda analytic, u: 1 / (1 + (-u).exp()),
    **{RULES[row]: _method(name) for row, name in _ENTIRE.items()},
}


def integral(
    rules: Sequence[Any],
    slots: Sequence[tuple[int, ...]],
    root: int,
    given: Mapping[int, Any],
    name: int,
    ends: Any,
    is_real: Callable[[], bool],
) -> Any:
    """The integral of a line of operations over one of its inputs, as a ball.

    Args:
        rules, slots: the operations and what they are applied to (None: an input).
        root: which of them is the integrand.
        given: the values of the other inputs, by slot.
        name: the slot of the variable of integration.
        ends: from, to.
        is_real: whether the integrand has a value all the way; asked only where the rest can be done.

    Raises:
        NotReal: it cannot be computed here (a cut, a pole, a function without a rule).
    """
    if not CERTIFIED or flint.ctx.prec > _BITS:
        raise unsettled("an integral that was not carried out")
    needed = _needed(slots, root)
    fixed = [(slot, rule) for slot, rule in enumerate(rules) if slot in needed]
    for slot, rule in fixed:
        if rule is not None and slots[slot] and rule not in _COMPLEX:
            raise unsettled("an integral of a function with cuts or kinks")

    def integrand(z: Complex, analytic: bool) -> Complex:
        values: list[Any] = [None] * len(rules)
        for slot, rule in fixed:
            if rule is None:
                values[slot] = z if slot == name else flint.acb(reals.lift(given[slot]))
            elif rule in _COMPLEX:
                values[slot] = _COMPLEX[rule](analytic, *(values[place] for place in slots[slot]))
            else:
                values[slot] = flint.acb(reals.lift(rule()))
        return values[root]

    low, high = (flint.acb(reals.lift(end)) for end in ends)
    if not all(integrand(end, False).is_finite() for end in (low, high)):  # then no piece that ends there is, either
        raise unsettled("an integral that was not carried out")
    if not is_real():
        raise unsettled(_OPEN)
    found = flint.acb.integral(integrand, low, high, eval_limit=_EVALUATIONS)
    if not found.is_finite() or not found.imag.contains(0) or found.imag.rad() > 1:
        raise unsettled("an integral across a place where the integrand is not smooth")
    value = BALL(found.real)
    if value.rel_accuracy_bits() < _ACCURACY and not value.rad() < 2**-_ACCURACY:
        raise unsettled("an integral that was not found with enough digits")
    return value


def _needed(slots: Sequence[tuple[int, ...]], root: int) -> set[int]:
    found, stack = set(), [root]
    while stack:
        slot = stack.pop()
        if slot not in found:
            found.add(slot)
            stack.extend(slots[slot])
    return found
