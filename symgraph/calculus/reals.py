"""Real functions on exact rational numbers and on certified balls.

A value is an exact rational number as long as it can be one, and otherwise a ball: a midpoint and a radius that
together are proved to hold the true value (python-flint's `arb`). Whatever leaves the real numbers has no value here:
√(−1), ln 0, 1/0, and also x^(1/3) at −8, which SymPy takes as complex (the real root is written otherwise).

Why two kinds of "no value": `NotReal(certain=True)` is a proof that nothing real stands here; `certain=False` says
only that the precision did not settle it (is this ball, which holds 0, positive?) and more digits may.

>>> try:
...     RULES["square_root"](exact(-1))
... except NotReal as fault:
...     print(fault, fault.certain)
the square root of a negative number True
>>> print(RULES["square_root"](exact(9, 4)))
3/2

Without python-flint the balls are `rough.Rough` numbers from mpmath, whose radii are estimates; `CERTIFIED` says which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

try:
    import flint
except ImportError:  # the core runs on pure Python: fewer certificates, and every one says so
    flint = None

from symgraph.calculus.rough import Rough

__all__ = [
    "ACROSS_JUMPS",
    "BALL",
    "CERTIFIED",
    "EXACT",
    "RULES",
    "NotReal",
    "exact",
    "fraction",
    "lift",
    "met",
    "precision",
    "unsettled",
]

CERTIFIED = flint is not None
BALL: Any = flint.arb if CERTIFIED else Rough
EXACT: Any = flint.fmpq if CERTIFIED else Fraction
Value = Any  # EXACT or BALL (and bool, for conditions)

_BITS = 4_096  # an exact number longer than this goes on as a ball
_ORDER = 10_000  # of a Bessel function, a polygamma function, a binomial coefficient


class NotReal(Exception):
    """There is no real value; `certain` when that is proved and not only undecided at this precision."""

    def __init__(self, reason: str, certain: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.certain = reason, certain


def unsettled(reason: str) -> NotReal:
    """The fault that says: more digits may settle it."""
    return NotReal(reason, certain=False)


def met(value: Any) -> Value:
    """A value, or the fault that stands where there is none, raised."""
    if isinstance(value, NotReal):
        raise value
    return value


def exact(numerator: int, denominator: int = 1) -> Value:
    """An exact rational number."""
    return EXACT(numerator, denominator)


def fraction(value: Value) -> Fraction | None:
    """The exact value as a Fraction, or None for a ball.

    >>> fraction(exact(6, 4))
    Fraction(3, 2)
    """
    if type(value) is not EXACT:
        return None
    return Fraction(int(value.numerator), int(value.denominator)) if CERTIFIED else value


def lift(value: Value) -> Value:
    """The value as a ball."""
    return value if type(value) is BALL else BALL(value)


def precision(bits: int) -> Any:
    """A context in which balls are computed with that many bits.

    Two threads may change each other's precision: that makes a ball wider or narrower, and never wrong.
    """
    return flint.ctx.workprec(bits) if CERTIFIED else Rough.precision(bits)


def capped(value: Value, bits: int = _BITS) -> Value:
    """An exact number that has grown too long, as a ball."""
    if type(value) is EXACT and _length(value) > bits:
        return BALL(value)
    return value


def _length(value: Value) -> int:
    return int(max(value.numerator.bit_length(), value.denominator.bit_length()))


# -- arithmetic ---------------------------------------------------------------------------------------------------


def add(*terms: Value) -> Value:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return capped(total)


def multiply(*factors: Value) -> Value:
    product = factors[0]
    for factor in factors[1:]:
        product = capped(product * factor)
    return product


def divide(u: Value, v: Value) -> Value:
    if v == 0:
        raise NotReal("a division by zero")
    if type(v) is BALL and v.contains(0):
        raise unsettled("a division by what may be zero")
    return capped(u / v)


def power(u: Value, v: Value) -> Value:
    """u to the power v: real for u > 0; for an exact integer v also elsewhere."""
    if type(v) is EXACT:
        return _integer_power(u, int(v.numerator)) if v.denominator == 1 else _rational_power(u, v)
    if u > 0:
        return lift(u) ** v
    if u == 0:
        if v > 0:
            return exact(0)
        if v < 0:
            raise NotReal("zero to a negative power")
        raise unsettled("zero to a power that may be zero")
    if not u < 0:
        raise unsettled("a power of what may be negative")
    if not v.contains_integer():
        raise NotReal("a fractional power of a negative number")
    raise unsettled("a negative number to a power that may be whole")


def _integer_power(u: Value, n: int) -> Value:
    if n == 0:
        return exact(1)
    if n < 0 and u == 0:
        raise NotReal("a division by zero")
    if type(u) is EXACT:
        if abs(n) * _length(u) <= _BITS:
            return u**n
        u = BALL(u)
    elif n < 0 and u.contains(0):
        raise unsettled("a division by what may be zero")
    return u**n


def _rational_power(u: Value, v: Value) -> Value:
    p, q = int(v.numerator), int(v.denominator)
    if u < 0:
        raise NotReal("the square root of a negative number" if q == 2 else "a fractional power of a negative number")
    if u == 0:
        if p > 0:
            return exact(0)
        raise NotReal("zero to a negative power")
    if not u > 0:
        raise unsettled("a root of what may be negative")
    if type(u) is EXACT:
        whole = _exact_root(u, q)
        if whole is not None:
            return _integer_power(whole, p)
        u = BALL(u)
    if q == 2:
        return u.sqrt() ** p
    if q <= 100:
        return u.root(q) ** p
    return u ** BALL(v)


def _exact_root(u: Value, q: int) -> Value | None:
    """The q-th root of a positive exact number when it is exact too."""
    if q > _BITS:
        return None
    parts = []
    for number in (int(u.numerator), int(u.denominator)):
        root = _integer_root(number, q)
        if root**q != number:
            return None
        parts.append(root)
    return exact(*parts)


def _integer_root(number: int, q: int) -> int:
    """The whole part of the q-th root, by Newton's method on whole numbers."""
    if number < 2:
        return number
    guess = 1 << -(-number.bit_length() // q)
    while True:
        better = ((q - 1) * guess + number // guess ** (q - 1)) // q
        if better >= guess:
            return guess
        guess = better


def real_root(u: Value, n: Value) -> Value:
    if type(n) is not EXACT or n.denominator != 1 or n <= 0:
        raise NotReal("a root whose order is not a positive whole number")
    order = int(n.numerator)
    if order % 2 == 1 and not u > 0:
        if u == 0:
            return u
        if not u < 0:
            ball = lift(u)  # an odd root grows, so the ends of the ball bound it
            return _odd_root(ball.lower(), order).union(_odd_root(ball.upper(), order))
        return -_rational_power(-u, exact(1, order)) if order > 1 else u
    return _rational_power(u, exact(1, order)) if order > 1 else u


def _odd_root(u: Value, order: int) -> Value:
    return u.root(order) if u > 0 else -((-u).root(order)) if u < 0 else BALL(0)


# -- where the functions are real ---------------------------------------------------------------------------------


def _above(u: Value, bound: Value, reason: str) -> None:
    """u > bound, or the fault."""
    if not u > bound:
        raise NotReal(reason, certain=bool(u <= bound))


def _least(u: Value, bound: Value, reason: str) -> None:
    """u ≥ bound, or the fault."""
    if not u >= bound:
        raise NotReal(reason, certain=bool(u < bound))


def _within(u: Value, reason: str) -> None:
    """−1 ≤ u ≤ 1, or the fault."""
    if not (u >= -1 and u <= 1):
        raise NotReal(reason, certain=bool(u < -1 or u > 1))


def _inverse(u: Value) -> Value:
    return divide(exact(1), u)


def _method(name: str, at_zero: int | None = None) -> Callable[[Value], Value]:
    """A function that is real everywhere, as the ball's own method; exact at 0 where its value there is whole."""

    def rule(u: Value) -> Value:
        if at_zero is not None and u == 0:
            return exact(at_zero)
        return getattr(lift(u), name)()

    rule.__name__ = name
    return rule


def logarithm(u: Value, *base: Value) -> Value:
    if base:
        return logarithm_base(u, *base)
    _above(u, 0, "the logarithm of a number that is not positive")
    return exact(0) if u == 1 else lift(u).log()


def logarithm_base(u: Value, base: Value) -> Value:
    return divide(logarithm(u), logarithm(base))


def square_root(u: Value) -> Value:
    return _rational_power(u, exact(1, 2))


def _pole(name: str, reason: str) -> Callable[[Value], Value]:
    """A function with a pole at 0 (and perhaps elsewhere, where its ball is not finite)."""

    def rule(u: Value) -> Value:
        if u == 0:
            raise NotReal(reason)
        return getattr(lift(u), name)()

    return rule


def arcsine(u: Value) -> Value:
    _within(u, "the inverse sine of a number outside [−1, 1]")
    return exact(0) if u == 0 else lift(u).asin()


def arccosine(u: Value) -> Value:
    _within(u, "the inverse cosine of a number outside [−1, 1]")
    return exact(0) if u == 1 else lift(u).acos()


def arccotangent(u: Value) -> Value:
    """SymPy's acot, atan(1/u), which jumps at 0."""
    return BALL.pi() / 2 if u == 0 else lift(_inverse(u)).atan()


def area_cosine(u: Value) -> Value:
    _least(u, 1, "the inverse hyperbolic cosine of a number below 1")
    return exact(0) if u == 1 else lift(u).acosh()


def area_tangent(u: Value) -> Value:
    if not (u > -1 and u < 1):
        raise NotReal("the inverse hyperbolic tangent outside (−1, 1)", certain=bool(u <= -1 or u >= 1))
    return exact(0) if u == 0 else lift(u).atanh()


def area_sine(u: Value) -> Value:
    return exact(0) if u == 0 else lift(u).asinh()


def arctangent2(y: Value, x: Value) -> Value:
    if x == 0 and y == 0:
        raise NotReal("the angle of the origin")
    if type(x) is EXACT and type(y) is EXACT and y == 0 and x > 0:
        return exact(0)
    ball = BALL.atan2(lift(y), lift(x))
    if not x > 0 and not (y > 0 or y < 0 or type(y) is EXACT):
        raise unsettled("an angle at the cut")
    return ball


# -- whole parts, signs, choices ----------------------------------------------------------------------------------


def absolute_value(u: Value) -> Value:
    return abs(u)


def sign(u: Value) -> Value:
    if u > 0:
        return exact(1)
    if u < 0:
        return exact(-1)
    if u == 0:
        return exact(0)
    raise unsettled("the sign of what may be zero")


def heaviside(u: Value, at_zero: Value | None = None) -> Value:
    side = sign(u)
    if side == 0:
        return exact(1, 2) if at_zero is None else at_zero
    return exact(1) if side > 0 else exact(0)


def _sign_between(u: Value) -> Value:
    """The sign where both may be, as a ball that has both."""
    try:
        return sign(u)
    except NotReal:
        return lift(exact(0)).union(lift(exact(1))).union(lift(exact(-1)))


def _heaviside_between(u: Value, at_zero: Value | None = None) -> Value:
    """The step where both of its values may be."""
    try:
        return heaviside(u, at_zero)
    except NotReal:
        return lift(exact(0)).union(lift(exact(1))).union(lift(exact(0) if at_zero is None else at_zero))


def impulse(u: Value, *order: Value) -> Value:
    if sign(u) == 0:
        raise NotReal("the impulse at its own place")
    return exact(0)


def floor(u: Value) -> Value:
    if type(u) is EXACT:
        return exact(int(u.numerator) // int(u.denominator))
    return u.floor()


def ceiling(u: Value) -> Value:
    return -floor(-u)


def modulo(u: Value, v: Value) -> Value:
    return u - v * floor(divide(u, v))


def maximum(*values: Value) -> Value:
    best = values[0]
    for value in values[1:]:
        best = value if value > best else best if best >= value else lift(best).max(lift(value))
    return best


def minimum(*values: Value) -> Value:
    return -maximum(*(-value for value in values))


def less(u: Value, v: Value) -> bool:
    if u < v:
        return True
    if u >= v:
        return False
    raise unsettled("a comparison of two numbers that may be equal")


def less_equal(u: Value, v: Value) -> bool:
    return not less(v, u)


def equal(u: Value, v: Value) -> bool:
    if type(u) is EXACT and type(v) is EXACT:
        return bool(u == v)
    if u < v or u > v:
        return False
    raise unsettled("a comparison of two numbers that may be equal")


def choose(*pieces: Any) -> Value:
    """Value, condition, value, condition, …, perhaps a value otherwise: faults count only where they are met."""
    for place in range(1, len(pieces), 2):
        condition = pieces[place]
        if isinstance(condition, NotReal):
            raise condition
        if condition:
            return met(pieces[place - 1])
    if len(pieces) % 2:
        return met(pieces[-1])
    raise NotReal("a point that no case covers")


def every(*conditions: Any) -> bool:
    """All of them hold; one that certainly fails settles it."""
    if any(condition is False for condition in conditions):
        return False
    for condition in conditions:
        met(condition)
    return True


def some(*conditions: Any) -> bool:
    if any(condition is True for condition in conditions):
        return True
    for condition in conditions:
        met(condition)
    return False


def opposite(condition: bool) -> bool:
    return not condition


# -- special functions --------------------------------------------------------------------------------------------


def _gamma_like(name: str) -> Callable[[Value], Value]:
    def rule(u: Value) -> Value:
        if type(u) is EXACT and u.denominator == 1 and u <= 0:
            raise NotReal("the gamma function at 0, −1, −2, …")
        return getattr(lift(u), name)()

    return rule


def gamma(u: Value) -> Value:
    if type(u) is EXACT and u.denominator == 1 and 1 <= u <= 200:
        return factorial(u - 1)
    return _ball_gamma(u)


_ball_gamma = _gamma_like("gamma")
digamma = _gamma_like("digamma")


def log_gamma(u: Value) -> Value:
    _above(u, 0, "the logarithm of the gamma function of a number that is not positive")
    return lift(u).lgamma()


def factorial(u: Value) -> Value:
    if type(u) is EXACT and u.denominator == 1 and 0 <= u <= 200:
        product = 1
        for k in range(2, int(u.numerator) + 1):
            product *= k
        return exact(product)
    return _ball_gamma(u + 1)


def _order(n: Value, what: str) -> int:
    if type(n) is not EXACT or n.denominator != 1 or n < 0:
        raise unsettled(f"{what} whose order is not a whole number")
    if n > _ORDER:
        raise unsettled(f"{what} of a very high order")
    return int(n.numerator)


def polygamma(n: Value, u: Value) -> Value:
    order = _order(n, "a polygamma function")
    if order == 0:
        return digamma(u)
    if type(u) is EXACT and u.denominator == 1 and u <= 0:
        raise NotReal("the gamma function at 0, −1, −2, …")
    return lift(u).polygamma(order) if not CERTIFIED else flint.acb(lift(u)).polygamma(order).real


def beta(u: Value, v: Value) -> Value:
    return multiply(gamma(u), gamma(v), lift(u + v).rgamma())


def binomial(n: Value, k: Value) -> Value:
    if type(k) is EXACT and k.denominator == 1 and k <= 200:
        top = exact(1)
        for place in range(int(k.numerator)):
            top = multiply(top, n - place, exact(1, place + 1))
        return top if k >= 0 else exact(0)
    return multiply(gamma(n + 1), lift(k + 1).rgamma(), lift(n - k + 1).rgamma())


def rising(u: Value, n: Value) -> Value:
    """u·(u+1)·…·(u+n−1), for a whole n; elsewhere by gamma functions, away from their poles."""
    if type(n) is EXACT and n.denominator == 1 and 0 <= n <= 200:
        return multiply(exact(1), *(u + place for place in range(int(n.numerator))))
    if not (u > 0 and u + n > 0):
        raise unsettled("a rising factorial of a number that may be negative")
    return divide(gamma(u + n), gamma(u))


def falling(u: Value, n: Value) -> Value:
    """u·(u−1)·…·(u−n+1), for a whole n; elsewhere by gamma functions, away from their poles."""
    return rising(u - n + 1, n)


def harmonic(n: Value, *order: Value) -> Value:
    if order and not order[0] == 1:
        raise unsettled("a generalised harmonic number")
    return digamma(n + 1) + BALL.const_euler()


def lambert_w(u: Value, branch: Value | None = None) -> Value:
    which = 0 if branch is None else _branch(branch)
    edge = -((BALL(-1)).exp())
    _least(u, edge, "Lambert's W of a number below −1/e")
    if which == 0:
        return exact(0) if u == 0 else lift(u).lambertw()
    if not u < 0:
        raise NotReal("the lower branch of Lambert's W of a number that is not negative", certain=bool(u >= 0))
    return lift(u).lambertw(-1)


def _branch(branch: Value) -> int:
    if branch == 0:
        return 0
    if branch == -1:
        return -1
    raise unsettled("a branch of Lambert's W that is not real")


def _bessel(name: str, whole_line: bool) -> Callable[[Value, Value], Value]:
    def rule(n: Value, u: Value) -> Value:
        if abs(n) > _ORDER:
            raise unsettled("a Bessel function of a very high order")
        whole = type(n) is EXACT and n.denominator == 1
        if not (whole_line and whole):
            _above(u, 0, "a Bessel function of a number that is not positive")
        return getattr(lift(u), name)(lift(n))

    return rule


def cosine_integral(u: Value) -> Value:
    _above(u, 0, "the cosine integral of a number that is not positive")
    return lift(u).ci()


def hyperbolic_cosine_integral(u: Value) -> Value:
    _above(u, 0, "the hyperbolic cosine integral of a number that is not positive")
    return lift(u).chi()


def logarithmic_integral(u: Value) -> Value:
    _least(u, 0, "the logarithmic integral of a negative number")
    if u == 0:
        return exact(0)
    if u == 1:
        raise NotReal("the logarithmic integral at 1")
    return exponential_integral(logarithm(u))


exponential_integral = _pole("ei", "the exponential integral at 0")


def upper_gamma(s: Value, u: Value) -> Value:
    _above(u, 0, "an incomplete gamma function of a number that is not positive")
    return lift(u).gamma_upper(lift(s))


def lower_gamma(s: Value, u: Value) -> Value:
    _above(u, 0, "an incomplete gamma function of a number that is not positive")
    return lift(u).gamma_lower(lift(s))


def generalised_exponential_integral(s: Value, u: Value) -> Value:
    _above(u, 0, "an exponential integral of a number that is not positive")
    return lift(u).expint(lift(s))


def zeta(s: Value) -> Value:
    if s == 1:
        raise NotReal("the zeta function at 1")
    return lift(s).zeta()


def sigmoid(u: Value) -> Value:
    return 1 / (1 + (-lift(u)).exp())


def softplus(u: Value) -> Value:
    return (1 + lift(u).exp()).log()


def logsumexp(*values: Value) -> Value:
    return add(*(lift(value).exp() for value in values)).log()


def mean(*values: Value) -> Value:
    return add(*values) / len(values)


def dot(*values: Value) -> Value:
    half = len(values) // 2
    return add(*(u * v for u, v in zip(values[:half], values[half:], strict=True)))


sine, cosine, tangent = _method("sin", 0), _method("cos", 1), _method("tan", 0)
secant, arctangent = _method("sec", 1), _method("atan", 0)

RULES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "add": add,
        "subtract": lambda u, v: capped(u - v),
        "multiply": multiply,
        "divide": divide,
        "negate": lambda u: -u,
        "power": power,
        "square_root": square_root,
        "cube_root": lambda u: real_root(u, exact(3)),
        "real_root": real_root,
        "exponential": _method("exp", 1),
        "logarithm": logarithm,
        "logarithm_base": logarithm_base,
        "sine": sine,
        "cosine": cosine,
        "tangent": tangent,
        "cotangent": _pole("cot", "the cotangent at 0"),
        "secant": secant,
        "cosecant": _pole("csc", "the cosecant at 0"),
        "inverse_sine": arcsine,
        "inverse_cosine": arccosine,
        "inverse_tangent": arctangent,
        "inverse_cotangent": arccotangent,
        "inverse_secant": lambda u: arccosine(_inverse(u)),
        "inverse_cosecant": lambda u: arcsine(_inverse(u)),
        "hyperbolic_sine": _method("sinh", 0),
        "hyperbolic_cosine": _method("cosh", 1),
        "hyperbolic_tangent": _method("tanh", 0),
        "hyperbolic_cotangent": _pole("coth", "the hyperbolic cotangent at 0"),
        "hyperbolic_secant": _method("sech", 1),
        "hyperbolic_cosecant": _pole("csch", "the hyperbolic cosecant at 0"),
        "inverse_hyperbolic_sine": area_sine,
        "inverse_hyperbolic_cosine": area_cosine,
        "inverse_hyperbolic_tangent": area_tangent,
        "inverse_hyperbolic_cotangent": lambda u: area_tangent(_inverse(u)),
        "inverse_hyperbolic_secant": lambda u: area_cosine(_inverse(u)),
        "inverse_hyperbolic_cosecant": lambda u: area_sine(_inverse(u)),
        "absolute_value": absolute_value,
        "sign": sign,
        "maximum": maximum,
        "minimum": minimum,
        "sigmoid": sigmoid,
        "relu": lambda u: maximum(u, exact(0)),
        "softplus": softplus,
        "heaviside": heaviside,
        "floor": floor,
        "ceiling": ceiling,
        "arctangent2": arctangent2,
        "error_function": _method("erf", 0),
        "complementary_error_function": _method("erfc", 1),
        "gamma": gamma,
        "log_gamma": log_gamma,
        "digamma": digamma,
        "polygamma": polygamma,
        "beta": beta,
        "lambert_w": lambert_w,
        "bessel_j": _bessel("bessel_j", True),
        "bessel_y": _bessel("bessel_y", False),
        "bessel_i": _bessel("bessel_i", True),
        "bessel_k": _bessel("bessel_k", False),
        "cardinal_sine": _method("sinc", 1),
        "sine_integral": _method("si", 0),
        "cosine_integral": cosine_integral,
        "exponential_integral": exponential_integral,
        "factorial": factorial,
        "binomial": binomial,
        "logsumexp": logsumexp,
        "mean": mean,
        "total": add,
        "dot": dot,
        "piecewise": choose,
        "less": less,
        "less_equal": less_equal,
        "greater": lambda u, v: less(v, u),
        "greater_equal": lambda u, v: less_equal(v, u),
        "equal": equal,
        "unequal": lambda u, v: not equal(u, v),
        "and": every,
        "or": some,
        "not": opposite,
    }
)
"""What each row of the table of primitives does to values."""

# What takes its place where only this is asked: is there a real value all over a ball that may hold a jump?
ACROSS_JUMPS: Mapping[Any, Callable[..., Any]] = MappingProxyType({sign: _sign_between, heaviside: _heaviside_between})
