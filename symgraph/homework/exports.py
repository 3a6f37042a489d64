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

from symgraph.calculus.balls import Tape
from symgraph.calculus.equality import Outcome as Equality
from symgraph.calculus.equality import equal
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer, typesetting
from symgraph.homework import maxima
from symgraph.homework.items import proved_answer, tellings
from symgraph.homework.options import choices, distractors
from symgraph.homework.problems import Problem, Variant, vary
from symgraph.language.constructors import construct
from symgraph.language.tree import Tree
from symgraph.marking.checker import mark

__all__ = ["facts_of", "page_of"]

MISTAKES_TOLD = 8


def facts_of(problem: Mapping[str, Any], seed: str, label: str) -> dict[str, Any]:
    """The facts of one variant, every formula in each notation that a site may want.

    Raises:
        SymgraphError: it cannot be worked out, or its answer has no form in Maxima.
    """
    variant = vary(Problem(MappingProxyType(dict(problem))), seed, label)
    answer, claims = proved_answer(variant)
    if any(claim["outcome"] == "refuted" for claim in claims):
        told = next(claim["detail"] for claim in claims if claim["outcome"] == "refuted")
        raise SymgraphError(f"its key is wrong: {told}")
    return {
        "id": variant.problem.id,
        "title": variant.problem.title,
        "label": label,
        "points": variant.problem.points,
        "drawn": variant.drawn,
        "statement": page_of(variant.statement("md")),
        "statement_md": variant.statement("md"),
        "names": list(variant.program.inputs),
        "answer": _formula(answer),
        "wrong": _wrong(variant),
        "worked": page_of("\n\n".join(_told(variant))),
        "limits": _limits(variant),
        "choice": choices(variant, answer, ["tex", "txt"]),
    }


_INTERVALS = ((1, 2), (2, 3), (Fraction(1, 5), Fraction(4, 5)), (3, 5), (Fraction(-4, 5), Fraction(-1, 5)), (-3, -2))
_LOOKED_AT = 24  # points of an interval


def _limits(variant: Variant) -> list[float] | None:
    """An interval at whose points, all names together, the function and the answer have values."""
    question = variant.task.questions[0]
    tape = Tape(question.earlier[0], question.answer)
    for low, high in _INTERVALS:
        step = Fraction(high - low) / _LOOKED_AT
        steps = [
            {name: low + step * ((number * (place + 3)) % (_LOOKED_AT + 1)) for place, name in enumerate(tape.names)}
            for number in range(_LOOKED_AT + 1)
        ]
        if all(value.real for point in steps for value in tape.run(point, 64)):
            return [float(low), float(high)]
    return None


def _told(variant: Variant) -> list[str]:
    return [re.sub(r"!\[[^\]]*\]\([^)]*\)", "", renderer.steps(each, "md", "graph")) for each in tellings(variant)]


def _formula(tree: Tree) -> dict[str, str]:
    return {
        "maxima": maxima.write(tree),
        "ascii": typesetting.text(tree, ascii=True),
        "latex": typesetting.latex(tree),
    }


def _wrong(variant: Variant) -> list[dict[str, Any]]:
    """Wrong answers that were foreseen: the teacher's own first, then the mistakes that have names."""
    found: list[dict[str, Any]] = []
    kept: list[Any] = []
    for reply in variant.replies("feedback"):
        tree = variant.read(reply.answer)
        if mark(variant.task, reply.answer).outcome.value == "wrong":
            found.append({"mistake": "said", "score": reply.score, "say": reply.say, **_formula(tree)})
            kept.append(construct(tree))
    for wrong in distractors(variant, MISTAKES_TOLD):
        if any(equal(wrong.expression, each, heavy=False).outcome is not Equality.DIFFERENT for each in kept):
            continue
        try:
            formula = _formula(wrong.tree)
        except SymgraphError:
            continue
        verdict = mark(variant.task, formula["ascii"])
        if verdict.outcome.value != "wrong" or not verdict.diagnoses:
            continue
        told = verdict.diagnoses[0]
        say = " ".join(verdict.render("txt").split())
        found.append({"mistake": told.mistake, "score": told.score, "say": say, **formula})
    return found


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
