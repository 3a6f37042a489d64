"""Multiple choice: the wrong options are named mistakes, each certified different from the key and from each other.

>>> from symgraph.homework.problems import read_text, vary
>>> homework = read_text('schema = 1\\n[[problem]]\\nid = "p"\\nf = "sin(x^3)"')
>>> [(wrong.mistake, str(wrong.expression)) for wrong in distractors(vary(homework.problems[0], "", "1"), 2)]
[('missing_edge', 'cos(x**3)'), ('not_differentiated', 'sin(x**3)')]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, expand

from symgraph.calculus.equality import Outcome, equal
from symgraph.calculus.simplifier import simplest
from symgraph.calculus.substitution import replace_symbols
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer, typesetting
from symgraph.homework.draws import index
from symgraph.homework.problems import Variant
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Apply, Name, Tree, size
from symgraph.marking.bends import likely_bends
from symgraph.marking.candidates import candidates
from symgraph.marking.edits import Unusable
from symgraph.marking.lines import NO_SLOPES, Tangent, likely_lines
from symgraph.marking.mistakes import MISTAKES
from symgraph.marking.question import Question
from symgraph.marking.slopes import Slope, compared, implicit_slope, likely_slopes, parametric_slope

__all__ = ["WRONG_OPTIONS", "Distractor", "choices", "distractors", "shaped"]

WRONG_OPTIONS = 4
TRIED = 40  # candidates that are looked at
LARGEST = 60  # pieces of an option that is still read


@dataclass(frozen=True)
class Distractor:
    """A wrong option: what the mistake of that name gives; in a list, the names of all mistakes in it."""

    mistake: str
    expression: Expr | None
    tree: Tree


def distractors(variant: Variant, count: int = WRONG_OPTIONS) -> list[Distractor]:
    """Wrong formulas, the likeliest mistakes first, a mistake once; none where the question is not one derivative."""
    if variant.problem.is_tangent:
        return _wrong_lines(variant, count)
    curve = _curve(variant)
    if variant.at is not None or (curve is None and variant.task.shape):
        return []
    return _wrong(variant, variant.task.questions[0] if curve is None else None, count)


def _curve(variant: Variant) -> Slope | None:
    """The curve whose slope is asked for, or the slope's derivative along it; None for a function."""
    if variant.problem.question == "derivative":
        return None
    wrt, of = variant.curve
    if variant.problem.question == "implicit":
        return implicit_slope(variant.equation, wrt, of)
    return parametric_slope(variant.program, wrt, of, variant.program.inputs[0])


def _wrong(variant: Variant, question: Question | None, count: int = WRONG_OPTIONS) -> list[Distractor]:
    """The same for one derivative of several, or for its value at the point.

    Args:
        question: None: the slope of a curve, or its second derivative.
    """
    curve = _curve(variant)
    right = _at_the_point(variant, variant.slope if question is None else question.answer)
    found: list[Distractor] = []
    for mistake, expression in _likely(variant, question, curve, found):
        try:
            shorter = simplest(_at_the_point(variant, expression))
            tree = from_sympy(shorter)
            others = [right, *(each.expression for each in found)]
            if size(tree) > LARGEST or not all(_differ(variant, curve, shorter, other) for other in others):
                continue
        except (SymgraphError, ZeroDivisionError, TypeError):
            continue
        found.append(Distractor(mistake, shorter, tree))
        if len(found) == count:
            break
    return found


def _wrong_lines(variant: Variant, count: int = WRONG_OPTIONS) -> list[Distractor]:
    """The right sides of other lines: of each mistake the likeliest first, then more of the same."""
    tangent = variant.tangent
    assert tangent is not None
    rows = [*_wrong_slopes(variant, tangent), *((edit.mistake, right) for edit, right in likely_lines(tangent))]
    seen: dict[str, int] = {}
    ranked = []
    for row in rows:
        seen[row[0]] = seen.get(row[0], 0) + 1
        if row[0] in _LINES:
            ranked.append((seen[row[0]], _LINES.index(row[0]), row))
    found: list[Distractor] = []
    for _, _, (mistake, right) in sorted(ranked, key=lambda each: each[:2]):
        shorter = right if mistake == "slope_not_evaluated" else expand(right)
        others = [tangent.right, *(each.expression for each in found)]
        tree = tangent.side(shorter)
        if size(tree) <= LARGEST and all(_differ(variant, None, shorter, other) for other in others):
            found.append(Distractor(mistake, shorter, tree))
        if len(found) == count:
            break
    return found


_LINES = ("tangent_point", "tangent_slope", "slope_not_evaluated", "tangent_normal")


def _wrong_slopes(variant: Variant, tangent: Tangent) -> list[tuple[str, Expr]]:
    """Lines through the point with the slopes that the likeliest mistakes in differentiating give."""
    curve = _curve(variant)
    found: list[tuple[str, Expr]] = []
    for name, right in tangent.slopes.items():
        question = None if curve is not None else next(each for each in tangent.questions if each.wrt.name == name)
        for mistake, expression in _likely(variant, question, curve, []):
            try:
                slope = _at_the_point(variant, expression)
                if mistake not in NO_SLOPES and _differ(variant, None, slope, right):
                    found.append(("tangent_slope", tangent.through({**tangent.slopes, name: slope})))
            except (SymgraphError, ZeroDivisionError, TypeError):
                continue
            if len(found) == WRONG_OPTIONS:
                return found
    return found


def _at_the_point(variant: Variant, expression: Expr) -> Expr:
    """What an expression is worth, where a value is asked for."""
    if variant.at is None:
        return expression
    symbols = {name: variant.program.symbol(name) for name in variant.at}
    worth = replace_symbols(expression, {symbols[name]: value for name, value in variant.at.items()})
    if not worth.is_finite:
        raise SymgraphError("there is no value at this point")
    return worth


def _likely(
    variant: Variant, question: Question | None, curve: Slope | None, found: list[Distractor]
) -> Iterator[tuple[str, Expr]]:
    """What the likeliest mistakes give; those that were found need not be tried again."""
    if curve is not None and variant.order > 1:
        yield from likely_bends(curve)
        return
    if curve is not None:
        yield from ((edit.mistake, wrong) for edit, wrong in likely_slopes(curve, TRIED))
        return
    assert question is not None
    table = candidates(question)
    rank = {name: place for place, name in enumerate(MISTAKES)}
    ranked = sorted(table.all_edits, key=lambda each: (-each.likelihood, rank[each.mistake], str(each.where)))
    for edit in ranked[:TRIED]:
        if any(each.mistake == edit.mistake for each in found):
            continue
        try:
            yield edit.mistake, table.expression(edit)
        except (SymgraphError, Unusable, ZeroDivisionError, TypeError):
            continue


def _differ(variant: Variant, curve: Slope | None, one: Expr, other: Expr | None) -> bool:
    """Whether two expressions are certified to be different: on the curve, where the question is about one."""
    assert other is not None
    if curve is not None and variant.at is None:
        return compared(curve, one, None, right=other)[0].outcome is Outcome.DIFFERENT
    return equal(one, other, heavy=False).outcome is Outcome.DIFFERENT


# Lists and matrices --------------------------------------------------------------------------------------------------

# Which of two or three entries are wrong in an option. Each is right in as many options as it is wrong in, so that the
# key is not the option whose entries are met most often.
_PATTERNS = {2: ((1, 0), (0, 1), (1, 1)), 3: ((1, 1, 0), (1, 0, 1), (0, 1, 1))}


def _wrong_lists(variant: Variant) -> list[Distractor]:
    """Wrong gradients and Jacobians: in two or three entries the same mistake where all can have it."""
    task = variant.task
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}  # the two mixed derivatives of a Hessian are one
    for place, question in enumerate(task.questions):
        groups.setdefault((question.named_output, tuple(sorted(question.by))), []).append(place)
    places = list(groups.values())
    wrong = [_wrong(variant, task.questions[group[0]]) for group in places]
    able = [number for number, found in enumerate(wrong) if found]
    right = [_entry(variant, question) for question in task.questions]
    if len(able) == 1:
        (one,) = able
        return [_listed(variant, right, dict.fromkeys(places[one], each)) for each in wrong[one]]
    found: list[Distractor] = []
    chosen = _alike([wrong[number] for number in able[:3]])
    for pattern in _PATTERNS.get(len(chosen), ()):
        marked = [number for number, is_wrong in enumerate(pattern) if is_wrong]
        put = {place: chosen[number] for number in marked for place in places[able[number]]}
        found.append(_listed(variant, right, put))
    return [*found, *_turned(variant, right)]


def _alike(wrong: Sequence[Sequence[Distractor]]) -> list[Distractor]:
    """One distractor for each entry: of a mistake that all of them can have, or else the likeliest of its own."""
    shared = [each.mistake for each in wrong[0] if each.mistake != "not_differentiated"] if wrong else []
    common = [name for name in shared if all(any(each.mistake == name for each in row) for row in wrong)]
    return [next((each for each in row if each.mistake in common[:1]), row[0]) for row in wrong]


def _entry(variant: Variant, question: Question) -> Tree:
    return from_sympy(simplest(_at_the_point(variant, question.answer)))


def _listed(variant: Variant, right: Sequence[Tree], wrong: Mapping[int, Distractor]) -> Distractor:
    """The right entries with some wrong ones in their places."""
    mistakes = ", ".join(dict.fromkeys(each.mistake for each in wrong.values()))
    entries = [wrong[place].tree if place in wrong else tree for place, tree in enumerate(right)]
    return Distractor(mistakes, None, shaped(entries, variant.task.shape))


def _turned(variant: Variant, right: Sequence[Tree]) -> list[Distractor]:
    """Rows and columns of a square Jacobian exchanged, where that makes a difference."""
    shape, questions = variant.task.shape, variant.task.questions
    if len(shape) != 2 or shape[0] != shape[1]:
        return []
    order = [column * shape[1] + row for row in range(shape[0]) for column in range(shape[1])]
    pairs = [(questions[place].answer, questions[other].answer) for place, other in enumerate(order) if place != other]
    if not any(_differ(variant, None, *(_at_the_point(variant, each) for each in pair)) for pair in pairs):
        return []
    return [Distractor("transposed", None, shaped([right[place] for place in order], shape))]


def shaped(entries: Sequence[Tree], shape: Sequence[int]) -> Tree:
    """Entries as a list, or as a matrix row by row."""
    if len(shape) == 1:
        return Apply("vector", tuple(entries))
    rows = [Apply("vector", tuple(entries[start : start + shape[1]])) for start in range(0, len(entries), shape[1])]
    return Apply("matrix", tuple(rows))


def choices(variant: Variant, key: Tree, formats: Sequence[str]) -> list[dict[str, Any]]:
    """The options of a problem in an order of its own, the right one among them; none where there are too few."""
    if variant.tangent is not None:
        lines = _wrong_lines(variant)
        key, left = variant.tangent.equation, Name(variant.tangent.solved_for)  # all are written alike
        wrong = [replace(each, tree=Apply("equals", (left, each.tree))) for each in lines]
    elif variant.problem.question != "derivative":
        wrong = _wrong(variant, None)
    else:
        wrong = _wrong_lists(variant) if variant.task.shape else _wrong(variant, variant.task.questions[0])
    if len(wrong) < 2:
        return []
    options = [_option(key, True, "", formats), *(_option(each.tree, False, each.mistake, formats) for each in wrong)]
    return sorted(
        options, key=lambda each: index(2**64, variant.seed, variant.problem.id, variant.label, each["ascii"])
    )


def _option(tree: Tree, right: bool, mistake: str, formats: Sequence[str]) -> dict[str, Any]:
    written = {to: str(renderer.FORMATS[to].formula(tree)) for to in formats}
    return {**written, "right": right, "mistake": mistake, "ascii": typesetting.text(tree, ascii=True)}
