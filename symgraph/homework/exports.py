"""What a course site needs of one variant: statement, answer, mistakes with their scores, worked solution.

It is a task of `worker.py`.

>>> from symgraph.homework.problems import read_text
>>> homework = read_text('schema = 1\\n[[problem]]\\nid = "p"\\nf = "sin(x^3)"')
>>> facts = facts_of(homework.problems[0].data(), "", "1")
>>> facts["answer"]["maxima"], [wrong["mistake"] for wrong in facts["wrong"]][:2]
('3*x^2*cos(x^3)', ['missing_edge', 'not_differentiated'])
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from symgraph.calculus.balls import Enclosure, Tape
from symgraph.calculus.equality import Outcome, equal
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer, typesetting
from symgraph.homework.items import closing, judge, proved_answer, tellings
from symgraph.homework.notations import NOTATIONS
from symgraph.homework.options import choices, distractors
from symgraph.homework.problems import Problem, Variant, vary
from symgraph.language.constructors import construct
from symgraph.language.tree import Apply, Name, Rate, Tree
from symgraph.marking.lines import Aim
from symgraph.marking.outcomes import Diagnosis
from symgraph.marking.question import Question
from symgraph.marking.slopes import curve_point, implicit_slope

__all__ = ["facts_of", "page_of"]

MISTAKES_TOLD = 8
_POINTS = 6  # of a curve, at which sites compare
_FAR = Fraction(1, 1000)  # by so much, of their size, wrong answers differ at some point: sites compute in decimals


def facts_of(problem: Mapping[str, Any], seed: str, label: str) -> dict[str, Any]:
    """The facts of one variant, every formula in each notation that a site may want.

    Raises:
        SymgraphError: it cannot be worked out, or its key is wrong.
    """
    variant = vary(Problem(MappingProxyType(dict(problem))), seed, label)
    answer, claims = proved_answer(variant)
    if any(claim["outcome"] == "refuted" for claim in claims):
        told = next(claim["detail"] for claim in claims if claim["outcome"] == "refuted")
        raise SymgraphError(f"its key is wrong: {told}")
    points = _curve_points(variant, answer)
    options = choices(variant, answer, ["tex", "txt"])
    answer = _in_a_box(variant, answer)
    return {
        "id": variant.problem.id,
        "title": variant.problem.title,
        "label": label,
        "points": variant.problem.points,
        "drawn": variant.drawn,
        "statement": page_of(variant.statement("md")),
        "statement_md": variant.statement("md"),
        "names": list(variant.program.inputs if variant.tangent is None else variant.tangent.point),
        "answer": _formula(answer),
        "parts": _parts(variant, answer),
        "curve": None if points is None else [_decimals(point) for point in points],
        "values": None if points is None else [float(_value(answer, point)) for point in points],
        "equation": _formula(Apply("subtract", variant.formulas()["f"].arguments)) if points else None,
        "wrong": _wrong(variant, answer, points),
        "worked": page_of("\n\n".join(_told(variant))),
        "limits": _limits(variant, answer),
        "choice": options,
    }


def _in_a_box(variant: Variant, answer: Tree) -> Tree:
    """What an answer is compared with on a site: of a tangent the right side, for y = stands before the box.

    Raises:
        SymgraphError: the tangent stands upright.
    """
    tangent = variant.tangent
    if tangent is None:
        return answer
    if tangent.is_upright:
        raise SymgraphError("the tangent stands upright, and a site asks for the right side of y = …")
    assert isinstance(answer, Apply)
    left, right = answer.arguments
    return right if left == Name(tangent.up) else tangent.side(tangent.right)


_INTERVALS = ((1, 2), (2, 3), (Fraction(1, 5), Fraction(4, 5)), (3, 5), (Fraction(-4, 5), Fraction(-1, 5)), (-3, -2))
_LOOKED_AT = 24  # points of an interval


def _limits(variant: Variant, answer: Tree) -> list[float] | None:
    """An interval at whose points, all names together, the function and the answer have values."""
    question = variant.problem.question if variant.tangent is None else "tangent"
    function = variant.task.questions[0].earlier[0] if question == "derivative" else construct(answer)
    tapes = [Tape(function), *(Tape(construct(part)) for _, part in _components(variant, answer))]
    for low, high in _INTERVALS:
        step = Fraction(high - low) / _LOOKED_AT
        for tape in tapes:
            steps = [
                {
                    name: low + step * ((number * (place + 3)) % (_LOOKED_AT + 1))
                    for place, name in enumerate(tape.names)
                }
                for number in range(_LOOKED_AT + 1)
            ]
            if not all(value.real for point in steps for value in tape.run(point, 64)):
                break
        else:
            return [float(low), float(high)]
    return None


def _curve_points(variant: Variant, answer: Tree) -> list[dict[str, Any]] | None:
    """Points of the curve at which the answer has a value of ordinary size; None where no equation gives the curve.

    An answer about a curve may use the curve's equation: a site judges it at points at which the equation holds.
    """
    if variant.problem.question != "implicit" or variant.at is not None:
        return None
    found: list[dict[str, Any]] = []
    for point in curve_point(implicit_slope(variant.equation, *variant.curve), variant.problem.id):
        value = _value(answer, point)
        if value.real and Fraction(1, 1000) < abs(float(value)) < 1000:
            found.append(point)
        if len(found) == _POINTS:
            break
    return found


def _decimals(point: Mapping[str, Any]) -> dict[str, str]:
    return {name: repr(float(value)) for name, value in point.items()}


def _value(tree: Tree, point: Mapping[str, Any]) -> Enclosure:
    tape = Tape(construct(tree))
    (value,) = tape.run({name: point[name] for name in tape.names}, 192)
    return value


def _told(variant: Variant) -> list[str]:
    told = [re.sub(r"!\[[^\]]*\]\([^)]*\)", "", renderer.steps(each, "md", "graph")) for each in tellings(variant)]
    return told + closing(variant, "md")


def _formula(tree: Tree) -> dict[str, Any]:
    """A formula in every notation; where a site cannot have it, the reason is among the refusals."""
    written: dict[str, Any] = {
        "ascii": typesetting.text(tree, ascii=True), "latex": typesetting.latex(tree), "refused": {}
    }  # fmt: skip
    for name, notation in NOTATIONS.items():
        try:
            written[name] = notation.write(tree)
        except SymgraphError as refusal:
            written["refused"][name] = str(refusal)
    return written


def _components(variant: Variant, answer: Tree) -> list[tuple[Rate | None, Tree]]:
    """The formulas of an answer, each with the derivative that it is, where there are several."""
    if not (isinstance(answer, Apply) and answer.operator in ("vector", "matrix")):
        return [(None, answer)]
    rows = answer.arguments if answer.operator == "matrix" else (answer,)
    flat = [piece for row in rows if isinstance(row, Apply) for piece in row.arguments]
    asked = variant.task.questions
    if len(flat) != len(asked):
        raise SymgraphError("the answer has another shape than the question")
    return [(_rate(each), part) for each, part in zip(asked, flat, strict=True)]


def _rate(question: Question) -> Rate:
    """The symbol of the derivative that is asked for: ∂f/∂x, ∂²f/∂x², ∂²f/∂x ∂y."""
    first, *others = question.by
    named = question.named_output or "f"
    if any(name != first for name in others):
        return Rate(named, first, also=tuple(others))
    return Rate(named, first, order=len(question.by))


def _parts(variant: Variant, answer: Tree) -> list[dict[str, Any]]:
    """What goes into each box, and what stands before it."""
    if variant.tangent is not None:
        return [{"label": typesetting.latex(Name(variant.tangent.up)), **_formula(answer)}]
    return [
        {"label": "" if rate is None else typesetting.latex(rate), **_formula(part)}
        for rate, part in _components(variant, answer)
    ]


def _wrong(variant: Variant, answer: Tree, points: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Wrong answers that were foreseen: the teacher's own first, then the mistakes that have names."""
    found: list[dict[str, Any]] = []
    kept = [answer]
    for reply in variant.replies("feedback"):
        tree = variant.read(reply.answer)
        if variant.tangent is not None:
            solved = variant.tangent.solved(tree)
            if solved is None:
                continue
            tree = variant.tangent.side(solved)
        if judge(variant, reply.answer).outcome.value == "wrong" and _apart(variant, tree, kept, points):
            found.append({"mistake": "said", "score": reply.score, "say": reply.say, **_formula(tree)})
            kept.append(tree)
    for wrong in distractors(variant, MISTAKES_TOLD):
        if not _apart(variant, wrong.tree, kept, points):
            continue
        verdict = judge(variant, typesetting.text(wrong.tree, ascii=True))
        if verdict.outcome.value != "wrong" or not verdict.diagnoses:
            continue
        told = verdict.diagnoses[0]
        say = " ".join(verdict.render("txt").split())
        found.append({"mistake": _named(told), "score": verdict.score, "say": say, **_formula(wrong.tree)})
        kept.append(wrong.tree)
    return found


def _named(told: Diagnosis) -> str:
    """A mistake's name; with what it was, where one of that name may be made in several ways, as about a tangent."""
    edit = told.fit.edit if told.fit is not None else None
    if edit is None or not isinstance(edit.detail, Aim):
        return told.mistake
    behind = edit.detail.behind
    return f"{told.mistake} {edit.kind if behind is None else behind.edit.mistake}".strip()


def _apart(variant: Variant, tree: Tree, others: list[Tree], points: list[dict[str, Any]] | None) -> bool:
    """Whether a site can tell a formula from others: certified, and on a curve also far apart at one of the points."""
    if points is None:
        return all(
            equal(construct(tree), construct(other), heavy=False).outcome is Outcome.DIFFERENT for other in others
        )
    tape = Tape(construct(tree), *(construct(other) for other in others))
    told_apart = [False] * len(others)
    for point in points:
        here, *there = tape.run({name: point[name] for name in tape.names}, 192)
        for place, value in enumerate(there):
            if not (here.real and value.real):
                return False
            gap = abs(float(here) - float(value))
            told_apart[place] |= here.apart(value) and gap > _FAR * (1 + abs(float(value)))
    return all(told_apart)


_MATHS = re.compile(r"\$\$(.+?)\$\$|(?<!\\)\$((?:[^$\\]|\\.)+?)\$", re.S)


def page_of(markdown: str) -> str:
    r"""Markdown of ours as HTML for a site that sets LaTeX between \( and \) itself.

    >>> page_of("So $x^2$ *is*.")
    '<p>So \\(x^2\\) <em>is</em>.</p>'
    """
    import nh3
    from markdown_it import MarkdownIt

    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        body = (found[1] or found[2]).replace("<", r"\lt ").replace(">", r"\gt ").replace("&", "&amp;")
        kept.append(f"\\[{body}\\]" if found[1] else f"\\({body}\\)")
        return f"\ue000{len(kept) - 1}\ue001"

    marked = _MATHS.sub(keep, markdown)
    page = nh3.clean(str(MarkdownIt("commonmark", {"html": False}).disable("image").render(marked)))
    put: Callable[[re.Match[str]], str] = lambda found: kept[int(found[1])]  # noqa: E731 # one line says it
    return re.sub("\ue000(\\d+)\ue001", put, page).strip()
