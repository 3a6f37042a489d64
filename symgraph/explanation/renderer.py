"""document -> text: the table of formats, and the only place where Jinja2 is.

A document is an Explanation's facts; `words.j2` says them; a format dresses what is said. A template loops and prints;
what it needs worked out is a filter here (`views.py` has the facts behind them).

Templates are found inside the installed package, or beside it in a checkout.

>>> from symgraph.explanation.explainer import explain
>>> print(render(explain("sin(3x+1)"), "txt").splitlines()[0])
How does y change when x changes?
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import html
import json
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import cache_from_source
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup, escape

from symgraph.calculus.graph import Node
from symgraph.errors import MissingPart, SymgraphError
from symgraph.explanation import typesetting
from symgraph.explanation.escaping import markdown_text, plain_text, tex_text
from symgraph.explanation.mathml import letters, side_by_side
from symgraph.explanation.pens import folded
from symgraph.explanation.sentences import Sentences
from symgraph.explanation.shown import STILL
from symgraph.explanation.sizes import outline
from symgraph.explanation.steps import Answer, SubstituteBack, SweepTable
from symgraph.explanation.story import LETTERS
from symgraph.explanation.typesetting import LANGUAGE, Shown, speaking
from symgraph.explanation.views import View, as_data
from symgraph.language.tree import Name

if TYPE_CHECKING:
    from symgraph.explanation.explainer import Explanation
    from symgraph.explanation.scripting import Slider

__all__ = [
    "COMPOSED",
    "FORMATS",
    "LANGUAGE",
    "LANGUAGES",
    "LONG",
    "Format",
    "Fragment",
    "cell",
    "companions",
    "compose",
    "displayed",
    "framed",
    "macros",
    "markdown_cell",
    "operations",
    "path_colours",
    "render",
    "say",
    "speaking",
    "steps",
    "style",
    "terminal",
    "told",
]

LINE = 78  # columns of plain text
LONG = 34  # letters of a formula that may not fit a telephone's line
LARGE = 26  # the same where fractions are large


@dataclass(frozen=True, slots=True)
class Format:
    """How documents of one kind are made.

    Args:
        ending: of a file's name.
        template: the folder of its dress; empty for JSON, which has none.
        formula: sets one formula inside a sentence.
        text: makes a text of the reader's own harmless.
        escapes: whether Jinja2 escapes what is printed (HTML).
    """

    ending: str
    template: str
    formula: Callable[[Shown], str]
    text: Callable[[object], str]
    escapes: bool = False


def _plain_latex(each: Shown) -> str:
    """LaTeX without the commands that colour a path: what reads Markdown knows none of ours."""
    return re.sub(r"\\path[A-F](?=\{)", "", typesetting.latex(each))


def _maths(shown: Shown, number: int | None = None, *, large: bool = False) -> Markup:
    """A formula on a page: a long one may go on in the next line, and what of it is too long even then scrolls.

    Args:
        number: by which the page's script knows what to copy.
        large: in display style.
    """
    room = LARGE if large else LONG
    pieces = typesetting.mathml_pieces(shown, room, large=large)
    copied = "" if number is None else f' data-f="{number}"'
    if len(pieces) == 1 and letters(pieces[0]) <= room:
        return Markup(pieces[0].replace("<math", "<math" + copied, 1))
    return Markup(side_by_side(pieces, room, copied))  # our own markup


def _cell_text(value: object) -> Markup:
    """A text in a cell: a dollar or a backslash of the reader's own begins no formula there."""
    return Markup(re.sub(r"([$\\])", r"<span>\1</span>", str(escape(plain_text(value)))))


FORMATS: dict[str, Format] = {
    "html": Format("html", "html", lambda each: _maths(each), plain_text, True),
    "tex": Format("tex", "tex", lambda each: f"${typesetting.latex(each)}$", tex_text),
    "txt": Format("txt", "txt", typesetting.text, plain_text),
    "md": Format("md", "md", lambda each: f"${_plain_latex(each)}$", markdown_text),
    "ipynb": Format("ipynb", "", typesetting.text, plain_text),
    "svg": Format("svg", "svg", typesetting.text, plain_text, True),
    "dot": Format("dot", "dot", typesetting.text, plain_text),
    "json": Format("json", "", typesetting.text, plain_text),
}
COMPOSED = ("html", "tex", "txt", "md", "json")  # of documents that are no explanations
# A notebook's cell: TeX between dollars, which a notebook sets by itself, and no MathML, which it flattens.
_CELL = Format("html", "cell", lambda each: Markup("${}$").format(_plain_latex(each)), _cell_text, True)
_ASCII = Format("txt", "txt", partial(typesetting.text, ascii=True), plain_text)
_MARKED = Format("txt", "txt", partial(typesetting.text, marks=True), plain_text)
_SPELLED: dict[str, str | int | None] = {
    "≈": "~",
    "−": "-",
    "·": "*",
    "→": "->",
    "–": "-",
    "…": "...",
    "“": '"',
    "”": '"',
    "’": "'",
    "\u202f": " ",
}


def render(explanation: Explanation, to: str = "html", stem: str = "graph", *, fragment: bool = False) -> str:
    """The document in a format.

    Args:
        to: a file's ending: "html", "tex", "txt", "md", "ipynb", "svg", "dot" or "json".
        stem: what the files of pictures are called that stand beside Markdown.
        fragment: LaTeX without a document around it, for \\input in another; it needs `style()` as symgraph.sty.

    Raises:
        SymgraphError: there is no such format (it lists them), or no picture to draw.
    """
    name = to.lower().lstrip(".")
    if name not in FORMATS:
        raise SymgraphError(f"there is no format {to!r}: the formats are {', '.join((*FORMATS, 'pdf'))}")
    chosen = FORMATS[name]
    if fragment and name != "tex":
        raise SymgraphError(f"a fragment is LaTeX, not {name}")
    if name == "ipynb":
        return _cells(explanation)
    if not chosen.template:
        return json.dumps(as_data(explanation), ensure_ascii=False, indent=1) + "\n"
    if name in ("svg", "dot"):
        return _picture(explanation, chosen, "edges", None)
    return _told(explanation, chosen, fragment, stem)


def _told(
    explanation: Explanation, chosen: Format, fragment: bool = False, stem: str = "graph", width: int = LINE
) -> str:
    """The whole telling, with its parts."""
    memory: set[str] = set()
    names = {"parts": (), "fragment": fragment, "stem": stem, "width": width}
    views = [(View(part, memory), f"part{number}-") for number, part in enumerate(explanation.parts, 1)]
    parts = [_written(chosen, view, "part", {**names, "level": 3, "part_id": prefix}) for view, prefix in views]
    told = [(view, prefix, str(part)) for (view, prefix), part in zip(views, parts, strict=True)]
    names |= {"parts": parts, "part_views": told, "level": 2, "part_id": ""}
    text = _written(chosen, View(explanation, memory), "fragment" if fragment else "explanation", names)
    if chosen is FORMATS["html"]:
        return _held_together(text)
    return _tidied(text) if chosen.ending in ("txt", "md") else text


def _held_together(page: str) -> str:
    """A page on which no line begins with the comma or the full stop after a formula."""
    *pieces, rest = re.split(r"(?<=</math>)((?:</span>)*)([.,;:?])", page)
    written = []
    for before, closing, mark in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        start = before.rindex("<math")
        written.append(f'{before[:start]}<span class="keep">{before[start:]}{mark}</span>{closing}')
    return "".join([*written, rest])


def terminal(explanation: Explanation, encoding: str = "utf-8", width: int = LINE) -> list[tuple[str, str]]:
    """Plain text in pieces, each with the letter of the path that it belongs to; in ASCII where signs have no code.

    >>> from symgraph.explanation.explainer import explain
    >>> olah = explain("(a+b)*(b+1)", "b", at="a=2, b=1")
    >>> [piece for piece in terminal(olah) if piece[1]][:2]
    [('1·2', 'A'), ('1·3', 'B')]
    >>> "".join(piece for piece, _ in terminal(olah, "ascii")).isascii()
    True
    """
    width = max(20, min(LINE, width))
    pieces = typesetting.unmarked(_told(explanation, _MARKED, width=width))
    try:
        "".join(piece for piece, _ in pieces).encode(encoding)
    except UnicodeEncodeError:
        spelled = _told(explanation, _ASCII, width=width).translate(str.maketrans(_SPELLED))
        return [(spelled.encode(encoding, "backslashreplace").decode(encoding), "")]
    return pieces


def path_colours() -> dict[str, str]:
    """The colour of each path's letter."""
    paths = _speaking("txt", "en").get_template("palette.j2").module.paths  # type: ignore[attr-defined]  # set by the template
    return {letter: path["colour"] for letter, path in paths.items()}


def style() -> str:
    """symgraph.sty: the LaTeX package that fragments need."""
    return _speaking("tex", "en").get_template("tex/style.j2").render()


def _picture(explanation: Explanation, chosen: Format, kind: str, start: Node | None) -> str:
    """One picture alone."""
    view = View(explanation)
    if kind == "edges" and view.blocks:
        kind = "folded"
    if view.picture(kind, start) is None:
        raise SymgraphError(f"{len(explanation.graph)} nodes are no picture that could be read: take another format")
    names = {"kind_of_picture": kind, "start_of_picture": start, "parts": (), "level": 2, "part_id": ""}
    return _written(chosen, view, "explanation", names).strip() + "\n"


def companions(explanation: Explanation, stem: str) -> dict[str, str]:
    """The pictures that stand beside a Markdown document, by their file names."""
    found: dict[str, str] = {}
    for kind, start in _pictures(explanation):
        view = View(explanation)
        if view.picture("folded" if kind == "edges" and view.blocks else kind, start) is not None:
            found[picture_file(stem, kind, start)] = _picture(explanation, FORMATS["svg"], kind, start)
    return found


def _pictures(explanation: Explanation) -> list[tuple[str, Node | None]]:
    """Kind and start of every picture that a document shows."""
    sweeps = [step for step in explanation.steps if isinstance(step, SweepTable)]
    return [("edges", None), *((step.mode, step.start) for step in sweeps)]


def picture_file(stem: str, kind: str, start: Node | None = None) -> str:
    """The name of a picture's file: graph.svg, graph-forward-b.svg."""
    return f"{stem}.svg" if start is None else f"{stem}-{kind}-{start.name}.svg"


def _cells(explanation: Explanation) -> str:
    """A notebook: the telling as Markdown cells, pictures inside, and a cell that makes it again.

    Notebooks that nobody has trusted yet show no SVG and flatten MathML; TeX and images they show.
    """
    sections = re.split(r"\n(?=##? )", markdown_cell(explanation))
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": f"step-{number}", "metadata": {}, "source": section.strip()}
        for number, section in enumerate(sections)
    ]
    cells.append(
        {
            "cell_type": "code",
            "id": "again",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": f"import symgraph\n\nsymgraph.explain({explanation.program.text!r})",
        }
    )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


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


@cache
def _telling(chosen: Format, language: str) -> jinja2.Environment:
    """An environment in which explanations are told: one for all, so that the words are made once.

    What differs from document to document is a call in the words, and a variable in the templates of the dress.
    """
    environment = _in_language(chosen.escapes, language)
    environment.filters |= _filters(chosen)
    environment.globals |= _names(chosen, language)
    return environment


def _in_language(escapes: bool, language: str) -> jinja2.Environment:
    """An environment of its own, with the words of a language."""
    environment = _environment(escapes).overlay(loader=_Words(language))
    environment.bytecode_cache = _compiled(escapes)
    environment.filters = {**environment.filters, "list": list, "told": _sentences(language).say}
    environment.filters["map"] = partial(_each, environment.filters)
    environment.globals = {**environment.globals}
    environment.tests = {**environment.tests, "small": lambda number: 0 < number <= 12}
    return environment


def _each(
    filters: Mapping[str, Callable[[Any], Any]], values: Iterable[Any], name: str = "", attribute: str = ""
) -> list[Any]:
    """A filter applied to each of several values, or an attribute of each: Jinja2's own asks at every value anew what
    a filter wants to be given beside it."""
    if attribute:
        return [getattr(value, attribute) for value in values]
    chosen = filters[name]
    return [chosen(value) for value in values]


LANGUAGES = tuple(typesetting.WORDS)


class _Words(jinja2.FileSystemLoader):
    """Finds the templates; where one asks for the words, those of a language."""

    def __init__(self, language: str) -> None:
        super().__init__([str(folder) for folder in _template_folders()])
        self.language = language

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        if template in ("words.j2", "words_homework.j2") and self.language != "en":
            template = template.replace(".j2", f".{self.language}.j2")
        return super().get_source(environment, template)


def compose(kind: str, document: Any, to: str) -> str:
    """A document that is no explanation (a verdict, a hint), by the template of its kind.

    Args:
        kind: the template's name, in each format's folder.
        document: what the template looks at; `document.data()` is what JSON shows.

    Raises:
        SymgraphError: there is no such format; it lists them.
    """
    name = to.lower().lstrip(".")
    if name not in COMPOSED:
        raise SymgraphError(f"there is no format {to!r} for this: the formats are {', '.join(COMPOSED)}")
    chosen = FORMATS[name]
    if name == "json":
        return json.dumps(document.data(), ensure_ascii=False, indent=1) + "\n"
    text = _speaking(name, LANGUAGE.get()).get_template(f"{chosen.template}/{kind}.j2").render(document=document)
    if name == "html":
        return _held_together(text)
    return _tidied(text) if name in ("txt", "md") else text


def say(macro: str, *facts: Any, to: str = "txt", words: str = "words.j2") -> str:
    """One sentence of `words.j2` (or of another template of words), by its macro's name."""
    module = _speaking(to, LANGUAGE.get()).get_template(words).module
    return " ".join(str(getattr(module, macro)(*facts)).split())


def told(message: object) -> str:
    """What an error, a note or a report says in English, in the language that is being spoken.

    >>> with speaking("de"):
    ...     told("* has nothing before it")
    '* hat nichts vor sich'
    """
    return _sentences(LANGUAGE.get()).say(message)


@cache
def _sentences(language: str) -> Sentences:
    """The sentences of a language; English has those of the errors themselves."""
    if language == "en":
        return Sentences("")
    return Sentences(str(_environment(False).get_template(f"sentences.{language}.j2").module.sentences))  # type: ignore[attr-defined]  # set by the template


def displayed(shown: Shown, to: str) -> str:
    """A formula that stands alone, in a format: large on a page."""
    return str(_maths(shown, large=True) if to == "html" else FORMATS[to].formula(shown))


def _in_sentence(chosen: Format) -> Callable[[Shown], str]:
    """A formula among words; in plain text a path has room around its arrows."""
    if chosen.ending != "txt":
        return chosen.formula
    return lambda each: chosen.formula(each).replace("→", " → ")


def macros() -> frozenset[str]:
    """The names of the macros of `words.j2`: what can be said."""
    words = _speaking("txt", "en").get_template("words.j2").module
    return frozenset(name for name in dir(words) if not name.startswith("_"))


@cache
def _speaking(name: str, language: str) -> jinja2.Environment:
    """An environment in which words can be said without an explanation."""
    chosen = FORMATS[name]
    environment = _in_language(chosen.escapes, language)
    environment.filters |= {
        "m": _in_sentence(chosen),
        "t": chosen.text,
        "plain": typesetting.text,
        "fill": _filled,
        "set_lines": lambda nodes: {name: [_set(chosen, line) for line in lines] for name, lines in nodes.items()},
        "set_labels": lambda labels: {key: _set(chosen, label) for key, label in labels.items()},
    }
    environment.globals |= {
        "m": _in_sentence(chosen),
        "t": chosen.text,
        "plain": typesetting.text,
        "latex": typesetting.latex,
        "number_text": _tex_number if chosen.ending == "tex" else View.number_text,
        "math_font": _math_font,
        "language": language,
        "path_commands": _path_commands,
    }
    return environment


def cell(explanation: Explanation) -> str:
    """The telling for a notebook's cell, one that nobody has trusted yet included: no script, no style, no MathML, no
    SVG of its own; TeX and images, which every notebook shows."""
    return str(_told(explanation, _CELL))


def answers_in_latex(explanation: Explanation) -> str:
    """The answers alone, in LaTeX between dollars."""
    shown = View(explanation).final_formulas()
    return "$" + r" \qquad ".join(rf"\displaystyle {_plain_latex(each)}" for each in shown) + "$"


def markdown_cell(explanation: Explanation) -> str:
    """Markdown with its pictures inside."""
    text = render(explanation, "md", "graph")
    for name, picture in companions(explanation, "graph").items():
        text = text.replace(f"]({name})", f"]({_data_address(picture)})")
    return text


def _data_address(picture: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode("ascii")


def framed(explanation: Explanation, height: str = "70vh") -> str:
    """The page in a frame, so that no style leaks either way; a notebook shows it once it is trusted.

    Raises:
        SymgraphError: the height is no CSS length, such as "70vh" or "600px".
    """
    if not re.fullmatch(r"[0-9]{1,5}(?:px|vh|em|rem|%)", height):
        raise SymgraphError(f"{height!r} is no height: write 70vh or 600px")
    page = html.escape(render(explanation, "html"))
    return f'<iframe srcdoc="{page}" style="width:100%;height:{height};border:0" title="symgraph"></iframe>'


def _view() -> View:
    """The document that is being written."""
    return _WRITING.get().view


def _given(name: str, otherwise: Any) -> Any:
    """What the template of the document that is being written is given by a name."""
    return _WRITING.get().names.get(name, otherwise)


def _names(chosen: Format, language: str) -> dict[str, Any]:
    """What templates may call, and the words too; what is no function is the same for all documents."""
    asked = ("told", "remembered", "left_out", "place_name", "shape", "slope", "picture", "is_continued")
    return {
        **{name: _asked(name) for name in (*asked, "answers_from")},
        "m": _formula(chosen),
        "t": chosen.text,
        "kind": View.kind,
        "latex": lambda each: (_plain_latex if chosen.ending == "md" or chosen is _CELL else typesetting.latex)(
            View.tree(each)
        ),
        "plain": lambda each: typesetting.text(View.tree(each), ascii=chosen is _ASCII),
        "folded": folded,
        "number_text": _tex_number if chosen.ending == "tex" else View.number_text,
        "school_rule": View.school_rule,
        "clause": View.clause,
        "speed": View.speed,
        "route": View.route,
        "equation": View.equation,
        "ratio": View.ratio,
        "row_of": View.row,
        "image": lambda kind, start=None: _data_address(_picture(_view().explanation, FORMATS["svg"], kind, start)),
        "picture_file": lambda kind, start=None: picture_file(_given("stem", "graph"), kind, start),
        "pairs": lambda: len(_view().explanation.answers),
        "grain": lambda: _view().grain,
        "at_point": lambda: _view().explanation.values is not None,
        "edge_count": lambda: _view().edge_count,
        "answer_follows": lambda: any(isinstance(step, Answer | SubstituteBack) for step in _view().explanation.steps),
        "counted_paths": lambda: _view().path_count,
        "math_font": _math_font,
        "fragment": False,
        "language": language,
        "mathml_line": lambda each: _maths(View.tree(each), large=True),
        "describe": View.description,
        "on_path": lambda letter, text: _on_path(chosen, letter, text),
        "copying": lambda chain: _copying(View.whole(chain)) if _view().scripted else "",
        "spoken": lambda markup: _spoken(_view(), markup),
        "interactive": chosen.escapes,
        "number": lambda value: f"{value:.15g}",
        "script": lambda body: _numbers(_view(), str(body), _given("part_views", ())),
        "compact": _compact,
        "fingerprint": _fingerprint,
        "page_words": lambda words: _page_words(_view(), words, _given("part_views", ())),
        "path_commands": _path_commands,
    }


def _tex_number(number: int) -> str:
    """A count in a sentence of TeX: thin spaces between thousands, and the power of ten of a long one as a formula."""
    return re.sub(r"(10\^)([0-9]+)", r"$\1{\2}$", View.number_text(number)).replace("\u202f", r"\,")


def _asked(name: str) -> Callable[..., Any]:
    """A question to the document that is being written."""
    return lambda *given: getattr(_view(), name)(*given)


def _filters(chosen: Format) -> dict[str, Callable[..., Any]]:
    formula = _formula(chosen)
    return {
        "m": formula,
        "t": chosen.text,
        "plain": lambda each: typesetting.text(View.tree(each), ascii=chosen is _ASCII),
        "definition": View.definition,
        "worth": View.worth,
        "edge": View.edge,
        "route": View.route,
        "told_route": lambda fact: _on_path(chosen, fact.letter, formula(View.route(fact))),
        "name": lambda node: node.name,
        "first_node": lambda fact: fact.path.nodes[1].name,
        "fill": lambda text: _filled(text, width=_given("width", LINE)),
        "underlined": lambda heading: f"{heading}\n{'-' * len(heading)}",
        "set_lines": lambda nodes: {name: [_set(chosen, line) for line in lines] for name, lines in nodes.items()},
        "set_labels": lambda labels: {key: _set(chosen, label) for key, label in labels.items()},
    }


@dataclass(frozen=True, slots=True)
class _Numbers:
    """What the page's script computes with, or the reason why there is nothing."""

    sliders: tuple[Slider, ...] = ()
    point: tuple[float, ...] = ()
    data: str = ""
    operations: str = ""
    reason: str = ""
    tied: bool = False  # a point that has to stay on a curve


_LIVE = re.compile(r'data-v="([^"]*)"')


def _numbers(view: View, body: str, parts: Sequence[tuple[View, str, str]]) -> _Numbers:
    """The tape for every number on a page that can be worked out again: those of its body, and of its parts.

    Args:
        parts: each part's view, what its keys begin with, and its markup.
    """
    explanation = view.explanation
    if explanation.values is None:
        return _Numbers()
    from symgraph.explanation import scripting

    own, *others = (
        scripting.Part(prefix, each.graph, _keys(markup), each.lives)
        for each, prefix, markup in ((view, "", body), *parts)
    )
    if not any(part.keys for part in (own, *others)):
        return _Numbers()
    if view.is_tied:
        return _Numbers(tied=True)
    keys = [*own.keys, *(key for key, _ in view.followed)]
    try:
        made = scripting.write(own.graph, explanation.values, keys, own.formulas, others)
    except (scripting.Unwritable, MissingPart) as error:
        return _Numbers(reason=str(error))
    code = Markup(operations(made.operations))
    return _Numbers(made.sliders, made.point, Markup(made.data()), code)  # JSON without "<"


def operations(names: Iterable[str]) -> str:
    """The page's functions of these names, with those that they call; every page carries what it uses."""
    entries = {line.partition(":")[0]: line for line in _operation_lines()}
    wanted, stack = set[str](), list(names)
    while stack:
        name = stack.pop()
        if name not in wanted:
            wanted.add(name)
            stack += re.findall(r"\bop\.(\w+)", entries[name])
    return "\n".join(entries[name] for name in entries if name in wanted)


@cache
def _operation_lines() -> list[str]:
    for folder in _template_folders():
        source = folder / "html" / "operations.js"
        if source.is_file():
            return source.read_text("utf-8").splitlines()
    raise MissingPart("the page's functions are missing: reinstall symgraph-explainer")


def _keys(markup: str) -> list[str]:
    """The keys of the numbers in a piece of markup, each once."""
    found = dict.fromkeys(html.unescape(key) for key in _LIVE.findall(markup))
    return [key for key in found if key != STILL]


def _compact(code: Any) -> Markup:
    """The page's script without its remarks and its indentation."""
    return Markup(re.sub(r"^(?:\s+|//.*\n)+", "", str(code), flags=re.MULTILINE))  # our own script, and no input


def _fingerprint(code: str) -> str:
    """A script's hash, as a page's security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(str(code).encode()).digest()).decode("ascii")


def _page_words(view: View, words: Any, parts: Sequence[tuple[View, str, str]]) -> Markup:
    """The words that the page's script says, as JSON without "<"."""
    tellings = [("", view.explanation), *((f"part{k}-", part) for k, part in enumerate(view.explanation.parts, 1))]
    said = {
        "paths": {
            prefix + letter: str(words.path_told(letter, view.route(path)))
            for prefix, telling in tellings
            for letter, path in telling.letters.items()
        },
        "formulas": {
            prefix: list(zip(each.copied, each.copied_texts, strict=True))
            for each, prefix, _ in ((view, "", ""), *parts)
        },
        "undefined": str(words.undefined_number()),
        "beyond": str(words.number_beyond()),
        "step": str(words.stepper_where()),
        "tex": str(words.copy_tex()),
        "text": str(words.copy_text()),
        "copied": str(words.copied()),
    }
    plain = {key: _bare(value) for key, value in said.items()}
    return Markup(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _bare(said: Any) -> Any:
    """Words that go into JSON and not into markup: nothing in them is escaped twice."""
    if isinstance(said, list):
        return said
    return {key: _bare(value) for key, value in said.items()} if isinstance(said, dict) else html.unescape(said)


def _on_path(chosen: Format, letter: str, text: Any) -> Any:
    """Words about one path; on a page, so that they light with it."""
    if not chosen.escapes or not letter:
        return text
    return Markup('<span class="way" data-path="{}">{}</span>').format(letter, text)


def _copying(whole: Shown) -> Markup:
    """What the buttons beside a formula copy."""
    tex, text = typesetting.copied(whole, tex=True), typesetting.copied(whole, tex=False)
    return Markup(' data-tex="{}" data-text="{}"').format(tex, text)


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
        markup = _maths(tree, number) if chosen is FORMATS["html"] else chosen.formula(tree)
        view.spoken[str(markup)] = tree
        return markup

    return formula


_PIECE = '<span class="wide"><math.*?</math></span>|<math.*?</math>'
_MATHS = re.compile(f'<span class="maths"[^>]*>(?:{_PIECE}|<wbr>)+</span>|<math.*?</math>')


def _spoken(view: View, markup: Any) -> str:
    """Words with formulas as plain text, for a label."""
    return html.unescape(_MATHS.sub(lambda found: typesetting.text(view.spoken[found[0]]), str(markup)))


def _set(chosen: Format, each: Shown) -> Any:
    """A formula for a picture: without the signs that set it off from a sentence."""
    if chosen.ending == "svg":
        drawn = outline(each)
        return drawn._replace(markup=Markup(drawn.markup))  # glyph paths from our own formula
    if chosen is FORMATS["html"]:
        return Markup(typesetting.mathml(each))
    return typesetting.latex(each) if chosen.ending == "tex" else chosen.formula(each)


def _path_commands() -> str:
    """TeX commands that colour a path's terms: pathA to pathF."""
    return "\n".join(rf"\providecommand{{\path{letter}}}[1]{{{{\color{{path{letter}}}#1}}}}" for letter in LETTERS)


def _filled(text: str, indent: int = 0, width: int = LINE) -> str:
    """A paragraph in lines of at most so many columns; formulas break only at their spaces."""
    pad = " " * indent
    joined = " ".join(str(text).split())
    return textwrap.fill(
        joined, width, initial_indent=pad, subsequent_indent=pad, break_long_words=False, break_on_hyphens=False
    )


def _tidied(text: str) -> str:
    """Plain text without blank lines at the ends, or two in a row, or spaces at the end of a line."""
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Templates that were compiled: kept in this process, and beside the templates as Python keeps its own modules.

    Compiling them takes longer than everything else that makes a page. Where Python may write no bytecode, or the
    folder is read-only, it is done once a process.
    """

    def __init__(self, escapes: bool) -> None:
        super().__init__("", "%s")  # the key is the whole path
        self._optimization = "escaped" if escapes else "plain"
        self._code: dict[tuple[str, str], Any] = {}

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        assert filename is not None
        return cache_from_source(filename, optimization=self._optimization)

    def get_source_checksum(self, source: str) -> str:
        return f"{jinja2.__version__} {FilePath(__file__).stat().st_mtime_ns} {super().get_source_checksum(source)}"

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            with contextlib.suppress(Exception):  # a file that is missing, damaged or not ours is one to be made
                super().load_bytecode(bucket)
            self._code[bucket.key, bucket.checksum] = bucket.code

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                FilePath(bucket.key).parent.mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)
                FilePath(bucket.key).chmod(0o644)  # what a temporary file was is for its owner alone


@cache
def _compiled(escapes: bool) -> _Compiled:
    """One for pages and one for the rest: what is escaped is decided when a template is compiled, and nothing else."""
    return _Compiled(escapes)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a document that was finished here, in the format of the document that it is put into."""

    text: str

    def __html__(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text


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


class _Context(jinja2.runtime.Context):
    """What a template sees; what it calls is called, for nothing here asks to be given the context first."""

    def call(self, called: Callable[..., Any], /, *given: Any, **named: Any) -> Any:
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return called(*given, **named)


class _Environment(jinja2.Environment):
    """Where all names are known before the first template is found: they are a plain dictionary, quick to look up."""

    context_class = _Context

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


@cache
def _environment(escapes: bool) -> jinja2.Environment:
    return _Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in _template_folders()]),
        autoescape=escapes,
        undefined=jinja2.StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _template_folders() -> list[FilePath]:
    package = FilePath(__file__).resolve().parent.parent
    found = [
        folder for folder in (package / "templates", package.parent / "templates") if (folder / "words.j2").is_file()
    ]
    if not found:
        raise MissingPart("the templates are missing: reinstall symgraph-explainer")
    return found


@cache
def _math_font() -> str:
    """The page's maths font as a data address."""
    for folder in _template_folders():
        font = folder / "html" / "fonts" / "symgraph-math.woff2"
        if font.is_file():
            return base64.b64encode(font.read_bytes()).decode("ascii")
    raise MissingPart("the maths font is missing: reinstall symgraph-explainer")
