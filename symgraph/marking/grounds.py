"""What an outcome rests on, as its sentence sees it: which sentence it is, points and values, where an error lies.

>>> from symgraph.marking.checker import check
>>> found = EvidenceView(check("sin(x^3)", "cos(x^3)").evidence)
>>> found.kind, [text(each) for each in found.at], [text(each) for each in found.values]
('certificate', ['x = −23/7'], ['−0.60996174085', '−19.7552914843'])
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import Expr, Float

from symgraph.calculus import reals
from symgraph.calculus.balls import Enclosure
from symgraph.errors import InputError
from symgraph.explanation import renderer
from symgraph.explanation.shown import Chain, Shown
from symgraph.explanation.typesetting import text
from symgraph.language.notation import from_sympy, number_tree
from symgraph.language.tree import Apply, Name, Number
from symgraph.marking.edits import BITS

if TYPE_CHECKING:
    from symgraph.marking.outcomes import Evidence

__all__ = ["EvidenceView", "evidence"]


def evidence(found: Evidence) -> str:
    """What an outcome rests on, in words."""
    return renderer.say("evidence", EvidenceView(found))


class EvidenceView:
    """What an outcome rests on, as its macro sees it."""

    def __init__(self, found: Evidence) -> None:
        self.found = found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.found, name)

    @property
    def kind(self) -> str:
        """Which sentence it is."""
        found = self.found
        if found.error is not None:
            return "unreadable"
        if found.point and found.answer is not None:
            return "certificate"
        if found.fault is not None or found.form != "any":
            return "form"
        if found.reason:
            return "reason"
        return "domain" if found.domain is not None else "proof"

    @property
    def at(self) -> list[Shown]:
        return _point(self.found.point)

    @property
    def at_corners(self) -> list[Shown]:
        """The points at which the answer says too much."""
        return [each for point in self.found.corners for each in _point(point)]

    @property
    def is_part(self) -> bool:
        """Whether it is right on one part of a curve."""
        return isinstance(self.found.domain, Apply) and self.found.domain.operator == "equals"

    @property
    def values(self) -> list[Shown]:
        """The answer's value and the derivative's, with so many digits that they can be told apart."""
        found = [each for each in (self.found.answer, self.found.derivative) if each is not None]
        for digits in (12, 25, 50):
            shown = [_value(each, digits) for each in found]
            if len(set(map(text, shown))) == len(shown):
                return shown
        return [_value(each) for each in found]

    @property
    def difference(self) -> Shown | None:
        """By how much the two values differ, where their digits do not show it."""
        answer, derivative = self.found.answer, self.found.derivative
        if answer is None or derivative is None or len(set(map(text, self.values))) > 1:
            return None
        with reals.precision(max(answer.bits, derivative.bits, BITS)):
            return _value(Enclosure(reals.lift(answer.number) - reals.lift(derivative.number)))

    @property
    def message(self) -> str:
        error = self.found.error
        if isinstance(error, InputError):
            return error.message
        return re.sub(r" \(line \d+, column \d+\)\n(?s:.*)", "", str(error))  # its place is shown below, or not at all

    @property
    def hint(self) -> str:
        return error.hint if isinstance(error := self.found.error, InputError) else ""

    @property
    def column(self) -> int | None:
        """Where in the text it is; None where there is no text."""
        error = self.found.error
        return error.column if isinstance(error, InputError) and error.text else None

    @property
    def lines(self) -> list[str]:
        """The text with a caret under the place."""
        return str(self.found.error).split("\n")[1:3] if self.column is not None else []

    @property
    def part(self) -> Shown | None:
        return None if self.found.fault is None else self.found.fault.part


def _point(point: Mapping[str, Any]) -> list[Shown]:
    """x = 1/2, y = 3; a coordinate that is no rational number is rounded."""
    found: list[Shown] = []
    for name, value in sorted(point.items()):
        if isinstance(value, Fraction):
            found.append(Chain((Name(name), Number(value))))
        elif isinstance(value, Expr):
            found.append(Chain((Name(name), from_sympy(value))))
        else:
            found.append(Chain((Name(name), number_tree(Float(value.mid().str(20, radius=False), 20))), ("about",)))
    return found


def _value(value: Any, digits: int = 12) -> Shown:
    """A value, exact where it is short, else in decimals."""
    exact = value.exact
    if exact is not None:
        return number_tree(exact, digits)
    return number_tree(Float(value.number.mid().str(digits + 8, radius=False), digits + 8), digits)
