"""Multiple choice: the wrong options are named mistakes, each certified different from the key and from each other.

>>> from symgraph.homework.problems import read_text, vary
>>> homework = read_text('schema = 1\\n[[problem]]\\nid = "p"\\nf = "sin(x^3)"')
>>> [(wrong.mistake, str(wrong.expression)) for wrong in distractors(vary(homework.problems[0], "", "1"), 2)]
[('missing_edge', 'cos(x**3)'), ('not_differentiated', 'sin(x**3)')]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr

from symgraph.calculus.equality import Outcome, equal
from symgraph.calculus.simplifier import simplest
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer, typesetting
from symgraph.homework.draws import index
from symgraph.homework.problems import Variant
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Tree, size
from symgraph.marking.candidates import candidates
from symgraph.marking.mistakes import MISTAKES
from symgraph.marking.slopes import compared, likely_slopes

__all__ = ["WRONG_OPTIONS", "Distractor", "choices", "distractors"]

WRONG_OPTIONS = 4
TRIED = 40  # candidates that are looked at
LARGEST = 60  # pieces of an option that is still read


@dataclass(frozen=True)
class Distractor:
    """A wrong option: what the mistake of that name gives."""

    mistake: str
    expression: Expr
    tree: Tree
    score: float


def distractors(variant: Variant, count: int = WRONG_OPTIONS) -> list[Distractor]:
    """Wrong options, the likeliest mistakes first, a mistake once; none where the question is not one derivative."""
    curve = variant.problem.question != "derivative"
    if (curve and variant.order > 1) or variant.task.shape or variant.task.at is not None:
        return []
    right = variant.slope if curve else variant.task.questions[0].answer
    found: list[Distractor] = []
    for mistake, expression in _likely(variant, found):
        try:
            shorter = simplest(expression)
            tree = from_sympy(shorter)
            others = [right, *(each.expression for each in found)]
            if size(tree) > LARGEST or not all(_differ(variant, shorter, other) for other in others):
                continue
        except (SymgraphError, ZeroDivisionError, TypeError):
            continue
        found.append(Distractor(mistake, shorter, tree, MISTAKES[mistake].score))
        if len(found) == count:
            break
    return found


def _likely(variant: Variant, found: list[Distractor]) -> Iterator[tuple[str, Expr]]:
    """What the likeliest mistakes give; those that were found need not be tried again."""
    if variant.task.slope is not None:
        yield from ((edit.mistake, wrong) for edit, wrong in likely_slopes(variant.task.slope, TRIED))
        return
    table = candidates(variant.task.questions[0])
    rank = {name: place for place, name in enumerate(MISTAKES)}
    ranked = sorted(table.all_edits, key=lambda each: (-each.likelihood, rank[each.mistake], str(each.where)))
    for edit in ranked[:TRIED]:
        if any(each.mistake == edit.mistake for each in found):
            continue
        try:
            yield edit.mistake, table.expression(edit)
        except (SymgraphError, ZeroDivisionError, TypeError):
            continue


def _differ(variant: Variant, one: Expr, other: Expr) -> bool:
    """Whether two expressions are certified to be different: on the curve, where the question is about one."""
    if variant.task.slope is not None:
        return compared(variant.task.slope, one, None, right=other)[0].outcome is Outcome.DIFFERENT
    return equal(one, other, heavy=False).outcome is Outcome.DIFFERENT


def choices(variant: Variant, key: Tree, formats: Sequence[str]) -> list[dict[str, Any]]:
    """The options of a problem in an order of its own, the right one among them; none where there are too few."""
    wrong = distractors(variant)
    if len(wrong) < 2:
        return []
    options = [_option(key, True, "", formats), *(_option(each.tree, False, each.mistake, formats) for each in wrong)]
    return sorted(
        options, key=lambda each: index(2**64, variant.seed, variant.problem.id, variant.label, each["ascii"])
    )


def _option(tree: Tree, right: bool, mistake: str, formats: Sequence[str]) -> dict[str, Any]:
    written = {to: str(renderer.FORMATS[to].formula(tree)) for to in formats}
    return {**written, "right": right, "mistake": mistake, "ascii": typesetting.text(tree, ascii=True)}
