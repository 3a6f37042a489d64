"""Multiplied out: every sum of products with its like terms collected, whatever the function did first.

>>> from symgraph.calculus.arena import TWO, Arena
>>> from symgraph.calculus.shortening import count
>>> arena = Arena()
>>> x, y = map(arena.input, "xy")
>>> nested = arena.add(arena.multiply(x, arena.add(x, y)), arena.multiply(TWO, arena.multiply(x, y)))  # x(x + y) + 2xy
>>> spread = expanded(arena, [nested])  # x² + 3xy
>>> count(arena, [nested]), count(arena, spread)
(5, 4)

Why a way of its own: a derivative by the product rule says the same twice in other words, x + x for 2x, and only
where everything is multiplied out do like terms meet. What comes of it is often longer, and is shortened again by
whoever compares; a polynomial of many terms stays one piece, so that the work is bounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from symgraph.calculus.arena import ONE, ZERO, Arena, Reference
from symgraph.calculus.shortening import Coefficient, add_term, reachable

__all__ = ["expanded"]

_TERMS = 24  # that a product is multiplied out to at most
_FACTORS = 24  # of one term
_BITS = 1_000  # of one coefficient

Monomial: TypeAlias = "tuple[Reference, ...]"  # sorted, each as often as its power says
Polynomial: TypeAlias = "dict[Monomial, Coefficient]"


def expanded(arena: Arena, references: Sequence[Reference]) -> list[Reference]:
    """References to the same values, multiplied out in whatever is neither a number, a sum nor a product."""
    expansion = _Expansion(arena)
    for place in reachable(arena, references):
        expansion.enter(place)
    return [expansion.written(reference) for reference in references]


class _Expansion:
    """The polynomial of every place; its unknowns are references to inputs and to what is no arithmetic."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._polynomials: dict[int, Polynomial] = {}
        self._built: dict[frozenset[tuple[Monomial, Coefficient]], Reference] = {}

    def enter(self, place: int) -> None:
        """The polynomial of a place whose arguments are there."""
        arena = self._arena
        row, *arguments = arena.operations[place]
        if arena.is_leaf(place):
            found = self._whole(2 * place)
        elif row == "add":
            found = dict(self._of(arguments[0]))
            for monomial, coefficient in self._of(arguments[1]).items():
                add_term(found, monomial, coefficient)
        elif row == "multiply":
            found = self._product(self._of(arguments[0]), self._of(arguments[1]))
        else:
            found = self._whole(arena.apply(row, map(self.written, arguments)))
        self._polynomials[place] = found

    def _of(self, reference: Reference) -> Polynomial:
        found = self._polynomials[reference >> 1]
        return {monomial: -coefficient for monomial, coefficient in found.items()} if reference & 1 else found

    def _whole(self, reference: Reference) -> Polynomial:
        """One unknown, or a number."""
        value = self._arena.value(reference)
        if value is not None:
            return {(): value} if value else {}
        return {(reference & -2,): -1 if reference & 1 else 1}

    def _product(self, one: Polynomial, other: Polynomial) -> Polynomial:
        if not _small(one, other):
            one, other = self._whole(self._build(one)), self._whole(self._build(other))
        found: Polynomial = {}
        for left, factor in one.items():
            for right, coefficient in other.items():
                add_term(found, tuple(sorted(left + right)), factor * coefficient)
        return found

    def written(self, reference: Reference) -> Reference:
        """The polynomial of a reference as operations."""
        built = self._build(self._polynomials[reference >> 1])
        return self._arena.negative(built) if reference & 1 else built

    def _build(self, polynomial: Polynomial) -> Reference:
        arena = self._arena
        key = frozenset(polynomial.items())
        if key not in self._built:
            total = ZERO
            for monomial, coefficient in sorted(polynomial.items(), key=lambda term: (-len(term[0]), term[0])):
                product = ONE
                for factor in monomial:
                    product = arena.multiply(product, factor)
                total = arena.add(total, arena.multiply(arena.number(coefficient), product))
            self._built[key] = total
        return self._built[key]


def _small(one: Polynomial, other: Polynomial) -> bool:
    """Whether a product may be multiplied out."""
    if len(one) * len(other) > _TERMS or _degree(one) + _degree(other) > _FACTORS:
        return False
    return _bits(one) + _bits(other) <= _BITS


def _degree(polynomial: Polynomial) -> int:
    return max(map(len, polynomial), default=0)


def _bits(polynomial: Polynomial) -> int:
    sizes = (value.numerator.bit_length() + value.denominator.bit_length() for value in polynomial.values())
    return max(sizes, default=0)
