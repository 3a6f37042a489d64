"""What is printed says what is meant: every formula of every example is read again, and equals the step before.

Three printings are read: text, ASCII and LaTeX. Formulas in the names of nodes are written in the inputs by the nodes'
own formulas, and every line of a chain is compared with the first at points that no formula knows about. What the
parser refuses by design (rates, ∂e/∂b, and derivatives of functions about which nothing is known) is not read: a test
says in which examples the latter occur.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Expr, Rational, Symbol

from symgraph.explanation import typesetting
from symgraph.explanation.explainer import Explanation
from symgraph.explanation.formulas import rounded
from symgraph.explanation.shown import Chain, Factors, Marked, Shown, Terms, trees_in
from symgraph.explanation.steps import Chain as StepChain
from symgraph.explanation.steps import Step
from symgraph.gallery import Example, read_examples
from symgraph.language.constructors import construct
from symgraph.language.tree import Rate, Undefined, postorder
from symgraph.parsing import latex, text

EXAMPLES = read_examples()
UNKNOWN_FUNCTIONS = {"T21-tree-diagram", "T23-polar"}
# One Greek letter may be a function or a name; the parser asks which, and these documents declare the function.
DECLARED = {r"\sigma(": r"\operatorname{sigmoid}("}


def without_labels(line: Shown) -> Shown:
    """A formula without the names of paths under its terms, which are no mathematics."""
    match line:
        case Marked():
            return without_labels(line.body)
        case Factors(parts):
            return Factors(tuple(map(without_labels, parts)))
        case Terms(parts):
            return Terms(tuple(map(without_labels, parts)))
        case Chain(parts):
            return replace(line, sides=tuple(map(without_labels, parts)))
    return line


def is_read(line: Shown) -> bool:
    return not any(isinstance(part, Rate | Undefined) for tree in trees_in(line) for part in postorder(tree))


def printed(line: Shown) -> Iterator[tuple[str, str]]:
    plain = without_labels(line)
    yield "text", typesetting.text(plain)
    yield "text", typesetting.text(plain, ascii=True)
    tex = typesetting.latex(plain)
    for letter, word in DECLARED.items():
        tex = tex.replace(letter, word)
    yield "latex", tex


class Reader:
    """Reads formulas of one explanation and writes them in its inputs."""

    def __init__(self, explanation: Explanation) -> None:
        names = [node.name for node in explanation.graph]
        subscripted = {re.sub(r"^([A-Za-z]+)([0-9]+)$", r"\1_\2", name): name for name in names}
        self.names = sorted({*names, *subscripted})
        self.meant = {Symbol(printed): Symbol(name) for printed, name in subscripted.items() if printed != name}
        self.order = [node for node in reversed(list(explanation.graph)) if node.formula is not None]
        inputs = explanation.graph.graph["inputs"]
        point = explanation.values.point if explanation.values else {}
        self.point = {Symbol(node.name): point[node] for node in inputs if node in point}
        self.anywhere = [
            {Symbol(node.name): Rational(Fraction(number + 3 * place, 7 + place)) for place, node in enumerate(inputs)}
            for number in (5, 9)
        ]

    def read(self, notation: str, formula: str) -> Expr:
        door = latex if notation == "latex" else text
        tree = door.parse_expression(formula, inputs=self.names, declared=self.names)
        return construct(tree).xreplace(self.meant)

    def values(self, expr: Expr, at_point: bool) -> list[complex]:
        for node in self.order:
            if expr.has(Symbol(node.name)):
                expr = expr.xreplace({Symbol(node.name): construct(node.formula)})
        points = [self.point] if at_point else self.anywhere
        return [complex(expr.xreplace(point).evalf(25)) for point in points]


def chains(step: Step) -> Iterator[StepChain]:
    if isinstance(getattr(step, "chain", None), StepChain):
        yield step.chain  # type: ignore[union-attr]  # it has one
    for row in getattr(step, "rows", ()):
        yield row.chain


def formulas(explanation: Explanation) -> Iterator[list[Shown]]:
    """Lists of formulas that must be equal."""
    for step in explanation.steps:
        for chain in chains(step):
            yield [line for line in chain.lines if is_read(line)]
        for group in getattr(step, "groups", ()):
            for fact in group.edges:
                yield [fact.partial]
        for quantity in getattr(step, "quantities", ()):
            if quantity.formula is not None:
                yield [quantity.formula]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_every_printed_step_is_read_again_and_equals_the_one_before(example: Example) -> None:
    explanation = example.explain()
    count = sum(read_again(document) for document in (explanation, *explanation.parts))
    assert count > 0 or example.name in UNKNOWN_FUNCTIONS


def read_again(explanation: Explanation) -> int:
    """How many printings of one document, or part of one, were read and compared."""
    reader = Reader(explanation)
    count = 0
    for lines in formulas(explanation):
        first: list[complex] | None = None
        numbers = explanation.values is not None and any(rounded(line) for line in lines)
        for line in filter(is_read, lines):
            for notation, formula in printed(line):
                found = reader.values(reader.read(notation, formula), numbers)
                first = found if first is None else first
                near = 1e-4 if numbers else 1e-12
                for one, other in zip(first, found, strict=True):
                    same = one == other or abs(one - other) <= near * max(1.0, abs(one)) or one != one != other
                    assert same, (formula, one, other)
                count += 1
    return count
