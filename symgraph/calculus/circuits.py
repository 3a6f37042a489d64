"""A whole graph's formulas and local derivatives as one line of operations in balls, worked out in one go.

>>> from symgraph.language.tree import Apply, Name
>>> x, u = Name("x"), Name("u")
>>> circuit = Circuit([("x", None, ()), ("u", Apply("sine", (x,)), ()), ("y", Apply("multiply", (u, u)), (u, u))])
>>> with reals.precision(64):
...     values = circuit.at({"x": 0})
...     [str(values[slot]) for slot in circuit.values], [str(values[slot]) for slot in circuit.partials[2]]
(['0', '0', '0'], ['0', '0'])
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from symgraph.calculus import reals
from symgraph.calculus.balls import Tape
from symgraph.calculus.points import Point, given

__all__ = ["Circuit"]


class Circuit(Tape):
    """A graph's nodes, to be worked out at many points.

    Nodes share nothing but their values: when one is pushed, another whose formula is the same stays where it is.

    Args:
        nodes: in an order of computation: the name, the formula (None of an input), and what else is wanted there, its
            local derivatives; all in the names of nodes.
    """

    def __init__(self, nodes: Iterable[tuple[str, Any, Sequence[Any]]]) -> None:
        super().__init__()
        self.values: list[int] = []  # the slot of each node, by its place
        self.partials: list[list[int]] = []  # and those of its local derivatives
        self._own: list[tuple[int, int, int]] = []  # where its operations begin, and those of its derivatives, and end
        self._asked: list[str] = []
        for name, formula, partials in nodes:
            self._known.clear()
            self._places.clear()
            self._kept.clear()
            start = len(self)
            if formula is None:
                self._asked.append(name)
                slot = self._operation(name, ())
            else:
                slot = self._compile(formula)
                if slot < start:  # another name for what there is
                    slot = self._append(_itself, (slot,))
            self._inputs[name] = slot
            middle = len(self)
            self.values.append(slot)
            self.partials.append(list(map(self._compile, partials)))
            self._own.append((start, middle, len(self)))

    def at(self, point: Point) -> list[Any] | None:
        """What stands in every slot where the inputs have these values.

        None where a node has no value or no derivative.
        """
        values = self._numbers.copy()
        for name in self._asked:
            values[self._inputs[name]] = given(point, name)
        return self._worked_out(values, range(len(self._own)), True)

    def moved(
        self,
        before: Sequence[Any],
        after: Sequence[int],
        value: Any,
        *,
        derivatives: bool = True,
        only: Mapping[int, Sequence[int]] = MappingProxyType({}),
    ) -> list[Any] | None:
        """The same where one node has another value and only what is computed from it moves with it.

        Args:
            before: what stands in every slot otherwise.
            after: the places of that node and of those that are computed from it, in an order of computation.
            derivatives: whether their local derivatives are wanted, too.
            only: of some places, by their numbers, those local derivatives that are: the others stay as they were.
        """
        values = list(before)
        values[self.values[after[0]]] = value
        return self._worked_out(values, after[1:], derivatives, only)

    def _worked_out(
        self,
        values: list[Any],
        places: Sequence[int],
        derivatives: bool,
        only: Mapping[int, Sequence[int]] = MappingProxyType({}),
    ) -> list[Any] | None:
        for place in places:
            start, middle, end = self._own[place]
            partials: Sequence[int] = self.partials[place] if derivatives else ()
            slots: Iterable[int] = range(start, end if derivatives else middle)
            if partials and place in only:
                partials = [partials[number] for number in only[place]]
                slots = [*range(start, middle), *self._behind(partials, middle)]
            roots = (self.values[place], *partials)
            if self._work(values, slots) and any(isinstance(values[slot], reals.NotReal) for slot in roots):
                return None
        return values

    def _behind(self, roots: Iterable[int], first: int) -> list[int]:
        """The slots from `first` on that these are worked out from, themselves among them, in order."""
        found, waiting = set[int](), list(roots)
        while waiting:
            slot = waiting.pop()
            if slot >= first and slot not in found:
                found.add(slot)
                waiting += self._slots[slot]
        return sorted(found)


def _itself(value: Any) -> Any:
    return value
