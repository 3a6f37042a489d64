"""Rows for steps and roundings, the gamma family, error and integral functions, Bessel functions, and what is
computed from a list of terms.

A local derivative that has no closed form is None (a Bessel function's by its order): the document then says that
it is not known. Steps have the derivative 0 and kinks where they jump, never a Dirac delta. The factorial between
whole numbers is Γ(n+1). Conventions are SymPy's where books differ: H(0) = 1/2 and sinc(x) = sin(x)/x.
"""

from __future__ import annotations

from typing import Any

import sympy
from sympy import (
    Add,
    And,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Mul,
    Ne,
    Or,
    Rational,
    S,
    cos,
    digamma,
    exp,
    factorial,
    floor,
    gamma,
    log,
    pi,
    polygamma,
    sin,
    sinc,
    sqrt,
)

from symgraph.language.elementary_functions import logistic
from symgraph.language.rows import (
    MINUS_ONE,
    ONE,
    TWO,
    ZERO,
    Primitive,
    cases,
    differ,
    meet,
    needs,
    product_rule,
    raised,
    stated,
    too_large,
    unary,
    whole,
)

__all__ = ["BESSEL", "ERROR_AND_INTEGRAL_FUNCTIONS", "GAMMA_FAMILY", "STEPS", "TERMS"]

HALF = Rational(1, 2)


# Steps and roundings ------------------------------------------------------------------------------------------------


def _jump_at_whole_numbers(u: Any) -> tuple[Any, ...]:
    return meet(u, floor(u))


def _arctangent2_partials(y: Any, x: Any) -> tuple[Expr, Expr]:
    inverse_square = raised(x**2 + y**2, MINUS_ONE)
    return x * inverse_square, -y * inverse_square


STEPS = (
    unary(
        "heaviside",
        "heaviside Heaviside step unitstep",
        sympy.Heaviside,
        lambda u: ZERO,
        lambda u: (u.sgn() + 1) / 2,
        latex=r"\operatorname{H}",
        kinks=lambda u: meet(u, 0),
    ),
    unary("floor", "floor", floor, lambda u: ZERO, lambda u: u.floor(), kinks=_jump_at_whole_numbers),
    unary("ceiling", "ceil ceiling", sympy.ceiling, lambda u: ZERO, lambda u: u.ceil(), kinks=_jump_at_whole_numbers),
    Primitive(
        "arctangent2",
        ("atan2", "arctan2"),
        (2, 2),
        sympy.atan2,
        _arctangent2_partials,
        r"\operatorname{atan2}",
        sympy.atan2,
        domain=lambda y, x: needs(Or(Ne(y, 0), Ne(x, 0))),
        kinks=lambda y, x: tuple(c for c in (And(Eq(y, 0), x < 0),) if c != S.false),
        ball=lambda y, x: type(y).atan2(y, x),
    ),
    unary(
        "softplus",
        "softplus",
        lambda u: log(ONE + exp(u)),
        logistic,
        lambda u: (1 + u.exp()).log(),
        latex=r"\operatorname{softplus}",
    ),
)


# The gamma family ---------------------------------------------------------------------------------------------------


def _not_a_pole(u: Any) -> tuple[Any, ...]:
    """u is none of 0, −1, −2, …"""
    return needs(Or(u > 0, Ne(u, floor(u))))


def _polygamma_ball(n: Any, u: Any) -> Any:
    """ψ⁽ⁿ⁾ as a Hurwitz zeta value, moved to the right of 0 by its recurrence.

    ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n+1, x) and ψ⁽ⁿ⁾(x) = ψ⁽ⁿ⁾(x+1) − (−1)ⁿ n!/xⁿ⁺¹ (DLMF 5.15).
    """
    order = int(n.unique_fmpz())
    if order == 0:
        return u.digamma()
    factor = n.fac() if order % 2 else -n.fac()
    total = 0 * u
    for _ in range(1000):
        if u > 0:
            return factor * ((n + 1).zeta(u) + total)
        total += 1 / u ** (order + 1)
        u = u + 1
    return u / 0


def _digamma(u: Any) -> Any:
    """ψ(u), which SymPy would write as a sum of fractions for every whole number."""
    return polygamma(ZERO, u, evaluate=False) if too_large(polygamma, (u,)) else digamma(u)


def _beta_partials(u: Any, v: Any) -> tuple[Expr, Expr]:
    value, both = sympy.beta(u, v), _digamma(u + v)
    return value * (_digamma(u) - both), value * (_digamma(v) - both)


def _few(k: Any) -> bool:
    """Is k a small whole number, so that the binomial is written as a polynomial in n?"""
    return bool(k.is_Integer) and 0 <= int(k) <= 16


def _binomial_partials(n: Any, k: Any) -> tuple[Expr, Expr]:
    value, rest = sympy.binomial(n, k), _digamma(n - k + 1)
    by_k = value * (rest - _digamma(k + 1))
    if _few(k):
        factors = [n - i for i in range(int(k))]
        return Add(*product_rule(factors)) / factorial(k), by_k
    return value * (_digamma(n + 1) - rest), by_k


def _binomial_domain(n: Any, k: Any) -> tuple[Any, ...]:
    return () if _few(k) else needs(n > -1, k > -1, n - k > -1)


def _binomial_ball(n: Any, k: Any) -> Any:
    if k.is_integer() and 0 <= k <= 1000:
        value = 0 * n + 1
        for i in range(int(k.unique_fmpz())):
            value = value * (n - i) / (i + 1)
        return value
    return (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma()


def _factorial_derivative(u: Any) -> Expr:
    return gamma(u + 1) * _digamma(u + 1)


GAMMA_FAMILY = (
    unary(
        "gamma",
        "gamma Gamma",
        gamma,
        lambda u: gamma(u) * digamma(u),
        lambda u: u.gamma(),
        latex=r"\Gamma",
        domain=_not_a_pole,
    ),
    unary(
        "log_gamma",
        "loggamma lgamma gammaln lngamma logGamma LogGamma",
        sympy.loggamma,
        digamma,
        lambda u: u.lgamma(),
        latex=r"\operatorname{ln\Gamma}",
        domain=lambda u: needs(stated(Gt, u, 0)),
    ),
    Primitive(
        "digamma",
        ("digamma",),
        (1, 1),
        digamma,
        lambda u: (polygamma(ONE, u),),
        r"\psi",
        domain=_not_a_pole,
        ball=lambda u: u.digamma(),
    ),
    Primitive(
        "polygamma",
        ("polygamma", "PolyGamma"),
        (2, 2),
        polygamma,
        lambda n, u: (None, polygamma(n + 1, u)),
        r"\psi",
        polygamma,
        domain=lambda n, u: needs(Eq(n, floor(n)), n >= 0) + _not_a_pole(u),
        ball=_polygamma_ball,
    ),
    Primitive(
        "beta",
        ("beta", "Beta"),
        (2, 2),
        sympy.beta,
        _beta_partials,
        r"\mathrm{B}",
        sympy.beta,
        domain=lambda u, v: needs(stated(Gt, u, 0), stated(Gt, v, 0)),
        ball=lambda u, v: u.gamma() * v.gamma() * (u + v).rgamma(),
    ),
    unary(
        "factorial",
        "factorial fact",
        factorial,
        _factorial_derivative,
        lambda u: (u + 1).gamma(),
        domain=lambda u: needs(Or(u > -1, Ne(u, floor(u)))),
    ),
    Primitive(
        "binomial",
        ("binomial", "binom", "choose", "comb", "nCr", "ncr"),
        (2, 2),
        sympy.binomial,
        _binomial_partials,
        "",
        sympy.binomial,
        domain=_binomial_domain,
        ball=_binomial_ball,
    ),
)


# The error function, integrals with names, Lambert's W --------------------------------------------------------------


ERROR_AND_INTEGRAL_FUNCTIONS = (
    unary(
        "error_function",
        "erf Erf",
        sympy.erf,
        lambda u: TWO * exp(-(u**2)) / sqrt(pi),
        lambda u: u.erf(),
        latex=r"\operatorname{erf}",
    ),
    unary(
        "complementary_error_function",
        "erfc Erfc",
        sympy.erfc,
        lambda u: -TWO * exp(-(u**2)) / sqrt(pi),
        lambda u: u.erfc(),
        latex=r"\operatorname{erfc}",
    ),
    unary(
        "cardinal_sine",
        "sinc",
        sinc,
        lambda u: cases((cos(u) / u - sin(u) / u**2, Ne(u, 0)), (ZERO, S.true)),
        lambda u: u.sinc(),
        latex=r"\operatorname{sinc}",
    ),
    unary("sine_integral", "Si SinIntegral", sympy.Si, sinc, lambda u: u.si(), latex=r"\operatorname{Si}"),
    unary(
        "cosine_integral",
        "Ci CosIntegral",
        sympy.Ci,
        lambda u: cos(u) / u,
        lambda u: u.ci(),
        latex=r"\operatorname{Ci}",
        domain=lambda u: needs(stated(Gt, u, 0)),
    ),
    unary(
        "exponential_integral",
        "Ei ExpIntegralEi",
        sympy.Ei,
        lambda u: exp(u) / u,
        lambda u: u.ei(),
        latex=r"\operatorname{Ei}",
        domain=lambda u: needs(*differ(u, 0)),
    ),
    # 1/(u + e^W) is SymPy's W/(u·(1 + W)), and has its value 1 at 0 too.
    unary(
        "lambert_w",
        "lambertw LambertW lambertW productlog ProductLog",
        sympy.LambertW,
        lambda u: raised(u + exp(sympy.LambertW(u)), MINUS_ONE),
        lambda u: u.lambertw(),
        latex=r"\operatorname{W}",
        domain=lambda u: needs(u >= -exp(MINUS_ONE)),
        kinks=lambda u: meet(u, -exp(MINUS_ONE)),
    ),
)


# Bessel functions of a given order ----------------------------------------------------------------------------------


def _bessel(letter: str, head: Any, before: int, after: int, everywhere: bool) -> Primitive:
    """A row whose derivative is (±Z of the order below ± Z of the order above)/2; by the order it is not known."""

    def domain(n: Any, u: Any) -> tuple[Any, ...]:
        if everywhere and whole(n):
            return ()
        return needs(stated(Ge if everywhere and n.is_number and n.is_positive else Gt, u, 0))

    def kinks(n: Any, u: Any) -> tuple[Any, ...]:
        ends = everywhere and n.is_number and n.is_positive and not whole(n)
        return meet(u, 0) if ends else ()

    lower = letter.lower()
    method = f"bessel_{lower}"
    return Primitive(
        method,
        (f"bessel{lower}", f"Bessel{letter}", f"bessel{letter}"),
        (2, 2),
        head,
        lambda n, u: (None, HALF * (before * head(n - 1, u) + after * head(n + 1, u))),
        letter,
        head,
        domain,
        kinks,
        lambda n, u: getattr(u, method)(n),
    )


BESSEL = (
    _bessel("J", sympy.besselj, 1, -1, True),
    _bessel("Y", sympy.bessely, 1, -1, False),
    _bessel("I", sympy.besseli, 1, 1, True),
    _bessel("K", sympy.besselk, -1, -1, False),
)


# Computed from a list of terms --------------------------------------------------------------------------------------


def _of_terms(name: str, spellings: str, construct: Any, partials: Any, latex: str, ball: Any) -> Primitive:
    return Primitive(name, tuple(spellings.split()), (1, None), construct, partials, latex, ball=ball)


def _logsumexp_partials(*terms: Any) -> tuple[Expr, ...]:
    powers = [exp(term) for term in terms]
    share = raised(Add(*powers), MINUS_ONE)
    return tuple(power * share for power in powers)


def _halves(terms: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The components of the two vectors of a dot product: first all of one, then all of the other."""
    if len(terms) % 2:
        raise ValueError(f"a dot product takes as many numbers from one vector as from the other, not {len(terms)}")
    return terms[: len(terms) // 2], terms[len(terms) // 2 :]


def _paired(terms: tuple[Any, ...]) -> list[Any]:
    return [u * v for u, v in zip(*_halves(terms), strict=True)]


def _partials_of_dot(*terms: Any) -> tuple[Expr, ...]:
    first, second = _halves(terms)
    return second + first


def _multiplied(terms: tuple[Any, ...]) -> Any:
    value = terms[0]
    for term in terms[1:]:
        value = value * term
    return value


TERMS = (
    _of_terms(
        "total", "total", lambda *u: Add(*u), lambda *u: (ONE,) * len(u), r"\operatorname{sum}", lambda *u: sum(u)
    ),
    _of_terms(
        "product_of",
        "productof",
        lambda *u: Mul(*u),
        lambda *u: tuple(product_rule(u)),
        r"\operatorname{product}",
        lambda *u: _multiplied(u),
    ),
    _of_terms(
        "mean",
        "mean average avg",
        lambda *u: Add(*u) / Integer(len(u)),
        lambda *u: (Rational(1, len(u)),) * len(u),
        r"\operatorname{mean}",
        lambda *u: sum(u) / len(u),
    ),
    _of_terms(
        "logsumexp",
        "logsumexp",
        lambda *u: log(Add(*[exp(term) for term in u])),
        _logsumexp_partials,
        r"\operatorname{logsumexp}",
        lambda *u: sum(term.exp() for term in u).log(),
    ),
    Primitive(
        "dot",
        ("dot",),
        (2, None),
        lambda *terms: Add(*_paired(terms)),
        _partials_of_dot,
        ball=lambda *terms: sum(_paired(terms)),
    ),
)
