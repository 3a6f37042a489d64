"""How each output writes the parts of a formula: fraction, script, root, bracket, name, number.

A pen knows one markup and no mathematics; `typesetting.py` knows the mathematics and no markup. All pens have the
same verbs, and each verb gives a Piece:

>>> pens = (LatexPen(), MathmlPen(), TextPen(), AsciiPen())
>>> [pen.script(pen.name("x"), pen.number("2")).markup for pen in pens]
['x^{2}', '<msup><mi>x</mi><mn>2</mn></msup>', 'x²', 'x^2']

Names and words are the only text from outside, and both are checked or escaped here: a name must match the rule
of `checked_name`, whatever SymPy object it came from.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from symgraph.errors import NameProblem

__all__ = ["GREEK", "SIGNS", "AsciiPen", "LatexPen", "MathmlPen", "Pen", "Piece", "TextPen", "checked_name"]


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


# Every sign once: LaTeX, MathML (inside <mo>), text, ASCII. Spaces are those of the plain outputs.
SIGNS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "plus": ("+", "+", " + ", " + "),
        "minus": ("-", "−", " − ", " - "),
        "negative": ("-", "−", "−", "-"),
        "dot": (r"\cdot", "⋅", "·", "*"),
        "wide_dot": (r"\cdot", "⋅", " · ", "*"),
        "cross": (r"\times", "×", "×", "*"),
        "slash": ("/", "/", "/", "/"),
        "circled_dot": (r"\odot", "⊙", " ⊙ ", " .* "),
        "at": (r"\,", "\u2062", " @ ", " @ "),
        "equals": ("=", "=", " = ", " = "),
        "about": (r"\approx", "≈", " ≈ ", " ~ "),
        "less": ("<", "<", " < ", " < "),
        "less_equal": (r"\le", "≤", " ≤ ", " <= "),
        "greater": (">", ">", " > ", " > "),
        "greater_equal": (r"\ge", "≥", " ≥ ", " >= "),
        "unequal": (r"\ne", "≠", " ≠ ", " != "),
        "and": (r"\land", "∧", " ∧ ", " and "),
        "or": (r"\lor", "∨", " ∨ ", " or "),
        "not": (r"\lnot", "¬", "¬", "not "),
        "to": (r"\to", "→", "→", "->"),
        "factorial": ("!", "!", "!", "!"),
        "prime": ("'", "′", "'", "'"),
    }
)

# Greek: what the name is in LaTeX, and its letter. LaTeX's variants are names of their own, as the parser has them.
_SMALL = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ϵ",
    "varepsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "vartheta": "ϑ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "varrho": "ϱ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "ϕ",
    "varphi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
}
_CAPITAL = {
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
GREEK: Mapping[str, str] = MappingProxyType(_SMALL | _CAPITAL)
# In plain text the usual letters stand for the usual names, and the variants are spelled, so that both read back.
_PLAIN_GREEK = dict(GREEK) | {"epsilon": "ε", "phi": "φ"}
for _variant in ("varepsilon", "vartheta", "varphi", "varrho"):
    del _PLAIN_GREEK[_variant]
_SPELLED = {letter: word for word, letter in _PLAIN_GREEK.items()} | {
    "ϵ": "epsilon",
    "ϕ": "phi",
    "ϑ": "theta",
    "ϱ": "rho",
    "ς": "sigma",
}

_NAME = re.compile(
    r"(?P<stem>[A-Za-z][A-Za-z0-9]{0,29}|[Γ-Ωα-ωϵϕϑϱ][0-9]{0,9})(?:_(?P<below>[A-Za-z0-9]{1,10}|[Γ-Ωα-ω]))?"
)
_STEM = re.compile(r"(?P<letters>[A-Za-zΓ-Ωα-ωϵϕϑϱ]*?)(?P<digits>[0-9]*)")
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUPERSCRIPTS = str.maketrans("0123456789-−()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻⁽⁾")
_SUPERSCRIPT = re.compile(r"[-−]?[0-9]{1,9}|\([0-9]{1,9}\)")


def checked_name(name: str) -> tuple[str, str]:
    """A name's letters and its subscript; nothing else can reach a document as a name.

    Raises:
        NameProblem: the name breaks the rule of names.

    >>> checked_name("x_1"), checked_name("x1"), checked_name("α"), checked_name("w1_prev")
    (('x', '1'), ('x', '1'), ('alpha', ''), ('w', '1,prev'))
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise NameProblem(
            f"{name[:40]!r} cannot be shown as a name",
            hint="a letter, then letters and digits, then perhaps one subscript: x, x1, x_1, a_prev, alpha_0",
        )
    stem, below = match["stem"], match["below"] or ""
    inner = _STEM.fullmatch(stem)
    letters, digits = (inner["letters"], inner["digits"]) if inner else (stem, "")
    letters = _SPELLED.get(letters, letters)
    return letters, ",".join(part for part in (digits, _SPELLED.get(below, below)) if part)

_LETTERS_OF_CONSTANTS = {"pi": "π", "infinity": "∞", "partial": "∂", "transposed": "T"}


class Pen:
    """What every pen can do; `LatexPen`, `MathmlPen` and `TextPen` say how."""

    stacked = True  # fractions stand one above the other
    exact = False  # what is written must read back as the same tree
    column = 0  # of SIGNS

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
        return Piece("".join(piece.markup for piece in pieces), any(piece.tall for piece in pieces), True)

    def list(self, pieces: Sequence[Piece]) -> Piece:
        raise NotImplementedError

    def fraction(self, top: Piece, bottom: Piece) -> Piece:
        raise NotImplementedError

    def script(self, base: Piece, above: Piece | None = None, below: Piece | None = None) -> Piece:
        raise NotImplementedError

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

    def live(self, body: Piece, key: str, signed: bool) -> Piece:
        """A number that the page recomputes."""
        return body


def _letter(command: str) -> str | None:
    """The Greek word in a command like \\Gamma, or None."""
    word = command.removeprefix("\\")
    return word if word in GREEK else None


def _plain_function(command: str) -> str:
    """The letters of a function's LaTeX command."""
    return "".join(_function_words(command))


def _function_words(command: str) -> list[str]:
    r"""The words of a function's LaTeX command, Greek as its letter: \ln\Gamma is ln and Γ."""
    words = re.findall(r"\\(?:operatorname|mathrm)\{(\w+)\}|\\?([A-Za-z]+)", command)
    if not re.fullmatch(r"(?:\\(?:operatorname|mathrm)\{\w+\}|\\[A-Za-z]+)+|[A-Za-z]", command):
        raise ValueError(f"not a function's LaTeX command: {command!r}")
    return [upright or GREEK.get(word, word) for upright, word in words]


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
_LATEX_CONSTANTS = {"pi": r"\pi", "infinity": r"\infty", "partial": r"\partial", "transposed": r"\mathsf{T}"}
_CONTROL_WORD = re.compile(r"\\[A-Za-z]+$")


class LatexPen(Pen):
    """LaTeX as a teacher would type it: amsmath, no machine soup."""

    column = 0

    def sign(self, name: str, tight: bool = False) -> Piece:
        sign = SIGNS[name][0]
        if name in ("negative", "slash", "factorial", "prime"):
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
        _plain_function(command)
        return Piece(command)

    def words(self, text: str) -> Piece:
        body = "".join(_LATEX_WORDS.get(letter, letter) for letter in _visible(text))
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
            if piece.markup[:1].isalnum() and _CONTROL_WORD.search(joined):
                joined += " "
            joined = (joined.rstrip(" ") if piece.markup.startswith(" ") else joined) + piece.markup
        return Piece(joined, any(piece.tall for piece in pieces), True)

    def list(self, pieces: Sequence[Piece]) -> Piece:
        return Piece(", ".join(piece.markup for piece in pieces), any(piece.tall for piece in pieces), True)

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


def _visible(text: str) -> str:
    """Text without control characters (a line break becomes a space)."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


# MathML -------------------------------------------------------------------------------------------------------------


# Where browsers leave other room than TeX does.
_ROOM = {
    "slash": "0",
    "dot": "0.1667em",
    "wide_dot": "0.2222em",
    "circled_dot": "0.2222em",
    "and": "0.2222em",
    "or": "0.2222em",
}


class MathmlPen(Pen):
    """MathML Core. Invisible signs say to a screen reader what juxtaposition means."""

    column = 1

    def sign(self, name: str, tight: bool = False) -> Piece:
        sign = html.escape(SIGNS[name][1])
        if name in ("negative", "not"):
            return Piece(f'<mo form="prefix">{sign}</mo>')
        room = "0" if tight else _ROOM.get(name)
        return Piece(f'<mo lspace="{room}" rspace="{room}">{sign}</mo>' if room else f"<mo>{sign}</mo>")

    def name(self, name: str) -> Piece:
        letters, below = checked_name(name)
        base = self._letters(letters)
        if not below:
            return base
        parts = [Piece(f"<mn>{part}</mn>") if part.isdigit() else self._letters(part) for part in below.split(",")]
        return self.script(base, below=self.list(parts) if len(parts) > 1 else parts[0])

    def _letters(self, letters: str) -> Piece:
        letter = GREEK.get(letters, letters)
        # One Latin or small Greek letter is slanted by itself; capitals of Greek stand upright, as in TeX.
        upright = ' mathvariant="normal"' if letters in GREEK and letters[0].isupper() else ""
        return Piece(f"<mi{upright}>{letter}</mi>")

    def number(self, digits: str) -> Piece:
        return Piece(f"<mn>{html.escape(digits)}</mn>")

    def constant(self, name: str, upright: bool = False) -> Piece:
        letter = _LETTERS_OF_CONSTANTS.get(name, name)
        upright = upright or name in ("infinity", "transposed")
        return Piece(f'<mi mathvariant="normal">{letter}</mi>' if upright else f"<mi>{letter}</mi>")

    def function(self, command: str) -> Piece:
        letter = _letter(command)
        if letter is not None:
            return self._letters(letter)
        upright = ' mathvariant="normal"' if command.startswith((r"\mathrm", r"\operatorname")) else ""
        words = _plain_function(command)
        return Piece(f"<mi{upright if len(words) == 1 else ''}>{words}</mi>")

    def primed(self, base: Piece, count: int) -> Piece:
        # As a script the prime would be small and high: the font has it raised already.
        return self.row(base, Piece(f'<mo lspace="0.1em" rspace="0">{"′″‴"[count - 1]}</mo>'))

    def words(self, text: str) -> Piece:
        return Piece(f"<mtext>{html.escape(_visible(text).replace(' ', chr(0xA0)))}</mtext>")

    def gap(self) -> Piece:
        return Piece('<mspace width="0.1667em"></mspace>')

    def juxtaposed(self) -> Piece:
        return Piece("<mo>\u2062</mo>")

    def applied(self) -> Piece:
        return Piece("<mo>\u2061</mo>")

    def list(self, pieces: Sequence[Piece]) -> Piece:
        markup = "<mo>,</mo>".join(piece.markup for piece in pieces)
        return Piece(markup, any(piece.tall for piece in pieces), len(pieces) != 1 or pieces[0].many)

    @staticmethod
    def _one(piece: Piece) -> str:
        return f"<mrow>{piece.markup}</mrow>" if piece.many else piece.markup

    def fraction(self, top: Piece, bottom: Piece) -> Piece:
        return Piece(f"<mfrac>{self._one(top)}{self._one(bottom)}</mfrac>", True)

    def script(self, base: Piece, above: Piece | None = None, below: Piece | None = None) -> Piece:
        name = "m" + ("sub" if below else "") + ("sup" if above else "")
        parts = "".join(self._one(part) for part in (base, below, above) if part)
        return Piece(f"<{name}>{parts}</{name}>", base.tall)

    def root(self, body: Piece, index: Piece | None = None) -> Piece:
        if index is None:
            return Piece(f"<msqrt>{self._one(body)}</msqrt>", body.tall)
        return Piece(f"<mroot>{self._one(body)}{self._one(index)}</mroot>", body.tall)

    def fence(self, body: Piece, left: str = "(", right: str = ")") -> Piece:
        # Chromium reserves room for the tallest variant of a stretchy bracket: flat content must not stretch it.
        flat = "" if body.tall else ' stretchy="false"'
        opening = f'<mo form="prefix"{flat}>{left}</mo>' if left else ""
        closing = f'<mo form="postfix"{flat}>{right}</mo>' if right else ""
        return Piece(f"<mrow>{opening}{body.markup}{closing}</mrow>", body.tall)

    def big(self, sign: str, low: Piece | None, high: Piece | None) -> Piece:
        under, over = ("sub", "sup") if sign == "∫" else ("under", "over")
        name = "m" + (under if low else "") + (over if high else "")
        letter = {"Σ": "∑"}.get(sign, sign)
        if name == "m":
            return Piece(f"<mo>{letter}</mo>", True)
        parts = "".join(self._one(part) for part in (low, high) if part)
        return Piece(f"<{name}><mo>{letter}</mo>{parts}</{name}>", True)

    def table(self, rows: Sequence[Sequence[Piece]], left: str, right: str) -> Piece:
        kind = "cases" if left == "{" else "matrix"
        lines = "".join(
            "<mtr>" + "".join(f"<mtd>{cell.markup}</mtd>" for cell in row) + "</mtr>" for row in rows
        )
        return self.fence(Piece(f'<mtable class="{kind}">{lines}</mtable>', True), left, right)

    def stack(self, top: Piece, bottom: Piece) -> Piece:
        return self.fence(
            Piece(f'<mfrac linethickness="0">{self._one(top)}{self._one(bottom)}</mfrac>', True), "(", ")"
        )

    def mark(self, body: Piece, path: str) -> Piece:
        return Piece(f'<mrow class="path-{path}">{body.markup}</mrow>', body.tall)

    def brace(self, body: Piece, label: Piece) -> Piece:
        braced = f'<munder>{self._one(body)}<mo stretchy="true">⏟</mo></munder>'
        return Piece(f'<munder>{braced}<mrow class="under">{label.markup}</mrow></munder>', True)

    def live(self, body: Piece, key: str, signed: bool) -> Piece:
        flag = ' data-signed="1"' if signed else ""
        return Piece(f'<mn data-v="{html.escape(key)}"{flag}>{body.markup}</mn>', body.tall)


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
        return _PLAIN_GREEK.get(letters, letters)

    def number(self, digits: str) -> Piece:
        return Piece(digits)

    def constant(self, name: str, upright: bool = False) -> Piece:
        return Piece(_LETTERS_OF_CONSTANTS.get(name, name))

    def function(self, command: str) -> Piece:
        return Piece(_plain_function(command))

    def words(self, text: str) -> Piece:
        return Piece(_visible(text))

    def gap(self) -> Piece:
        return Piece(" ")

    def list(self, pieces: Sequence[Piece]) -> Piece:
        return Piece(", ".join(piece.markup for piece in pieces), False, True)

    def fraction(self, top: Piece, bottom: Piece) -> Piece:
        return Piece(f"{top.markup}/{bottom.markup}")

    def script(self, base: Piece, above: Piece | None = None, below: Piece | None = None) -> Piece:
        return Piece(base.markup + (self._below(below) if below else "") + (self._above(above) if above else ""))

    def _below(self, below: Piece) -> str:
        return below.markup.translate(SUBSCRIPTS) if below.markup.isdigit() else "_" + self._one(below)

    def _above(self, above: Piece) -> str:
        if _SUPERSCRIPT.fullmatch(above.markup):
            return above.markup.translate(SUPERSCRIPTS)
        return "^" + self._one(above)

    @staticmethod
    def _one(piece: Piece) -> str:
        plain = piece.markup[:1].isalnum() or (piece.markup.startswith("(") and not piece.many) or piece.markup == "∞"
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
    column = 3

    def name(self, name: str) -> Piece:
        checked_name(name)
        stem, _, below = name.partition("_")
        letter = _SPELLED.get(stem.rstrip("0123456789"))
        spelled = letter + stem[1:] if letter else stem
        return Piece(spelled + (f"_{_SPELLED.get(below, below)}" if below else ""))

    def number(self, digits: str) -> Piece:
        return Piece(digits.replace("−", "-"))

    def constant(self, name: str, upright: bool = False) -> Piece:
        return Piece({"partial": "d", "transposed": "T"}.get(name, name))

    def function(self, command: str) -> Piece:
        return Piece(_letter(command) or _plain_function(command))

    def words(self, text: str) -> Piece:
        return Piece(_visible(text).encode("ascii", "backslashreplace").decode("ascii"))

    def _below(self, below: Piece) -> str:
        return "_" + self._one(below)

    def _above(self, above: Piece) -> str:
        return "^" + self._one(above)
