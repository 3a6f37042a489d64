"""graph -> Explanation: which steps, in which order.

>>> explanation = explain("(a+b)*(b+1)", wrt="b", at={"a": 2, "b": 1})
>>> explanation.answer, explanation.value
(a + 2*b + 1, 5)
>>> [str(path) for path in explanation.paths]
['b → c → e', 'b → d → e']

The page is as long as the question: sweeps and the ledger appear where there are two inputs or outputs, where paths
meet, or when asked for; a step that would say nothing is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from os import PathLike
from pathlib import Path as FilePath
from typing import Any

from sympy import Expr

from symgraph import files
from symgraph.calculus.crosscheck import Report
from symgraph.calculus.curves import is_equation
from symgraph.calculus.derivatives import Answers, Extra, Found, Names, Shapes, find
from symgraph.calculus.evaluation import Point, Values
from symgraph.calculus.graph import Grain, Graph, Node, Source, keeping
from symgraph.calculus.paths import Path, count_paths, find_paths
from symgraph.errors import SymgraphError
from symgraph.explanation import inquiries, notebooks, pdf, renderer
from symgraph.explanation.asking import Asking
from symgraph.explanation.failing import failing
from symgraph.explanation.layers import fold, is_folded, representatives
from symgraph.explanation.steps import Checks, Nudge, Step
from symgraph.explanation.story import Asked, Told, tell
from symgraph.explanation.typesetting import LANGUAGE, known_language
from symgraph.language.program import Program
from symgraph.limits import DEFAULT, Limits

__all__ = ["Explanation", "Page", "explain"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page in a frame, for a notebook's cell."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


@dataclass(frozen=True)
class Explanation:
    """A derivative, explained: the graph, the answers, and the steps that tell it.

    Args:
        program: what was explained.
        graph: in the grain of the telling.
        wrt, of: the nodes it is about.
        steps: the facts to tell, in order.
        answers: every derivative asked for, by (output, input), as SymPy expressions in the inputs.
        values: the values of nodes and edges at the point, if one was given.
        report: how the answers were checked.
        question: what was asked: "derivative", or the name of another question.
        result: the answer to another question, as SymPy has it.
        parts: what is explained first, where a question needs several derivatives; `role` is what a part is to it,
            and `meaning` what its heading is about.
        subject: what was asked about, where that is not what the graph has (ln y in the place of y).
        lang: the language of its words.
    """

    program: Program
    graph: Graph
    wrt: tuple[Node, ...]
    of: tuple[Node, ...]
    steps: tuple[Step, ...]
    answers: Answers
    values: Values | None
    report: Report
    numbers: Mapping[tuple[str, str], Expr]
    title: str | None = None
    detail: str = "all"
    letters: Mapping[str, Path] = field(default_factory=dict)
    question: str = "derivative"
    result: Any = None
    parts: tuple[Explanation, ...] = ()
    role: str = ""
    meaning: Any = None
    subject: Any = None
    lang: str = "en"

    def _only(self) -> tuple[Node, Node]:
        if len(self.of) * len(self.wrt) != 1:
            pairs = ", ".join(f"∂{of}/∂{wrt}" for of, wrt in self.answers)
            raise SymgraphError(f"there are {len(self.answers)} answers ({pairs}): take one of .answers[of, wrt]")
        return self.of[0], self.wrt[0]

    @property
    def answer(self) -> Expr:
        """The only derivative asked for, as SymPy has it; or the result of another question.

        Raises:
            SymgraphError: there are several; `answers` has them all.
            TooLargeToShow: written in the inputs it would be too large; the rest of the explanation works.
        """
        if self.question != "derivative":
            return self.result
        of, wrt = self._only()
        return self.answers[of.name, wrt.name]

    @property
    def value(self) -> Expr | None:
        """The only derivative's value at the point; None without a point."""
        of, wrt = self._only()
        return self.numbers.get((of.name, wrt.name))

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths from the only input asked for to the only output.

        Raises:
            LimitExceeded: there are more than `limits.marked_paths`; `find_paths` yields them one by one.
        """
        of, wrt = self._only()
        DEFAULT.check("marked_paths", count_paths(self.graph, wrt, of), "find_paths() yields them one by one")
        return tuple(find_paths(self.graph, wrt, of))

    def render(self, to: str = "html", stem: str = "graph", *, fragment: bool = False) -> str:
        """The document as text, in the format of a file's ending: "html", "tex", "txt", "md", "svg", "json", ….

        Args:
            to: the ending.
            stem: what the files of pictures are called that stand beside Markdown.
            fragment: LaTeX without a document around it, for \\input in another that loads symgraph.sty.
        """
        return renderer.render(self, to, stem, fragment=fragment)

    def save(
        self,
        path: str | FilePath,
        to: str | None = None,
        pdf_engine: str | None = None,
        *,
        fragment: bool = False,
    ) -> FilePath:
        """Write the document; the file's ending chooses the format. Written beside and replaced, so never half.

        Args:
            path: where to; pictures that stand beside Markdown are written beside it.
            to: a format other than the ending's.
            pdf_engine: "pdflatex", "lualatex" or "browser"; None: the first that is installed.
            fragment: LaTeX without a document around it; symgraph.sty, which it needs, is written beside it.
        """
        if not isinstance(path, str | PathLike):
            raise SymgraphError(f"a document is saved to a path, not to {path!r}")
        target = FilePath(path)
        ending = (to or target.suffix.lstrip(".") or "txt").lower()
        if ending == "pdf":
            made = pdf.make(lambda: self.render("tex"), lambda: self.render("html"), pdf_engine)
            return files.write(target, made)
        if ending == "md":
            for name, picture in renderer.companions(self, target.stem).items():
                files.write(target.parent / name, picture)
        if fragment:
            files.write(target.parent / "symgraph.sty", renderer.style())
        return files.write(target, self.render(ending, target.stem, fragment=fragment))

    def interactive(self, height: str = "70vh") -> Page:
        """The page itself in a notebook's cell, with everything that moves; the notebook must be trusted."""
        return Page(notebooks.framed(self, height))

    def _repr_html_(self) -> str:
        return notebooks.cell(self)

    def _repr_markdown_(self) -> str:
        return notebooks.markdown_cell(self)

    def _repr_latex_(self) -> str:
        return notebooks.answers_in_latex(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook's cell may show: it takes the best that it can."""
        return {
            "text/html": self._repr_html_(),
            "text/markdown": self._repr_markdown_(),
            "text/latex": self._repr_latex_(),
            "text/plain": self.render("txt"),
        }


def explain(
    source: Source,
    wrt: Names = None,
    of: Names = None,
    at: Point | None = None,
    *,
    grain: Grain | None = None,
    detail: str = "all",
    modes: bool | None = None,
    title: str | None = None,
    shapes: Shapes = None,
    extra: Extra = None,
    limits: Limits = DEFAULT,
    question: str | None = None,
    lang: str | None = None,
    **given: Any,
) -> Explanation:
    """Explain a derivative: name the nodes, write a derivative on each edge, add the products along the paths.

    Other questions about derivatives are asked with what belongs to them, or by name (`inquiries.py` lists them):

    >>> explain("x^3", order=2).answer
    6*x
    >>> explain("x^2 + y^2 = 25", at="x=3, y=4").answer
    -3/4
    >>> explain("x*y", question="tangent", at="x=2, y=3").answer
    3*x + 2*y - 6

    Args:
        source: text such as "(a+b)*(b+1)" or "c = a+b; d = b+1; e = c*d", a Program, a SymPy expression,
            or a Python function.
        wrt: any node or several; None: every input.
        of: any node or several; None: every output.
        at: a value for each input, as a mapping or as text ("a=2, b=1/3").
        grain: "operation", "statement" or "textbook"; None: what a teacher would name in one expression, the
            assignments of a program.
        detail: "answer", "main" or "all".
        modes: whether to tell forward and reverse mode; None: where there is something to see.
        title: the document's heading; None: the question.
        shapes: those of inputs that are vectors or matrices, {"x": (5,), "w": (5, 3)}; a point gives them, too.
        extra: functions of your own, {"f": Primitive(...)}.
        question: its name; None: what `given` or an equation implies, else the derivative.
        lang: the language of its words, "en" or "de"; None: what is being spoken (`symgraph.speaking`), else English.
        given: what belongs to one question: order, hold, seed, direction, rates, changes, errors, near, step.

    Raises:
        SymgraphError: the input is at fault (see `errors.py`), or two routes to an answer disagree.
    """
    if detail not in ("answer", "main", "all"):
        raise SymgraphError(f"the detail is answer, main or all, not {detail!r}")
    lang = known_language(lang or LANGUAGE.get())
    given = {key: value for key, value in given.items() if value is not None}
    row = inquiries.named(question, given, source)
    how: dict[str, Any] = {"grain": grain, "shapes": shapes, "extra": extra, "limits": limits}
    source = keeping(source, of, limits)
    if not row.room:
        return replace(_derive(source, wrt, of, at, detail=detail, modes=modes, title=title, **how), lang=lang)
    derive = partial(_derive, detail=detail, modes=modes or False, title=title, **how)
    if row.name == "related_rates" and is_equation(source):
        given["equation"] = True
    explanation: Explanation = row.tell(Asking(source, wrt, of, at, given, derive, how))
    parts = tuple(replace(part, lang=lang) for part in explanation.parts)
    return replace(explanation, lang=lang, parts=parts)


def _told(found: Found, detail: str, modes: bool | None, limits: Limits) -> Told:
    """The steps; where there are vectors and matrices, of one component of each, with the layers folded."""
    pairs = representatives(found) if is_folded(found) else found.pairs
    modes = False if is_folded(found) and modes is None else modes
    told = tell(Asked(found.graph, pairs, found.answers, found.values, found.report, detail, modes, limits))
    steps = fold(found, told.steps) if is_folded(found) else list(told.steps)
    fails = failing(found) if detail == "all" else None
    sure = found.report.stand_ins
    steps = [replace(step, stand_ins=sure) if isinstance(step, Checks) else step for step in steps]
    if fails is not None:
        at = next((place for place, step in enumerate(steps) if isinstance(step, Nudge | Checks)), len(steps))
        steps.insert(at, fails)
    return replace(told, steps=tuple(steps), numbers=found.numbers)


def _derive(
    source: Source,
    wrt: Names = None,
    of: Names = None,
    at: Point | None = None,
    *,
    grain: Grain | None = None,
    detail: str = "all",
    modes: bool | None = None,
    title: str | None = None,
    shapes: Shapes = None,
    extra: Extra = None,
    limits: Limits = DEFAULT,
    role: str = "",
) -> Explanation:
    """The derivatives themselves, explained; `role` says what this is a part of."""
    found = find(source, wrt, of, at, grain=grain, shapes=shapes, extra=extra, limits=limits)
    told = _told(found, detail, modes, limits)
    return Explanation(
        found.program,
        found.graph,
        tuple(dict.fromkeys(start for _, start in found.pairs)),
        tuple(dict.fromkeys(end for end, _ in found.pairs)),
        told.steps,
        found.answers,
        found.values,
        found.report,
        told.numbers,
        title,
        detail,
        told.letters,
        role=role,
    )
