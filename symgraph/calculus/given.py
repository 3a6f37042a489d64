"""What is given with a question: numbers for names, as people write them; and results in the shapes asked for.

>>> from symgraph.parsing.text import parse
>>> numbers_for(["x", "y"], "3, 1/2", parse("x*y"), "direction")
{'x': 3, 'y': 1/2}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sympy import Expr, ImmutableDenseMatrix

from symgraph.calculus.derivatives import Found
from symgraph.calculus.evaluation import Values, exact_number
from symgraph.errors import NameProblem, SymgraphError
from symgraph.language.components import spread
from symgraph.language.program import Program
from symgraph.parsing import text

__all__ = ["Numbers", "by_layer", "numbers_for", "point_values"]

Numbers: TypeAlias = Mapping[Any, Any] | Sequence[Any] | str | int | float | Expr


def point_values(found: Found) -> Values:
    """The values at the point, or an error that asks for one."""
    if found.values is None:
        names = ", ".join(f"{name}=…" for name in found.program.inputs)
        raise SymgraphError(f"this question needs a point: at={names!r}")
    return found.values


def numbers_for(names: Iterable[str] | None, given: Any, program: Program, what: str) -> dict[str, Expr]:
    """A number for each name: from a mapping, a list in the order of the names, text, or one number for all.

    Raises:
        NameProblem: a name that is not among them, or one without a number.

    >>> from symgraph.parsing.text import parse
    >>> numbers_for(["x", "y"], [1, "1/2"], parse("x*y"), "seed")
    {'x': 1, 'y': 1/2}
    """
    wanted = None if names is None else list(names)
    values = _as_mapping(wanted, given, what)
    read = {name: exact_number(value) for name, value in spread(program, values).items()}
    if wanted is None:
        return read
    for name in read:
        if name not in wanted:
            raise NameProblem(f"{name} has a number in {what}, and is not asked about", hint=", ".join(wanted))
    missing = [name for name in wanted if name not in read]
    if missing:
        raise NameProblem(f"{what} has no number for {', '.join(missing)}", hint="give 0 for what stands still")
    return {name: read[name] for name in wanted}


def _as_mapping(names: Sequence[str] | None, given: Any, what: str) -> Mapping[Any, Any]:
    if isinstance(given, str) and "=" in given:
        return text.parse_point(given)
    if isinstance(given, str):
        given = [part.strip() for part in given.strip("[] ").split(",")]
    if isinstance(given, Mapping):
        return given
    listed = given.tolist() if hasattr(given, "tolist") else given
    if names is None:
        raise NameProblem(f"the {what} gives its numbers by name: x=…")
    if not isinstance(listed, list | tuple):
        return dict.fromkeys(names, listed)
    flat = [entry for row in listed for entry in (row if isinstance(row, list | tuple) else [row])]
    if len(flat) == 1:
        return dict.fromkeys(names, flat[0])
    if len(flat) != len(names):
        raise NameProblem(f"{what} has {len(flat)} numbers for {len(names)} names", hint=", ".join(names))
    return dict(zip(names, flat, strict=True))


def by_layer(program: Program, values: Mapping[str, Expr]) -> dict[str, Any]:
    """Values of components put together in the shapes of their vectors and matrices.

    >>> from sympy import Integer
    >>> from symgraph.calculus.graph import as_program
    >>> by_layer(as_program("sum(x)", shapes={"x": (2,)}), {"x_1": Integer(1), "x_2": Integer(1)})["x"]
    Matrix([
    [1],
    [1]])
    """
    owner = {component: layer for layer in program.layers for component in layer.components}
    found: dict[str, Any] = {}
    for name, value in values.items():
        layer = owner.get(name)
        if layer is None or not layer.shape or any(component not in values for component in layer.components):
            found[name] = value
        elif layer.name not in found:
            rows, columns = (*layer.shape, 1)[:2]
            found[layer.name] = ImmutableDenseMatrix(rows, columns, [values[each] for each in layer.components])
    return found
