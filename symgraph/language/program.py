"""Program: inputs and named assignments; where everything starts.

A program is what was written, put in an order in which it can be computed:

>>> from symgraph.language.tree import Apply, Name, Number
>>> c, d = Apply("add", (Name("a"), Name("b"))), Apply("add", (Name("b"), Number(1)))
>>> e = Apply("multiply", (Name("c"), Name("d")))
>>> program = assemble([Assignment("e", e), Assignment("c", c), Assignment("d", d)])
>>> program.inputs, [assignment.name for assignment in program.assignments], program.outputs
(('a', 'b'), ['c', 'd', 'e'], ('e',))
>>> program.expr
(a + b)*(b + 1)

Why the trees are kept and not SymPy expressions: SymPy rewrites on construction (3(x+1) becomes 3x+3), and what is
explained must be what was written.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sympy import Expr, Symbol

from symgraph.errors import InputError, NameProblem, ProgramError, TooLargeToShow, known_names
from symgraph.language.constructors import construct, plain
from symgraph.language.numerals import in_short
from symgraph.language.tree import Apply, Name, Span, Tree, Undefined, names_in, postorder, rebuild, size
from symgraph.limits import DEFAULT, Limits

__all__ = ["Assignment", "Layer", "Program", "assemble"]

_NO_SYMBOLS: Mapping[str, Symbol] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name = tree`; a name of None is the one expression of a program that names nothing.

    `parameters` are those of a definition f(x, y) = …; they are the program's first inputs.
    """

    name: str | None
    tree: Tree
    span: Span = field(default=(0, 0), compare=False)
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """A vector or matrix that was taken apart into components (`components.py`); `tree` is what was written for it.

    Args:
        name: what it is called.
        shape: (n,) or (m, n); () for a number that is made from vectors.
        components: the names of its entries, row by row.
        tree: None for an input.
    """

    name: str
    shape: tuple[int, ...]
    components: tuple[str, ...]
    tree: Tree | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Program:
    """Inputs, assignments in an order of computation, and outputs.

    Args:
        inputs: names that are used and never assigned, in the order of their first use (declared ones first).
        assignments: every name once, after those that it uses.
        outputs: names assigned and never used, or those asked for; "" stands for the unnamed expression.
        text: what was read, for messages.
        readings: every guess that was made in reading it, one sentence each.
        symbols: the caller's own Symbols, by name; other names become plain Symbols.
        layers: the vectors and matrices that its names are components of.
        held: inputs that would be computed if they were not held still, each with the names that it would follow.
    """

    inputs: tuple[str, ...]
    assignments: tuple[Assignment, ...]
    outputs: tuple[str, ...]
    text: str = field(default="", compare=False)
    readings: tuple[str, ...] = field(default=(), compare=False)
    symbols: Mapping[str, Symbol] = field(default_factory=lambda: _NO_SYMBOLS, compare=False, repr=False)
    limits: Limits = field(default=DEFAULT, compare=False, repr=False)
    layers: tuple[Layer, ...] = field(default=(), compare=False, repr=False)
    held: tuple[tuple[str, frozenset[str]], ...] = field(default=(), compare=False, repr=False)

    @property
    def varying(self) -> tuple[str, ...]:
        """What is differentiated by where nothing is said: t alone in h(t) = A e^(−kt), else every input.

        How many terms a sum has is a whole number, which does not vary.

        >>> from symgraph.parsing.text import parse
        >>> parse("h(t) = A*e^(-k*t)").varying, parse("h = A*e^(-k*t)").varying
        (('t',), ('A', 'k', 't'))
        >>> parse("sum(x^k, k, 0, n)").varying
        ('x',)
        """
        defined = [each.parameters for each in self.assignments if each.name in self.outputs]
        meant = (defined[0] if len(defined) == 1 else ()) or self.inputs
        if len(meant) == 1:
            return meant
        counting = self.counting
        return tuple(name for name in meant if name not in counting) or meant

    @property
    def counting(self) -> frozenset[str]:
        """The names that say how many terms a sum has, or factors a product, and the inputs that these come from."""
        found: set[str] = set()
        for assignment in reversed(self.assignments):
            for piece in postorder(assignment.tree):
                if type(piece) is Apply and piece.operator in ("sum", "product"):
                    ends = {name for end in piece.arguments[2:] for name in names_in(end)}
                    found |= ends & names_in(assignment.tree).keys()  # the others are variables of sums around it
            if assignment.name in found:
                found.update(names_in(assignment.tree))
        return frozenset(found)

    @property
    def assigned(self) -> frozenset[str]:
        """The names that were given to formulas."""
        return frozenset(each.name for each in self.assignments if each.name)

    @property
    def is_expression(self) -> bool:
        """Whether it is a single expression or definition, told in the grain of a textbook."""
        return len(self.assignments) == 1

    def symbol(self, name: str) -> Symbol:
        """The caller's own Symbol of that name, or a plain one."""
        return self.symbols.get(name) or plain[name]

    @property
    def expr(self) -> Expr:
        """The only output written in the inputs, as SymPy has it.

        Raises:
            ProgramError: there are several outputs.
            TooLargeToShow: it would have more operations than `limits.answer_operations`.
        """
        if len(self.outputs) != 1:
            raise ProgramError(
                f"there are {len(self.outputs)} outputs ({', '.join(self.outputs)}): say which, with of="
            )
        return self.expression_of(self.outputs[0])

    def needed(self, output: str) -> list[Assignment]:
        """The assignments from which one assigned name is computed, in order; it is the last."""
        return _needed(self.assignments, [output])

    def expression_of(self, output: str) -> Expr:
        """One assigned name written in the inputs, as SymPy has it."""
        operations: dict[str, int] = {}
        needed = self.needed(output)
        for assignment in needed:
            operations[assignment.name or ""] = size(assignment.tree, operations)
        if operations.get(output, 0) > self.limits.answer_operations:
            raise TooLargeToShow(
                f"written in the inputs, {output or 'the expression'} has {in_short(operations[output])} parts: "
                f"the limit is {self.limits.answer_operations} (limits.answer_operations)"
            )
        environment: dict[str, Expr] = {name: self.symbol(name) for name in self.inputs}
        for assignment in needed:
            environment[assignment.name or ""] = construct(assignment.tree, environment, self.limits)
        return environment[output]


def assemble(
    statements: Sequence[Assignment],
    *,
    text: str = "",
    of: str | Iterable[str] | None = None,
    inputs: Iterable[str] | None = None,
    readings: Iterable[str] = (),
    symbols: Mapping[str, Symbol] = _NO_SYMBOLS,
    limits: Limits = DEFAULT,
) -> Program:
    """Put statements in an order in which they can be computed, and find inputs and outputs.

    Args:
        statements: in any order.
        of: the outputs to keep (any assigned names); None: what is assigned and never used. A function that is only
            called, with other things in its brackets than in its definition, is used: its formula stands there.
        inputs: the names a problem declares; then any other name is an error.

    Raises:
        ProgramError: no statement, a name assigned twice, an input assigned, a cycle (both lines are named).
        NameProblem: a name that was not declared, or an output that is not assigned.

    >>> from symgraph.language.tree import Name
    >>> assemble([Assignment("c", Name("d"), (0, 5)), Assignment("d", Name("c"), (6, 11))], text="c = d\\nd = c")
    Traceback (most recent call last):
        ...
    symgraph.errors.ProgramError: c (line 1) and d (line 2) need each other (line 1, column 1)
      c = d
      ^^^^^
    """
    if not statements:
        raise ProgramError("there is nothing here: write an expression, such as (a+b)*(b+1)", text)
    limits.check("statements", len(statements))
    statements, called = _inline(statements, text)
    declared = None if inputs is None else tuple(dict.fromkeys(inputs))
    assigned = _assigned(statements, declared or (), text)
    ordered = _order(statements, assigned, text)
    called.difference_update([of] if isinstance(of, str) else of or ())
    if called:
        ordered = _without(called, ordered)
        left = {each.name or "" for each in ordered}
        assigned = {name: statement for name, statement in assigned.items() if name in left}
        statements = list(assigned.values())
    used: dict[str, Name] = {}
    for statement in statements:
        for parameter in statement.parameters:
            used.setdefault(parameter, Name(parameter, statement.span))
        for name, first in names_in(statement.tree).items():
            used.setdefault(name, first)
    free = [name for name in used if name not in assigned]
    if declared is not None:
        for name in free:
            if name not in declared:
                told = f"{name} is not a name of this problem"
                raise NameProblem(told, text, *used[name].span, hint=known_names(declared))
        free = list(declared)
    outputs = _outputs(of, assigned, used, text)
    return Program(tuple(free), tuple(ordered), outputs, text, tuple(readings), symbols, limits)


def _assigned(statements: Sequence[Assignment], declared: Iterable[str], text: str) -> dict[str, Assignment]:
    """Every assigned name with its statement; twice, or an input, is an error that names both lines."""
    assigned: dict[str, Assignment] = {}
    for statement in statements:
        name = statement.name or ""
        if name in assigned:
            lines = f"line {_line(text, assigned[name])} and line {_line(text, statement)}"
            what = f"{name} is assigned twice" if name else "there are two expressions without a name"
            raise ProgramError(f"{what}: {lines}", text, *statement.span, hint="give the second one a name of its own")
        assigned[name] = statement
    for name in declared:
        if name in assigned:
            raise ProgramError(f"{name} is an input and is assigned, too", text, *assigned[name].span)
    for statement in statements:
        for parameter in statement.parameters:
            if parameter in assigned:
                other = assigned[parameter]
                raise ProgramError(
                    f"{parameter} is an input of {statement.name} (line {_line(text, statement)}) and is assigned "
                    f"(line {_line(text, other)})",
                    text,
                    *other.span,
                )
    return assigned


def _inline(statements: Sequence[Assignment], text: str) -> tuple[list[Assignment], set[str]]:
    """Applications of functions that the program itself defines: f(x) is f, and f(2x) is its formula at 2x.

    With the names of those of which a formula was put in.
    """
    defined = {statement.name or "": statement for statement in statements if statement.parameters}
    called: set[str] = set()
    if not defined:
        return list(statements), called

    def body(piece: Tree, depth: int = 0) -> Tree | None:
        if not (isinstance(piece, Undefined) and piece.name in defined and not any(piece.orders)):
            return None
        definition = defined[piece.name]
        if len(piece.arguments) != len(definition.parameters):
            raise ProgramError(
                f"{piece.name} takes {len(definition.parameters)} values and gets {len(piece.arguments)}",
                text,
                *piece.span,
            )
        if all(
            isinstance(argument, Name) and argument.name == parameter
            for argument, parameter in zip(piece.arguments, definition.parameters, strict=True)
        ):
            return Name(piece.name, piece.span)
        if depth > len(defined):
            raise ProgramError(f"{piece.name} is defined by itself", text, *piece.span)
        called.add(piece.name)
        inside = [rebuild(argument, lambda part: body(part, depth)) for argument in piece.arguments]  # f(f(x))
        values = dict(zip(definition.parameters, inside, strict=True))
        at = rebuild(definition.tree, lambda part: values.get(part.name) if isinstance(part, Name) else None)
        return rebuild(at, lambda part: body(part, depth + 1))

    return [replace(statement, tree=rebuild(statement.tree, body)) for statement in statements], called


def _without(called: Container[str], ordered: Sequence[Assignment]) -> list[Assignment]:
    """The statements without functions that were only called; all of them, if nothing varied otherwise."""
    needed = _needed(ordered, [each.name or "" for each in ordered if each.name not in called])
    return needed if any(names_in(each.tree) for each in needed) else list(ordered)


def _order(statements: Sequence[Assignment], assigned: Mapping[str, Assignment], text: str) -> list[Assignment]:
    """The statements so that each comes after those it uses, as close to the written order as can be."""
    place = {statement.name or "": position for position, statement in enumerate(statements)}
    waits: dict[str, int] = {}
    users: dict[str, list[str]] = {name: [] for name in assigned}
    for name, statement in assigned.items():
        needs = [used for used in names_in(statement.tree) if used in assigned]
        waits[name] = len(needs)
        for used in needs:
            users[used].append(name)
    ready = [place[name] for name, count in waits.items() if count == 0]
    heapq.heapify(ready)
    ordered: list[Assignment] = []
    while ready:
        statement = statements[heapq.heappop(ready)]
        ordered.append(statement)
        for user in users[statement.name or ""]:
            waits[user] -= 1
            if waits[user] == 0:
                heapq.heappush(ready, place[user])
    if len(ordered) < len(statements):
        raise _cycle(assigned, {name for name, count in waits.items() if count}, text)
    return ordered


def _cycle(assigned: Mapping[str, Assignment], stuck: set[str], text: str) -> InputError:
    """The error that names the shortest walk we meet from a name back to itself."""
    name = min(stuck, key=lambda stuck_name: assigned[stuck_name].span)
    walk: list[str] = []
    while name not in walk:
        walk.append(name)
        name = next(used for used in names_in(assigned[name].tree) if used in stuck)
    walk = walk[walk.index(name) :]
    said = [f"{each or 'the expression'} (line {_line(text, assigned[each])})" for each in walk]
    if len(said) == 1:
        message = f"{said[0]} is defined by itself"
    else:
        message = f"{', '.join(said[:-1])} and {said[-1]} need each other"
    return ProgramError(message, text, *assigned[walk[0]].span)


def _outputs(
    of: str | Iterable[str] | None, assigned: Mapping[str, Assignment], used: Mapping[str, Name], text: str
) -> tuple[str, ...]:
    if of is None:
        return tuple(name for name in assigned if name not in used)
    outputs = (of,) if isinstance(of, str) else tuple(of)
    for name in outputs:
        if name not in assigned and name not in used:
            known = ", ".join(each for each in assigned if each) or "none"
            raise NameProblem(f"{name} is not assigned here", text if text else "", hint=f"assigned names: {known}")
    return outputs


def _needed(assignments: Sequence[Assignment], outputs: Iterable[str]) -> list[Assignment]:
    """The assignments that the outputs depend on, in order."""
    wanted = set(outputs)
    needed = []
    for assignment in reversed(assignments):
        if (assignment.name or "") in wanted:
            needed.append(assignment)
            wanted.update(names_in(assignment.tree))
    return needed[::-1]


def _line(text: str, statement: Assignment) -> int:
    return text.count("\n", 0, statement.span[0]) + 1
