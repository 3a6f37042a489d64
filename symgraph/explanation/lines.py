"""Long formulas in lines of a width that can be read.

>>> from symgraph.language.tree import Name, Number
>>> [(sign, typesetting.text(right)) for _, sign, right in rows(Chain(Name("y"), (Name("x"), Number(2))))]
[('equals', 'x'), ('equals', '2')]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symgraph.explanation import typesetting
from symgraph.explanation.formulas import rounded
from symgraph.explanation.steps import Chain
from symgraph.explanation.typesetting import Factors, Marked, Shown, Terms
from symgraph.language.tree import Apply, Text, Tree

__all__ = ["WIDE", "abridged", "rows"]

WIDE = 56  # characters of a sum that still fits a line
_TERMS = 5  # of a sum that are written in a node, however long they are


def rows(chain: Chain) -> list[tuple[Shown | None, str, Shown]]:
    """A chain for display: left side (once), sign, right side; a long sum has a row for each of its terms."""
    rows: list[tuple[Shown | None, str, Shown]] = []
    for line in chain.lines:
        sign = "about" if rounded(line) else "equals"
        left = chain.left if not rows else None
        if isinstance(line, Terms) and len(typesetting.text(line)) > WIDE:
            first, *rest = _packed(line.terms)
            rows.append((left, sign, first))
            rows.extend((None, *_signed(part)) for part in rest)
        elif len(typesetting.text(line)) > WIDE:
            first, *rest = _packed_factors(line)
            rows.append((left, sign, first))
            rows.extend((None, "times", part) for part in rest)
        else:
            rows.append((left, sign, line))
    return rows


def _packed(terms: Sequence[Shown]) -> list[Shown]:
    """The terms of a long sum, as many to a row as fit; one that is named under a brace has a row of its own."""
    rows: list[list[Shown]] = []
    width = 0
    for term in terms:
        length = len(typesetting.text(term)) + 3
        alone = isinstance(term, Marked) and bool(term.label)
        if not rows or alone or width + length > WIDE or _signed(term)[0] == "minus":
            rows.append([])
            width = 0
        rows[-1].append(term)
        width += length
    return [row[0] if len(row) == 1 else Terms(tuple(row)) for row in rows]


def _packed_factors(line: Shown) -> list[Shown]:
    """The factors of a long product, as many to a row as fit."""
    found: list[Shown] = []
    stack = [line]
    while stack:
        part = stack.pop()
        if isinstance(part, Apply) and part.operator == "multiply":
            stack.extend(reversed(part.arguments))
        elif isinstance(part, Factors):
            stack.extend(reversed(part.factors))
        else:
            found.append(part)
    rows: list[list[Shown]] = [[]]
    width = 0
    for factor in found:
        length = len(typesetting.text(factor)) + 3
        if rows[-1] and width + length > WIDE:
            rows.append([])
            width = 0
        rows[-1].append(factor)
        width += length
    return [Factors(tuple(row)) for row in rows] if len(rows) > 1 else [line]


def _signed(term: Shown) -> tuple[str, Shown]:
    """A term of a sum, or several, with the sign before it: what is negative is taken away."""
    if isinstance(term, Terms):
        sign, first = _signed(term.terms[0])
        return sign, Terms((first, *term.terms[1:]))
    body = term.body if isinstance(term, Marked) else term
    if isinstance(body, Apply) and body.operator == "negate":
        inner: Shown = body.arguments[0]
        return "minus", replace(term, body=inner) if isinstance(term, Marked) else inner
    return "plus", term


def abridged(formula: Tree) -> Tree:
    """What stands in a node: of a long sum the first two terms and the last, w₁x₁ + w₂x₂ + … + w₁₂x₁₂."""
    ends = [formula]  # the sum without its last term, without its last two, …
    while isinstance(ends[-1], Apply) and ends[-1].operator in ("add", "subtract"):
        ends.append(ends[-1].arguments[0])
    if len(ends) <= _TERMS or not isinstance(formula, Apply) or len(typesetting.text(formula)) <= WIDE:
        return formula
    return replace(formula, arguments=(Apply("add", (ends[-2], Text("…"))), formula.arguments[1]))
