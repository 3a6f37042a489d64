"""Formulas -> LaTeX, MathML and plain text: one set of rules, four pens.

>>> from symgraph.language.tree import Apply, Name, Number, Rate
>>> e = Apply("multiply", (Apply("add", (Name("a"), Name("b"))), Apply("add", (Name("b"), Number(1)))))
>>> latex(e), text(e), text(e, ascii=True)
('(a + b)(b + 1)', '(a + b)(b + 1)', '(a + b)*(b + 1)')
>>> latex(Rate("e", "b")), text(Rate("e", "b"))
('\\\\frac{\\\\partial e}{\\\\partial b}', '∂e/∂b')

Every formula that is shown is a syntax tree, or trees put together for showing (`shown.py`). Printing never changes
what was written, with one exception: a + (−b) is shown as a − b. The ASCII form is read back by the parser as an equal
tree, but that a minus before a product may come back on its first factor.

Why no library: the formulas are a closed set of shapes, brackets and dots depend on the mathematics and not on
the markup, and a converter from LaTeX to MathML would have to guess them back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from symgraph.errors import SymgraphError, TooLargeToShow
from symgraph.explanation.mathml import MathmlPen, broken
from symgraph.explanation.page import FREE, Page, Way
from symgraph.explanation.pens import AsciiPen, LatexPen, Pen, Piece, TextPen
from symgraph.explanation.shapes import SHAPES, call, kinds
from symgraph.explanation.shown import Chain, Factors, Live, Looks, Marked, Shown, Terms
from symgraph.language.notation import from_sympy

__all__ = [
    "LANGUAGE",
    "WORDS",
    "Chain",
    "Factors",
    "Live",
    "Marked",
    "Shown",
    "Terms",
    "copied",
    "known_language",
    "latex",
    "latex_of",
    "mathml",
    "mathml_of",
    "mathml_pieces",
    "speaking",
    "text",
    "text_lines",
    "text_of",
    "unmarked",
]

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"en": {"if": "if", "otherwise": "otherwise"}, "de": {"if": "falls", "otherwise": "sonst"}}
)
LANGUAGE: ContextVar[str] = ContextVar("language", default="en")


def known_language(language: str) -> str:
    """A language that there are words in.

    Raises:
        SymgraphError: there are none; it lists the languages.
    """
    if language not in WORDS:
        raise SymgraphError(f"the language is {' or '.join(WORDS)}, not {language!r}")
    return language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within this block everything is said and written in a language; elsewhere, and in other threads, it is not.

    >>> from symgraph.language.tree import Apply, Name, Number
    >>> cases = Apply("piecewise", (Name("x"), Apply("less", (Name("x"), Number(0))), Number(0)))
    >>> with speaking("de"):
    ...     text(cases)
    '{x falls x < 0, 0 sonst}'

    Raises:
        SymgraphError: there are no words in it; it lists the languages.
    """
    token = LANGUAGE.set(known_language(language))
    try:
        yield
    finally:
        LANGUAGE.reset(token)


def latex(
    shown: Shown,
    *,
    dots: bool = True,
    euler: bool | None = None,
    words: Mapping[str, str] | None = None,
    whole: bool = False,
) -> str:
    """A formula in LaTeX, for math mode, with amsmath.

    Args:
        shown: a tree, or trees put together for showing.
        dots: whether c·d takes its dot; False sets the names together.
        euler: whether e^x is written so, or exp(x); None: unless e is a name in the formula.
        words: "if" and "otherwise" of a piecewise function; None: those of the language that is being spoken.
        whole: every factor of a long product; otherwise the ends of it, and dots between them.

    Raises:
        NameProblem: a name in it breaks the rule of names.
        TooLargeToShow: written out it has more than 100,000 parts.

    >>> from symgraph.language.tree import Apply, Name, Number
    >>> latex(Apply("divide", (Number(1), Apply("sine", (Name("x"),)))))
    '\\\\frac{1}{\\\\sin x}'
    """
    return _write(_WHOLE_LATEX if whole else _LATEX, shown, dots, euler, words).strip()


def mathml(
    shown: Shown,
    *,
    display: bool = False,
    dots: bool = True,
    euler: bool | None = None,
    words: Mapping[str, str] | None = None,
) -> str:
    """A formula as a MathML Core element; `display` for one that stands alone. The other arguments as in `latex`.

    >>> from symgraph.language.tree import Name
    >>> mathml(Name("x"))
    '<math><mi>x</mi></math>'
    """
    body = _write(_MATHML, shown, dots, euler, words)
    return f'<math display="block">{body}</math>' if display else f"<math>{body}</math>"


def mathml_pieces(shown: Shown, room: int, *, large: bool = False) -> list[str]:
    """A formula as MathML elements side by side, between which a line may end: browsers break none by themselves.

    Args:
        room: the characters that fit the narrowest line.
        large: in display style, where fractions are large.

    >>> from symgraph.language.tree import Apply, Name, Number
    >>> mathml_pieces(Chain((Name("y"), Apply("add", (Name("x"), Number(1))))), 8)
    ['<math><mi>y</mi></math>', '<math><mo form="infix">=</mo><mi>x</mi><mo>+</mo><mn>1</mn></math>']
    """
    opening = '<math displaystyle="true">' if large else "<math>"
    return [f"{opening}{piece}</math>" for piece in broken(_write(_MATHML, shown, True, None, None), room)]


def text(
    shown: Shown,
    *,
    ascii: bool = False,
    dots: bool = True,
    euler: bool | None = None,
    words: Mapping[str, str] | None = None,
    marks: bool = False,
    whole: bool = False,
) -> str:
    """A formula in one line of Unicode, or of plain ASCII that the parser reads back as an equal tree.

    >>> from symgraph.language.tree import Apply, Name, Number
    >>> root = Apply("square_root", (Apply("add", (Name("x"), Number(1))),))
    >>> text(root), text(root, ascii=True)
    ('√(x + 1)', 'sqrt(x + 1)')

    With `marks`, a part that belongs to a path stands between private characters, which `unmarked` takes apart:

    >>> unmarked("f = " + text(Marked(root, "A"), marks=True))
    [('f = ', ''), ('√(x + 1)', 'A')]
    """
    return _write(_WHOLE_TEXT if whole else _TEXT[ascii, marks], shown, dots, euler, words)


def unmarked(written: str) -> list[tuple[str, str]]:
    """A text with marks as its pieces, each with the letter of the path that it belongs to, or none."""
    pieces = []
    for plain, letter, part in _MARKED.findall(written):
        pieces += [(each, of) for each, of in ((plain, ""), (part, letter)) if each]
    return pieces


def text_lines(shown: Shown, *, ascii: bool = False, words: Mapping[str, str] | None = None) -> list[str]:
    """A formula in one line of text, and its labels in a second line under the parts that they belong to.

    >>> from symgraph.language.tree import Number, Rate
    >>> one = Marked(Factors((Number(1), Number(2))), "A", ("b", "c", "e"))
    >>> two = Marked(Factors((Number(1), Number(3))), "B", ("b", "d", "e"))
    >>> print(*text_lines(Chain((Rate("e", "b"), Terms((one, two))))), sep="\\n")
    ∂e/∂b = 1·2   + 1·3
            b→c→e   b→d→e
    """
    written = _write(_LABELS[ascii], shown, True, None, words)
    above = below = ""
    for plain, part, label in _LABELLED.findall(written):
        above += plain
        below = below.ljust(len(above)) + label
        above += part.ljust(len(label))
    return [above.rstrip(), below.rstrip()] if below.strip() else [above.rstrip()]


def copied(shown: Shown, *, tex: bool) -> str:
    """A formula to be copied, as LaTeX or text; around each number that a page recomputes, its key in private letters.

    >>> from symgraph.language.tree import Name, Number
    >>> ascii(copied(Chain((Name("c"), Live(Number(3), "c"))), tex=False))
    "'c = \\\\ue000c\\\\ue0013\\\\ue002'"
    """
    return _PATH_COLOUR.sub("", _write(_COPIES[tex], shown, True, None, None).strip())


_PATH_COLOUR = re.compile(r"\\path[A-F](?=\{)")

_OPEN, _MIDDLE, _CLOSE = "\ue000", "\ue001", "\ue002"  # private characters, which no name and no number has
_LABELLED = re.compile(f"([^{_OPEN}]*)(?:{_OPEN}([^{_MIDDLE}]*){_MIDDLE}([^{_CLOSE}]*){_CLOSE})?")


class _LiveTextPen(TextPen):
    def live(self, body: Piece, line: str, key: str) -> Piece:
        return body._replace(markup=f"{_OPEN}{key}{_MIDDLE}{body.markup}{_CLOSE}")


class _LiveLatexPen(LatexPen):
    live = _LiveTextPen.live


_MARKED = re.compile(f"([^{_OPEN}]*)(?:{_OPEN}([^{_MIDDLE}]*){_MIDDLE}([^{_CLOSE}]*){_CLOSE})?")


class _LabelledTextPen(TextPen):
    def brace(self, body: Piece, label: Piece) -> Piece:
        return Piece(f"{_OPEN}{body.markup}{_MIDDLE}{label.markup}{_CLOSE}", body.tall, body.many)


class _LabelledAsciiPen(AsciiPen):
    brace = _LabelledTextPen.brace


class _MarkedTextPen(TextPen):
    def mark(self, body: Piece, path: str) -> Piece:
        return body._replace(markup=f"{_OPEN}{path}{_MIDDLE}{body.markup}{_CLOSE}") if path else body


class _MarkedAsciiPen(AsciiPen):
    mark = _MarkedTextPen.mark


class _WholeTextPen(TextPen):
    abridges = False


class _WholeLatexPen(LatexPen):
    abridges = False


_MOST_PARTS = 100_000
_LOOKS = Looks()
_LATEX, _MATHML = LatexPen(), MathmlPen()
_WHOLE_LATEX, _WHOLE_TEXT = _WholeLatexPen(), _WholeTextPen()
_TEXT = {  # by whether it is ASCII, and marked
    (False, False): TextPen(),
    (True, False): AsciiPen(),
    (False, True): _MarkedTextPen(),
    (True, True): _MarkedAsciiPen(),
}
_LABELS = {False: _LabelledTextPen(), True: _LabelledAsciiPen()}
_COPIES = {False: _LiveTextPen(), True: _LiveLatexPen()}


def _write(pen: Pen, shown: Shown, dots: bool, euler: bool | None, words: Mapping[str, str] | None) -> str:
    """What the pen writes; the same part stands in many places of a document, and is written once."""
    words = words or WORDS[LANGUAGE.get()]
    whole = _LOOKS.of(shown)
    if whole.size > _MOST_PARTS:
        # A tree that shares its branches is small in memory and may have 2^1000 parts in print.
        found = f"{whole.size:,}" if whole.size < 10**12 else "more than 10^12"
        raise TooLargeToShow(f"written out, this formula has {found} parts: the limit is {_MOST_PARTS:,}")
    page = _page(pen, dots, not whole.names_e if euler is None else euler, words["if"], words["otherwise"])
    piece = whole.written.get((page.own, FREE)) or page.write(shown)
    return piece.markup


@lru_cache(maxsize=64)
def _page(*way: Any) -> Page:
    """The page for a way of writing."""
    return Page(Way(*way), SHAPES, kinds, call, _LOOKS.of)


def latex_of(expr: Any) -> str:
    """A SymPy object in LaTeX, in textbook order.

    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> latex_of(2*x*sympy.cos(x**2)), text_of(1 - x), mathml_of(x)
    ('2x \\\\cos(x^{2})', '1 − x', '<math><mi>x</mi></math>')
    """
    return latex(from_sympy(expr))


def text_of(expr: Any, *, ascii: bool = False) -> str:
    """A SymPy object in one line of text, in textbook order."""
    return text(from_sympy(expr), ascii=ascii)


def mathml_of(expr: Any, *, display: bool = False) -> str:
    """A SymPy object in MathML, in textbook order."""
    return mathml(from_sympy(expr), display=display)
