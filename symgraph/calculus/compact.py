"""Derivatives as a short program: f and its gradient as named assignments, no operation written twice.

>>> print(compact("c = a + b; d = b + 1; e = c*d"))
c = a + b
d = b + 1
e = c*d
e_b = c + d
e_a = d

`e_b` is ∂e/∂b; what two of the assignments need has a name, the one it was given if there is one. The answers in
`derivatives.py` are written in the inputs alone, for people; this is what a computer would evaluate, and it stays small
where those swell: with its gradient, a function takes at most five times its own operations (Baur and Strassen 1983;
Griewank), however large it would be written out.

>>> steps = "; ".join(["f1 = sin(x)*x + x", *(f"f{k + 1} = sin(f{k})*f{k} + x" for k in range(1, 40))])
>>> compact(steps).operations
319

How: reverse mode, forward mode and vertex elimination by Markowitz's rule are all tried (`elimination.py`), like terms
and common factors are collected and repeated pairs named in each result (`shortening.py`), once more with everything
multiplied out (`expansion.py`), and the smallest is kept, if it has the same residues in a prime field as what reverse
mode gave. Fewest operations is all that counts here: in floating point another form may round less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

from sympy import Symbol

from symgraph.calculus.arena import Arena, Reference
from symgraph.calculus.elimination import Net, eliminate, forward, linearize, reverse
from symgraph.calculus.expansion import expanded
from symgraph.calculus.graph import Source, as_program
from symgraph.calculus.shortening import count, reachable, shorten
from symgraph.errors import DisagreementError, NameProblem, SymgraphError
from symgraph.language.components import Shape, components_of
from symgraph.language.primitives import Primitive
from symgraph.language.program import Assignment, Program
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, Undefined
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.echo import echo

__all__ = ["Compact", "compact", "entered", "shortest"]

_SEARCHED = 20_000  # operations up to which every way is tried
_LARGE = 2_000  # operations beyond which only the smallest result is shortened
_FILL = 50  # operations for each vertex up to which elimination is tried
_NEAR = 1.25  # times the fewest operations: what is worth shortening
_LONG = 12  # parts of a formula beyond which a piece of it gets a name
_CHARACTERS = 100_000  # of one line of text: formulas are cut into named pieces long before

Names: TypeAlias = str | Symbol | Iterable[str | Symbol] | None


@dataclass(frozen=True, eq=False)
class Compact:
    """Some outputs and their derivatives, ready to be computed one operation after the other.

    Args:
        names: what each derivative is called: {("e", "b"): "e_b"}.
    """

    names: Mapping[tuple[str, str], str]
    _ends: Sequence[Reference] = field(repr=False)
    _inputs: tuple[str, ...] = field(repr=False)
    _arena: Arena = field(repr=False)
    _results: tuple[tuple[str, Reference], ...] = field(repr=False)
    _known: Mapping[int, str] = field(repr=False)
    _symbols: Mapping[str, Symbol] = field(default_factory=dict, repr=False)

    @cached_property
    def operations(self) -> int:
        """How many operations there are, each counted once; minus is free."""
        return count(self._arena, [reference for _, reference in self._results])

    @cached_property
    def own(self) -> int:
        """How many operations the outputs alone take."""
        return count(self._arena, self._ends)

    @cached_property
    def program(self) -> Program:
        """The same as a Program; its outputs are the function's, then the derivatives.

        >>> compact("x*y").program.outputs
        ('z', 'z_x', 'z_y')
        """
        written = _Writer(self._inputs, self._arena, self._results, self._known).assignments()
        return Program(self._inputs, written, tuple(name for name, _ in self._results), symbols=self._symbols)

    def __str__(self) -> str:
        return "\n".join(
            f"{each.name} = {echo(each.tree, times='*', grouped=True, length=_CHARACTERS)}"
            for each in self.program.assignments
        )


def compact(
    source: Source,
    wrt: Names = None,
    of: Names = None,
    *,
    value: bool = True,
    thorough: bool = True,
    shapes: Mapping[str, Shape] | None = None,
    extra: Mapping[Any, Primitive] | None = None,
    limits: Limits = DEFAULT,
) -> Compact:
    """Outputs and their derivatives by inputs as a program with few operations.

    Args:
        source: what `build` takes.
        wrt: inputs, all of them if None; vectors and matrices are their components.
        of: what is differentiated; the outputs if None.
        value: whether the outputs themselves are computed, too.
        thorough: whether several ways are tried and the smallest result is shortened; otherwise one sweep.

    Raises:
        NameProblem: `wrt` names something that is no input.
        SymgraphError: see `errors.py`; sums with limits and the like cannot be taken apart.

    >>> print(compact("x^2*y", "x", value=False))
    z_x = y*(2*x)
    """
    wanted = None if of is None else [str(name) for name in _several(of)]
    program = as_program(source, of=wanted, shapes=shapes, extra=extra, limits=limits)
    arena, places = entered(program, limits)
    starts = (
        program.inputs
        if wrt is None
        else [component for name in _several(wrt) for component in components_of(program, str(name))]
    )
    for name in starts:
        if name not in program.inputs:
            raise NameProblem(f"{name} is not an input", hint="the inputs are " + ", ".join(program.inputs))
    if not starts:
        raise SymgraphError("nothing varies here: there is no input to differentiate by")
    found = shortest(arena, places, program.inputs, starts, program.outputs, value=value, thorough=thorough)
    return replace(found, _symbols=program.symbols)


def shortest(
    arena: Arena,
    places: Mapping[str, Reference],
    inputs: tuple[str, ...],
    wrt: Sequence[str],
    outputs: tuple[str, ...],
    *,
    value: bool = True,
    thorough: bool = True,
) -> Compact:
    """`compact` for what is in an arena already; `places` has the inputs, and whatever else has a name."""
    ends = [places[name] for name in outputs]
    starts = [places[name] for name in wrt]
    own = ends if value else []
    found = (_smallest if thorough else _swept)(arena, own, ends, starts)
    taken = {*places, ""}
    titles = [name or _free(taken, "yzf") for name in outputs]
    names = {(of, start): _free(taken, (f"{of}_{start}", f"d{of}_d{start}")) for of in titles for start in wrt}
    results = tuple(zip([*(titles if value else ()), *names.values()], found, strict=True))
    known = {
        reference >> 1: name
        for name, reference in reversed(list(places.items()))
        if name and not reference & 1 and not arena.is_leaf(reference >> 1)
    }
    return Compact(names, ends, inputs, arena, results, known)


def entered(program: Program, limits: Limits = DEFAULT) -> tuple[Arena, dict[str, Reference]]:
    """A program in an arena, and the reference of every name in it.

    >>> from symgraph.parsing.text import parse
    >>> arena, places = entered(parse("c = a + b; d = b + a"))
    >>> places["c"] == places["d"]
    True
    """
    arena = Arena(limits)
    places = {name: arena.input(name) for name in program.inputs}
    for assignment in program.assignments:
        places[assignment.name or ""] = arena.enter(assignment.tree, places)
    return arena, places


def _several(names: str | Symbol | Iterable[str | Symbol]) -> Sequence[str | Symbol]:
    if isinstance(names, str):
        return [name.strip() for name in names.split(",")]
    return [names] if isinstance(names, Symbol) else list(names)


# Which way is the shortest


def _swept(
    arena: Arena, own: Sequence[Reference], ends: Sequence[Reference], starts: Sequence[Reference]
) -> list[Reference]:
    """The outputs, if they are wanted, and their derivatives by one mode: the one that has fewer sweeps."""
    net = linearize(arena, ends, starts)
    return [*own, *(reverse if len(ends) <= len(starts) else forward)(arena, net)]


def _smallest(
    arena: Arena, own: Sequence[Reference], ends: Sequence[Reference], starts: Sequence[Reference]
) -> list[Reference]:
    """The same, by whichever way gives the fewest operations."""
    net = linearize(arena, ends, starts)
    size = len(net.before)
    tried: list[tuple[int, list[Reference]]] = []
    ways: tuple[tuple[Callable[[Arena, Net], list[Reference] | None], int], ...] = (
        (reverse, size * len(ends)),
        (forward, size * len(starts)),
        (_late, size),
        (_early, size),
    )
    for way, work in ways:
        if not tried or work <= _SEARCHED:
            rates = way(arena, net)
            if rates is not None and all(rates != other[len(own) :] for _, other in tried):
                found = [*own, *rates]
                tried.append((count(arena, found), found))
    ranked = sorted(tried, key=lambda each: each[0])
    fewest, best = ranked[0]
    if fewest <= _SEARCHED:
        near = [found for size, found in ranked if size <= _NEAR * fewest]
        shortened = (shorten(arena, found) for found in near[: 1 if fewest > _LARGE else None])
        best = min(best, *shortened, key=lambda found: count(arena, found))
    if fewest <= _LARGE:
        best = min(best, shorten(arena, expanded(arena, best)), key=lambda found: count(arena, found))
    _check(arena, tried[0][1], best)
    return best


def _check(arena: Arena, one: Sequence[Reference], other: Sequence[Reference]) -> None:
    """The same by two ways: in a prime field, where no digit is lost."""
    for expected, found in zip(arena.residues(one), arena.residues(other), strict=True):
        if expected != found and expected is not None and found is not None:
            raise DisagreementError("two ways to the same derivative differ: nothing is given out")


def _late(arena: Arena, net: Net) -> list[Reference] | None:
    return eliminate(arena, net, most=_FILL * len(net.before))


def _early(arena: Arena, net: Net) -> list[Reference] | None:
    return eliminate(arena, net, late=False, most=_FILL * len(net.before))


# Names


def _free(taken: set[str], candidates: Iterable[str]) -> str:
    """The first of these names that is free; with a number at its end where none is."""
    first = ""
    for name in candidates:
        first = first or name
        if name not in taken:
            taken.add(name)
            return name
    number = next(number for number in range(1, len(taken) + 2) if f"{first}{number}" not in taken)
    taken.add(f"{first}{number}")
    return f"{first}{number}"


class _Writer:
    """Operations -> assignments: what is used twice, asked for, or long gets a name."""

    def __init__(
        self, inputs: Iterable[str], arena: Arena, results: Sequence[tuple[str, Reference]], known: Mapping[int, str]
    ) -> None:
        self._arena, self._results = arena, results
        places = reachable(arena, [reference for _, reference in results])
        self._uses = dict.fromkeys(places, 0)
        for place in places:
            for argument in arena.arguments(place):
                self._uses[argument >> 1] += 1
        self._names: dict[int, str] = {}
        taken = {*inputs, *(name for name, _ in results)}
        own = {name for name, _ in results} - set(known.values())
        for place, name in known.items():
            if place in self._uses and name not in own:
                self._names[place] = name
        for name, reference in results:
            if not arena.is_leaf(reference >> 1):
                if reference & 1:
                    self._uses[reference >> 1] += 1  # two results that are minus the same
                else:
                    self._names.setdefault(reference >> 1, name)
        taken |= set(self._names.values())
        self._fresh = (name for number in range(1, len(arena) + len(taken) + 2) if (name := f"t{number}") not in taken)
        self._trees: dict[int, Tree] = {}
        self._sizes: dict[int, int] = {}
        self._assignments: list[Assignment] = []
        for place in places:
            self._write(place)

    def assignments(self) -> tuple[Assignment, ...]:
        """All of them, in an order of computation."""
        last = [
            Assignment(name, self._tree(reference))
            for name, reference in self._results
            if self._names.get(reference >> 1) != name or reference & 1
        ]
        return (*self._assignments, *last)

    def _write(self, place: int) -> None:
        """The formula of one place, and an assignment where it has a name."""
        row, *arguments = self._arena.operations[place]
        if row == "input":
            tree: Tree = Name(arguments[0])
        elif row == "number":
            tree = Number(arguments[0])
        elif row == "constant":
            tree = Constant(arguments[0])
        else:
            tree = self._formula(row, arguments)
            size = 1 + sum(self._sizes[argument >> 1] for argument in arguments)
            if place not in self._names and (self._uses[place] > 1 or size > _LONG):
                self._names[place] = next(self._fresh)
            if place in self._names:
                self._assignments.append(Assignment(self._names[place], tree))
                tree = Name(self._names[place])
            else:
                self._sizes[place] = size
        self._sizes.setdefault(place, 1)
        self._trees[place] = tree

    def _formula(self, row: Any, arguments: Sequence[Reference]) -> Tree:
        """One operation on the trees of its arguments, with a minus where a textbook has one."""
        if row == "add":
            u, v = arguments
            if not v & 1 and self._arena.value(u) is not None:
                u, v = v, u  # a number comes last
            if not v & 1:
                return Apply("add", (self._tree(u), self._tree(v)))
            return Apply("subtract", (self._tree(u), self._tree(v ^ 1)))
        if row == "multiply":
            value = self._arena.value(arguments[0])
            if value is not None and value.numerator == 1 and value != 1:
                return Apply("divide", (self._tree(arguments[1]), Number(value.denominator)))
        trees = tuple(self._tree(argument) for argument in arguments)
        if isinstance(row, str):
            return Apply(row, trees)
        name, orders = row
        return Undefined(name, trees, orders, row=self._arena.rows.get(row))

    def _tree(self, reference: Reference) -> Tree:
        tree = self._trees[reference >> 1]
        if not reference & 1:
            return tree
        if isinstance(tree, Number):
            return Number(-tree.value)
        if isinstance(tree, Apply) and tree.operator == "subtract":
            return Apply("subtract", tree.arguments[::-1])
        return Apply("negate", (tree,))
