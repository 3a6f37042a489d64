"""document -> text: the door to the formats, for explanations and for what is none (a verdict, a hint, a sheet).

A document is an Explanation's facts; `words.j2` says them; a format dresses what is said (`formats.py` has the table).

>>> from symgraph.explanation.explainer import explain
>>> print(render(explain("sin(3x+1)"), "txt").splitlines()[0])
How does y change when x changes?
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from symgraph.errors import SymgraphError
from symgraph.explanation import formats, templates, typesetting
from symgraph.explanation.dressing import companions, dress, picture, steps
from symgraph.explanation.formats import ASCII, FORMATS, LINE, MARKED, finished, maths
from symgraph.explanation.notebooks import notebook
from symgraph.explanation.plain_data import as_data
from symgraph.explanation.typesetting import LANGUAGE, Shown, speaking

if TYPE_CHECKING:
    from symgraph.explanation.explainer import Explanation

__all__ = [
    "COMPOSED",
    "FORMATS",
    "LANGUAGE",
    "Fragment",
    "companions",
    "compose",
    "displayed",
    "macros",
    "path_colours",
    "render",
    "say",
    "speaking",
    "steps",
    "style",
    "terminal",
    "told",
]

COMPOSED = ("html", "tex", "txt", "md", "json")  # of documents that are no explanations


# Explanations


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
        return notebook(explanation)
    if not chosen.template:
        return json.dumps(as_data(explanation), ensure_ascii=False, indent=1) + "\n"
    if name in ("svg", "dot"):
        return picture(explanation, chosen)
    return dress(explanation, chosen, fragment, stem)


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
    pieces = typesetting.unmarked(dress(explanation, MARKED, width=width))
    try:
        "".join(piece for piece, _ in pieces).encode(encoding)
    except UnicodeEncodeError:
        spelled = dress(explanation, ASCII, width=width).translate(str.maketrans(_SPELLED))
        return [(spelled.encode(encoding, "backslashreplace").decode(encoding), "")]
    return pieces


def path_colours() -> dict[str, str]:
    """The colour of each path's letter."""
    paths = _speaking("txt", "en").get_template("palette.j2").module.paths  # type: ignore[attr-defined]  # set by the template
    return {letter: path["colour"] for letter, path in paths.items()}


def style() -> str:
    """symgraph.sty: the LaTeX package that fragments need."""
    return _speaking("tex", "en").get_template("tex/style.j2").render()


# Words without an explanation


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
    template = _speaking(name, LANGUAGE.get()).get_template(f"{chosen.template}/{kind}.j2")
    return finished(chosen, template.render(document=document))


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
    return templates.sentences(LANGUAGE.get()).say(message)


def displayed(shown: Shown, to: str) -> str:
    """A formula that stands alone, in a format: large on a page."""
    return str(maths(shown, large=True) if to == "html" else FORMATS[to].formula(shown))


def macros() -> frozenset[str]:
    """The names of the macros of `words.j2`: what can be said."""
    words = _speaking("txt", "en").get_template("words.j2").module
    return frozenset(name for name in dir(words) if not name.startswith("_"))


@cache
def _speaking(name: str, language: str) -> templates.Environment:
    """An environment in which words can be said without an explanation."""
    chosen = FORMATS[name]
    made = templates.environment(chosen.escapes, language)
    made.filters |= formats.filters(chosen)
    made.globals |= formats.names(chosen, language)
    return made


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a document that was finished here, in the format of the document that it is put into."""

    text: str

    def __html__(self) -> str:
        return self.text

    def __str__(self) -> str:
        return self.text
