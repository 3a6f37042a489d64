"""An explanation in the dress of a format: its words, its pictures, and what a template may ask about it.

A template loops and prints; what it needs worked out is a filter or a name here (`views.py` has the facts behind them).

>>> from symgraph.explanation.explainer import explain
>>> print(dress(explain("sin(3x+1)"), FORMATS["txt"]).splitlines()[0])
How does y change when x changes?
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from symgraph.calculus.graph import Node
from symgraph.errors import SymgraphError
from symgraph.explanation import formats, page_script, typesetting
from symgraph.explanation.formats import ASCII, CELL, FORMATS, LINE, Format, filled, finished, maths, plain_latex
from symgraph.explanation.pens import folded
from symgraph.explanation.pictures import DrawnPicture
from symgraph.explanation.steps import Answer, SubstituteBack, SweepTable
from symgraph.explanation.templates import Environment, environment
from symgraph.explanation.typesetting import Shown, speaking
from symgraph.explanation.views import View
from symgraph.language.tree import Name

if TYPE_CHECKING:
    from symgraph.explanation.explainer import Explanation

__all__ = ["companions", "data_address", "dress", "picture", "steps"]


def dress(
    explanation: Explanation, chosen: Format, fragment: bool = False, stem: str = "graph", width: int = LINE
) -> str:
    """The whole telling, with its parts.

    Args:
        fragment: LaTeX without a document around it.
        stem: what the files of pictures are called that stand beside Markdown.
        width: columns of plain text.
    """
    memory: set[str] = set()
    names = {"parts": (), "fragment": fragment, "stem": stem, "width": width}
    views = [(View(part, memory), f"part{number}-") for number, part in enumerate(explanation.parts, 1)]
    parts = [_written(chosen, view, "part", {**names, "level": 3, "part_id": prefix}) for view, prefix in views]
    told = [(view, prefix, str(part)) for (view, prefix), part in zip(views, parts, strict=True)]
    names |= {"parts": parts, "part_views": told, "level": 2, "part_id": ""}
    text = _written(chosen, View(explanation, memory), "fragment" if fragment else "explanation", names)
    return finished(chosen, str(text))


def steps(explanation: Explanation, to: str, name: str = "", *, pictures: bool = True) -> str:
    """The telling alone, without a document around it.

    Args:
        to: "html", "tex", "md" or "txt".
        name: what makes the pictures' names its own in a document with several tellings.
        pictures: whether there are any.
    """
    chosen, memory = FORMATS[to], set[str]()
    names = {"parts": (), "level": 3, "stem": name}
    return "\n".join(
        str(_written(chosen, view, "steps", {**names, "part_id": f"{name}{number}-"}))
        for number, part in enumerate((*explanation.parts, explanation))
        for view in [View(part, memory, pictures=pictures, scripted=False)]
    )


# Pictures


def picture(explanation: Explanation, chosen: Format, kind: str = "edges", start: Node | None = None) -> str:
    """One picture alone.

    Raises:
        SymgraphError: it would be unreadable.
    """
    view = View(explanation)
    if kind == "edges" and view.blocks:
        kind = "folded"
    if view.picture(kind, start) is None:
        raise SymgraphError(f"{len(explanation.graph)} nodes are no picture that could be read: take another format")
    names = {"kind_of_picture": kind, "start_of_picture": start, "parts": (), "level": 2, "part_id": ""}
    return str(_written(chosen, view, "explanation", names)).strip() + "\n"


def companions(explanation: Explanation, stem: str) -> dict[str, str]:
    """The pictures that stand beside a Markdown document, by their file names."""
    found: dict[str, str] = {}
    sweeps = [step for step in explanation.steps if isinstance(step, SweepTable)]
    for kind, start in [("edges", None), *((step.mode, step.start) for step in sweeps)]:
        view = View(explanation)
        if view.picture("folded" if kind == "edges" and view.blocks else kind, start) is not None:
            found[_picture_file(stem, kind, start)] = picture(explanation, FORMATS["svg"], kind, start)
    return found


def _picture_file(stem: str, kind: str, start: Node | None = None) -> str:
    """The name of a picture's file: graph.svg, graph-forward-b.svg."""
    return f"{stem}.svg" if start is None else f"{stem}-{kind}-{start.name}.svg"


def data_address(svg: str) -> str:
    """A picture as an address that holds all of it."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


# The document that is being written


@dataclass(frozen=True, slots=True)
class _Writing:
    """A document that is being written.

    Args:
        view: of the document.
        names: what its template is given.
    """

    view: View
    names: dict[str, Any]


_WRITING: ContextVar[_Writing] = ContextVar("writing")


def _written(chosen: Format, view: View, template: str, names: dict[str, Any]) -> str:
    """One template, with everything that it may call and look at."""
    language = view.explanation.lang
    with speaking(language):
        token = _WRITING.set(_Writing(view, names))
        try:
            found = _telling(chosen, language).get_template(f"{chosen.template}/{template}.j2")
            text = found.render(names, document=view, steps=view.explanation.steps)
        finally:
            _WRITING.reset(token)
    return Markup(text) if chosen.escapes else text


def _view() -> View:
    """The document that is being written."""
    return _WRITING.get().view


def _given(name: str, otherwise: Any) -> Any:
    """What the template of the document that is being written is given by a name."""
    return _WRITING.get().names.get(name, otherwise)


def _asked(name: str) -> Callable[..., Any]:
    """A question to the document that is being written."""
    return lambda *given: getattr(_view(), name)(*given)


@cache
def _telling(chosen: Format, language: str) -> Environment:
    """An environment in which explanations are told: one for all, so that the words are made once.

    What differs from document to document is a call in the words, and a variable in the templates of the dress.
    """
    made = environment(chosen.escapes, language)
    made.filters |= _filters(chosen)
    made.globals |= _names(chosen, language)
    return made


def _filters(chosen: Format) -> dict[str, Callable[..., Any]]:
    formula = _formula(chosen)
    return {
        **formats.filters(chosen),
        "m": formula,
        "plain": lambda each: typesetting.text(View.tree(each), ascii=chosen is ASCII),
        "definition": View.definition,
        "worth": View.worth,
        "edge": View.edge,
        "route": View.route,
        "told_route": lambda fact: _on_path(chosen, fact.letter, formula(View.route(fact))),
        "name": lambda node: node.name,
        "first_node": lambda fact: fact.path.nodes[1].name,
        "fill": lambda text: filled(text, width=_given("width", LINE)),
        "underlined": lambda heading: f"{heading}\n{'-' * len(heading)}",
    }


def _names(chosen: Format, language: str) -> dict[str, Any]:
    """What templates may call, and the words too; what is no function is the same for all documents."""
    asked = ("told", "remembered", "left_out", "place_name", "shape", "slope", "picture", "is_continued")
    return {
        **formats.names(chosen, language),
        **{name: _asked(name) for name in (*asked, "answers_from")},
        "m": _formula(chosen),
        "kind": View.kind,
        "latex": lambda each: (plain_latex if chosen.ending == "md" or chosen is CELL else typesetting.latex)(
            View.tree(each)
        ),
        "plain": lambda each: typesetting.text(View.tree(each), ascii=chosen is ASCII),
        "folded": folded,
        "school_rule": View.school_rule,
        "clause": View.clause,
        "speed": View.speed,
        "route": View.route,
        "equation": View.equation,
        "ratio": View.ratio,
        "row_of": View.row,
        "image": lambda kind, start=None: data_address(picture(_view().explanation, FORMATS["svg"], kind, start)),
        "picture_file": lambda kind, start=None: _picture_file(_given("stem", "graph"), kind, start),
        "pairs": lambda: len(_view().explanation.answers),
        "grain": lambda: _view().grain,
        "at_point": lambda: _view().explanation.values is not None,
        "edge_count": lambda: _view().edge_count,
        "answer_follows": lambda: any(isinstance(step, Answer | SubstituteBack) for step in _view().explanation.steps),
        "counted_paths": lambda: _view().path_count,
        "fragment": False,
        "mathml_line": lambda each: maths(View.tree(each), large=True),
        "describe": DrawnPicture.description,
        "on_path": lambda letter, text: _on_path(chosen, letter, text),
        "copying": lambda chain: _copying(View.whole(chain)) if _view().scripted else "",
        "spoken": lambda markup: _spoken(_view(), markup),
        "interactive": chosen.escapes,
        "number": lambda value: f"{value:.15g}",
        "script": lambda body: page_script.numbers(_view(), str(body), _given("part_views", ())),
        "compact": page_script.compact,
        "fingerprint": page_script.fingerprint,
        "page_words": lambda words: page_script.words(_view(), words, _given("part_views", ())),
    }


def _formula(chosen: Format) -> Callable[[Any], str]:
    """Sets a formula; on a page also remembers how it is spoken, for labels that hold no markup."""

    def formula(each: Any) -> str:
        if not chosen.escapes:
            return chosen.formula(View.tree(each))
        view = _view()
        if not isinstance(each, str):
            return in_markup(View.tree(each), view)
        if each not in view.names:
            view.names[each] = in_markup(Name(each), view)
        return view.names[each]

    def in_markup(tree: Shown, view: View) -> str:
        number = None
        if chosen is FORMATS["html"] and view.scripted:
            number = view.copied.setdefault(typesetting.copied(tree, tex=True), len(view.copied))
            if number == len(view.copied_texts):
                view.copied_texts.append(typesetting.copied(tree, tex=False))
        markup = maths(tree, number) if chosen is FORMATS["html"] else chosen.formula(tree)
        view.spoken[str(markup)] = tree
        return markup

    return formula


_PIECE = '<span class="wide"><math.*?</math></span>|<math.*?</math>'
_MATHS = re.compile(f'<span class="maths"[^>]*>(?:{_PIECE}|<wbr>)+</span>|<math.*?</math>')


def _spoken(view: View, markup: Any) -> str:
    """Words with formulas as plain text, for a label."""
    return html.unescape(_MATHS.sub(lambda found: typesetting.text(view.spoken[found[0]]), str(markup)))


def _on_path(chosen: Format, letter: str, text: Any) -> Any:
    """Words about one path; on a page, so that they light with it."""
    if not chosen.escapes or not letter:
        return text
    return Markup('<span class="way" data-path="{}">{}</span>').format(letter, text)


def _copying(whole: Shown) -> Markup:
    """What the buttons beside a formula copy."""
    tex, text = typesetting.copied(whole, tex=True), typesetting.copied(whole, tex=False)
    return Markup(' data-tex="{}" data-text="{}"').format(tex, text)
