"""Partial against total derivatives: some quantities held still, computed ones too.

>>> held("c = a + b; d = b + 1; e = c*d", wrt="b", hold="c", at={"a": 2, "b": 1})
3
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from symgraph.calculus.agreement import agree
from symgraph.calculus.derivatives import Extra, Names, Shapes, by_sympy, find, given_point, several, value_at
from symgraph.calculus.evaluation import Point, evaluate, tidy
from symgraph.calculus.graph import Source, as_program, build, find_node
from symgraph.calculus.simplifier import simplest
from symgraph.calculus.substitution import in_inputs
from symgraph.errors import NameProblem, SymgraphError, known_names
from symgraph.language.components import components_of
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import names_in

__all__ = ["held", "hold_still", "values_of_held"]


def held(
    source: Source,
    wrt: str,
    hold: Names,
    of: str | None = None,
    at: Point | None = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> Expr:
    """The derivative with some quantities held still, computed ones too: what would pass through them does not count.

    >>> held("w = x^2 + y^2 + z^2; z = x*y", "x", "y")
    2*x*(y**2 + 1)
    >>> held("w = x^2 + y^2 + z^2; z = x*y", "x", "z")
    2*x
    """
    whole = as_program(source, shapes=shapes, extra=extra)
    program = hold_still(whole, hold, of)
    found = find(program, wrt, of)
    if len(found.pairs) != 1:
        raise SymgraphError(f"there are {len(found.pairs)} derivatives here: say which, with wrt= and of=")
    ((end, start),) = found.pairs
    result = found.answers[end.name, start.name]
    plain = by_sympy(found, end.name, [start.name])
    if plain is not None:
        agree({"the paths that pass nothing held": result, "SymPy": plain})
    if at is None:
        return simplest(in_inputs(build(whole), result, find_node(build(whole), start.name)))
    return value_at(result, program, values_of_held(whole, program, at))


def hold_still(program: Program, hold: Names, of: str | None = None) -> Program:
    """The program in which some quantities are given and not computed.

    Raises:
        NameProblem: a name that is not in the program, or that is the output itself.
    """
    names = [each for name in several(hold or ()) for each in components_of(program, name)]
    ends = list(program.outputs) if of is None else [of]
    computed = {assignment.name: assignment for assignment in program.assignments}
    for name in names:
        if name not in computed and name not in program.inputs:
            known = known_names([*program.inputs, *(each for each in computed if each)])
            raise NameProblem(f"{name} is not in this program, so it cannot be held", hint=known)
        if name in ends:
            raise NameProblem(f"{name} is what is differentiated: it cannot be held still")
    needed: list[Assignment] = []
    wanted = set(ends)
    for assignment in reversed(program.assignments):
        if (assignment.name or "") in wanted and assignment.name not in names:
            needed.append(assignment)
            wanted.update(names_in(assignment.tree))
    made = assemble(
        needed[::-1],
        text=program.text,
        of=ends,
        inputs=[*program.inputs, *(name for name in names if name in computed)],
        readings=program.readings,
        symbols=program.symbols,
        limits=program.limits,
    )
    follows: dict[str, frozenset[str]] = {}
    for assignment in program.assignments:
        near = [follows.get(used, frozenset()) | {used} for used in names_in(assignment.tree)]
        follows[assignment.name or ""] = frozenset().union(*near)
    still = tuple((name, follows[name]) for name in names if name in computed)
    return replace(made, layers=program.layers, held=still)


def values_of_held(program: Program, freed: Program, at: Point) -> dict[str, Expr]:
    """The point of the freed program: what was computed has the value that it had."""
    graph = build(program)
    values = evaluate(graph, given_point(at) or {}, derivatives=False)
    return {name: tidy(values.nodes[find_node(graph, name)]) for name in freed.inputs}
