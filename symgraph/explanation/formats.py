"""The table of formats: how each of them sets a formula and a text, and what it does to a text that is finished.

>>> from symgraph.language.tree import Apply, Name
>>> power = Apply("power", (Name("x"), Name("n")))
>>> FORMATS["tex"].formula(power), FORMATS["tex"].text("50 %"), FORMATS["txt"].formula(power)
('$x^{n}$', '50 \\\\%', 'x^n')
"""

from __future__ import annotations

import base64
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from markupsafe import Markup, escape

from symgraph.explanation import typesetting
from symgraph.explanation.escaping import markdown_text, plain_text, tex_text
from symgraph.explanation.letters import count_tex, count_text
from symgraph.explanation.mathml import letters, side_by_side
from symgraph.explanation.sizes import outline
from symgraph.explanation.story import LETTERS
from symgraph.explanation.templates import read_beside
from symgraph.explanation.typesetting import Shown

__all__ = [
    "ASCII",
    "CELL",
    "FORMATS",
    "LINE",
    "LONG",
    "MARKED",
    "Format",
    "filled",
    "filters",
    "finished",
    "maths",
    "names",
    "plain_latex",
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


def plain_latex(each: Shown) -> str:
    """LaTeX without the commands that colour a path: what reads Markdown knows none of ours."""
    return re.sub(r"\\path[A-F](?=\{)", "", typesetting.latex(each))


def maths(shown: Shown, number: int | None = None, *, large: bool = False) -> Markup:
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
    "html": Format("html", "html", lambda each: maths(each), plain_text, True),
    "tex": Format("tex", "tex", lambda each: f"${typesetting.latex(each)}$", tex_text),
    "txt": Format("txt", "txt", typesetting.text, plain_text),
    "md": Format("md", "md", lambda each: f"${plain_latex(each)}$", markdown_text),
    "ipynb": Format("ipynb", "", typesetting.text, plain_text),
    "svg": Format("svg", "svg", typesetting.text, plain_text, True),
    "dot": Format("dot", "dot", typesetting.text, plain_text),
    "json": Format("json", "", typesetting.text, plain_text),
}
# A notebook's cell: TeX between dollars, which a notebook sets by itself, and no MathML, which it flattens.
CELL = Format("html", "cell", lambda each: Markup("${}$").format(plain_latex(each)), _cell_text, True)
ASCII = Format("txt", "txt", partial(typesetting.text, ascii=True), plain_text)
MARKED = Format("txt", "txt", partial(typesetting.text, marks=True), plain_text)


# What the templates of every document may call


def filters(chosen: Format) -> dict[str, Callable[..., Any]]:
    """What follows a `|`."""
    return {
        "m": _in_sentence(chosen),
        "t": chosen.text,
        "plain": typesetting.text,
        "fill": filled,
        "set_lines": lambda nodes: {name: [_drawn(chosen, line) for line in lines] for name, lines in nodes.items()},
        "set_labels": lambda labels: {key: _drawn(chosen, label) for key, label in labels.items()},
    }


def names(chosen: Format, language: str) -> dict[str, Any]:
    """What is called by its name, or looked at."""
    return {
        "m": _in_sentence(chosen),
        "t": chosen.text,
        "plain": typesetting.text,
        "latex": typesetting.latex,
        "number_text": count_tex if chosen.ending == "tex" else count_text,
        "math_font": _math_font,
        "language": language,
        "path_commands": _path_commands,
    }


def _in_sentence(chosen: Format) -> Callable[[Shown], str]:
    """A formula among words; in plain text a path has room around its arrows."""
    if chosen.ending != "txt":
        return chosen.formula
    return lambda each: chosen.formula(each).replace("→", " → ")


def _drawn(chosen: Format, each: Shown) -> Any:
    """A formula for a picture: without the signs that set it off from a sentence."""
    if chosen.ending == "svg":
        drawn = outline(each)
        return drawn._replace(markup=Markup(drawn.markup))  # glyph paths from our own formula
    if chosen is FORMATS["html"]:
        return Markup(typesetting.mathml(each))
    return typesetting.latex(each) if chosen.ending == "tex" else chosen.formula(each)


def filled(text: str, indent: int = 0, width: int = LINE) -> str:
    """A paragraph in lines of at most so many columns; formulas break only at their spaces."""
    pad = " " * indent
    joined = " ".join(str(text).split())
    return textwrap.fill(
        joined, width, initial_indent=pad, subsequent_indent=pad, break_long_words=False, break_on_hyphens=False
    )


@cache
def _math_font() -> str:
    """The page's maths font as a data address."""
    font = read_beside("html/fonts/symgraph-math.woff2", "the maths font is")
    return base64.b64encode(font).decode("ascii")


def _path_commands() -> str:
    """TeX commands that colour a path's terms: pathA to pathF."""
    return "\n".join(rf"\providecommand{{\path{letter}}}[1]{{{{\color{{path{letter}}}#1}}}}" for letter in LETTERS)


# A text that is finished


def finished(chosen: Format, text: str) -> str:
    """A document as it leaves the house."""
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


def _tidied(text: str) -> str:
    """Plain text without blank lines at the ends, or two in a row, or spaces at the end of a line."""
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"
