"""A tape: what running code computed, in order, with the names that it used; and the Program that it amounts to.

>>> tape = Tape()
>>> x = tape.input("x")
>>> u = tape.add(Entry(tape, "power", (x, Number(2))))
>>> tape.name(u, "u")
>>> tape.program([("y", tape.add(Entry(tape, "sine", (u,))))]).assignments[1]
Assignment(name='y', tree=Apply('sine', (Name('u'),)), span=(0, 0), parameters=('x',))

What has a name becomes an assignment; the rest stands in the formula where it is used, unless it is used twice and
long: then it gets a name, because written out a chain of such steps doubles with each of them.
"""

from __future__ import annotations

import itertools
import math
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from linecache import getlines
from types import FrameType
from typing import Any, TypeVar

from sympy import Expr

from symgraph.errors import ProgramError
from symgraph.language.components import component_name
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.program import Assignment, Layer, Program, assemble
from symgraph.language.tree import Apply, Constant, Name, Number, Tree
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.echo import echo
from symgraph.parsing.signs import GREEK

__all__ = ["CONDITIONS", "Entry", "Operand", "Tape", "as_tree", "fault", "legal_name", "places"]

CONDITIONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "unequal", "and", "or", "not"})

_NAME_FROM = 12  # parts from which a formula that is used twice gets a name


class Entry:
    """A row of the table of primitives applied to earlier entries and to constants; without a row, an input."""

    __slots__ = ("arguments", "name", "row", "tape")

    def __init__(self, tape: Tape, row: str, arguments: tuple[Operand, ...]) -> None:
        self.tape, self.row, self.arguments, self.name = tape, row, arguments, ""

    def __str__(self) -> str:
        return self.name or self.tape.formula(self)


Operand = Entry | Tree
AnyEntry = TypeVar("AnyEntry", bound=Entry)


class Tape:
    """One recording: its inputs, what was computed from them in order, and the names that are taken.

    Args:
        limits: `limits.nodes` is how many inputs and operations it can hold.
    """

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self.inputs: list[Entry] = []
        self.computed: list[Entry] = []
        self.followed: list[tuple[Entry, bool]] = []
        self.layers: list[Layer] = []
        self._taken: set[str] = set()

    def input(self, name: str) -> Entry:
        """A new input."""
        return self.enter(Entry(self, "", ()), name)

    def enter(self, made: AnyEntry, name: str) -> AnyEntry:
        """A new input of a kind of the caller's own."""
        self.limits.check("nodes", len(self.inputs) + len(self.computed) + 1)
        self.name(made, name)
        self.inputs.append(made)
        return made

    def add(self, made: AnyEntry) -> AnyEntry:
        """Write down what was just computed."""
        fewest, most = PRIMITIVES[made.row].arity
        count = len(made.arguments)
        if not fewest <= count <= (count if most is None else most):
            raise fault(f"{made.row.replace('_', ' ')} does not take {count} values")
        self.limits.check("nodes", len(self.inputs) + len(self.computed) + 1)
        self.computed.append(made)
        return made

    def operand(self, value: Any) -> Operand:
        """An entry of this tape, or a constant.

        Raises:
            TypeError: it is neither.
        """
        if not isinstance(value, Entry):
            return as_tree(value)
        if value.tape is not self:
            raise fault("a value of an earlier recording is used", "compute it anew in each call")
        return value

    def name(self, entry: Entry, wanted: str) -> None:
        """Name what was computed, once; where the name is taken it gets a number (s, s_1, s_2)."""
        if not entry.name:
            entry.name = self.unique(wanted)

    def unique(self, wanted: str) -> str:
        """A legal name like the one wanted, and no other's from now on."""
        base = legal_name(wanted)
        stem, _, below = base.partition("_")
        more = (f"{stem}{k}_{below}" if below else f"{stem}_{k}" for k in itertools.count(1))
        name = next(each for each in itertools.chain([base], more) if each not in self._taken)
        self._taken.add(name)
        return name

    def formula(self, entry: Entry) -> str:
        """The formula of an entry down to what has a name, for messages."""
        return echo(_Writer(self, [entry]).tree(entry))

    def formulas(self, ends: Iterable[Entry]) -> dict[str, Tree]:
        """What was computed for these and has a name, each as a formula."""
        return {each.name: each.tree for each in _Writer(self, ends).statements if each.name}

    def program(self, outputs: Sequence[tuple[str | None, Any]]) -> Program:
        """What the outputs need of the recording, as a Program.

        Args:
            outputs: entries or numbers, each with the name that it gets if it has none yet; None for one that
                stays without a name.
        """
        operands = [self.operand(value) for _, value in outputs]
        writer = _Writer(self, operands)
        names = [writer.output(name, operand) for (name, _), operand in zip(outputs, operands, strict=True)]
        sides = ((echo(writer.tree(condition)), "true" if holds else "false") for condition, holds in self.followed)
        readings = (f"the branch where {what} is {holds}, because the point is there" for what, holds in sides)
        program = assemble(
            writer.statements,
            of=dict.fromkeys(names),
            inputs=[each.name for each in self.inputs],
            readings=dict.fromkeys(readings),
            limits=self.limits,
        )
        return replace(program, layers=tuple(self.layers))


class _Writer:
    """A tape as formulas."""

    def __init__(self, tape: Tape, ends: Iterable[Operand]) -> None:
        self.tape = tape
        self.statements: list[Assignment] = []
        self._trees: dict[int, Tree] = {}
        sizes: dict[int, int] = {}
        uses = _uses(tape, ends)
        for made in tape.computed:
            tree: Tree = Apply(made.row, tuple(self.tree(argument) for argument in made.arguments))
            size = 1 + sum(sizes.get(id(argument), 1) for argument in made.arguments)
            if made.row not in CONDITIONS:
                if not made.name and uses.get(id(made), 2) > 1 and size > _NAME_FROM:
                    made.name = tape.unique("v_1")
                if made.name and id(made) in uses:
                    self.statements.append(Assignment(made.name, tree))
                if made.name and (id(made) in uses or size > _NAME_FROM):
                    tree, size = Name(made.name), 1
            self._trees[id(made)], sizes[id(made)] = tree, size

    def tree(self, operand: Operand) -> Tree:
        """The formula of an operand, down to what has a name."""
        if not isinstance(operand, Entry):
            return operand
        return self._trees[id(operand)] if operand.row else Name(operand.name)

    def output(self, name: str | None, operand: Operand) -> str:
        """The name under which an output is assigned; if it has none yet, an assignment of its own."""
        if isinstance(operand, Entry) and operand.row in CONDITIONS:
            raise fault("what comes out is a condition, not a number")
        if isinstance(operand, Entry) and operand.row and operand.name:
            return operand.name
        if name is not None:
            name = self.tape.unique(name)
        parameters = tuple(each.name for each in self.tape.inputs) if name else ()
        self.statements.append(Assignment(name, self.tree(operand), parameters=parameters))
        return name or ""


def _uses(tape: Tape, ends: Iterable[Operand]) -> dict[int, int]:
    """For everything that these ends need, how often it is used."""
    uses = {id(end): 0 for end in ends}
    for made in reversed(tape.computed):
        if id(made) in uses:
            for argument in made.arguments:
                uses[id(argument)] = uses.get(id(argument), 0) + 1
    return uses


def as_tree(value: Any) -> Tree:
    """A constant as it was written: 0.1 is a tenth, math.pi is π.

    >>> as_tree(0.1), as_tree(-2), as_tree(3.141592653589793)
    (Number('0.1'), Number('-2'), Constant('pi'))

    Raises:
        TypeError: it is no real number.
    """
    if isinstance(value, Expr):
        return from_sympy(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise fault(f"{value} is no number that a formula can hold")
        if abs(value) in (math.pi, math.e):
            constant = Constant("pi" if abs(value) == math.pi else "e")
            return constant if value > 0 else Apply("negate", (constant,))
        value = Decimal(repr(value))
    if isinstance(value, int | Fraction | Decimal):
        exact = Fraction(value)
        decimal = format(value, "f") if isinstance(value, Decimal) and exact.denominator > 1 else ""
        return Number(exact, decimal if len(decimal) < 40 else "")
    if getattr(value, "shape", None) == () and hasattr(value, "item"):  # NumPy's numbers
        return as_tree(value.item())
    raise TypeError(f"{type(value).__name__} is no real number")


def legal_name(wanted: str) -> str:
    """A Python name as a name of ours: a stem and at most one subscript.

    >>> legal_name("x_1"), legal_name("hidden_layer_sum"), legal_name("α"), legal_name("_")
    ('x_1', 'hiddenLayer_sum', 'alpha', 'v')
    """
    spelled = "".join(GREEK.get(letter, letter) for letter in wanted)
    parts = [part for part in re.split(r"[^A-Za-z0-9]+", spelled) if part]
    below = f"_{parts.pop()}" if len(parts) > 1 and len(parts[-1]) <= 10 else ""
    stem = "".join([*parts[:1], *(part[0].upper() + part[1:] for part in parts[1:])]).lstrip("0123456789")[:30]
    return (stem or "v") + below


def places(name: str, values: Sequence[Any]) -> list[tuple[str, Any]]:
    """Every element of a list, or of a list of lists, with its name.

    >>> places("h", [3, 4]), places("w", [[5, 6]])
    ([('h_1', 3), ('h_2', 4)], [('w_11', 5), ('w_12', 6)])
    """
    nested = [list(value) if isinstance(value, list | tuple) else None for value in values]
    width = max((len(row) for row in nested if row is not None), default=0)
    shape = (len(nested), width) if width else (len(nested),)
    legal = legal_name(name)
    found: list[tuple[str, Any]] = []
    for place, (value, row) in enumerate(zip(values, nested, strict=True), 1):
        if row is None:
            found.append((component_name(legal, (place,), shape), value))
        else:
            found += [(component_name(legal, (place, second), shape), each) for second, each in enumerate(row, 1)]
    return found


_NOT_THE_USERS = frozenset({"symgraph", "numpy", "sympy", "mpmath", "torch"})


def fault(message: str, hint: str = "") -> ProgramError:
    """The error that shows the line of the user's code that is running, with a caret under the piece at fault."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and str(frame.f_globals.get("__name__")).split(".")[0] in _NOT_THE_USERS:
        frame = frame.f_back
    lines = getlines(frame.f_code.co_filename, frame.f_globals) if frame is not None else []
    if frame is None or not lines:
        return ProgramError(message, hint=hint)
    line, _, start, end = next(itertools.islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
    if line is None or start is None or end is None:
        return ProgramError(message, hint=hint)
    row = lines[line - 1].encode()  # Python counts bytes
    before = sum(map(len, lines[: line - 1]))
    first, last = len(row[:start].decode()), len(row[:end].decode())
    return ProgramError(message, "".join(lines), before + first, before + max(last, first + 1), hint=hint)
