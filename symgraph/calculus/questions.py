"""Several derivatives at once: gradient, Jacobian, Hessian, mixed derivatives.

Each begins with derivatives that were found on the graph and crosschecked (`derivatives.find`), puts them together, and
compares the result with what a second way gives before it is returned:

>>> jacobian("h1 = x1 + x2; h2 = 2*x2; y1 = -h1; y2 = h1 + h2", wrt=["x1", "x2"])
Matrix([
[-1, -1],
[ 1,  3]])

The functions that end in `_of` do the same with derivatives already found; the tellings use them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, ImmutableDenseMatrix

from symgraph.calculus.agreement import agree
from symgraph.calculus.derivatives import (
    Extra,
    Found,
    Names,
    Shapes,
    by_sympy,
    find,
    last_at,
    once_more,
    repeated,
    several,
)
from symgraph.calculus.evaluation import Point
from symgraph.calculus.graph import Source

__all__ = ["gradient", "gradient_of", "hessian", "hessian_of", "jacobian", "jacobian_of", "mixed"]


def gradient(
    source: Source,
    wrt: Names = None,
    of: Names = None,
    at: Point | None = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> ImmutableDenseMatrix:
    """The derivatives of one output by its inputs, as a column; by one matrix, in the shape of that matrix.

    Args:
        at: a point; then the entries are numbers.

    >>> gradient("x*y^2", at={"x": 2, "y": 3}).T
    Matrix([[9, 12]])
    """
    found = find(source, wrt, of, at, shapes=shapes, extra=extra)
    return gradient_of(found, several(wrt) if wrt is not None else [])


def gradient_of(found: Found, wrt: Sequence[str] = ()) -> ImmutableDenseMatrix:
    """The gradient, from derivatives already found; in the shape of `wrt`, if that is one matrix."""
    of = found.only_end()
    entries = [found.value(of, start) for start in found.starts]
    shape = next((layer.shape for layer in found.program.layers if [layer.name] == list(wrt)), ())
    return ImmutableDenseMatrix(*(shape if len(shape) == 2 else (len(entries), 1)), entries)


def jacobian(
    source: Source,
    wrt: Names = None,
    of: Names = None,
    at: Point | None = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> ImmutableDenseMatrix:
    """The derivatives of all outputs by all inputs: a row for each output, a column for each input.

    >>> jacobian("u = x*y; v = x + y")
    Matrix([
    [y, x],
    [1, 1]])
    """
    return jacobian_of(find(source, wrt, of, at, shapes=shapes, extra=extra))


def jacobian_of(found: Found) -> ImmutableDenseMatrix:
    """The Jacobian, from derivatives already found."""
    return ImmutableDenseMatrix([[found.value(of, wrt) for wrt in found.starts] for of in found.ends])


def hessian(
    source: Source,
    wrt: Names = None,
    of: Names = None,
    at: Point | None = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> ImmutableDenseMatrix:
    """The second derivatives of one output, each on the graph of a first derivative.

    >>> hessian("x^3*y")
    Matrix([
    [ 6*x*y, 3*x**2],
    [3*x**2,      0]])
    """
    found = find(source, wrt, of, shapes=shapes, extra=extra)
    matrix = hessian_of(found)
    if at is None:
        return matrix
    first = [found.answers[found.only_end(), start] for start in found.starts]
    rows = range(matrix.rows)
    return ImmutableDenseMatrix(
        [[last_at(found, [first[row], matrix[row, column]], at) for column in rows] for row in rows]
    )


def hessian_of(found: Found) -> ImmutableDenseMatrix:
    """The Hessian; its two mixed derivatives of each pair are found separately, and compared."""
    of, starts = found.only_end(), found.starts
    rows = [[once_more(found.answers[of, first], found.program, second) for second in starts] for first in starts]
    for row, first in enumerate(starts):
        for column in range(row):
            by = starts[column]
            agree({f"∂²{of}/∂{by}∂{first}": rows[row][column], f"∂²{of}/∂{first}∂{by}": rows[column][row]})
    return ImmutableDenseMatrix(rows)


def mixed(
    source: Source,
    wrt: Names,
    of: Names = None,
    at: Point | None = None,
    *,
    shapes: Shapes = None,
    extra: Extra = None,
) -> Expr:
    """The derivative by the first name, of that the derivative by the second, and so on.

    >>> mixed("x^3*y^2", ["x", "x", "y"])
    12*x*y
    """
    names = several(wrt) if wrt is not None else []
    found = find(source, names[:1], of, shapes=shapes, extra=extra)
    results = repeated(found, found.only_end(), names)
    plain = by_sympy(found, found.only_end(), names)
    if plain is not None:
        agree({"the graphs of the derivatives": results[-1], "SymPy": plain})
    return last_at(found, results, at)
