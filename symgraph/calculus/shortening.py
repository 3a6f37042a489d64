"""Fewer operations for the same values: like terms collected, common factors taken out, repeated pairs named.

>>> from symgraph.calculus.arena import TWO, Arena
>>> arena = Arena()
>>> a, b, c = map(arena.input, "abc")
>>> spread = arena.add(arena.multiply(a, b), arena.multiply(c, a))
>>> count(arena, [spread]), count(arena, shorten(arena, [spread]))
(3, 2)
>>> twice = [arena.multiply(arena.multiply(TWO, x), c) for x in (a, b)]  # (2a)·c and (2b)·c: name 2c
>>> count(arena, twice), count(arena, shorten(arena, twice))
(4, 3)

Sums and products are flattened as far as nothing else uses their parts; each is then rewritten, and all of it is built
again in the arena. The search for pairs takes the most frequent one first and is quadratic in the length of a sum or
product, so that those longer than `_LONGEST` stay as they are.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from symgraph.calculus.arena import ONE, ZERO, Arena, Reference

__all__ = ["Coefficient", "add_term", "count", "reachable", "shorten"]

_LONGEST = 32  # terms or factors of what is looked at
_ROUNDS = 4

Coefficient = int | Fraction
Sum = dict[int, Coefficient]  # cell -> coefficient; cell 1 is the number 1
Product = list[tuple[int, int]]  # sorted (cell, 1 or −1 for a divisor)

_UNIT = ONE >> 1


def count(arena: Arena, references: Iterable[Reference]) -> int:
    """How many operations it takes to compute them all, each counted once; minus is free."""
    return sum(not arena.is_leaf(place) for place in reachable(arena, references))


def reachable(arena: Arena, references: Iterable[Reference]) -> list[int]:
    """The places that they are computed from, themselves included, in an order of computation."""
    seen = set()
    stack = [reference >> 1 for reference in references]
    while stack:
        place = stack.pop()
        if place not in seen:
            seen.add(place)
            stack.extend(argument >> 1 for argument in arena.arguments(place))
    return sorted(seen)


def shorten(arena: Arena, references: Sequence[Reference]) -> list[Reference]:
    """References to the same values that take as few operations, or fewer."""
    best = list(references)
    fewest = count(arena, best)
    for _ in range(_ROUNDS):
        known = fewest
        for first, second in ((_Cells.factor, _Cells.pair), (_Cells.pair, _Cells.factor)):
            cells = _Cells(arena, best)
            first(cells)
            second(cells)
            tried = cells.build()
            size = count(arena, tried)
            if size < fewest:
                best, fewest = tried, size
        if fewest == known:
            break
    return best


class _Cells:
    """Sums and products as lists, ready to be rewritten; everything else stays as it is in the arena.

    A cell's number is its place in the arena; new ones count down from −1.
    """

    def __init__(self, arena: Arena, references: Sequence[Reference]) -> None:
        self._arena, self._references = arena, references
        self._sums: dict[int, Sum] = {}
        self._products: dict[int, Product] = {}
        self._last = 0
        places = reachable(arena, references)
        self._uses = dict.fromkeys(places, 0)
        for place in places:
            for argument in arena.arguments(place):
                self._uses[argument >> 1] += 1
        for reference in references:
            self._uses[reference >> 1] += 2  # a result is never taken apart
        for place in places:
            row = arena.operations[place][0]
            if row == "add":
                self._sums[place] = self._flat_sum(place)
            elif row in ("multiply", "divide"):
                self._products[place] = self._flat_product(place)
        live = set(self._order())
        self._sums = {cell: terms for cell, terms in self._sums.items() if cell in live}
        self._products = {cell: factors for cell, factors in self._products.items() if cell in live}

    # Reading

    def _flat_sum(self, place: int) -> Sum:
        """The terms of a sum, with those of sums inside it that nothing else uses."""
        total: Sum = {}
        for argument in self._arena.arguments(place):
            inner, sign = argument >> 1, -1 if argument & 1 else 1
            known = self._sums.get(inner)
            if known is None or self._uses[inner] > 1 or len(known) + len(total) >= _LONGEST:
                known = self._term(inner)
            for cell, coefficient in known.items():
                add_term(total, cell, sign * coefficient)
        return total

    def _term(self, place: int) -> Sum:
        """One term: a number, a number times something that nothing else uses, or whatever is there."""
        value = self._arena.value(2 * place)
        if value is not None:
            return {_UNIT: value}
        operation = self._arena.operations[place]
        if operation[0] == "multiply" and self._uses[place] == 1:
            value = self._arena.value(operation[1])
            if value is not None:
                return {operation[2] >> 1: value}
        return {place: 1}

    def _flat_product(self, place: int) -> Product:
        """The factors of a product or quotient, with those of products inside it that nothing else uses."""
        row, *arguments = self._arena.operations[place]
        factors: Product = []
        for position, argument in enumerate(arguments):
            inner, side = argument >> 1, -1 if row == "divide" and position else 1
            known = self._products.get(inner)
            if known is not None and self._uses[inner] == 1 and len(known) + len(factors) < _LONGEST:
                factors += [(cell, side * power) for cell, power in known]
            elif inner != _UNIT:
                factors.append((inner, side))
        return self._with_one_number(factors)

    def _with_one_number(self, factors: Product) -> Product:
        """The factors with all their numbers in one; sorted."""
        numbers = [factor for factor in factors if self._arena.value(2 * factor[0])]
        if len(numbers) > 1:
            whole = Fraction(1)
            for cell, side in numbers:
                whole *= Fraction(self._arena.value(2 * cell) or 1) ** side
            factors = [factor for factor in factors if factor not in numbers]
            if whole != 1:
                factors.append((self._arena.number(whole) >> 1, 1))
        return sorted(factors)

    def _inside(self, cell: int) -> Iterable[int]:
        """The cells that a cell is computed from."""
        if cell in self._sums:
            return self._sums[cell]
        if cell in self._products:
            return [factor for factor, _ in self._products[cell]]
        return [argument >> 1 for argument in self._arena.arguments(cell)]

    def _order(self) -> list[int]:
        """The cells that the results are computed from, in an order of computation."""
        done: dict[int, None] = {}
        stack = [(reference >> 1, False) for reference in reversed(self._references)]
        while stack:
            cell, ready = stack.pop()
            if ready:
                done[cell] = None
            elif cell not in done:
                stack.append((cell, True))
                stack.extend((inner, False) for inner in self._inside(cell) if inner not in done)
        return list(done)

    def _new(self) -> int:
        self._last -= 1
        return self._last

    # Rewriting

    def factor(self) -> None:
        """ab + ac becomes a(b + c), for terms that nothing else uses."""
        uses = Counter(reference >> 1 for reference in self._references)
        uses.update(uses)
        for cell in self._order():
            uses.update(list(self._inside(cell)))  # not the dictionary of a sum: its coefficients would be counted
        stack = list(self._sums)
        while stack:
            made = self._factored(stack[-1], uses)
            if made is None:
                stack.pop()
            else:
                stack.append(made)

    def _factored(self, cell: int, uses: Counter[int]) -> int | None:
        """Take the most frequent factor out of a sum; the new inner sum, or None where there is nothing to do."""
        terms = self._sums[cell]
        having: dict[tuple[int, int], list[int]] = {}
        for term in terms:
            if uses[term] == 1 and term in self._products:
                for factor in dict.fromkeys(self._products[term]):
                    having.setdefault(factor, []).append(term)
        chosen = max(having, key=lambda factor: (len(having[factor]), factor), default=None)
        if chosen is None or len(having[chosen]) < 2:
            return None
        inner: Sum = {}
        for term in having[chosen]:
            add_term(inner, self._without(term, chosen), terms.pop(term))
        if chosen[1] == 1 and chosen[0] in terms:
            add_term(inner, _UNIT, terms.pop(chosen[0]))
        within, product = self._new(), self._new()
        self._sums[within], self._products[product] = inner, sorted([chosen, (within, 1)])
        terms[product] = 1
        uses[within] = uses[product] = 1
        return within

    def _without(self, term: int, factor: tuple[int, int]) -> int:
        """The cell of what is left of a product when a factor is taken out."""
        rest = self._products[term]
        rest.remove(factor)
        if len(rest) == 1 and rest[0][1] == 1:
            return rest[0][0]
        return term if rest else _UNIT

    def pair(self) -> None:
        """Give a name to pairs that stand in several products, or in several sums; the most frequent ones first."""
        products = {cell: factors for cell, factors in self._products.items() if len(factors) <= _LONGEST}
        self._products.update(_repeated(products, _side_by_side, self._new))
        sums = {cell: list(terms.items()) for cell, terms in self._sums.items() if len(terms) <= _LONGEST}
        named = _repeated(sums, _relative, self._new)
        self._sums.update((cell, dict(terms)) for cell, terms in named.items())

    # Writing

    def build(self) -> list[Reference]:
        """The results, built again in the arena."""
        arena = self._arena
        values: dict[int, Reference] = {}
        for cell in self._order():
            if cell in self._sums:
                values[cell] = self._sum(self._sums[cell], values)
            elif cell in self._products:
                values[cell] = self._product(self._products[cell], values)
            elif arena.is_leaf(cell):
                values[cell] = 2 * cell
            else:
                row, *arguments = arena.operations[cell]
                values[cell] = arena.apply(row, [values[argument >> 1] ^ (argument & 1) for argument in arguments])
        return [values[reference >> 1] ^ (reference & 1) if reference else ZERO for reference in self._references]

    def _sum(self, terms: Sum, values: dict[int, Reference]) -> Reference:
        """Terms with the same number before them are added first: 2a + 2b is 2(a + b)."""
        arena = self._arena
        alike: dict[Coefficient, Reference] = {}
        for cell, coefficient in terms.items():
            if cell != _UNIT:
                term = values[cell] if coefficient > 0 else arena.negative(values[cell])
                size: Coefficient = coefficient if coefficient > 0 else -coefficient
                alike[size] = arena.add(alike.get(size, ZERO), term)
        total = ZERO
        for factor, part in alike.items():
            total = arena.add(total, arena.multiply(arena.number(factor), part))
        return arena.add(total, arena.number(terms.get(_UNIT, 0)))

    def _product(self, factors: Product, values: dict[int, Reference]) -> Reference:
        arena = self._arena
        above = below = ONE
        for cell, side in factors:
            if side > 0:
                above = arena.multiply(above, values[cell])
            else:
                below = arena.multiply(below, values[cell])
        return arena.divide(above, below)


def add_term(total: dict[Any, Coefficient], piece: Any, coefficient: Coefficient) -> None:
    """Add a number of times a piece to a sum; what cancels is not there any more."""
    coefficient = total.get(piece, 0) + coefficient
    if coefficient:
        total[piece] = coefficient
    else:
        total.pop(piece, None)


# Pairs: items are (cell, weight), the weight a side of a fraction bar or a coefficient

Item = tuple[int, Coefficient]
Pair = tuple[Item, Item]


def _side_by_side(one: Item, other: Item) -> tuple[Pair, Coefficient]:
    """Two factors and the side on which their product stands: of 1/(ab) the pair is ab, below the bar."""
    if one[1] < 0 and other[1] < 0:
        return ((one[0], 1), (other[0], 1)), -1
    return (one, other), 1


def _relative(one: Item, other: Item) -> tuple[Pair, Coefficient]:
    """Two terms and the number before them: of 3a − 3b the pair is a − b."""
    ratio = other[1] if one[1] == 1 else Fraction(other[1]) / one[1]
    return ((one[0], 1), (other[0], ratio)), one[1]


def _repeated(
    groups: dict[int, list[Any]], joined: Callable[[Item, Item], tuple[Pair, Coefficient]], new: Callable[[], int]
) -> dict[int, list[Any]]:
    """The groups, and one for each pair that got a name; every pair was there at least twice."""
    places: dict[Pair, dict[int, None]] = {}

    def pairs(items: list[Item]) -> Iterator[tuple[Pair, Coefficient, Item, Item]]:
        for position, one in enumerate(items):
            for other in items[position + 1 :]:
                yield (*joined(one, other), one, other)

    groups = {cell: sorted(items) for cell, items in groups.items()}
    for cell, items in groups.items():
        for pair, *_ in pairs(items):
            places.setdefault(pair, {})[cell] = None
    heap = [(-len(cells), pair) for pair, cells in places.items() if len(cells) > 1]
    heapq.heapify(heap)
    while heap:
        often, pair = heapq.heappop(heap)
        cells = list(places[pair])
        if len(cells) < 2:
            continue
        if len(cells) < -often:
            heapq.heappush(heap, (-len(cells), pair))
            continue
        name = new()
        for cell in cells:
            items = groups[cell]
            weight, one, other = next(rest for found, *rest in pairs(items) if found == pair)
            for found, *_ in pairs(items):
                places[found].pop(cell, None)
            items.remove(one)
            items.remove(other)
            insort(items, (name, weight))
            for found, *_ in pairs(items):
                known = places.setdefault(found, {})
                known[cell] = None
                if len(known) > 1:
                    heapq.heappush(heap, (-len(known), found))
        groups[name] = list(pair)
    return groups
