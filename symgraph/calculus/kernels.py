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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor, lcm
from typing import Any

import sympy
from sympy import S
from sympy.core.function import AppliedUndef, Derivative, Subs
from sympy.functions.elementary.piecewise import ExprCondPair

from symgraph.calculus import balls, polynomials, reals
from symgraph.calculus.polynomials import Budget, Polynomial, Quotient, Ring, TooHard

__all__ = ["PARITY", "Crowded", "Fact", "Kernel", "Plan", "Rescale", "Rule", "TooHard", "Tower"]

Rule = Callable[..., Quotient]  # (tower, *arguments) -> normal form

# f(u) has the sign of u
SIGNED_AS_ARGUMENT = frozenset({"atan", "asin", "erf", "erfi", "Si", "Shi"})

# f(−u) = −f(u) or f(u)
PARITY: Mapping[str, int] = {
    **dict.fromkeys(("asin", "atan", "erf", "erfi", "Si", "Shi", "fresnels", "fresnelc"), -1),
    **dict.fromkeys(("sinc",), 1),
}

_ANGLE_MULTIPLES = 40  # of half an angle
_SHIFTS = 40  # of a gamma function
_USUAL_SCALE = 12
_SCALE = 5_040  # the largest common denominator of exponents
_SMALL_PRIMES = 1_000
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


class Tower:
    """The kernels of some expressions, and their normal forms.

    Args:
        rules: SymPy head -> the rule that writes it in kernels (`rewriting.REWRITING`).
        signs: per name "positive", "nonnegative", "negative", "nonpositive", "integer" (several: with spaces).
        known: per `label` of a polynomial in names its sign on the domain.
        images: per name an expression of other names to put in its place.
        terms: the most terms of one polynomial.
        deadline: `time.monotonic()` after which it gives up.
        plan: from an attempt that ended with `Rescale` or `Crowded`; see `attempts`.
    """

    def __init__(
        self,
        rules: Mapping[Any, Rule],
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
        self._angles: dict[str, tuple[Quotient, Quotient]] = {}

    # -- kernels ------------------------------------------------------------------------------------------------

    def _kernel(self, kind: str, key: str, **data: Any) -> Kernel:
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

    def _unknown(self, kernel: Kernel) -> Quotient:
        return self.ring.unknown(kernel.index)

    def _scaled(self, kernel: Kernel, exponent: Fraction) -> int:
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
        if kernel.kind == "sign" or kernel.source in ("floor", "re", "im", "arg", "frac", "ceiling"):
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
            Rescale, Crowded: begin again with another plan; `attempts` does that.
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
        if isinstance(piece, sympy.Pow):
            return self._pow(piece, arguments)
        rule = self.rules.get(piece.func)
        if rule is not None:
            return rule(self, *arguments)
        if piece is S.true or piece is S.false:
            return self.ring.number(1 if piece is S.true else 0)
        return self._other(piece, arguments)

    def _name(self, symbol: Any) -> Quotient:
        if symbol.name in self.images and not isinstance(symbol, sympy.Dummy):
            return self.normal_inside(self.images[symbol.name])
        return self._unknown(self._kernel("name", _symbol_key(symbol), source=symbol))

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
        if piece is S.Exp1:
            return self.exponential(self.ring.one)
        if piece is S.GoldenRatio:
            return (1 + self.number_power(Fraction(5), Fraction(1, 2))) / 2
        if isinstance(piece, sympy.NumberSymbol):
            return self._unknown(self._kernel("constant", str(piece), source=piece))
        if isinstance(piece, sympy.Piecewise):
            return self._piecewise(arguments)
        if isinstance(piece, sympy.core.relational.Relational):
            return self._condition(piece, arguments)
        if isinstance(piece, Derivative | Subs):
            return self._derivative_of_unknown(piece)
        if isinstance(piece, sympy.Sum | sympy.Product | sympy.Integral):
            return self._opaque(piece.as_dummy())
        if not piece.args or piece in (S.NaN, S.ComplexInfinity, S.Infinity, S.NegativeInfinity, S.ImaginaryUnit):
            raise TooHard(f"{piece} is not a real number")
        unknown = "unknown " if isinstance(piece, AppliedUndef) else ""
        return self.function(unknown + piece.func.__name__, arguments)

    def _opaque(self, piece: Any) -> Quotient:
        """A piece that is taken as it stands; two are the same when SymPy writes them the same."""
        return self._unknown(self._kernel("function", f"as it stands {sympy.srepr(piece)}", source=piece))

    def function(self, name: str, arguments: Sequence[Quotient], orders: str = "") -> Quotient:
        """A function of which only its name and arguments count, and what is odd or even about it."""
        factor = 1
        parity = PARITY.get(name, 0)
        if parity and polynomials.leading_coefficient(arguments[-1].top) < 0:
            arguments, factor = [*arguments[:-1], -arguments[-1]], parity
        key = f"{name}{orders}({', '.join(argument.key for argument in arguments)})"
        kernel = self._kernel("function", key, arguments=tuple(arguments), source=name)
        return self._unknown(kernel) * factor

    def _derivative_of_unknown(self, piece: Any) -> Quotient:
        """f'(u), ∂₁f(u, v), as `Derivative` and `Subs` write them."""
        places: dict[Any, Any] = {}
        inner = piece
        if isinstance(piece, Subs):
            places, inner = dict(zip(piece.variables, piece.point, strict=True)), piece.expr
        if not isinstance(inner, Derivative) or not isinstance(inner.expr, AppliedUndef):
            return self._opaque(piece)
        arguments = inner.expr.args
        orders = [0] * len(arguments)
        for variable, count in inner.variable_count:
            found = [place for place, argument in enumerate(arguments) if argument == variable]
            others = [a for place, a in enumerate(arguments) if place not in found and a.has(variable)]
            if len(found) != 1 or others or not count.is_Integer:
                return self._opaque(piece)
            orders[found[0]] += int(count)
        values = [self.normal_inside(places.get(argument, argument)) for argument in arguments]
        return self.function(f"unknown {inner.expr.func.__name__}", values, str(orders))

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
        rule = balls.HEADS.get(getattr(sympy, str(kernel.source), None))  # type: ignore[arg-type]
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
            return self._unknown(single)
        if single is not None and single.kind == "function" and single.source in SIGNED_AS_ARGUMENT:
            return self.sign_of(single.arguments[-1])
        return self._unknown(self._kernel("sign", str(polynomial), of=polynomial))

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

    # -- roots, logarithms, exponentials ------------------------------------------------------------------------

    def magnitude(self, polynomial: Polynomial, exponent: Fraction) -> Quotient:
        """|p| to a rational power."""
        kernel = self.single(polynomial)
        if kernel is not None and kernel.kind == "sign":
            return self.ring.one
        if kernel is not None and kernel.kind == "root":
            return self.magnitude(kernel.of, exponent / kernel.scale)
        if kernel is not None and kernel.kind == "exp":
            whole = exponent.denominator == 1
            return self._unknown(kernel) ** int(exponent) if whole else self._split(kernel, exponent)
        if exponent.denominator == 1:
            power = self.ring.whole(polynomial) ** int(exponent)
            return power if exponent % 2 == 0 else power * self.sign_kernel(polynomial)
        root = self._kernel("root", str(polynomial), of=polynomial)
        scaled = self._scaled(root, exponent)
        wholes, rest = divmod(scaled, root.scale)
        return self.magnitude(polynomial, Fraction(wholes)) * self._unknown(root) ** rest

    def _split(self, kernel: Kernel, exponent: Fraction) -> Quotient:
        """A fractional power of e^(b/scale)."""
        self._scaled(kernel, exponent / kernel.scale)
        raise TooHard("a scale that does not fit")  # not reached: _scaled begins again

    def number_power(self, number: Fraction, exponent: Fraction) -> Quotient:
        """|c| to a rational power, by the prime factors of c."""
        product = self.ring.one
        for prime, count in _primes(abs(number)):
            power = exponent * count
            if power.denominator == 1:
                product = product * Fraction(prime) ** int(power)
                continue
            root = self._kernel("root", str(prime), of=self.ring.number(prime).top)
            wholes, rest = divmod(self._scaled(root, power), root.scale)
            product = product * Fraction(prime) ** wholes * self._unknown(root) ** rest
        return product

    def root(self, value: Quotient, exponent: Fraction) -> Quotient:
        """A fractional power: real, so that its base is not negative, and every factor may be taken as |p|."""
        if value.is_zero():
            if exponent > 0:
                return self.ring.zero
            raise TooHard("a division by what is always zero")
        self.note(value)
        return self.absolute_power(value, exponent)

    def absolute_power(self, value: Quotient, exponent: Fraction) -> Quotient:
        """|u| to a rational power."""
        if value.is_zero():
            return self.ring.zero
        number, parts = self.parts(value)
        product = self.number_power(number, exponent)
        self.fence(value)
        for part, count in parts:
            product = product * self.magnitude(part, exponent * count)
        return product

    def logarithm(self, value: Quotient) -> Quotient:
        if value.is_zero():
            raise TooHard("the logarithm of zero")
        self.note(value)
        number, parts = self.parts(value)
        total = self.ring.zero
        for prime, count in _primes(abs(number)):
            kernel = self._kernel("log", str(prime), of=self.ring.number(prime).top)
            total = total + self._unknown(kernel) * count
        for part, count in parts:
            total = total + self._log_magnitude(part) * count
        return total

    def _log_magnitude(self, polynomial: Polynomial) -> Quotient:
        """ln|p|."""
        kernel = self.single(polynomial)
        if kernel is not None and kernel.kind == "sign":
            return self.ring.zero
        if kernel is not None and kernel.kind == "exp" and kernel.basis is not None:
            return kernel.basis / kernel.scale
        if kernel is not None and kernel.kind == "root":
            return self._log_magnitude(kernel.of) / kernel.scale
        if kernel is not None and kernel.kind == "power":
            base, exponent = kernel.arguments
            return exponent * self.logarithm(self.absolute_power(base, Fraction(1))) / kernel.scale
        return self._unknown(self._kernel("log", str(polynomial), of=polynomial))

    def exponential(self, exponent: Quotient) -> Quotient:
        """e^u: logarithms in the exponent become powers, the rest is written in the basis of exponents."""
        product, rest = self.ring.one, exponent
        for kernel, coefficient in self._lone_terms(exponent, ("log", "function")):
            lambert = kernel.source == "LambertW" and coefficient.denominator == 1 and kernel.smooth
            if kernel.kind == "function" and not lambert:
                continue
            rest = rest - self._unknown(kernel) * coefficient
            if kernel.kind == "function":  # e^W(u) = u/W(u)
                product = product * self.integer_power(kernel.arguments[-1] / self._unknown(kernel), int(coefficient))
                continue
            if polynomials.is_constant(kernel.of):
                product = product * self.number_power(polynomials.leading_coefficient(kernel.of), coefficient)
            else:
                product = product * self.magnitude(kernel.of, coefficient)
        for basis, coefficient in self._in_basis("exp", rest):
            power = self._scaled(basis, coefficient)
            if abs(power) > 10_000:
                raise TooHard("a very high power of an exponential")
            product = product * self._unknown(basis) ** power
        return product

    def _lone_terms(self, value: Quotient, kinds: Iterable[str]) -> list[tuple[Kernel, Fraction]]:
        """The terms of a sum that are a rational number times one kernel of these kinds."""
        found: list[tuple[Kernel, Fraction]] = []
        if not value.is_whole() or not any(kernel.kind in kinds for kernel in self.kernels):
            return found
        for exponents, coefficient in polynomials.terms_of(value.top):
            if sum(exponents) == 1:
                kernel = self.kernels[exponents.index(1)]
                if kernel.kind in kinds:
                    found.append((kernel, coefficient))
        return found

    def _in_basis(self, kind: str, value: Quotient) -> list[tuple[Kernel, Fraction]]:
        """value = Σ coefficient·basis element; a value outside the span joins the basis."""
        if value.is_zero():
            return []
        basis = [kernel for kernel in self.kernels if kernel.kind == kind]
        for kernel in basis:
            ratio = _ratio(value, kernel.basis)
            if ratio is not None and _is_handy(kind, ratio):
                return [(kernel, ratio)]
        if len(basis) > 1 or (basis and len(value.top) + len(value.bottom) > 2):
            combination = _combination(value, [kernel.basis for kernel in basis if kernel.basis is not None])
            if combination is not None and all(_is_handy(kind, c) for c in combination):
                return [(kernel, c) for kernel, c in zip(basis, combination, strict=True) if c]
        number = _content(value)
        if kind == "tan":  # sin 200x by half of 200x: its multiples are dear
            number = Fraction(1 if number > 0 else -1)
        primitive = value * (1 / number)
        return [(self._kernel(kind, primitive.key, basis=primitive), number)]

    # -- angles -------------------------------------------------------------------------------------------------

    def angle(self, value: Quotient) -> tuple[Quotient, Quotient]:
        """(cos u, sin u)."""
        key = value.key
        if key not in self._angles:
            self._angles[key] = self._angle(value)
        return self._angles[key]

    def _angle(self, value: Quotient) -> tuple[Quotient, Quotient]:
        cosine, sine, rest = self.ring.one, self.ring.zero, value
        for kernel, coefficient in self._lone_terms(value, ("constant", "function")):
            known = self._known_angle(kernel, coefficient)
            if known is not None:
                rest = rest - self._unknown(kernel) * coefficient
                cosine, sine = _turned(cosine, sine, *known)
        for basis, coefficient in self._in_basis("tan", rest):
            multiple = self._scaled(basis, coefficient)
            if 2 * abs(multiple) > _ANGLE_MULTIPLES:
                raise TooHard("a high multiple of an angle")
            cosine, sine = _turned(cosine, sine, *self._multiple(basis, multiple))
        return cosine, sine

    def _known_angle(self, kernel: Kernel, coefficient: Fraction) -> tuple[Quotient, Quotient] | None:
        """Quarter turns, and whole multiples of inverse functions."""
        if kernel.source is S.Pi:
            if (2 * coefficient).denominator != 1:
                return None
            quarter = int(2 * coefficient) % 4
            return self.ring.number((1, 0, -1, 0)[quarter]), self.ring.number((0, 1, 0, -1)[quarter])
        if kernel.source not in ("atan", "asin") or coefficient.denominator != 1 or abs(coefficient) > _ANGLE_MULTIPLES:
            return None
        (inner,) = kernel.arguments
        if kernel.source == "atan":
            shrink = self.absolute_power(inner * inner + 1, Fraction(-1, 2))
            once = shrink, inner * shrink
        else:
            once = self.root(1 - inner * inner, Fraction(1, 2)), inner
        return _multiplied(self.ring, once, int(coefficient))

    def _multiple(self, kernel: Kernel, multiple: int) -> tuple[Quotient, Quotient]:
        """(cos, sin) of a multiple of the angle b/scale, by t = tan(b/(2·scale)): (1 + it)² / (1 + t²)."""
        t = self._unknown(kernel)
        below = (t * t + 1).inverse()
        return _multiplied(self.ring, ((1 - t * t) * below, 2 * t * below), multiple)

    # -- powers -------------------------------------------------------------------------------------------------

    def _pow(self, piece: Any, arguments: list[Quotient]) -> Quotient:
        base, exponent = arguments
        number = exponent.constant()
        if number is not None:
            if number.denominator == 1:
                return self.integer_power(base, int(number))
            return self.root(base, number)
        if self._base_is_positive(piece.base, base):
            if not base.is_zero():
                self.note(base)
            return self.exponential(exponent * self.logarithm(base))
        return self._unknown_power(base, exponent)

    def _base_is_positive(self, source: Any, base: Quotient) -> bool:
        if source in self.certain_bases or base.constant() is not None:
            return base.constant() is None or bool(base.constant() > 0)  # type: ignore[operator]
        number, parts = self.parts(base)
        return number > 0 and all(exponent % 2 == 0 or self.sign(part) == 1 for part, exponent in parts)

    def _unknown_power(self, base: Quotient, exponent: Quotient) -> Quotient:
        """u^v where u may be negative (and v then whole): a kernel for each term of v, whole parts of v taken out.

        That is the principal power e^(v ln u) with a complex logarithm, which is additive in v for one u.
        """
        wholes = 0
        rest = [exponent]
        if exponent.is_whole():
            terms = dict(polynomials.terms_of(exponent.top))
            wholes = floor(terms.pop((0,) * self.ring.size, Fraction(0)))
            rest = [self.ring.whole(self.ring.polynomial({m: c})) for m, c in terms.items()]
            rest.append(self.ring.number(exponent_constant(exponent, self.ring.size) - wholes))
        product = self.integer_power(base, wholes)
        for term in rest:
            if not term.is_zero():
                number = _content(term)
                primitive = term * (1 / number)
                kernel = self._kernel("power", f"{base.key} ^ {primitive.key}", arguments=(base, primitive))
                product = product * self._unknown(kernel) ** self._scaled(kernel, number)
        return product

    def integer_power(self, base: Quotient, exponent: int) -> Quotient:
        """u^n; a power too high to be multiplied out has its base as a kernel."""
        if exponent < 0 and base.is_zero():
            raise TooHard("a division by what is always zero")
        try:
            return base**exponent
        except TooHard:
            kernel = self._kernel("function", f"({base.key})", arguments=(base,), source="base")
            return self._unknown(kernel) ** exponent

    # -- choices ------------------------------------------------------------------------------------------------

    def _condition(self, piece: Any, arguments: list[Quotient]) -> Quotient:
        """A comparison as 1 or 0, apart from where both sides are equal."""
        left, right = arguments
        gap = right - left
        if gap.is_zero():
            equal = isinstance(piece, sympy.Eq | sympy.Le | sympy.Ge)
            return self.ring.number(1 if equal else 0)
        if isinstance(piece, sympy.Eq | sympy.Ne):
            return self.ring.number(0 if isinstance(piece, sympy.Eq) else 1)
        return (1 + self.sign_of(gap if isinstance(piece, sympy.Lt | sympy.Le) else -gap)) * Fraction(1, 2)

    def _piecewise(self, arguments: list[Quotient]) -> Quotient:
        """The sum of the values, each times 1 where it is the one taken and 0 elsewhere."""
        total, left = self.ring.zero, self.ring.one
        for value, condition in zip(arguments[0::2], arguments[1::2], strict=True):
            total = total + left * condition * value
            left = left * (1 - condition)
        return total


# -- small tools ------------------------------------------------------------------------------------------------


def _children(piece: Any) -> tuple[Any, ...]:
    if isinstance(piece, sympy.Piecewise):
        return tuple(part for pair in piece.args for part in (pair.args if isinstance(pair, ExprCondPair) else (pair,)))
    if isinstance(piece, sympy.Sum | sympy.Product | sympy.Integral | Derivative | Subs):
        return ()
    return tuple(piece.args)


def exponent_constant(exponent: Quotient, size: int) -> Fraction:
    """The constant term of a polynomial."""
    return dict(polynomials.terms_of(exponent.top)).get((0,) * size, Fraction(0))


def _symbol_key(symbol: Any) -> str:
    return f"{symbol.name}#{symbol.dummy_index}" if isinstance(symbol, sympy.Dummy) else str(symbol.name)


def _primes(number: Fraction) -> list[tuple[int, int]]:
    """Small prime factors with their exponents; what is left of a large number counts as one factor."""
    found: dict[int, int] = {}
    for whole, sign in ((number.numerator, 1), (number.denominator, -1)):
        rest, divisor = whole, 2
        while rest > 1 and divisor <= _SMALL_PRIMES:
            if divisor * divisor > rest:
                break
            while rest % divisor == 0:
                rest //= divisor
                found[divisor] = found.get(divisor, 0) + sign
            divisor += 1 if divisor == 2 else 2
        if rest > 1:
            found[rest] = found.get(rest, 0) + sign
    return sorted((prime, count) for prime, count in found.items() if count)


def _content(value: Quotient) -> Fraction:
    """The rational factor that makes a quotient's coefficients whole, coprime and the first one positive."""
    coefficients = [coefficient for _, coefficient in polynomials.terms_of(value.top)]
    numerator, denominator = 0, 1
    for coefficient in coefficients:
        numerator = _gcd(numerator, abs(coefficient.numerator))
        denominator = lcm(denominator, coefficient.denominator)
    content = Fraction(numerator, denominator)
    return -content if polynomials.leading_coefficient(value.top) < 0 else content


def _gcd(left: int, right: int) -> int:
    while right:
        left, right = right, left % right
    return left


def _is_handy(kind: str, coefficient: Fraction) -> bool:
    """Few enough multiples and parts of an angle; others count as unrelated, which proves less and nothing false."""
    return kind != "tan" or abs(coefficient.numerator) * coefficient.denominator <= _ANGLE_MULTIPLES // 2


def _ratio(value: Quotient, basis: Quotient | None) -> Fraction | None:
    """value/basis, when that is a rational number."""
    if basis is None or value.bottom != basis.bottom or len(value.top) != len(basis.top):
        return None
    ratio = polynomials.leading_coefficient(value.top) / polynomials.leading_coefficient(basis.top)
    return ratio if value.top == polynomials.scaled(basis.top, ratio) else None


def _combination(value: Quotient, basis: Sequence[Quotient]) -> list[Fraction] | None:
    """Rational numbers c with value = Σ c·basis, if there are any: linear equations for the coefficients."""
    ring = value.ring
    bottom = value.bottom
    for element in basis:
        common = bottom.gcd(element.bottom)
        bottom = polynomials.ring_product(ring, bottom, polynomials.exact_quotient(element.bottom, common))
    rows = [
        dict(polynomials.terms_of(element.top * polynomials.exact_quotient(bottom, element.bottom)))
        for element in (*basis, value)
    ]
    monomials = sorted({monomial for row in rows for monomial in row})
    matrix = [[row.get(monomial, Fraction(0)) for row in rows] for monomial in monomials]
    return _solved(matrix, len(basis))


def _solved(matrix: list[list[Fraction]], count: int) -> list[Fraction] | None:
    """The solution of linear equations whose unknowns are independent; the last column is the right side."""
    pivots: list[int] = []
    row = 0
    for column in range(count):
        pivot = next((r for r in range(row, len(matrix)) if matrix[r][column]), None)
        if pivot is None:
            return None
        matrix[row], matrix[pivot] = matrix[pivot], matrix[row]
        lead = matrix[row][column]
        matrix[row] = [entry / lead for entry in matrix[row]]
        for other in range(len(matrix)):
            if other != row and matrix[other][column]:
                factor = matrix[other][column]
                matrix[other] = [a - factor * b for a, b in zip(matrix[other], matrix[row], strict=True)]
        pivots.append(row)
        row += 1
    if any(line[count] for line in matrix[row:]):
        return None
    return [matrix[place][count] for place in pivots]


def _turned(cosine: Quotient, sine: Quotient, by_cosine: Quotient, by_sine: Quotient) -> tuple[Quotient, Quotient]:
    """(cos, sin) of a sum of two angles."""
    return cosine * by_cosine - sine * by_sine, sine * by_cosine + cosine * by_sine


def _multiplied(ring: Ring, once: tuple[Quotient, Quotient], multiple: int) -> tuple[Quotient, Quotient]:
    """(cos, sin) of a multiple of an angle, by squaring."""
    cosine, sine = once
    if multiple < 0:
        sine, multiple = -sine, -multiple
    result = ring.one, ring.zero
    while multiple:
        if multiple % 2:
            result = _turned(*result, cosine, sine)
        cosine, sine = _turned(cosine, sine, cosine, sine) if multiple > 1 else (cosine, sine)
        multiple //= 2
    return result
