"""How large the rates of a sweep would be, written in the inputs: counted, and not made.

A rate is kept as what SymPy would make of it, a sum of numbers times products of powers, in which a base is a number
in a list: a product then costs a few look-ups and not hundreds of calls.

>>> from symgraph.calculus.graph import build, find_node
>>> from symgraph.calculus.sweeps import reverse
>>> graph = build("u = x*y; v = u + x*u; w = v*v")
>>> rates = {row.node.name: row for row in reverse(graph)}
>>> rates["x"].value, Swelling({}).of(rates["x"])
(2*u*v + 2*v*y*(x + 1), 12)

Why not the expressions: SymPy has sums of sums and products of products flat, so that a rate may repeat every term of
the rate before it, and n rates have n² terms; of 2,000 rates that nobody will ever see it makes each in a millisecond.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import repeat
from math import floor
from typing import Any, TypeAlias

from sympy import Add, Basic, E, Expr, Integer, Mul, Pow, Rational, exp

from symgraph.calculus.sweeps import Row

__all__ = ["Swelling", "counted"]

Powers: TypeAlias = frozenset[tuple[int, Any]]  # the bases of a product, by number, each with its exponent
Sum: TypeAlias = dict[Powers, Any]  # what stands before each product

_NOTHING: Powers = frozenset()
_LONGEST = 8  # terms or factors of a rate that stands in others as it is; a longer one stands there as one base


class Swelling:
    """How many pieces rates have.

    Args:
        sizes: how many pieces the symbols of nodes have; those that are not there have one.
    """

    def __init__(self, sizes: Mapping[Basic, int], longest: int = _LONGEST) -> None:
        self._sizes, self._longest = dict(sizes), longest
        self._bases: dict[Any, int] = {}  # by what it is: an expression, or the items of a sum
        self._pieces: list[int] = []  # of each base
        self._sums: dict[int, Sum] = {}  # of bases that are sums
        self._whole: dict[int, int] = {}  # of bases that are whole numbers: √2·√2 is 2
        self._partials: dict[Expr, Sum] = {}
        self._rates: dict[Row, Sum] = {}
        self._e = self._base(E)

    def of(self, row: Row) -> int:
        """How many pieces a rate has."""
        stack = [row]
        while stack:
            near = stack[-1]
            missing = [term.row for term in near.terms if term.row not in self._rates]
            if missing and near not in self._rates:
                stack += missing
                continue
            stack.pop()
            if near not in self._rates:
                self._rates[near] = self._abridged(self._rate(near))
        return self._length(self._rates[row])

    def _rate(self, row: Row) -> Sum:
        """Σ over neighbours of their rate times the sum of the edges to them."""
        if not row.terms:
            return {_NOTHING: 1} if row.seed else {}
        bundles: dict[Row, Sum] = {}
        for edge, near in row.terms:
            partial = self._partials.get(edge.partial)
            if partial is None:
                partial = self._partials[edge.partial] = self._read(edge.partial)
            if near in bundles:
                _add(bundles[near], partial)
            else:
                bundles[near] = partial.copy()
        total: Sum = {}
        for near, partials in bundles.items():
            _add(total, self._times(self._rates[near], partials))
        return total

    def _abridged(self, rate: Sum) -> Sum:
        """A rate as it stands in others: one of many parts is one base."""
        if len(rate) == 1:
            ((powers, factor),) = rate.items()
            parts = len(powers) + (factor != 1)
        else:
            parts = len(rate)
        return {frozenset({(self._base(object(), self._length(rate)), 1)}): 1} if parts > self._longest else rate

    # What SymPy would make -------------------------------------------------------------------------------------------

    def _read(self, expr: Expr) -> Sum:
        """A local derivative."""
        if isinstance(expr, Rational):
            return {_NOTHING: Fraction(int(expr.p), int(expr.q))} if expr else {}
        if isinstance(expr, Add):
            total: Sum = {}
            for term in expr.args:
                _add(total, self._read(term))
            return total
        if isinstance(expr, Mul):
            powers: Powers = _NOTHING
            number: Any = 1
            for part in expr.args:
                more, factor = self._alone(self._read(part))
                powers, number = self._joined(powers, more, number * factor)
            return {powers: number}
        base: Any = expr
        exponent: Any = 1
        if isinstance(expr, Pow | exp):
            base, exponent = expr.as_base_exp() if isinstance(expr, exp) else expr.args
        if isinstance(exponent, Rational):
            exponent = Fraction(int(exponent.p), int(exponent.q))
        inner = self._read(base) if isinstance(base, Add) else None
        number = self._base(base) if inner is None else self._sum(inner)
        if isinstance(base, Integer):
            self._whole[number] = int(base)
        return {frozenset({(number, exponent)}): 1}

    def _times(self, left: Sum, right: Sum) -> Sum:
        """A product: a number goes into a sum, any other sum is one of its bases."""
        if not left or not right:
            return {}
        for one, other in ((left, right), (right, left)):
            if len(one) == 1 and _NOTHING in one:
                factor = one[_NOTHING]
                if factor == 1:
                    return other
                return self._without_brackets({powers: factor * worth for powers, worth in other.items()})
        (first, number), (second, factor) = self._alone(left), self._alone(right)
        powers, factor = self._joined(first, second, number * factor)
        alone = self._without_brackets({powers: 1})
        return alone if factor == 1 else {each: factor * worth for each, worth in alone.items()}

    def _without_brackets(self, whole: Sum) -> Sum:
        """A sum in the place of one times that sum."""
        if len(whole) == 1:
            ((powers, factor),) = whole.items()
            if factor == 1 and len(powers) == 1:
                ((base, exponent),) = powers
                if exponent == 1:
                    return self._sums.get(base, whole)
        return whole

    def _joined(self, first: Powers, second: Powers, factor: Any) -> tuple[Powers, Any]:
        """Two products and a number before them: the exponents of a base that both have are added."""
        if not first or not second:
            return first or second, factor
        exponents = dict(first)
        for base, exponent in second:
            exponent = exponents.get(base, 0) + exponent
            if base in self._whole and not isinstance(exponent, Basic):
                factor *= Fraction(self._whole[base]) ** floor(exponent)
                exponent -= floor(exponent)
            exponents[base] = exponent
            if exponent == 0:
                del exponents[base]
        return frozenset(exponents.items()), factor

    def _alone(self, whole: Sum) -> tuple[Powers, Any]:
        """What is multiplied, as powers and a number before them."""
        if len(whole) == 1:
            return next(iter(whole.items()))
        return frozenset({(self._sum(whole), 1)}), 1

    def _sum(self, whole: Sum) -> int:
        """The base that a sum is."""
        base = self._base(frozenset(whole.items()), self._length(whole))
        self._sums[base] = whole
        return base

    def _base(self, what: Any, pieces: int | None = None) -> int:
        """The number of a base, which is given one where it is new."""
        number = self._bases.get(what)
        if number is None:
            number = self._bases[what] = len(self._pieces)
            self._pieces.append(counted(what, self._sizes) if pieces is None else pieces)
        return number

    # Counting --------------------------------------------------------------------------------------------------------

    def _length(self, whole: Sum) -> int:
        """How many pieces a sum has, itself among them."""
        total = sum(self._product(powers, factor) for powers, factor in whole.items())
        return total if len(whole) == 1 else total + 1

    def _product(self, powers: Powers, factor: Any) -> int:
        parts, total = int(factor != 1), int(factor != 1)
        for base, exponent in powers:
            parts += 1
            total += self._power(base, exponent)
        return total + 1 if parts != 1 else total

    def _power(self, base: int, exponent: Any) -> int:
        if exponent == 1:
            return self._pieces[base]
        above = counted(exponent, self._sizes) if isinstance(exponent, Basic) else 1
        return above + 1 if base == self._e else self._pieces[base] + above + 1


def counted(expr: Basic, sizes: dict[Basic, int]) -> int:
    """The pieces of an expression, every shared one written out; `sizes` has those that are known, and gets the others.

    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> counted(x*y + 1, {x: 10})
    14
    """
    stack: list[tuple[Basic, bool]] = [(expr, False)]
    while stack:
        piece, ready = stack.pop()
        if ready:
            sizes[piece] = 1 + sum(map(sizes.__getitem__, piece.args))
        elif piece not in sizes:
            parts = piece.args
            if parts:
                stack.append((piece, True))
                stack += zip(parts, repeat(False))
            else:
                sizes[piece] = 1
    return sizes[expr]


def _add(total: Sum, more: Sum) -> None:
    """Add to a sum; like terms are one, and what is 0 is not there."""
    for powers, factor in more.items():
        if powers in total:
            factor = total[powers] + factor
            if factor == 0:
                del total[powers]
                continue
        total[powers] = factor
