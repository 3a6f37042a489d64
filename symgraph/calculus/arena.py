"""Operations as numbers: an arena in which equal operations are one and trivial ones are not there at all.

An operation is a row's name and references to what it is applied to; a reference is an integer, twice the place of an
operation in the arena, and one more for minus it. Minus is therefore free, and a − b and b − a are one operation:

>>> arena = Arena()
>>> a, b = arena.input("a"), arena.input("b")
>>> difference = arena.add(a, arena.negative(b))
>>> arena.add(b, arena.negative(a)) == arena.negative(difference)
True
>>> arena.multiply(arena.number(1), a) == a, arena.multiply(arena.number(2), arena.number(3)) == arena.number(6)
(True, True)
>>> arena.operation(difference)
('add', 6, 9)

Arguments have smaller places than what is made of them, so that the places are an order of computation.

Why not SymPy: a product of two names takes it 16 to 50 µs, the arena under one; and SymPy multiplies numbers into sums
and sorts every sum again. Why not the trees: two of them are compared by walking, two references at a glance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from hashlib import blake2b
from typing import Any, TypeAlias

from symgraph.errors import SymgraphError
from symgraph.language.branches import stays_whole
from symgraph.language.tree import BINDERS, Apply, Constant, Name, Number, Tree, Undefined
from symgraph.limits import DEFAULT, Limits

__all__ = ["MINUS_ONE", "ONE", "TWO", "ZERO", "Arena", "Operation", "Reference"]

Reference: TypeAlias = "int"
Operation: TypeAlias = "tuple[Any, ...]"

ZERO, ONE, MINUS_ONE, TWO = 0, 2, 3, 4  # the references of 0, 1, −1 and 2 in every arena
_LEAVES = frozenset({"input", "number", "constant"})
_ODD = frozenset({"sine", "tangent", "inverse_sine", "inverse_tangent", "hyperbolic_sine", "hyperbolic_tangent"})
_EVEN = frozenset({"cosine", "secant", "hyperbolic_cosine", "hyperbolic_secant", "absolute_value"})


class Arena:
    """Operations, each once, in an order of computation.

    Args:
        limits: `limits.nodes` is how many there may be, ten times over (a gradient has up to five times those of the
            function); `limits.bits` is the size from which numbers are no longer multiplied out.
    """

    __slots__ = ("_limits", "_most", "_numbers", "_places", "operations", "rows")

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.operations: list[Operation] = []
        self.rows: dict[Any, Any] = {}  # what a caller's own table knows about its functions
        self._places: dict[Operation, Reference] = {}
        self._numbers: dict[Reference, int | Fraction] = {}
        self._limits = limits
        self._most = 10 * limits.nodes
        for value in (0, 1, 2):
            self.number(value)

    def __len__(self) -> int:
        return len(self.operations)

    def operation(self, reference: Reference) -> Operation:
        """(row, references of the arguments …) of what a reference points at, its sign aside."""
        return self.operations[reference >> 1]

    def arguments(self, place: int) -> tuple[Reference, ...]:
        """The references of what the operation at a place is applied to; none for inputs and numbers."""
        operation = self.operations[place]
        return () if operation[0] in _LEAVES else operation[1:]

    def is_leaf(self, place: int) -> bool:
        """Whether an input, a number or a constant is at this place."""
        return self.operations[place][0] in _LEAVES

    def value(self, reference: Reference) -> int | Fraction | None:
        """The number that a reference is; None where it is none."""
        found = self._numbers.get(reference & -2)
        return found if found is None or not reference & 1 else -found

    def _enter(self, operation: Operation, key: Operation | None = None) -> Reference:
        """The reference of an operation, which is appended where it (or the key that stands for it) is new."""
        if key is None:
            key = operation
        reference = self._places.get(key)
        if reference is None:
            reference = self._places[key] = 2 * len(self.operations)
            self.operations.append(operation)
            if reference > 2 * self._most:
                self._limits.check("nodes", len(self.operations) // 10)
        return reference

    # Leaves

    def input(self, name: str) -> Reference:
        """The input of that name."""
        return self._enter(("input", name))

    def constant(self, name: str) -> Reference:
        """One of the constants of `tree.Constant`."""
        return self._enter(("constant", name))

    def number(self, value: int | Fraction) -> Reference:
        """An exact number."""
        numerator, denominator = value.as_integer_ratio()
        key = ("number", abs(numerator), denominator)  # a Fraction works its hash out anew each time
        reference = self._places.get(key)
        if reference is None:
            size: int | Fraction = abs(numerator) if denominator == 1 else Fraction(abs(numerator), denominator)
            reference = self._enter(("number", size), key)
            self._numbers[reference] = size
        return reference | 1 if numerator < 0 else reference

    # Arithmetic

    @staticmethod
    def negative(reference: Reference) -> Reference:
        """Minus that; it costs nothing."""
        return reference ^ 1 if reference else ZERO

    def add(self, u: Reference, v: Reference) -> Reference:
        """u + v."""
        if u == ZERO:
            return v
        if v == ZERO:
            return u
        if u ^ v == 1:
            return ZERO
        if u == v:
            return self.multiply(TWO, u)
        numbers = self._numbers
        if u & -2 in numbers and v & -2 in numbers:
            return self.number(self.value(u) + self.value(v))  # type: ignore[operator] # both are numbers
        if u > v:
            u, v = v, u
        sign = u & 1
        operation = ("add", u ^ sign, v ^ sign)
        reference = self._places.get(operation)
        return (self._enter(operation) if reference is None else reference) ^ sign

    def multiply(self, u: Reference, v: Reference) -> Reference:
        """u·v; a number comes first, and of two numbers their product; u·(1/v) is a quotient."""
        sign = (u ^ v) & 1
        u, v = (u & -2, v & -2) if u < v else (v & -2, u & -2)
        if u <= ONE:
            return ZERO if u == ZERO else v ^ sign
        operation = ("multiply", u, v)
        reference = self._places.get(operation)
        if reference is None:
            reference = self._product(u, v)
        return reference ^ sign

    def _product(self, u: Reference, v: Reference) -> Reference:
        """A product that is not there as it stands."""
        numbers = self._numbers
        if v in numbers:
            u, v = v, u
        if u in numbers:
            return self._scaled(u, v)
        for one, other in ((u, v), (v, u)):
            operation = self.operations[one >> 1]
            if operation[0] == "divide" and operation[1] == ONE:
                return self.divide(other, operation[2])
        return self._enter(("multiply", u, v))

    def _scaled(self, factor: Reference, v: Reference) -> Reference:
        """A positive number times something: times a number, or times a number times something."""
        value = self._numbers[factor]
        if v in self._numbers:
            return self._folded(value, self._numbers[v], ("multiply", factor, v))
        operation = self.operations[v >> 1]
        if operation[0] == "multiply" and operation[1] in self._numbers:
            product = self._folded(value, self._numbers[operation[1]], ("multiply", factor, operation[1]))
            if product == ONE:
                return int(operation[2])
            if product in self._numbers:
                return self._enter(("multiply", product, operation[2]))
        if operation[0] == "divide" and operation[1] in self._numbers:
            return self.divide(self._folded(value, self._numbers[operation[1]], ("multiply", factor, v)), operation[2])
        return self._enter(("multiply", factor, v))

    def _folded(self, one: int | Fraction, other: int | Fraction, unfolded: Operation) -> Reference:
        """The product of two numbers, unless it would be a very long one."""
        product = one * other
        if product.numerator.bit_length() + product.denominator.bit_length() > self._limits.bits:
            return self._enter(unfolded)
        return self.number(product)

    def divide(self, u: Reference, v: Reference) -> Reference:
        """u/v; by a number other than 0, its inverse times u."""
        sign = (u ^ v) & 1
        u, v = u & -2, v & -2
        if v == ONE or u == ZERO:
            return u ^ sign if u else ZERO
        if v != ZERO and v in self._numbers:
            return self.multiply(self.number(Fraction(1) / self._numbers[v]), u) ^ sign
        return self._enter(("divide", u, v)) ^ sign

    def power(self, u: Reference, v: Reference) -> Reference:
        """u^v; squares are products, and u^(1/2) is a root."""
        exponent = self.value(v)
        if exponent == 1:
            return u
        if exponent == 0:
            return ONE
        if exponent == 2:
            return self.multiply(u, u)
        if exponent == -1:
            return self.divide(ONE, u)
        if exponent == Fraction(1, 2):
            return self.apply("square_root", (u,))
        if exponent is not None and exponent.denominator == 1:
            sign = u & 1 if exponent % 2 else 0
            return self._enter(("power", u & -2, v)) ^ sign
        return self._enter(("power", u, v))

    def apply(self, row: Any, arguments: Iterable[Reference]) -> Reference:
        """Any row of the table."""
        references = tuple(arguments)
        arithmetic = _ARITHMETIC.get(row)
        if arithmetic is not None:
            return arithmetic(self, *references)
        if len(references) == 1 and references[0] & 1 and (row in _ODD or row in _EVEN):
            return self._enter((row, references[0] ^ 1)) ^ (1 if row in _ODD else 0)
        return self._enter((row, *references))

    # Checks

    def residues(self, references: Iterable[Reference]) -> list[int | None]:
        """What references are worth in a prime field, inputs standing for numbers of no pattern; None: nothing.

        Two references whose residues differ are not equal. Functions that are no arithmetic stand for numbers that
        depend on their arguments' alone, so that what arithmetic has made of the same function stays comparable.

        >>> arena = Arena()
        >>> x, y = arena.input("x"), arena.input("y")
        >>> one = arena.multiply(x, arena.add(x, y))
        >>> other = arena.add(arena.multiply(x, y), arena.multiply(x, x))
        >>> one == other, arena.residues([one]) == arena.residues([other]), arena.residues([one]) == arena.residues([x])
        (False, True, False)
        """
        wanted = list(references)
        reached = bytearray(len(self.operations))
        for reference in wanted:
            reached[reference >> 1] = 1
        for place in range(len(reached) - 1, -1, -1):
            if reached[place]:
                for argument in self.arguments(place):
                    reached[argument >> 1] = 1
        known: dict[int, int | None] = {}
        for place, operation in enumerate(self.operations):
            if reached[place]:
                known[2 * place] = value = _residue(operation, known)
                known[2 * place + 1] = value if value is None else -value % _PRIME
        return [known[reference] for reference in wanted]

    # Trees

    def enter(self, tree: Tree, names: Mapping[str, Reference]) -> Reference:
        """The operations of a tree; every name in it stands for a reference.

        >>> arena = Arena()
        >>> x = arena.input("x")
        >>> arena.enter(Apply("subtract", (Name("x"), Name("x"))), {"x": x}) == ZERO
        True
        """
        done: dict[int, Reference] = {}
        stack: list[Tree] = [tree]
        while stack:
            piece = stack[-1]
            if id(piece) in done:
                stack.pop()
            elif isinstance(piece, Apply | Undefined):
                if isinstance(piece, Apply) and piece.operator in BINDERS:
                    raise SymgraphError(f"a {piece.operator} with limits is one piece here: it has no named steps")
                if stays_whole(piece):
                    raise SymgraphError("cases of which one may have no value where another holds have no named steps")
                missing = [part for part in piece.arguments if id(part) not in done]
                if missing:
                    stack.extend(reversed(missing))
                    continue
                stack.pop()
                references = [done[id(part)] for part in piece.arguments]
                done[id(piece)] = self.apply(self._row(piece), references)
            else:
                stack.pop()
                done[id(piece)] = self._leaf(piece, names)
        return done[id(tree)]

    def _leaf(self, piece: Tree, names: Mapping[str, Reference]) -> Reference:
        if isinstance(piece, Name):
            return names[piece.name]
        if isinstance(piece, Number):
            return self.number(piece.value)
        if isinstance(piece, Constant):
            return self.constant(piece.name)
        raise SymgraphError(f"{type(piece).__name__} is no part of a formula that can be worked with")

    def _row(self, piece: Apply | Undefined) -> Any:
        """A row's name; for a function of which nothing is known, its name and the orders of its derivatives."""
        if isinstance(piece, Apply):
            return piece.operator
        row = (piece.name, piece.orders if any(piece.orders) else ())
        if piece.row is not None:
            self.rows[row] = piece.row
        return row


_PRIME = 2**61 - 1


def _residue(operation: Operation, known: Mapping[int, int | None]) -> int | None:
    """One operation in the prime field; None where it divides by zero, or has to do with what does."""
    row, *arguments = operation
    if row == "number":
        numerator, denominator = arguments[0].as_integer_ratio()
        return _quotient(numerator, denominator)
    if row in _LEAVES:
        return _scattered(row, arguments)
    values = [known[argument] for argument in arguments]
    u, *others = values
    if u is None or None in others:
        return None
    if row == "add":
        return (u + others[0]) % _PRIME  # type: ignore[operator] # none is None
    if row == "multiply":
        return u * others[0] % _PRIME  # type: ignore[operator] # the same
    if row == "divide":
        return _quotient(u, others[0])  # type: ignore[arg-type] # the same
    if row == "power" and others[0] is not None and min(others[0], _PRIME - others[0]) < 10**9:
        exponent = others[0] if 2 * others[0] < _PRIME else others[0] - _PRIME
        return pow(u, exponent, _PRIME) if u or exponent > 0 else None
    if row in _ODD or row in _EVEN:
        low, sign = (u, 1) if 2 * u < _PRIME else (_PRIME - u, -1)
        return _scattered(row, [low]) * (sign if row in _ODD else 1) % _PRIME
    return _scattered(row, values)


def _quotient(u: int, v: int) -> int | None:
    return u * pow(v, -1, _PRIME) % _PRIME if v % _PRIME else None


def _scattered(row: Any, arguments: Iterable[Any]) -> int:
    """A number that looks like any other and is always the same."""
    said = f"{row} {' '.join(map(str, arguments))}"
    return int.from_bytes(blake2b(said.encode(), digest_size=7).digest(), "big") + 1


def _total(arena: Arena, *terms: Reference) -> Reference:
    result = ZERO
    for term in terms:
        result = arena.add(result, term)
    return result


def _mean(arena: Arena, *terms: Reference) -> Reference:
    return arena.divide(_total(arena, *terms), arena.number(len(terms)))


def _product(arena: Arena, *factors: Reference) -> Reference:
    result = ONE
    for factor in factors:
        result = arena.multiply(result, factor)
    return result


def _dot(arena: Arena, *components: Reference) -> Reference:
    half = len(components) // 2
    products = (arena.multiply(u, v) for u, v in zip(components[:half], components[half:], strict=True))
    return _total(arena, *products)


_ARITHMETIC: Mapping[Any, Callable[..., Reference]] = {
    "add": Arena.add,
    "subtract": lambda arena, u, v: arena.add(u, arena.negative(v)),
    "multiply": Arena.multiply,
    "divide": Arena.divide,
    "negate": lambda arena, u: arena.negative(u),
    "power": Arena.power,
    "total": _total,
    "mean": _mean,
    "product_of": _product,
    "dot": _dot,
}
