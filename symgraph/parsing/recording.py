"""Recording objects: they stand in for numbers while code runs, and what it does with them is written down.

>>> tape = Tape()
>>> a, b = tape.input("a"), tape.input("b")
>>> c = a + b
>>> tape.name(c, "c")
>>> e = c * functions.sin(b + 1)
>>> program = tape.program([("e", e)])
>>> program.inputs, [assignment.name for assignment in program.assignments]
(('a', 'b'), ['c', 'e'])
>>> program.expr
(a + b)*sin(b + 1)

`functions` has every function of the table, by each of its spellings, and what Python's `math`, NumPy and torch call
them. Given plain numbers it gives plain numbers, so that the code runs on both:

>>> functions.sigmoid(0.0)
0.5

What changes nothing is not written down: adding 0 and multiplying by 1, which is how loops begin their sums.
A comparison of recording objects has no answer unless the recording has a point; then it has the answer that holds
there, and the program says so in its readings.
"""

from __future__ import annotations

import itertools
import linecache
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sympy import Expr, Float, Integer, Rational

from symgraph.errors import DomainError, ProgramError
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import PRIMITIVES, SHORTHANDS
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Apply, Constant, Name, Number, Tree
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.echo import echo
from symgraph.parsing.signs import GREEK

__all__ = ["Condition", "Functions", "Recorded", "Tape", "fault", "functions", "legal_name", "map_nested"]

_LEGAL = re.compile(r"[A-Za-z][A-Za-z0-9]{0,29}(_[A-Za-z0-9]{1,10})?")
_NAME_FROM = 12  # parts from which something that is used twice gets a name instead of being written twice
_DIGITS = 30  # of values that are no fractions; they only decide comparisons
_CLOSE = Float("1e-20", _DIGITS)


# Recordings


class Tape:
    """One recording: its inputs, what was computed from them in order, and the names that are taken.

    Args:
        limits: `limits.nodes` is how much it can hold.
    """

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self._inputs: list[Recorded] = []
        self._computed: list[Recorded | Condition] = []
        self._taken: set[str] = set()
        self._followed: list[tuple[Condition, bool]] = []

    def input(self, name: str, value: Expr | None = None) -> Recorded:
        """A new input; `value` is what it is at the recording's point."""
        made = Recorded(self, "", (), value)
        made.name = self._unique(name)
        self._inputs.append(made)
        return made

    def record(self, operator: str, arguments: Sequence[Any]) -> Recorded | Condition:
        """A row of the table of primitives applied to recording objects and numbers."""
        operands = tuple(as_operand(argument, self) for argument in arguments)
        self.limits.check("nodes", len(self._computed) + 1)
        made: Recorded | Condition
        if operator in _CONDITIONS:
            made = Condition(self, operator, operands)
        else:
            made = Recorded(self, operator, operands, _value(operator, operands))
        self._computed.append(made)
        return made

    def name(self, recorded: Recorded, wanted: str) -> None:
        """Name what was computed, once; a name that is taken gets a number (s, s_1, s_2)."""
        if not recorded.name:
            recorded.name = self._unique(wanted)

    def _unique(self, wanted: str) -> str:
        base = legal_name(wanted)
        stem, _, below = base.partition("_")
        tries = (f"{stem}{k}_{below}" if below else f"{stem}_{k}" for k in itertools.count(1))
        name = next(name for name in itertools.chain([base], tries) if name not in self._taken)
        self._taken.add(name)
        return name

    def follow(self, condition: Condition) -> bool:
        """Whether a condition holds at the recording's point; what was decided is kept for the readings."""
        holds = condition.holds()
        self._followed.append((condition, holds))
        return holds

    def program(self, outputs: Iterable[tuple[str | None, Any]]) -> Program:
        """What the outputs need of the recording, as a Program.

        Args:
            outputs: a name (None for the one output that has none) and a recording object or a number for each.
        """
        writer = _Writer(self)
        kept = dict(outputs)  # two names of one thing are two outputs; one name is one
        writer.keep([as_operand(value, self) for value in kept.values()])
        names: list[str] = []
        for name, value in kept.items():
            names.append(writer.output(name, as_operand(value, self)))
        readings = dict.fromkeys(
            f"{echo(writer.tree(condition))} is {str(holds).lower()} at this point: the formula is the one for that side"
            for condition, holds in self._followed
        )
        inputs = [each.name for each in self._inputs]
        return assemble(writer.statements, of=dict.fromkeys(names), inputs=inputs, readings=readings, limits=self.limits)


class _Writer:
    """A recording's formulas: what has a name is an assignment, the rest stands where it is used."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.statements: list[Assignment] = []
        self._trees: dict[int, Tree] = {}
        self._sizes: dict[int, int] = {}

    def keep(self, ends: Iterable[Operand]) -> None:
        """Write down all that these need, and that conditions need for being told."""
        uses: dict[int, int] = {}
        wanted: set[int] = set()
        told = {id(condition) for condition, _ in self.tape._followed}
        for end in ends:
            wanted.add(id(end))
        for made in reversed(self.tape._computed):
            if id(made) in wanted:
                for argument in made.arguments:
                    wanted.add(id(argument))
                    uses[id(argument)] = uses.get(id(argument), 0) + 1
        for made in self.tape._computed:
            needed = id(made) in wanted
            if needed or id(made) in told or not told.isdisjoint(_parts(made)):
                self._write(made, needed, uses.get(id(made), 0))

    def _write(self, made: Recorded | Condition, needed: bool, uses: int) -> None:
        tree = Apply(made.operator, tuple(self.tree(argument) for argument in made.arguments))
        size = 1 + sum(self._sizes.get(id(argument), 1) for argument in made.arguments)
        if isinstance(made, Recorded) and needed:
            if not made.name and uses > 1 and size > _NAME_FROM:
                made.name = self.tape._unique("v_1")
            if made.name:
                self.statements.append(Assignment(made.name, tree))
                size = 1
        self._trees[id(made)] = Name(made.name) if isinstance(made, Recorded) and made.name and needed else tree
        self._sizes[id(made)] = size

    def tree(self, operand: Operand) -> Tree:
        """The formula of an operand, down to what has a name."""
        if isinstance(operand, Recorded) and not operand.operator:
            return Name(operand.name)
        return self._trees[id(operand)] if isinstance(operand, Recorded | Condition) else operand

    def output(self, name: str | None, operand: Operand) -> str:
        """The name under which an output is assigned; an assignment of its own if it has none yet."""
        if isinstance(operand, Condition):
            raise fault("a condition was returned, not a number")
        if isinstance(operand, Recorded) and operand.operator and operand.name:
            return operand.name
        name = None if name is None else self.tape._unique(name)
        parameters = tuple(each.name for each in self.tape._inputs) if name else ()
        self.statements.append(Assignment(name, self.tree(operand), parameters=parameters))
        return name or ""


def _parts(made: Recorded | Condition) -> set[int]:
    return {id(argument) for argument in made.arguments}


def _value(operator: str, operands: tuple[Operand, ...]) -> Expr | None:
    """The number that an operation gives at the recording's point, if there is one."""
    values = []
    for operand in operands:
        value = operand.value if isinstance(operand, Recorded) else _worth(operand)
        if value is None:
            return None
        values.append(value)
    result = PRIMITIVES[operator].construct(*values)
    if isinstance(result, Rational) and max(abs(result.p), result.q).bit_length() < 256:
        return result
    result = result.evalf(_DIGITS)
    return result if isinstance(result, Float) else None


def _worth(operand: Condition | Tree) -> Expr | None:
    if isinstance(operand, Number):
        return Rational(operand.value.numerator, operand.value.denominator)
    if isinstance(operand, Apply) and operand.operator == "negate":
        inner = _worth(operand.arguments[0])
        return None if inner is None else -inner
    return PRIMITIVES_OF_CONSTANTS[operand.name] if isinstance(operand, Constant) else None
