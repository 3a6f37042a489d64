"""Differentiation by logarithms: ln y is taken apart by its rules and differentiated; then y' = y · (ln y)'.

>>> logarithmic("x^x")
x**x*(log(x) + 1)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from sympy import Expr

from symgraph.calculus.agreement import agree
from symgraph.calculus.derivatives import Extra, expression, find, value_at
from symgraph.calculus.evaluation import Point
from symgraph.calculus.graph import Source, as_program
from symgraph.errors import SymgraphError
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Apply, Number, Tree

__all__ = ["by_logarithms", "logarithm_of", "logarithmic"]


def logarithmic(source: Source, wrt: str | None = None, at: Point | None = None, *, extra: Extra = None) -> Expr:
    """The derivative by way of the logarithm: y' = y · (ln y)'.

    >>> logarithmic("x^x")
    x**x*(log(x) + 1)
    """
    program, name, _ = by_logarithms(source, extra)
    whole = as_program(source, extra=extra)
    found = find(program, wrt)
    direct = find(whole, wrt)
    value = expression(direct, direct.only_end())
    if len(found.starts) != 1 or value is None:
        raise SymgraphError("logarithms are taken of one expression, and it is differentiated by one name: wrt=")
    result = value * found.answers[name, found.starts[0]]
    agree({"by logarithms": result, "directly": direct.answers[direct.only_end(), found.starts[0]]})
    return value_at(result, whole, at)


def by_logarithms(source: Source, extra: Extra = None) -> tuple[Program, str, Tree]:
    """The program of ln y, taken apart by the rules of logarithms; its name; and what y is.

    Raises:
        SymgraphError: it is no product, quotient or power, so that a logarithm does not take it apart.
    """
    whole = as_program(source, extra=extra)
    if len(whole.assignments) != 1:
        raise SymgraphError("logarithms are taken of one expression: write it in one formula")
    tree = whole.assignments[0].tree
    taken = {*whole.inputs, *(name for name in whole.outputs if name)}
    name = next(letter for letter in ("l", "L", "v", "w", "ln_y") if letter not in taken)
    program = assemble(
        [Assignment(name, logarithm_of(tree))], text=whole.text, inputs=whole.inputs, symbols=whole.symbols
    )
    return program, name, tree


_ROOTS: Mapping[str, Fraction] = {"square_root": Fraction(1, 2), "cube_root": Fraction(1, 3)}


def logarithm_of(tree: Tree) -> Tree:
    """ln of a formula by the rules of logarithms: sums for products, products for powers.

    >>> from symgraph.language.tree import Apply, Name
    >>> logarithm_of(Apply("power", (Name("x"), Name("x"))))
    Apply('multiply', (Name('x'), Apply('logarithm', (Name('x'),))))

    Raises:
        SymgraphError: there is nothing that a logarithm takes apart.
    """
    terms: list[tuple[Tree, bool]] = []  # a term, and whether it is subtracted
    stack: list[tuple[Tree, tuple[Tree, ...], bool]] = [(tree, (), False)]
    while stack:
        piece, multipliers, minus = stack.pop()
        operator = piece.operator if isinstance(piece, Apply) else ""
        if isinstance(piece, Apply) and operator in ("multiply", "divide"):
            top, bottom = piece.arguments
            stack.append((bottom, multipliers, minus != (operator == "divide")))
            stack.append((top, multipliers, minus))
        elif isinstance(piece, Apply) and operator == "power":
            stack.append((piece.arguments[0], (*multipliers, piece.arguments[1]), minus))
        elif isinstance(piece, Apply) and operator in _ROOTS:
            stack.append((piece.arguments[0], (*multipliers, Number(_ROOTS[operator])), minus))
        elif isinstance(piece, Apply) and operator == "exponential":
            terms.append((_times(multipliers, piece.arguments[0]), minus))
        elif piece is tree:
            raise SymgraphError("a logarithm takes products, quotients and powers apart, and this is none of them")
        elif piece != Number(1):
            terms.append((_times(multipliers, Apply("logarithm", (piece,))), minus))
    result: Tree | None = None
    for term, minus in terms:
        if result is None:
            result = Apply("negate", (term,)) if minus else term
        else:
            result = Apply("subtract" if minus else "add", (result, term))
    assert result is not None
    return result


def _times(multipliers: Iterable[Tree], tree: Tree) -> Tree:
    for multiplier in reversed(list(multipliers)):
        tree = Apply("multiply", (multiplier, tree))
    return tree
