"""Numbers that write down in an arena what is done with them: the way to `compact` for models that code makes.

>>> model = Model()
>>> a, b = model.input("a"), model.input("b")
>>> print(model.compact({"e": (a + b) * functions.sin(b)}))
t1 = a + b
e_a = sin(b)
e = t1*e_a
e_b = e_a + t1*cos(b)

A Program keeps what was written, for people; here equal operations are one from the start and nothing else is kept, so
that a hundred thousand operations with their derivatives are a matter of seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import isfinite

from symgraph.calculus.arena import Arena, Reference
from symgraph.calculus.compact import Compact, shortest
from symgraph.errors import NameProblem, ProgramError
from symgraph.language.primitives import SPELLINGS
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.text import check_name

__all__ = ["Model", "Quantity", "functions"]

_PLAIN = re.compile(r"[a-zA-Z]_?[0-9]+")  # names that need no second look


class Quantity:
    """An input, or what was computed from inputs; made by `Model.input` and by arithmetic."""

    __slots__ = ("arena", "reference")

    def __init__(self, arena: Arena, reference: Reference) -> None:
        self.arena, self.reference = arena, reference

    def _of(self, other: object) -> Reference:
        if type(other) is Quantity:
            if other.arena is not self.arena:
                raise ProgramError("two quantities of different models cannot meet in one formula")
            return other.reference
        if isinstance(other, (int, Fraction)):
            return self.arena.number(other)
        if isinstance(other, float):
            return self.arena.number(Fraction(Decimal(repr(other)) if isfinite(other) else repr(other)))
        raise TypeError(f"a quantity cannot be combined with a {type(other).__name__}")

    def __add__(self, other: object) -> Quantity:
        arena = self.arena
        if isinstance(other, Quantity) and other.arena is arena:  # most often; one call less
            return Quantity(arena, arena.add(self.reference, other.reference))
        return Quantity(arena, arena.add(self.reference, self._of(other)))

    __radd__ = __add__

    def __sub__(self, other: object) -> Quantity:
        return Quantity(self.arena, self.arena.add(self.reference, self.arena.negative(self._of(other))))

    def __rsub__(self, other: object) -> Quantity:
        return Quantity(self.arena, self.arena.add(self._of(other), self.arena.negative(self.reference)))

    def __mul__(self, other: object) -> Quantity:
        arena = self.arena
        if isinstance(other, Quantity) and other.arena is arena:  # most often; one call less
            return Quantity(arena, arena.multiply(self.reference, other.reference))
        return Quantity(arena, arena.multiply(self.reference, self._of(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: object) -> Quantity:
        return Quantity(self.arena, self.arena.divide(self.reference, self._of(other)))

    def __rtruediv__(self, other: object) -> Quantity:
        return Quantity(self.arena, self.arena.divide(self._of(other), self.reference))

    def __pow__(self, other: object) -> Quantity:
        return Quantity(self.arena, self.arena.power(self.reference, self._of(other)))

    def __rpow__(self, other: object) -> Quantity:
        return Quantity(self.arena, self.arena.power(self._of(other), self.reference))

    def __neg__(self) -> Quantity:
        return Quantity(self.arena, self.arena.negative(self.reference))


class _Functions:
    """Every function of the table, by each of its spellings, for quantities."""

    def __getattr__(self, spelling: str) -> Callable[..., Quantity]:
        row = SPELLINGS.get(spelling)
        if row is None:
            raise AttributeError(f"no function is called {spelling}")

        def function(first: Quantity, *others: object) -> Quantity:
            arena = first.arena
            return Quantity(arena, arena.apply(row, [first.reference, *map(first._of, others)]))

        setattr(self, spelling, function)
        return function


functions = _Functions()


class Model:
    """Inputs, and whatever is computed from them."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self._arena = Arena(limits)
        self._inputs: dict[str, Quantity] = {}

    def input(self, name: str) -> Quantity:
        """A new input of that name; the same one where the name is known."""
        if name not in self._inputs:
            if not _PLAIN.fullmatch(name):
                check_name(name)
            self._inputs[name] = Quantity(self._arena, self._arena.input(name))
        return self._inputs[name]

    def compact(
        self,
        outputs: Mapping[str, Quantity],
        wrt: Iterable[str] | None = None,
        *,
        value: bool = True,
        thorough: bool = True,
    ) -> Compact:
        """The outputs, by name, and their derivatives by the inputs; the arguments are those of `compact.compact`."""
        names = list(self._inputs if wrt is None else wrt)
        for name in names:
            if name not in self._inputs:
                raise NameProblem(f"{name} is not an input", hint="the inputs are " + ", ".join(self._inputs))
        for name in outputs:
            if name in self._inputs:
                raise NameProblem(f"{name} is an input already")
            if not _PLAIN.fullmatch(name):
                check_name(name)
        places = {name: quantity.reference for name, quantity in {**self._inputs, **outputs}.items()}
        return shortest(self._arena, places, tuple(self._inputs), names, tuple(outputs), value=value, thorough=thorough)
