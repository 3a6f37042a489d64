"""Expressions as quotients of polynomials in kernels: the normal form with which two expressions are proved equal.

A kernel is something that polynomial arithmetic cannot take apart: a name, π, e^b, tan(b/2), ln|p|, |p|^(1/q), the sign
of p, an inverse function, a function about which nothing is known. An expression is read bottom up, without recursion,
and every function is written in as few kernels as can be:

exponentials, hyperbolic functions, powers     e^b, b from a basis over the rational numbers; u^v = e^(v ln u)
sine, cosine, tangent and the rest             half-angle tangents, with multiples and sums of angles
roots, absolute values                         |p|^(1/q) for the factors p of the radicand: √(x²−9) is |x−3|^½·|x+3|^½
logarithms                                     ln|p| for the factors: ln(x²−9) is ln|x−3| + ln|x+3|
maximum, minimum, steps, cases                 signs: max(u, v) is (u + v + |u−v|)/2
gamma and polygamma functions                  shifted by whole numbers into one place

Why this proves: every rule holds wherever both expressions are real (apart from single points, like the poles of a
half-angle tangent, and the places where a sign or a case turns), and polynomial arithmetic forgets nothing. So two
expressions whose difference comes out as zero are equal in the interior of the domain that they share. What does not
come out as zero is not proved to be different: kernels may be related in ways that are not seen here.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> from symgraph.calculus.rewriting import REWRITING
>>> tower = Tower(REWRITING)
>>> (tower.normal(2 * sympy.exp(2 * x)) / tower.normal(sympy.exp(x) ** 2)).constant()
Fraction(2, 1)

The functions themselves are rows of `rewriting.py`, which a Tower is given.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any

import sympy
from sympy import S
from sympy.core.function import AppliedUndef, Derivative, Subs
from sympy.functions.elementary.piecewise import ExprCondPair

from symgraph.calculus import balls, heads, polynomials, reals
from symgraph.calculus.polynomials import Budget, Polynomial, Quotient, Ring, TooHard
from symgraph.language.unknowns import read_unknown

__all__ = [
    "PARITY",
    "Crowded",
    "Fact",
    "Kernel",
    "Plan",
    "Rescale",
    "Rule",
    "Rules",
    "TooHard",
    "Tower",
    "read_function",
]

Rule = Callable[..., Quotient]  # (tower, *arguments) -> normal form

# f(u) has the sign of u
SIGNED_AS_ARGUMENT = frozenset({"atan", "asin", "erf", "erfi", "Si", "Shi"})

# Functions that are real-analytic where they have a value, but for single points.
_ANALYTIC = frozenset(
    {head.__name__ for head in heads.HEADS}
    - {"floor", "ceiling", "frac", "Mod", "sign", "Abs", "Max", "Min", "Heaviside", "DiracDelta", "re", "im", "arg"}
    | {"base"}
)

# f(−u) = −f(u) or f(u)
PARITY: Mapping[str, int] = {
    **dict.fromkeys(("asin", "atan", "erf", "erfi", "Si", "Shi", "fresnels", "fresnelc"), -1),
    **dict.fromkeys(("sinc",), 1),
}

_USUAL_SCALE = 12
_SCALE = 5_040  # the largest common denominator of exponents
_PIECES = 3_000  # of one expression
_SMALLEST_RING = 12
_BITS = (64, 256, 1_024)  # to find the sign of a number


@dataclass(slots=True)
class Kernel:
    """What one unknown of the ring stands for.

    Args:
        kind: name, constant, exp, tan, log, root, sign, power, function.
        key: tells it from all others of its kind.
        index: the number of its unknown.
        of: the polynomial p of ln|p|, |p|^(1/scale), sign p; None for other kinds.
        scale: the denominator of an exponent (root: |p|^(1/scale); exp: e^(b/scale); tan: tan(b/(2·scale))).
        basis: the exponent or angle b.
        arguments: of a function: the normal forms of its arguments.
        source: a name, a constant or a function as SymPy has it.
        constant: its value does not depend on any name.
        smooth: it is real-analytic but for single points, so that polynomials in such kernels are not zero on an
            interval unless they are zero altogether; signs and floors are not, nor is what is built of them.
    """

    kind: str
    key: str
    index: int
    of: Polynomial = None
    scale: int = 1
    basis: Quotient | None = None
    arguments: tuple[Quotient, ...] = ()
    source: Any = None
    constant: bool = False
    smooth: bool = True


class Rescale(Exception):
    """A kernel is needed in smaller pieces (e^(x/2) after e^x): begin again with that scale."""

    def __init__(self, key: tuple[str, str], scale: int) -> None:
        super().__init__(f"{key} in parts of 1/{scale}")
        self.key, self.scale = key, scale


class Crowded(Exception):
    """More kernels than the ring has unknowns: begin again with a larger ring."""


@dataclass(slots=True)
class Fact:
    """Known on the common domain: the product of the signs of these polynomials."""

    parts: dict[str, Polynomial]
    sign: int


@dataclass(slots=True)
class Plan:
    """What a new beginning keeps of the last attempt."""

    size: int = _SMALLEST_RING
    budget: Budget = field(default_factory=Budget)
    scales: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known of functions: SymPy head -> rule(tower, *arguments), or rule(tower, piece, *arguments)."""

    plain: Mapping[Any, Rule]
    sourced: Mapping[Any, Rule]


class Tower:
    """The kernels of some expressions, and their normal forms.

    Args:
        rules: how SymPy's heads are written in kernels (`rewriting.REWRITING`).
        signs: per name "positive", "nonnegative", "negative", "nonpositive", "integer" (several: with spaces).
        known: per `label` of a polynomial in names its sign on the domain.
        images: per name an expression of other names to put in its place.
        terms: the most terms of one polynomial.
        deadline: `time.monotonic()` after which it gives up.
        plan: from an attempt that ended with `Rescale` or `Crowded`; see `zeros.attempt`.
    """

    def __init__(
        self,
        rules: Rules,
        signs: Mapping[str, str] | None = None,
        *,
        known: Mapping[str, int] | None = None,
        images: Mapping[str, Any] | None = None,
        terms: int = 1_000,
        deadline: float | None = None,
        plan: Plan | None = None,
    ) -> None:
        self.rules = rules
        self.plan = plan or Plan()
        self.ring = Ring(self.plan.size, terms, self.plan.budget)
        self.signs = dict(signs or {})
        self.known = dict(known or {})
        self.images = dict(images or {})
        self.deadline = deadline
        self.kernels: list[Kernel] = []
        self.facts: list[Fact] = []
        self.edges: dict[str, Polynomial] = {}  # the domain, and every piece of a function, ends only where one is zero
        self.certain_bases: set[Any] = set()
        self._found: dict[tuple[str, str], Kernel] = {}
        self._normal: dict[int, Quotient] = {}
        self._kept: list[Any] = []
        self._free: set[int] = set()
        self._recording = True
        self._root_scale = 1  # the roots that are written say which will be needed; a wrong guess costs a new beginning
        self._parts: dict[str, tuple[Fraction, list[tuple[Polynomial, int]]]] = {}
        self.angles: dict[str, tuple[Quotient, Quotient]] = {}

    # -- kernels ------------------------------------------------------------------------------------------------

    def kernel(self, kind: str, key: str, **data: Any) -> Kernel:
        """The kernel of that kind and key, made when it is new."""
        kernel = self._found.get((kind, key))
        if kernel is None:
            index = len(self.kernels)
            if index == self.ring.size:
                raise Crowded()
            kernel = Kernel(kind, key, index, **data)
            usual = self._root_scale if kind == "root" else 1
            kernel.scale = self.plan.scales.get((kind, key), usual)
            if kernel.of is not None:
                kernel.constant = self.is_constant(kernel.of)
            elif kernel.basis is not None:
                kernel.constant = self._constant_quotient(kernel.basis)
            elif kind in ("function", "power"):
                kernel.constant = bool(kernel.arguments) and all(map(self._constant_quotient, kernel.arguments))
            elif kind == "constant":
                kernel.constant = True
            kernel.smooth = self._is_smooth_kernel(kernel)
            self.kernels.append(kernel)
            self._found[kind, key] = kernel
        return kernel

    def unknown(self, kernel: Kernel) -> Quotient:
        return self.ring.unknown(kernel.index)

    def scaled(self, kernel: Kernel, exponent: Fraction) -> int:
        """exponent × scale as a whole number; otherwise begin again with a scale for which it is one."""
        scaled = exponent * kernel.scale
        if scaled.denominator != 1:
            scale = lcm(kernel.scale, exponent.denominator)
            if scale > _SCALE:
                raise TooHard("exponents with very different denominators")
            raise Rescale((kernel.kind, kernel.key), scale)
        return int(scaled)

    def is_constant(self, polynomial: Polynomial) -> bool:
        """No name occurs in it, not even inside its kernels."""
        return all(self.kernels[index].constant for index in polynomials.unknowns_of(polynomial))

    def _constant_quotient(self, value: Quotient) -> bool:
        return self.is_constant(value.top) and self.is_constant(value.bottom)

    def _is_smooth_kernel(self, kernel: Kernel) -> bool:
        if kernel.kind == "sign" or (kernel.kind == "function" and kernel.source not in _ANALYTIC):
            return False
        if kernel.of is not None and not self.is_smooth(kernel.of):
            return False
        if kernel.kind == "root" and not kernel.constant and not self._one_sided(kernel.of):
            return False  # |x|^½·|x|^½ − x is zero on one side only
        inner = (*kernel.arguments, *([kernel.basis] if kernel.basis is not None else []))
        return all(self.is_smooth(value.top) and self.is_smooth(value.bottom) for value in inner)

    def is_smooth(self, polynomial: Polynomial) -> bool:
        """It is not zero on an interval, unless it is zero altogether."""
        return all(self.kernels[index].smooth for index in polynomials.unknowns_of(polynomial))

    def _one_sided(self, polynomial: Polynomial) -> bool:
        """It never changes its sign on the domain."""
        name = str(polynomial)
        return bool(self.sign(polynomial)) or any(list(fact.parts) == [name] for fact in self.facts)

    # -- reading ------------------------------------------------------------------------------------------------

    def learn(self, *expressions: Any) -> None:
        """Find what these expressions say of their domain; before any of them is read."""
        for expression in expressions:
            self._mark(expression)

    def assume(self, condition: Any) -> None:
        """Take a comparison (u > v and the like) as a fact."""
        if isinstance(condition, sympy.Gt | sympy.Ge | sympy.Lt | sympy.Le):
            self._recording = True
            gap = self.normal(condition.lhs) - self.normal(condition.rhs)
            self._recording = True
            if gap.constant() is None:
                self.note(gap if isinstance(condition, sympy.Gt | sympy.Ge) else -gap)

    def normal(self, expression: Any) -> Quotient:
        """The normal form of a SymPy expression.

        Raises:
            TooHard: too large, or always undefined.
            Rescale, Crowded: begin again with another plan; `zeros.attempt` does that.
        """
        self._mark(expression)
        stack: list[tuple[Any, bool]] = [(expression, False)]
        while stack:
            piece, ready = stack.pop()
            if id(piece) in self._normal:
                continue
            children = _children(piece)
            if children and not ready:
                stack.append((piece, True))
                stack.extend((child, False) for child in reversed(children))
                continue
            if self.deadline is not None and time.monotonic() > self.deadline:
                raise TooHard("more time than is allowed")
            self._recording = id(piece) in self._free
            value = self._read(piece, [self._normal[id(child)] for child in children])
            if not value.is_whole():
                self.fence(self.ring.whole(value.bottom))
            self._normal[id(piece)] = value
            self._kept.append(piece)
            if len(self._kept) > _PIECES:
                raise TooHard("a very large expression")
        return self._normal[id(expression)]

    def _mark(self, expression: Any) -> None:
        """Find the pieces that have a value wherever the whole has one: all but those inside the cases of a Piecewise.

        Only they teach something about the domain: √x there means x ≥ 0. A base whose logarithm or root is among
        them is positive.
        """
        stack = [expression]
        while stack:
            piece = stack.pop()
            if id(piece) in self._free:
                continue
            self._free.add(id(piece))
            self._kept.append(piece)
            if len(self._free) > _PIECES:
                raise TooHard("a very large expression")
            if isinstance(piece, sympy.log):
                self.certain_bases.add(piece.args[0])
            elif isinstance(piece, sympy.Pow) and piece.exp.is_Rational and not piece.exp.is_Integer:
                self.certain_bases.add(piece.base)
                scale = lcm(self._root_scale, int(piece.exp.q))
                self._root_scale = scale if scale <= _USUAL_SCALE else self._root_scale
            if not isinstance(piece, sympy.Piecewise):
                stack.extend(_children(piece))

    def _read(self, piece: Any, arguments: list[Quotient]) -> Quotient:
        if isinstance(piece, sympy.Symbol):
            return self._name(piece)
        if isinstance(piece, sympy.Rational):
            return self.ring.number(Fraction(int(piece.p), int(piece.q)))
        rule = self.rules.plain.get(piece.func)
        if rule is not None:
            return rule(self, *arguments)
        rule = self.rules.sourced.get(piece.func)
        if rule is not None:
            return rule(self, piece, *arguments)
        return self._other(piece, arguments)

    def _name(self, symbol: Any) -> Quotient:
        if symbol.name in self.images and not isinstance(symbol, sympy.Dummy):
            return self.normal_inside(self.images[symbol.name])
        return self.unknown(self.kernel("name", _symbol_key(symbol), source=symbol))

    def normal_inside(self, expression: Any) -> Quotient:
        """The normal form of another expression while one is being read."""
        recording = self._recording
        value = self.normal(expression)
        self._recording = recording
        return value

    def _other(self, piece: Any, arguments: list[Quotient]) -> Quotient:
        if isinstance(piece, sympy.Float):
            number = sympy.Rational(piece)
            return self.ring.number(Fraction(int(number.p), int(number.q)))
        if isinstance(piece, sympy.NumberSymbol):
            return self.unknown(self.kernel("constant", str(piece), source=piece))
        if isinstance(piece, Derivative | Subs):
            return self._derivative_of_unknown(piece)
        if isinstance(piece, sympy.Sum | sympy.Product | sympy.Integral):
            return self._opaque(piece.as_dummy())
        if not piece.args or piece in (S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.ImaginaryUnit):
            raise TooHard(f"{piece} is not a real number")
        if isinstance(piece, AppliedUndef):
            return self.function(f"unknown {piece.func.__name__}", arguments, str((0,) * len(arguments)))
        return self.function(piece.func.__name__, arguments)

    def _opaque(self, piece: Any) -> Quotient:
        """A piece that is taken as it stands; two are the same when SymPy writes them the same."""
        return self.unknown(self.kernel("function", f"as it stands {sympy.srepr(piece)}", source=piece))

    def function(self, name: str, arguments: Sequence[Quotient], orders: str = "") -> Quotient:
        """A function of which only its name and arguments count, and what is odd or even about it."""
        factor = 1
        parity = PARITY.get(name, 0)
        if parity and polynomials.leading_coefficient(arguments[-1].top) < 0:
            arguments, factor = [*arguments[:-1], -arguments[-1]], parity
        key = f"{name}{orders}({', '.join(argument.key for argument in arguments)})"
        kernel = self.kernel("function", key, arguments=tuple(arguments), source=name)
        return self.unknown(kernel) * factor

    def _derivative_of_unknown(self, piece: Any) -> Quotient:
        """f'(u), ∂₁f(u, v), as `Derivative` and `Subs` write them."""
        found = read_function(piece)
        if found is None:
            return self._opaque(piece)
        name, arguments, orders = found
        return self.function(f"unknown {name}", [self.normal_inside(argument) for argument in arguments], str(orders))

    # -- factors and signs --------------------------------------------------------------------------------------

    def parts(self, value: Quotient) -> tuple[Fraction, list[tuple[Polynomial, int]]]:
        """A rational number, and polynomials with exponents, whose product the quotient is."""
        key = value.key
        if key not in self._parts:
            number, above = self.ring.factors(value.top)
            divisor, below = self.ring.factors(value.bottom)
            self._parts[key] = (number / divisor, above + [(part, -exponent) for part, exponent in below])
        return self._parts[key]

    def single(self, polynomial: Polynomial) -> Kernel | None:
        """The kernel, if the polynomial is just one unknown."""
        if len(polynomial) == 1 and polynomials.leading_coefficient(polynomial) == 1:
            used = polynomials.unknowns_of(polynomial)
            if len(used) == 1 and polynomials.degrees_of(polynomial)[used[0]] == 1:
                return self.kernels[used[0]]
        return None

    def sign(self, polynomial: Polynomial, depth: int = 2) -> int:
        """+1 where it is never negative, −1 where it is never positive, 0 where neither is known."""
        if len(polynomial) > 1 and self.is_constant(polynomial):
            return self._constant_sign(polynomial)
        if self.known:
            found = self.known.get(self.label(polynomial), 0)
            if found:
                return found
        signs = set()
        for exponents, coefficient in polynomials.terms_of(polynomial):
            sign = 1 if coefficient > 0 else -1
            for index, exponent in enumerate(exponents):
                if exponent % 2:
                    sign *= self._kernel_sign(self.kernels[index])
            signs.add(sign)
        if len(signs) == 1:
            return int(signs.pop())
        return self._quadratic_sign(polynomial, depth) if depth else 0

    def _kernel_sign(self, kernel: Kernel) -> int:
        if kernel.kind in ("exp", "root", "constant"):
            return 1
        if kernel.kind == "name":
            words = self.signs.get(kernel.key, "").split()
            if "positive" in words or "nonnegative" in words:
                return 1
            if "negative" in words or "nonpositive" in words:
                return -1
        if kernel.kind == "log" and polynomials.is_constant(kernel.of):
            return 1  # the logarithm of a whole number above 1
        return 0

    def label(self, polynomial: Polynomial) -> str:
        """A polynomial in names, written with the names, so that it is the same in every tower; "" for any other."""
        if any(self.kernels[index].kind != "name" for index in polynomials.unknowns_of(polynomial)):
            return ""
        terms = []
        for exponents, coefficient in polynomials.terms_of(polynomial):
            used = sorted((self.kernels[index].key, e) for index, e in enumerate(exponents) if e)
            terms.append(" ".join([*(f"{name}^{e}" for name, e in used), str(coefficient)]))
        return " + ".join(sorted(terms))

    def _constant_sign(self, polynomial: Polynomial) -> int:
        """The sign of a number, where its ball proves it."""
        for bits in _BITS if reals.CERTIFIED else ():
            with reals.precision(bits):
                ball = self.ball(polynomial)
            if ball is None:
                return 0
            if ball > 0 or ball < 0:
                return 1 if ball > 0 else -1
        return 0

    def ball(self, polynomial: Polynomial) -> Any:
        """The value of a polynomial in constant kernels at the precision of the moment; None where there is none."""
        total: Any = reals.exact(0)
        values: dict[int, Any] = {}
        try:
            for exponents, coefficient in polynomials.terms_of(polynomial):
                term: Any = reals.exact(coefficient.numerator, coefficient.denominator)
                for index, exponent in enumerate(exponents):
                    if exponent:
                        if index not in values:
                            values[index] = self._kernel_ball(self.kernels[index])
                        term = term * values[index] ** exponent
                total = total + term
        except reals.NotReal:
            return None
        return total

    def _quotient_ball(self, value: Quotient) -> Any:
        return reals.divide(self._ball(value.top), self._ball(value.bottom))

    def _ball(self, polynomial: Polynomial) -> Any:
        value = self.ball(polynomial)
        if value is None:
            raise reals.unsettled("a constant without a number")
        return value

    def _kernel_ball(self, kernel: Kernel) -> Any:
        """The value of a constant kernel, or NotReal."""
        if kernel.kind == "constant":
            return balls.evaluate_now(kernel.source)
        if kernel.kind == "root":
            return reals.power(abs(self._ball(kernel.of)), reals.exact(1, kernel.scale))
        if kernel.kind == "log":
            return reals.logarithm(abs(self._ball(kernel.of)))
        if kernel.kind == "sign":
            return reals.sign(self._ball(kernel.of))
        if kernel.kind in ("exp", "tan") and kernel.basis is not None:
            argument = self._quotient_ball(kernel.basis) / kernel.scale
            return reals.lift(argument).exp() if kernel.kind == "exp" else reals.lift(argument / 2).tan()
        rule = heads.HEADS.get(getattr(sympy, str(kernel.source), None))  # type: ignore[arg-type]
        if kernel.kind != "function" or rule is None:
            raise reals.unsettled("a function without numbers")
        return reals.lift(rule(*map(self._quotient_ball, kernel.arguments)))

    def _quadratic_sign(self, polynomial: Polynomial, depth: int) -> int:
        """a·v² + b·v + c keeps the sign of a when 4ac − b² is never negative."""
        for index in reversed(polynomials.unknowns_of(polynomial)):
            if polynomials.degrees_of(polynomial)[index] != 2:
                continue
            by_degree = self.by_degree(polynomial, index)
            a, b, c = (self.ring.zero.top + by_degree.get(degree, 0) for degree in (2, 1, 0))
            leading = self.sign(a, depth - 1)
            if leading and self.sign(4 * (a * c) - b * b, depth - 1) == 1:
                return leading
        return 0

    def by_degree(self, polynomial: Polynomial, index: int) -> dict[int, Polynomial]:
        """The coefficients of a polynomial in one unknown, by degree."""
        grouped: dict[int, dict[tuple[int, ...], Fraction]] = {}
        for exponents, coefficient in polynomials.terms_of(polynomial):
            rest = (*exponents[:index], 0, *exponents[index + 1 :])
            grouped.setdefault(exponents[index], {})[rest] = coefficient
        return {degree: self.ring.polynomial(terms) for degree, terms in grouped.items()}

    def sign_kernel(self, polynomial: Polynomial) -> Quotient:
        """The sign of a polynomial: ±1 where it is known, or else a kernel whose square is 1."""
        known = self.sign(polynomial)
        if known:
            return self.ring.number(known)
        single = self.single(polynomial)
        if single is not None and single.kind == "sign":
            return self.unknown(single)
        if single is not None and single.kind == "function" and single.source in SIGNED_AS_ARGUMENT:
            return self.sign_of(single.arguments[-1])
        return self.unknown(self.kernel("sign", str(polynomial), of=polynomial))

    def sign_of(self, value: Quotient) -> Quotient:
        """The sign of a quotient as the product of the signs of its factors."""
        number, parts = self.parts(value)
        product = self.ring.number(1 if number > 0 else -1)
        self.fence(value)
        for part, exponent in parts:
            if exponent % 2:
                single = self.single(part)
                if not self.is_smooth(part) and (single is None or single.kind not in ("sign", "root")):
                    raise TooHard("the sign of what may be zero on an interval")
                product = product * self.sign_kernel(part)
        return product

    def note(self, value: Quotient) -> None:
        """Remember that a quotient is not negative wherever both expressions are real."""
        self.fence(value)
        if not self._recording:
            return
        number, parts = self.parts(value)
        sign, odd = 1 if number > 0 else -1, {}
        for part, exponent in parts:
            if exponent % 2:
                known = self.sign(part)
                if known:
                    sign *= known
                else:
                    odd[str(part)] = part
        if odd:
            self.facts.append(Fact(odd, sign))
        elif sign < 0 and number:
            raise TooHard("an expression that is nowhere real")

    def fence(self, value: Quotient) -> None:
        """Remember where a quotient is zero or infinite: a function may end or turn there."""
        stack = [part for part, _ in self.parts(value)[1]]
        while stack:
            part = stack.pop()
            kernel = self.single(part)
            if kernel is not None and kernel.kind == "root":
                stack.append(kernel.of)
            elif not self._never_zero(part):
                self.edges[str(part)] = part

    def _never_zero(self, polynomial: Polynomial) -> bool:
        """Terms of one sign, one of which is surely not zero."""
        surely = False
        for exponents, _ in polynomials.terms_of(polynomial):
            kernels = [self.kernels[index] for index, exponent in enumerate(exponents) if exponent]
            surely = surely or all(kernel.kind in ("exp", "constant") for kernel in kernels)
        return surely and self.sign(polynomial, depth=0) != 0


# -- small tools ------------------------------------------------------------------------------------------------


def read_function(piece: Any) -> tuple[str, tuple[Any, ...], tuple[int, ...]] | None:
    """A function about which nothing is known, or its derivative: name, arguments, how often by each; or None.

    >>> x, f = sympy.Symbol("x"), sympy.Function("f")
    >>> read_function(f(x, 2).diff(x))
    ('f', (x, 2), (1, 0))
    """
    inner = piece.expr if isinstance(piece, Subs) else piece
    if isinstance(inner, Derivative):
        if any(not count.is_Integer for _, count in inner.variable_count):
            return None
        # by x of f(x, x + 1) is a total derivative, which no list of orders says
        if any(a != v and a.has(v) for v in inner.variables for a in inner.expr.args):
            return None
    return read_unknown(piece)


def _children(piece: Any) -> tuple[Any, ...]:
    if isinstance(piece, sympy.Piecewise):
        return tuple(part for pair in piece.args for part in (pair.args if isinstance(pair, ExprCondPair) else (pair,)))
    if isinstance(piece, sympy.Sum | sympy.Product | sympy.Integral | Derivative | Subs):
        return ()
    return tuple(piece.args)


def _symbol_key(symbol: Any) -> str:
    return f"{symbol.name}#{symbol.dummy_index}" if isinstance(symbol, sympy.Dummy) else str(symbol.name)
