"""What an expression is made of, for print: names, functions, roots and exponentials as the unknowns of polynomials.

A `Reading` is an expression as a quotient of polynomials in these; it can be reduced ((√u)² is u), changed (sin² for
1 − cos²), and written back in several ways. Nothing here is proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from operator import add, sub
from typing import Any

import sympy
from sympy import Add, Integer, Mul, Pow, Rational, S

from symgraph.calculus import polynomials
from symgraph.calculus.bases import content
from symgraph.calculus.measure import is_negative, length
from symgraph.calculus.polynomials import Polynomial, Quotient, Ring, TooHard, degrees_of, power_terms, terms_of
from symgraph.calculus.zeros import distinct_pieces
from symgraph.language.opaque import DEEP, hide, measured, show
from symgraph.limits import Limits

__all__ = ["TRIGONOMETRIC", "Crowded", "Reading"]

TRIGONOMETRIC = (sympy.tan, sympy.cot, sympy.sec, sympy.csc)
_UNKNOWNS = (8, 24, 64)
_POWER_TERMS = 40  # of a power that is multiplied out

Shortest = Callable[[Any], Any]

_PARTNERS: Mapping[Any, Any] = {sympy.sin: sympy.cos, sympy.sinh: sympy.cosh}


@dataclass(slots=True)
class Unknown:
    """What one unknown of the ring stands for, and how it is shown.

    `inner` is what is inside it (a radicand, an argument); for a root, its `order`-th power is `inner`.
    """

    kind: str
    shown: Any
    inner: Quotient | None = None
    order: int = 0


class Crowded(Exception):
    """More unknowns than the ring has."""


class Reading:
    """An expression as a quotient of polynomials in its unknowns."""

    def __init__(self, expression: Any, limits: Limits, size: int, how: str, shortest: Shortest) -> None:
        self.ring = Ring(size, limits.expanded_terms)
        self.limits, self.how, self._shortest = limits, how, shortest
        self.unknowns: list[Unknown] = []
        self._places: dict[tuple[Any, ...], int] = {}
        self._bases: dict[str, Quotient] = {}
        self._written: dict[str, list[Any]] = {}
        self._powers = sorted(
            (piece.base for piece in distinct_pieces(expression) if isinstance(piece, Pow) and _is_high(piece)), key=str
        )
        for base in self._powers:
            value = self.read(base)
            if power_terms(value.top, 50) > _POWER_TERMS and value.key not in self._bases:
                self._bases[value.key] = self._unknown("base", (value.key,), base, value)
        self.value = self.read(expression)

    @classmethod
    def of(cls, expression: Any, limits: Limits, shortest: Shortest, how: str = "") -> Reading:
        """Read in one way: "split" roots of quotients, "basic" functions sine and cosine only, "signs" as |u|/u.

        `shortest` finds the shortest form of a part that is read by itself (a case).
        """
        for size in _UNKNOWNS:
            try:
                return cls(expression, limits, size, how, shortest)
            except Crowded:
                continue
        raise TooHard("very many different functions")

    # -- reading ------------------------------------------------------------------------------------------------

    def read(self, expression: Any) -> Quotient:
        done: dict[int, Quotient] = {}
        stack: list[tuple[Any, bool]] = [(expression, False)]
        while stack:
            piece, ready = stack.pop()
            if id(piece) in done:
                continue
            children = _children(piece)
            if children and not ready:
                stack.append((piece, True))
                stack.extend((child, False) for child in reversed(children))
                continue
            value = self._read(piece, [done[id(child)] for child in children])
            done[id(piece)] = self._bases.get(value.key, value) if isinstance(piece, Add) else value
        return done[id(expression)]

    def _read(self, piece: Any, parts: list[Quotient]) -> Quotient:
        if isinstance(piece, Rational):
            return self.ring.number(Fraction(int(piece.p), int(piece.q)))
        if isinstance(piece, Add):
            total = parts[0]
            for part in parts[1:]:
                total = total + part
            return total
        if isinstance(piece, Mul):
            product = parts[0]
            for part in parts[1:]:
                product = product * part
            return product
        if isinstance(piece, Pow):
            return self._power(piece, *parts)
        if isinstance(piece, sympy.exp):
            return self._exponential(piece, parts[0])
        if isinstance(piece, sympy.Piecewise):
            shown = sympy.Piecewise(
                *((self._shortest(pair.args[0]), pair.args[1]) for pair in piece.args), evaluate=False
            )
            return self._unknown("piece", (shown,), shown)
        if len(parts) == 1 and isinstance(piece, sympy.Function) and _children(piece):
            return self._function(piece, parts[0])
        return self._unknown("piece", (piece,), piece)

    def _unknown(
        self, kind: str, key: tuple[Any, ...], shown: Any, inner: Quotient | None = None, order: int = 0
    ) -> Quotient:
        place = self._places.get((kind, *key))
        if place is None:
            place = len(self.unknowns)
            if place == self.ring.size:
                raise Crowded()
            self.unknowns.append(Unknown(kind, shown, inner, order))
            self._places[kind, *key] = place
        return self.ring.unknown(place)

    def _function(self, piece: Any, argument: Quotient) -> Quotient:
        head = piece.func
        if self.how == "signs" and head is sympy.sign and not argument.is_zero():
            return self._applied(sympy.Abs, piece.args[0], argument) / argument
        if self.how == "basic" and head in TRIGONOMETRIC:
            sine, cosine = self._applied(sympy.sin, piece.args[0], argument), None
            cosine = self._applied(sympy.cos, piece.args[0], argument)
            quotients = {
                sympy.tan: lambda: sine / cosine,
                sympy.cot: lambda: cosine / sine,
                sympy.sec: lambda: 1 / cosine,
                sympy.csc: lambda: 1 / sine,
            }
            return quotients[head]()
        return self._applied(head, piece.args[0], argument, piece)

    def _applied(self, head: Any, source: Any, argument: Quotient, known: Any = None) -> Quotient:
        """A function of what a source is; `known` is that function of the source itself."""
        place = self._places.get((head.__name__, argument.key))
        if place is not None:
            return self.ring.unknown(place)
        inner = self._inner(source, argument)
        shown = known if known is not None and inner is source else _applied_quietly(head, inner)
        if not isinstance(shown, head):  # SymPy took it apart: −sin x for sin(−x)
            return self._unknown("piece", (shown,), shown)
        return self._unknown(head.__name__, (argument.key,), shown, argument)

    def _inner(self, source: Any, value: Quotient) -> Any:
        """How the argument of a function or a radicand is shown."""
        if not source.args or (len(source.args) == 2 and all(not part.args for part in source.args)):
            return source
        return min([source, *self.written(self.reduced(value))], key=length)

    def _power(self, piece: Any, base: Quotient, exponent: Quotient) -> Quotient:
        number = exponent.constant()
        if number is None:
            return self._symbolic_power(piece, base, exponent)
        if number.denominator == 1:
            if number < 0 and base.is_zero():
                raise TooHard("a division by zero")
            return self._integer_power(piece.base, base, int(number))
        if self.how == "split" and not base.is_whole():
            above, below = self.ring.whole(base.top), self.ring.whole(base.bottom)
            return self._root(self._shown(above), above, number) / self._root(self._shown(below), below, number)
        return self._root(piece.base, base, number)

    def _integer_power(self, source: Any, base: Quotient, exponent: int) -> Quotient:
        terms = max(power_terms(base.top, abs(exponent)), power_terms(base.bottom, abs(exponent)))
        if terms > _POWER_TERMS and base.key in self._bases:
            return self._bases[base.key] ** exponent
        if terms > _POWER_TERMS:
            return self._unknown("base", (base.key,), source, base) ** exponent
        return base**exponent

    def _root(self, source: Any, value: Quotient, exponent: Fraction) -> Quotient:
        order = exponent.denominator
        sign = 1 if exponent > 0 else -1
        wholes, rest = divmod(abs(exponent.numerator), order)
        shown = Pow(self._inner(source, value), Rational(1, order))
        root = self._unknown("root", (value.key, order), shown, value, order)
        return root ** (sign * rest) * self._integer_power(source, value, sign * wholes)

    def _symbolic_power(self, piece: Any, base: Quotient, exponent: Quotient) -> Quotient:
        """u^(v + n) = u^v·u^n; u^(−v) = 1/u^v."""
        wholes = 0
        if exponent.is_whole() and (base.constant() is None):
            terms = dict(terms_of(exponent.top))
            wholes = floor(terms.get((0,) * self.ring.size, Fraction(0)))
        rest = exponent - wholes
        sign = -1 if polynomials.leading_coefficient(rest.top) < 0 else 1
        shown = Pow(piece.base, self._shown(rest * sign))
        return self._unknown("power", (base.key, (rest * sign).key), shown) ** sign * base**wholes

    def _exponential(self, piece: Any, exponent: Quotient) -> Quotient:
        """e^(n·u) = (e^u)^n."""
        number = content(exponent)
        if exponent.is_zero():
            return self.ring.one
        whole, part = number.numerator, Fraction(1, number.denominator)
        inner = exponent * (1 / number) * part
        shown = sympy.exp(self._shown(inner) if abs(whole) != 1 else self._inner(piece.args[0] * whole, inner))
        return self._unknown("exp", (inner.key,), shown, inner) ** whole

    # -- reductions ---------------------------------------------------------------------------------------------

    def reduced(self, value: Quotient) -> Quotient:
        """Powers of roots below their order, squares of absolute values written out."""
        for index in reversed(range(len(self.unknowns))):
            unknown = self.unknowns[index]
            if unknown.kind == "root" and unknown.inner is not None:
                value = self._replace_power(value, index, unknown.order, unknown.inner)
            elif unknown.kind == "Abs" and unknown.inner is not None:
                value = self._replace_power(value, index, 2, unknown.inner**2)
        return value

    def in_roots(self, value: Quotient) -> Quotient:
        """x written as (√x)² where √x occurs."""
        for index, unknown in enumerate(self.unknowns):
            if unknown.kind == "root" and unknown.inner is not None and unknown.inner.is_whole():
                used = polynomials.unknowns_of(unknown.inner.top)
                plain = len(used) == 1 and unknown.inner == self.ring.unknown(used[0])
                if plain and self.unknowns[used[0]].shown.is_Symbol:
                    value = self._replace_power(value, used[0], 1, self.ring.unknown(index) ** unknown.order)
        return value

    def with_squares(self, value: Quotient, head: Any, relation: tuple[Any, int, int]) -> Quotient:
        """The square of one function by its relative's."""
        other, constant, factor = relation
        for index, unknown in enumerate(list(self.unknowns)):
            if isinstance(unknown.shown, head) and unknown.inner is not None:
                if _highest(value, index) < 2:
                    continue
                relative = self._applied(other, unknown.shown.args[0], unknown.inner)
                value = self._replace_power(value, index, 2, constant + factor * relative * relative)
        return self.reduced(value)

    def with_double_angles(self, value: Quotient) -> Quotient | None:
        """sin u·cos u = sin(2u)/2 and cos²u = (1 + cos 2u)/2, where only even products of the two occur."""
        changed = False
        for index, unknown in enumerate(list(self.unknowns)):
            sine, cosine = unknown.shown.func, _PARTNERS.get(unknown.shown.func)
            if cosine is None or unknown.inner is None:
                continue
            partner = self._places.get((cosine.__name__, unknown.inner.key))
            if partner is None or not _even_together(value, index, partner):
                continue
            angle = self._shown(2 * unknown.inner)
            double = self._applied(sine, angle, 2 * unknown.inner)
            other = self._applied(cosine, angle, 2 * unknown.inner)
            square = (1 - other) / 2 if sine is sympy.sin else (other - 1) / 2
            value = self._doubled(value.top, index, partner, double, other, square) / self._doubled(
                value.bottom, index, partner, double, other, square
            )
            changed = True
        return value if changed else None

    def _doubled(
        self, part: Polynomial, sine: int, cosine: int, double: Quotient, other: Quotient, square: Quotient
    ) -> Quotient:
        total = self.ring.zero
        for exponents, coefficient in terms_of(part):
            rest = tuple(0 if index in (sine, cosine) else e for index, e in enumerate(exponents))
            term = self.ring.whole(self.ring.polynomial({rest: coefficient}))
            both = min(exponents[sine], exponents[cosine])
            if (exponents[sine] - both) % 2 or (exponents[cosine] - both) % 2:
                both -= 1
            term = term * (double / 2) ** both * square ** ((exponents[sine] - both) // 2)
            total = total + term * ((1 + other) / 2) ** ((exponents[cosine] - both) // 2)
        return total

    def _replace_power(self, value: Quotient, index: int, order: int, by: Quotient) -> Quotient:
        if _highest(value, index) < order:
            return value
        return self._replaced(value.top, index, order, by) / self._replaced(value.bottom, index, order, by)

    def _replaced(self, part: Polynomial, index: int, order: int, by: Quotient) -> Quotient:
        degrees = degrees_of(part)
        if not degrees or degrees[index] < order:
            return self.ring.whole(part)
        total, unknown = self.ring.zero, self.ring.unknown(index)
        groups: dict[int, dict[tuple[int, ...], Fraction]] = {}
        for exponents, coefficient in terms_of(part):
            rest = (*exponents[:index], 0, *exponents[index + 1 :])
            groups.setdefault(exponents[index], {})[rest] = coefficient
        for exponent, terms in sorted(groups.items()):
            wholes, rest_exponent = divmod(exponent, order)
            total = total + self.ring.whole(self.ring.polynomial(terms)) * by**wholes * unknown**rest_exponent
        return total

    # -- writing ------------------------------------------------------------------------------------------------

    def written(self, value: Quotient) -> list[Any]:
        """A quotient as a SymPy expression, in several ways."""
        key = value.key
        if key not in self._written:
            self._written[key] = list(self._ways(value))
        return self._written[key]

    def _ways(self, value: Quotient) -> Iterator[Any]:
        if value.is_zero():
            yield S.Zero
            return
        number, monomial, above, below = self._taken_apart(value)
        bottoms = self._products(below) if len(below) > 1 else [(Fraction(1), [])]
        unders = [(scale, bottom, [Pow(factor, -1) for factor in bottom]) for scale, bottom in bottoms]
        powers = any(unknown.kind in ("root", "power", "base") for unknown in self.unknowns)
        for top_scale, top in self._products(above):
            for bottom_scale, bottom, under in unders:
                front = self._term(monomial, number * top_scale / bottom_scale)
                yield Mul(front, *top, *under)
                if bottom:
                    yield from _turned(front, top, bottom, under, powers)
        simple = self._is_simple(value)
        if len(above) == 1 and simple:
            return  # one term: multiplied out it is the same
        whole, part = tuple([max(e, 0) for e in monomial]), tuple([min(e, 0) for e in monomial])
        for bottom_scale, bottom, under in unders:
            is_number = not bottom and not any(part)  # all that is below the line
            if is_number and simple and not any(whole):
                continue
            rest = Mul(self._term(part, 1 / (bottom_scale * number.denominator)), *under)
            if any(whole) or number.numerator != 1 or not simple:
                yield self._sum(above, whole, Fraction(number.numerator)) * rest
            if any(part):  # without, every term has the same sums below the line: that is longer
                yield Add(*[self._term(_plus(m, whole), c * number.numerator) * rest for m, c in terms_of(above)])
        if not (simple and self._is_grouped(value, number, monomial)):
            yield self._grouped(above, monomial, number) / self._sum(below)

    def _is_simple(self, value: Quotient) -> bool:
        """Whether its unknowns multiply as they stand: SymPy multiplies numbers into sums, `_term` joins e^u, e^v."""
        bases: list[Any] = []
        moving: list[Any] = []
        for index in {*polynomials.unknowns_of(value.top), *polynomials.unknowns_of(value.bottom)}:
            shown = self.unknowns[index].shown
            if isinstance(shown, Add | Mul):
                return False
            base, exponent = shown.as_base_exp()
            bases.append(base)
            if not exponent.is_Rational:
                moving.append(base)
        return not moving or all(bases.count(base) == 1 for base in moving)

    def _is_grouped(self, value: Quotient, number: Fraction, monomial: tuple[int, ...]) -> bool:
        """Whether grouping by functions gives what was written before: there are none, or each has one term."""
        plain = value.is_whole() or polynomials.is_constant(self._primitive(value.bottom)[0])
        if not plain and number.denominator != 1 and not any(monomial):
            return False
        functions = [i for i in polynomials.unknowns_of(value.top) if not self.unknowns[i].shown.is_Symbol]
        if not functions:
            return True
        ways = {tuple([exponents[i] for i in functions]) for exponents, _ in terms_of(value.top)}
        return plain and len(ways) == len(value.top)

    def _shown(self, value: Quotient) -> Any:
        number, monomial, above, below = self._taken_apart(value)
        return self._sum(above, monomial, number) / self._sum(below)

    def _taken_apart(self, value: Quotient) -> tuple[Fraction, tuple[int, ...], Polynomial, Polynomial]:
        """number × monomial × above/below: two polynomials with whole, coprime coefficients and no factor in common."""
        above, top_monomial, top_number = self._primitive(value.top)
        below, bottom_monomial, bottom_number = self._primitive(value.bottom)
        monomial = tuple(map(sub, top_monomial, bottom_monomial))
        return top_number / bottom_number, monomial, above, below

    def _primitive(self, part: Polynomial) -> tuple[Polynomial, tuple[int, ...], Fraction]:
        terms = terms_of(part)
        if not terms:
            return part, (0,) * self.ring.size, Fraction(1)
        least = tuple(map(min, zip(*[m for m, _ in terms], strict=True)))
        number = content(self.ring.whole(part))
        if number == 1 and not any(least):
            return part, least, number
        rest = {tuple(map(sub, m, least)): c / number for m, c in terms}
        return self.ring.polynomial(rest), least, number

    def _products(self, part: Polynomial) -> list[tuple[Fraction, list[Any]]]:
        """A polynomial as a number and factors: a single sum, its factors, and the factors of one exponent together."""
        found = [(Fraction(1), [self._sum(part)] if len(part) > 1 or not polynomials.is_constant(part) else [])]
        if len(part) == 1:
            return found
        number, factors = self.ring.factors(part)
        if len(factors) == 1 and factors[0][1] == 1 and not self._has_base(factors[0][0]):
            return found
        found.append(self._factored(number, factors))
        together: dict[int, Polynomial] = {}
        for factor, exponent in factors:
            before = together.get(exponent)
            together[exponent] = factor if before is None else polynomials.ring_product(self.ring, before, factor)
        if len(together) < len(factors):
            found.append(self._factored(number, [(factor, exponent) for exponent, factor in sorted(together.items())]))
        return found

    def _factored(self, number: Fraction, factors: list[tuple[Polynomial, int]]) -> tuple[Fraction, list[Any]]:
        written: list[Any] = []
        for factor, exponent in factors:
            if not self._has_base(factor) or len(factor) == 1:
                written.append(self._sum(factor) ** Integer(exponent))
                continue
            inner, parts = self._without_bases(factor)
            number *= inner**exponent
            written += [self._sum(part) ** Integer(e * exponent) for part, e in parts]
        return number, written

    def _has_base(self, part: Polynomial) -> bool:
        return any(self.unknowns[index].kind == "base" for index in polynomials.unknowns_of(part))

    def _without_bases(self, factor: Polynomial) -> tuple[Fraction, list[tuple[Polynomial, int]]]:
        """A factor in which a base, like (x + 1), is an unknown: with x + 1 in its place, and factored again."""
        value = self.ring.whole(factor)
        for index, unknown in enumerate(self.unknowns):
            if unknown.kind == "base" and unknown.inner is not None and 0 < _highest(value, index) <= 2:
                value = self._replaced(value.top, index, 1, unknown.inner) / self.ring.whole(value.bottom)
        number, above = self.ring.factors(value.top)
        below_number, below = self.ring.factors(value.bottom)
        return number / below_number, above + [(part, -exponent) for part, exponent in below]

    def _sum(self, part: Polynomial, monomial: tuple[int, ...] | None = None, number: Fraction = Fraction(1)) -> Any:
        """The terms of a polynomial, each times a number and a monomial."""
        terms = terms_of(part)
        if monomial is not None and any(monomial):
            terms = [(_plus(m, monomial), c) for m, c in terms]
        if number != 1:
            terms = [(m, c * number) for m, c in terms]
        return Add(*[self._term(m, c) for m, c in terms])

    def _term(self, exponents: tuple[int, ...], coefficient: Fraction) -> Any:
        powers: dict[Any, Any] = {}
        for index, exponent in enumerate(exponents):
            if exponent:
                base, inner = self.unknowns[index].shown.as_base_exp()
                power = Integer(exponent) if inner is S.One else inner * exponent
                powers[base] = powers[base] + power if base in powers else power
        factors = [base if power is S.One else Pow(base, power) for base, power in powers.items()]
        if coefficient == 1 and len(factors) == 1:
            return factors[0]
        number = Rational(coefficient.numerator, coefficient.denominator)
        return Mul(number, *factors) if factors else number

    def _grouped(self, part: Polynomial, monomial: tuple[int, ...], number: Fraction) -> Any:
        """Σ (polynomial in the names)·(functions): every coefficient factored."""
        names = {index for index, unknown in enumerate(self.unknowns) if unknown.shown.is_Symbol}
        groups: dict[tuple[int, ...], dict[tuple[int, ...], Fraction]] = {}
        for exponents, coefficient in terms_of(part):
            functions = tuple(0 if index in names else e for index, e in enumerate(exponents))
            rest = tuple(e if index in names else 0 for index, e in enumerate(exponents))
            groups.setdefault(functions, {})[rest] = coefficient * number
        total = []
        for functions, terms in groups.items():
            scale, factors = self._factored(*self.ring.factors(self.ring.polynomial(terms)))
            total.append(Mul(self._term(_plus(functions, monomial), scale), *factors))
        return Add(*total)


def _plus(left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(add, left, right))


def _turned(front: Any, top: list[Any], bottom: list[Any], under: list[Any], powers: bool) -> Iterator[Any]:
    """−1/(x − 1) as 1/(1 − x): the sign goes into one of the sums, where that may be shorter.

    Args:
        under: 1 over each factor of the bottom.
        powers: whether there are powers, in which −factor may stand: √(1 − x)·(1 − x) is one of them.
    """
    for place, factor in enumerate(bottom):
        if _may_turn(front, factor, powers):
            yield Mul(-front, *top, *under[:place], *under[place + 1 :], Pow(-factor, -1))
    for place, factor in enumerate(top):
        if _may_turn(front, factor, powers):
            yield Mul(-front, *top[:place], *top[place + 1 :], -factor, *under)


def _may_turn(front: Any, factor: Any, powers: bool) -> bool:
    """Whether a sum has a minus to lose, and the product, too: a minus in front of all of it is the dearest."""
    if not isinstance(factor, Add) or powers:
        return isinstance(factor, Add)
    signs = [is_negative(term) for term in factor.args]
    return all(signs) or (is_negative(front) and any(signs))


def _highest(value: Quotient, index: int) -> int:
    return max((degrees[index] for part in (value.top, value.bottom) if (degrees := degrees_of(part))), default=0)


def _even_together(value: Quotient, first: int, second: int) -> bool:
    """Every term has an even number of the two factors, and some term has them."""
    sums = [
        exponents[first] + exponents[second] for part in (value.top, value.bottom) for exponents, _ in terms_of(part)
    ]
    return any(sums) and all(total % 2 == 0 for total in sums) and max(sums) <= 8


def _is_high(power: Any) -> bool:
    """A power of a sum that is too high to be multiplied out."""
    return (
        isinstance(power.base, Add)
        and power.exp.is_Integer is True
        and len(power.base.args) ** min(abs(int(power.exp)), 12) > _POWER_TERMS
    )


def _applied_quietly(head: Any, inner: Any) -> Any:
    """A function of something, without questions about what lies deep inside it."""
    if measured(inner) < DEEP:
        return head(inner)
    hidden, names = hide([inner])
    return show(head(*hidden), names)


def _children(piece: Any) -> tuple[Any, ...]:
    """The parts that are read before a piece is; others stand as they are."""
    if isinstance(piece, Add | Mul | Pow | sympy.exp):
        return tuple(piece.args)
    plain = isinstance(piece, sympy.Function) and len(piece.args) == 1
    if plain and not isinstance(piece, sympy.core.function.AppliedUndef) and isinstance(piece.args[0], sympy.Expr):
        return tuple(piece.args)
    return ()
