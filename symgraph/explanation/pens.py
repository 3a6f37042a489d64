"""How each output writes the parts of a formula: fraction, script, root, bracket, name, number.

A pen knows one markup and no mathematics; `page.py` and `shapes.py` know the mathematics and no markup. All pens
have the same verbs, and each verb gives a Piece:

>>> pens = (LatexPen(), TextPen(), AsciiPen())
>>> [pen.script(pen.name("x"), pen.number("2")).markup for pen in pens]
['x^{2}', 'x²', 'x^2']

Names and words are the only text from outside: a name passes `letters.checked_name`, and words are escaped here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from symgraph.explanation.letters import (
    CONSTANTS,
    GREEK,
    PLAIN_GREEK,
    SIGNS,
    SPELLED,
    checked_name,
    function_words,
    greek_function,
)

__all__ = ["AsciiPen", "LatexPen", "Pen", "Piece", "TextPen", "folded", "is_tall", "visible"]


class Piece(NamedTuple):
    """Finished markup.

    Args:
        markup: what the pen wrote.
        tall: it is higher than a line, so brackets around it must grow.
        many: it is a run of several parts, to be grouped where the markup wants one.
    """

    markup: str
    tall: bool = False
    many: bool = False


def is_tall(pieces: Iterable[Piece]) -> bool:
    """Is one of these higher than a line?"""
    return any(map(_TALL, pieces))


_TALL = attrgetter("tall")


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789-−()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁽⁾")
_SUPERSCRIPT = re.compile(r"[-−]?[0-9]{1,9}|\([0-9]{1,9}\)")


class Pen:
    """What every pen can do; each says how."""

    stacked = True  # fractions stand one above the other
    exact = False  # what is written must read back as the same tree
    abridges = True  # of long products the ends and dots between them

    def sign(self, name: str, tight: bool = False) -> Piece:
        """An operator; `tight` in scripts, where no room is left around it."""
        raise NotImplementedError

    def name(self, name: str) -> Piece:
        raise NotImplementedError

    def number(self, digits: str) -> Piece:
        raise NotImplementedError

    def constant(self, name: str, upright: bool = False) -> Piece:
        raise NotImplementedError

    def function(self, command: str) -> Piece:
        """A function's name, from its LaTeX command: \\sin, \\operatorname{ReLU}, \\Gamma."""
        raise NotImplementedError

    def primed(self, base: Piece, count: int) -> Piece:
        """f', f''."""
        return self.row(base, *[self.sign("prime")] * count)

    def words(self, text: str) -> Piece:
        raise NotImplementedError

    def worded(self, word: str, body: Piece) -> Piece:
        """A word before a part: if x > 0."""
        return self.row(self.words(word + " "), body)

    def gap(self) -> Piece:
        """The thin space around a function's name."""
        raise NotImplementedError

    def thin_space(self) -> Piece:
        """The same space, where LaTeX would not put it by itself."""
        return self.gap()

    def juxtaposed(self) -> Piece:
        """Nothing to see: a product without a sign."""
        return Piece("")

    def applied(self) -> Piece:
        """Nothing to see: a function before its brackets."""
        return Piece("")

    def row(self, *pieces: Piece) -> Piece:
        return Piece("".join([piece.markup for piece in pieces]), is_tall(pieces), True)

    def list(self, pieces: Sequence[Piece]) -> Piece:
        raise NotImplementedError

    def fraction(self, top: Piece, bottom: Piece) -> Piece:
        raise NotImplementedError

    def script(self, base: Piece, above: Piece | None = None, below: Piece | None = None) -> Piece:
        raise NotImplementedError

    def transposed(self, base: Piece) -> Piece:
        """A matrix with rows and columns exchanged."""
        return self.script(base, self.constant("transposed"))

    def root(self, body: Piece, index: Piece | None = None) -> Piece:
        raise NotImplementedError

    def fence(self, body: Piece, left: str = "(", right: str = ")") -> Piece:
        raise NotImplementedError

    def big(self, sign: str, low: Piece | None, high: Piece | None) -> Piece:
        """The sign of a sum (Σ), product (∏) or integral (∫) with its ends."""
        raise NotImplementedError

    def table(self, rows: Sequence[Sequence[Piece]], left: str, right: str) -> Piece:
        """A matrix, or the cases of a piecewise function (`left` is "{", no `right`)."""
        raise NotImplementedError

    def stack(self, top: Piece, bottom: Piece) -> Piece:
        """A binomial coefficient."""
        raise NotImplementedError

    def mark(self, body: Piece, path: str) -> Piece:
        """A part that belongs to a path."""
        return body

    def brace(self, body: Piece, label: Piece) -> Piece:
        """A brace under a part, with a label under it."""
        return body

    def live(self, body: Piece, line: str, key: str) -> Piece:
        """A number that the page recomputes: as it is written now, and its digits, if it is no more than that."""
        return body


# LaTeX --------------------------------------------------------------------------------------------------------------

_LATEX_WORDS = {letter: f"\\{letter}" for letter in "#$%&_{}"} | {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "-": "{-}",
    "'": "{'}",
}
_LATEX_FENCES = {"{": r"\{", "}": r"\}", "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "": "."}
_LATEX_BIG = {"Σ": r"\sum", "∏": r"\prod", "∫": r"\int"}
_LATEX_CONSTANTS = {
    "pi": r"\pi",
    "infinity": r"\infty",
    "partial": r"\partial",
    "transposed": r"\mathsf{T}",
    "nabla": r"\nabla ",
    "change": r"\Delta ",
}
_CONTROL_WORD = re.compile(r"\\[A-Za-z]+$")


class LatexPen(Pen):
    """LaTeX as a teacher would type it: amsmath, no machine soup."""

    def sign(self, name: str, tight: bool = False) -> Piece:
        sign = SIGNS[name][0]
        if tight or name in ("negative", "slash", "factorial", "prime"):
            return Piece(sign)
        return Piece(sign + " " if name in ("not", "at") else f" {sign} ")

    def name(self, name: str) -> Piece:
        letters, below = checked_name(name)
        return Piece(self._letters(letters) + (f"_{{{self._below(below)}}}" if below else ""))

    def _letters(self, letters: str) -> str:
        if letters in GREEK:
            return f"\\{letters}"
        return letters if len(letters) == 1 else rf"\mathrm{{{letters}}}"

    def _below(self, below: str) -> str:
        return ",".join(part if part.isdigit() else self._letters(part) for part in below.split(","))

    def number(self, digits: str) -> Piece:
        return Piece(digits.replace("−", "-"))

    def constant(self, name: str, upright: bool = False) -> Piece:
        symbol = _LATEX_CONSTANTS.get(name, name)
        return Piece(rf"\mathrm{{{symbol}}}" if upright and name in ("e", "i") else symbol)

    def function(self, command: str) -> Piece:
        function_words(command)
        return Piece(command)

    def words(self, text: str) -> Piece:
        body = "".join(_LATEX_WORDS.get(letter, letter) for letter in visible(text))
        return Piece(rf"\text{{{body}}}")

    def worded(self, word: str, body: Piece) -> Piece:
        return Piece(f"{self.words(word + ' ').markup} {body.markup}", body.tall, True)

    def gap(self) -> Piece:
        return Piece(" ")

    def thin_space(self) -> Piece:
        return Piece(r"\, ")

    def row(self, *pieces: Piece) -> Piece:
        joined = ""
        for piece in pieces:
            # A command must not swallow the letters after it.
            if piece.markup[:1].isalnum() and _CONTROL_WORD.search(joined[-32:]):
                joined += " "
            joined = (joined.rstrip(" ") if piece.markup.startswith(" ") else joined) + piece.markup
        return Piece(joined, is_tall(pieces), True)

    def list(self, pieces: Sequence[Piece]) -> Piece:
        return Piece(", ".join([piece.markup for piece in pieces]), is_tall(pieces), True)

    def fraction(self, top: Piece, bottom: Piece) -> Piece:
        return Piece(rf"\frac{{{top.markup}}}{{{bottom.markup}}}", True)

    def script(self, base: Piece, above: Piece | None = None, below: Piece | None = None) -> Piece:
        scripts = (f"_{{{below.markup}}}" if below else "") + (f"^{{{above.markup}}}" if above else "")
        return Piece(base.markup + scripts, base.tall)

    def root(self, body: Piece, index: Piece | None = None) -> Piece:
        return Piece(rf"\sqrt{f'[{index.markup}]' if index else ''}{{{body.markup}}}", body.tall)

    def fence(self, body: Piece, left: str = "(", right: str = ")") -> Piece:
        opening, closing = _LATEX_FENCES.get(left, left), _LATEX_FENCES.get(right, right)
        if body.tall or left == "|":
            return Piece(rf"\left{opening}{_spaced(opening)}{body.markup}\right{closing}", body.tall)
        return Piece(f"{opening}{_spaced(opening)}{body.markup}{closing}")

    def big(self, sign: str, low: Piece | None, high: Piece | None) -> Piece:
        return Piece(self.script(Piece(_LATEX_BIG[sign]), high, low).markup + " ", True)

    def table(self, rows: Sequence[Sequence[Piece]], left: str, right: str) -> Piece:
        name = "cases" if left == "{" else "pmatrix"
        lines = r" \\ ".join(" & ".join(cell.markup for cell in row) for row in rows)
        return Piece(rf"\begin{{{name}}}{lines}\end{{{name}}}", True)

    def stack(self, top: Piece, bottom: Piece) -> Piece:
        return Piece(rf"\binom{{{top.markup}}}{{{bottom.markup}}}", True)

    def mark(self, body: Piece, path: str) -> Piece:
        return Piece(rf"\path{path}{{{body.markup}}}", body.tall)

    def brace(self, body: Piece, label: Piece) -> Piece:
        return Piece(rf"\underbrace{{{body.markup}}}_{{{label.markup}}}", True)


def _spaced(opening: str) -> str:
    return " " if opening.startswith("\\") and opening[1:].isalpha() else ""


_TOKEN = re.compile(r"\\left.|\\right.|\\begin|\\end| (?:[-+=]|\\approx|\\cdot)(?= )|\\[a-zA-Z]+|\\.|.", re.DOTALL)
_BREAKS = {"=": 0, r"\approx": 0, "+": 5, "-": 5, r"\cdot": 30}  # how unwelcome a line's end is before a sign
_FACTOR, _NESTED = 40, 60  # the same between two factors, and what each bracket around adds
_LONG_GROUP = 120  # signs of LaTeX between two brackets that may not fit a line
_CLOSING = (")", r"\right)", r"\Bigr)")


def folded(latex: str) -> str:
    r"""LaTeX in which lines may end: before relations and signs, or before the factor after a bracket; never inside
    what is drawn in one piece. For a paragraph in which TeX itself ends no line within a formula.

    >>> folded("y = 2(x + 1)(x - 1)")
    'y\\penalty0  = 2(x\\penalty65  + 1)\\penalty40 (x\\penalty65  - 1)'
    """
    written: list[str] = []
    held = brackets = 0  # groups that hold together, and brackets between which a line may end
    closed = False  # whether a bracket was closed just before, and but for an exponent nothing came after
    for token in _without_long_groups(_TOKEN.findall(latex)):
        penalty = _BREAKS.get(token[1:]) if token[0] == " " else None
        if penalty is None and closed and token not in (" ", "^", "{", "}", ",", "!", "'", *_CLOSING):
            penalty = _FACTOR
        if penalty is not None and not held:
            written.append(rf"\penalty{penalty + _NESTED * brackets} ")
        written.append(token)
        held += (token in ("{", r"\begin") or token[:5] == r"\left") - (
            token in ("}", r"\end") or token[:6] == r"\right"
        )
        if not held:
            brackets += (token in ("(", r"\Bigl(")) - (token in (")", r"\Bigr)"))
            closed = token in _CLOSING or (closed and token in (" ", "^", "}"))
    return "".join(written)


def _without_long_groups(tokens: list[str]) -> list[str]:
    """Tokens in which long brackets are of a fixed size: those that grow hold together what is in them."""
    found, open_ = list(tokens), list[int]()
    for place, token in enumerate(tokens):
        if token[:5] == r"\left":
            open_.append(place)
        elif token[:6] == r"\right":
            start = open_.pop()
            if place - start > _LONG_GROUP and (tokens[start], token) == (r"\left(", r"\right)"):
                found[start], found[place] = r"\Bigl(", r"\Bigr)"
    return found


def visible(text: str) -> str:
    """Text without control characters (a line break becomes a space)."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


# Text ---------------------------------------------------------------------------------------------------------------


class TextPen(Pen):
    """One line of Unicode, as typed mathematics looks in a message."""

    stacked = False
    column = 2

    def sign(self, name: str, tight: bool = False) -> Piece:
        return Piece(SIGNS[name][self.column])

    def name(self, name: str) -> Piece:
        letters, below = checked_name(name)
        if not below:
            return Piece(self._letters(letters))
        if below.isdigit():
            return Piece(self._letters(letters) + below.translate(SUBSCRIPTS))
        first, _, last = below.rpartition(",")
        return Piece(self._letters(letters) + first.translate(SUBSCRIPTS) + "_" + self._letters(last))

    def _letters(self, letters: str) -> str:
        return PLAIN_GREEK.get(letters, letters)

    def number(self, digits: str) -> Piece:
        return Piece(digits)

    def constant(self, name: str, upright: bool = False) -> Piece:
        return Piece(CONSTANTS.get(name, name))

    def function(self, command: str) -> Piece:
        return Piece("".join(function_words(command)))

    def words(self, text: str) -> Piece:
        return Piece(visible(text))

    def gap(self) -> Piece:
        return Piece(" ")

    def list(self, pieces: Sequence[Piece]) -> Piece:
        return Piece(", ".join([piece.markup for piece in pieces]), False, True)

    def fraction(self, top: Piece, bottom: Piece) -> Piece:
        return Piece(f"{top.markup}/{bottom.markup}")

    def script(self, base: Piece, above: Piece | None = None, below: Piece | None = None) -> Piece:
        raised = self._above(above) if above else ""
        return Piece(base.markup + (self._below(below) if below else "") + raised, False, raised.startswith("^"))

    def transposed(self, base: Piece) -> Piece:
        return Piece(base.markup + "ᵀ")

    def _below(self, below: Piece) -> str:
        return below.markup.translate(SUBSCRIPTS) if below.markup.isdigit() else "_" + self._one(below)

    def _above(self, above: Piece) -> str:
        if _SUPERSCRIPT.fullmatch(above.markup):
            return above.markup.translate(SUPERSCRIPTS)
        return "^" + self._one(above)

    @staticmethod
    def _one(piece: Piece) -> str:
        whole = piece.markup.startswith("(") and piece.markup.endswith(")")  # not (2x)², which would be raised itself
        plain = piece.markup[:1].isalnum() or (whole and not piece.many) or piece.markup == "∞"
        return f"({piece.markup})" if piece.many or not plain else piece.markup

    def root(self, body: Piece, index: Piece | None = None) -> Piece:
        sign = {"": "√", "3": "∛", "4": "∜"}[index.markup if index else ""]
        return Piece(sign + body.markup)

    def fence(self, body: Piece, left: str = "(", right: str = ")") -> Piece:
        return Piece(f"{left}{body.markup}{right}")

    def table(self, rows: Sequence[Sequence[Piece]], left: str, right: str) -> Piece:
        if left == "{":
            return Piece("{" + ", ".join(" ".join(cell.markup for cell in row) for row in rows) + "}")
        lines = [f"[{', '.join(cell.markup for cell in row)}]" for row in rows]
        if all(len(row) == 1 for row in rows):
            return Piece(f"[{', '.join(row[0].markup for row in rows)}]")
        return Piece(f"[{', '.join(lines)}]")


class AsciiPen(TextPen):
    """One line of plain calculator notation, which `parsing.text` reads back as the same tree."""

    exact = True
    abridges = False
    column = 3

    def name(self, name: str) -> Piece:
        checked_name(name)
        stem, _, below = name.partition("_")
        letter = SPELLED.get(stem.rstrip("0123456789"))
        spelled = letter + stem[1:] if letter else stem
        return Piece(spelled + (f"_{SPELLED.get(below, below)}" if below else ""))

    def number(self, digits: str) -> Piece:
        return Piece(digits.replace("−", "-"))

    def constant(self, name: str, upright: bool = False) -> Piece:
        return Piece({"partial": "d", "transposed": "T", "nabla": "grad ", "change": "Delta "}.get(name, name))

    def function(self, command: str) -> Piece:
        return Piece(greek_function(command) or "".join(function_words(command)))

    def words(self, text: str) -> Piece:
        return Piece(visible(text).encode("ascii", "backslashreplace").decode("ascii"))

    def _below(self, below: Piece) -> str:
        return "_" + self._one(below)

    def _above(self, above: Piece) -> str:
        return "^" + self._one(above)
