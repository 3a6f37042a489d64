"""Programs made at random: shared subexpressions, parallel edges, functions inside functions."""

from __future__ import annotations

from hypothesis import strategies as st

from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Apply, Name, Number, Tree

BINARY = ("add", "subtract", "multiply", "multiply", "divide")
UNARY = ("sine", "cosine", "exponential", "inverse_tangent", "hyperbolic_tangent", "negate", "square_root", "logarithm")
INPUTS = ("x", "y", "z")


@st.composite
def formulas(draw: st.DrawFn, names: tuple[str, ...], depth: int = 2) -> Tree:
    """A formula over the names, a few operations deep; the same piece may stand twice in it."""
    if depth == 0 or draw(st.integers(0, 5)) == 0:
        leaf = draw(st.integers(0, 3))
        return Number(draw(st.integers(1, 4))) if leaf == 0 else Name(draw(st.sampled_from(names)))
    left = draw(formulas(names, depth - 1))
    shape = draw(st.integers(0, 4))
    if shape == 0:
        return Apply(draw(st.sampled_from(UNARY)), (left,))
    if shape == 1:
        return Apply("power", (left, Number(draw(st.integers(2, 3)))))
    right = left if shape == 2 else draw(formulas(names, depth - 1))
    return Apply(draw(st.sampled_from(BINARY)), (left, right))


@st.composite
def programs(draw: st.DrawFn, most: int = 5) -> Program:
    """Some assignments, each over the inputs and those before it; the last is the output."""
    count = draw(st.integers(1, most))
    names = INPUTS[: draw(st.integers(1, len(INPUTS)))]
    statements = []
    for number in range(count):
        known = (*names, *(statement.name for statement in statements if statement.name))
        tree = draw(formulas(known))
        if number == count - 1:
            for name in known:  # everything reaches the output, so that there is something to differentiate
                tree = Apply("add", (tree, Apply("multiply", (Name(name), Name(known[-1])))))
        statements.append(Assignment(f"s{number}", tree))
    return assemble(statements, of=f"s{count - 1}")
