"""Text -> tokens: numbers, words and signs, each with its span and whether a space stood before it.

>>> [token.text for token in tokenize("2x + sin²(θ)")]
['2', 'x', '+', 'sin', '^', '{', '2', '}', '(', 'theta', ')', '']

A word is a run of letters and digits with its subscript; what it means (one name, a product of letters, a function)
is decided in `words.py`, where the names of the problem are known. Brackets are matched here, so that the parser
never sees one that is left open. Nothing here depends on more than one character ahead: the time is linear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from string import ascii_letters, digits

from symgraph.errors import LimitExceeded, ReadingError
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing.signs import (
    CONNECTIVES,
    DIGITS,
    FRACTIONS,
    GREEK,
    IGNORED,
    LETTERS,
    OPERATORS,
    ROOTS,
    SPACES,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    describe,
)

__all__ = ["CLOSES", "Lexer", "Token", "Word", "exact_number", "match_brackets", "plain", "tokenize"]

# ‹ and › are the bars of \left| … \right|, which are known to open and to close
CLOSES = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉", "‹": "›"}
_TWO = frozenset({"**", "<=", ">=", "!=", "==", "<>", "//", "&&", ":=", "->", "=>", "<<", ">>"})
_POINTS = frozenset(".．")
_ONE = frozenset("+-*/^!@,;=<>|()[]{}_⌊⌋⌈⌉∞")
# what programmers type and nobody reads here, with what to write instead
_REFUSED = {
    "//": ("// is not read", "write / for a quotient, or floor(x/y)"),
    "&&": ("&& is not read", "in a condition, write and"),
    ":=": (":= is not read", "write = to define something"),
    "->": ("arrows are not read", "write f(x) = x^2 to define a function"),
    "=>": ("arrows are not read", "write f(x) = x^2 to define a function"),
    "<<": ("<< is not read", ""),
    ">>": (">> is not read", ""),
    "<>": ("<> is not read", "write != in a condition"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A run of letters and digits (in plain letters), where each stood, and its subscript if it has one.

    `whole` says that the letters are one unit (LaTeX's \\mathrm{mass}) and are never taken apart; `greek`, that they
    are one, and the name of a Greek letter that was typed as a sign: γ(x) is no gamma function.
    """

    letters: str
    places: tuple[int, ...]
    subscript: str | None = None
    whole: bool = False
    greek: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the text.

    Kinds: number, word, name, function, constant, call (a function of the program or an unknown one), root, sign,
    break (between statements), end. `value` is a number's Fraction, a word's Word, a root's index, a function's
    spelling; `scientific` marks numbers with an exponent.
    """

    kind: str
    text: str
    start: int
    end: int
    space: bool = False
    value: Fraction | Word | int | str | None = None
    scientific: bool = False


_ALL_DIGITS = {**{letter: letter for letter in digits}, **DIGITS}
_PLAIN = {**{letter: letter for letter in ascii_letters}, **LETTERS, **_ALL_DIGITS}


def plain(letter: str) -> str:
    """The ASCII letter or digit that a character is a shape of; empty for anything else.

    >>> plain("ｘ"), plain("𝟐"), plain("é")
    ('x', '2', '')
    """
    return _PLAIN.get(letter, "")


def exact_number(literal: str, limits: Limits) -> Fraction:
    """The exact value of a literal such as 3, 0.25 or 1.5e3, its size checked before it is computed.

    >>> exact_number("0.25", DEFAULT), exact_number("2e3", DEFAULT)
    (Fraction(1, 4), Fraction(2000, 1))
    """
    mantissa, _, exponent = literal.lower().partition("e")
    whole, _, part = mantissa.partition(".")
    limits.check("digits", len(whole.lstrip("0")) + len(part))
    shift = exponent.lstrip("+-").lstrip("0")
    if len(shift) > 9 or 10 * int(shift or 0) // 3 > limits.bits:
        raise LimitExceeded("bits", limits.bits, f"about 10^{shift[:9]}{'…' if len(shift) > 9 else ''} has more")
    power = int(exponent or 0) - len(part)
    digits = int(whole + part or "0")
    return Fraction(digits * 10**power) if power >= 0 else Fraction(digits, 10**-power)


def tokenize(text: str, limits: Limits = DEFAULT, *, signed_exponents: bool = False) -> list[Token]:
    """Split calculator notation into tokens, the last of kind "end".

    Args:
        signed_exponents: 2e-3 is two thousandths (in points); else it is 2e − 3x that someone may have meant.

    Raises:
        ReadingError: a character that is not read, an ill-made number, a bracket that does not match.
        LimitExceeded: more characters or tokens in a statement, or deeper brackets, than allowed.
    """
    return Lexer(text, limits, signed_exponents).run()


class Lexer:
    """The state of one pass over the text."""

    def __init__(self, text: str, limits: Limits, signed_exponents: bool) -> None:
        self.text, self.limits, self.signed_exponents = text, limits, signed_exponents
        self.tokens: list[Token] = []
        self.open: list[Token] = []
        self.at = 0
        self.began = 0  # of the statement: in characters
        self.first = 0  # and in tokens
        self.space = False
        self.breaks = 0

    def run(self) -> list[Token]:
        while self.at < len(self.text):
            self._step(self.text[self.at])
            if self.at - self.began > self.limits.characters:
                self._too_long()
        if self.open:
            raise _left_open(self.text, self.open[0])
        self._add("end", "", len(self.text), len(self.text))
        return self.tokens

    def _too_long(self) -> None:
        """The statement is longer than allowed; say how long it is."""
        end = self.text.find("\n", self.at)
        length = (len(self.text) if end < 0 or self.open else end) - self.began
        self.limits.check("characters", max(length, self.limits.characters + 1))

    def _step(self, letter: str) -> None:
        if letter in SPACES or letter in IGNORED:
            self.space = self.space or letter in SPACES
            self.at += 1
        elif letter in "\n\r" or (letter == ";" and not self.open):
            self._break(letter)
        elif letter in _ALL_DIGITS or (letter in _POINTS and self._peek(1) in _ALL_DIGITS):
            self._number()
        elif letter in _PLAIN:
            self._word()
        elif letter in GREEK:
            self._greek()
        elif letter in SUPERSCRIPTS:
            self._superscript()
        elif letter in FRACTIONS:
            self._add("number", letter, self.at, self.at + 1, FRACTIONS[letter])
        elif letter in CONNECTIVES:
            self._add("keyword", CONNECTIVES[letter], self.at, self.at + 1)
        elif letter in ROOTS:
            self._add("root", letter, self.at, self.at + 1, ROOTS[letter])
        elif letter == "%" and self._peek(1) in ("e", "p") and self._constant():
            pass
        else:
            self._sign(letter)

    def _peek(self, ahead: int) -> str:
        place = self.at + ahead
        return self.text[place] if place < len(self.text) else ""

    def _add(
        self, kind: str, text: str, start: int, end: int, value: Fraction | Word | int | str | None = None, **more: bool
    ) -> Token:
        token = Token(kind, text, start, end, self.space, value, **more)
        self.tokens.append(token)
        if len(self.tokens) - self.first > self.limits.tokens and kind not in ("end", "break"):
            self.limits.check("tokens", len(self.tokens) - self.first)
        self.space = False
        self.at = end
        return token

    def _break(self, letter: str) -> None:
        """A new line or a semicolon ends a statement, unless a bracket is open."""
        if self.open:
            self.space = True
            self.at += 1
            return
        self.breaks += 1
        self.limits.check("statements", self.breaks)
        self._add("break", letter, self.at, self.at + 1)
        self.began, self.first = self.at, len(self.tokens)

    # numbers ---------------------------------------------------------------------------------------------------

    def _digits(self, at: int) -> int:
        while at < len(self.text) and self.text[at] in _ALL_DIGITS:
            at += 1
        return at

    def _number(self) -> None:
        start = self.at
        end = self._digits(start)
        if end < len(self.text) and self.text[end] in _POINTS:
            end = self._point(end)
        if self.text[end : end + 1] == "_" and self.text[end + 1 : end + 2] in _ALL_DIGITS:
            raise ReadingError("an underscore inside a number", self.text, end, hint="write 1000 without a separator")
        end, scientific = self._exponent(start, end)
        literal = "".join([_PLAIN.get(letter) or OPERATORS.get(letter, letter) for letter in self.text[start:end]])
        self._add("number", literal, start, end, exact_number(literal, self.limits), scientific=scientific)

    def _point(self, point: int) -> int:
        """The end of the digits after a decimal point."""
        end = self._digits(point + 1)
        after = self.text[end : end + 1]
        if after and after in _POINTS:
            message = "dots are not read" if end == point + 1 else "a number with two points"
            raise ReadingError(message, self.text, end if end > point + 1 else point, hint="write every term")
        if end == point + 1 and after and (after in "*/^" or plain(after)):
            raise ReadingError("a point that belongs to no number", self.text, point, hint=_pointed(after))
        return end

    def _exponent(self, start: int, end: int) -> tuple[int, bool]:
        """Where a number with an exponent (2e3) ends, and whether it has one."""
        if self.text[end : end + 1] not in ("e", "E"):
            return end, False
        at = end + 1
        sign = self.text[at : at + 1]
        signed = OPERATORS.get(sign, sign) in ("+", "-")
        stop = self._digits(at + signed)
        if stop == at + signed or (signed and not self._is_power_of_ten(start, end, stop)):
            return end, False
        return stop, True

    def _is_power_of_ten(self, start: int, end: int, stop: int) -> bool:
        """Whether 1e-3 is a thousandth, and not e − 3: nobody writes 1·e, nor x·2e − 3; but 1e-3x may be e − 3x."""
        if self.signed_exponents or "." in self.text[start:end]:
            return True
        rest = self.text[stop:].lstrip(" ")
        if rest[:1] == "(" or plain(rest[:1]) or rest[:1] == "\\":
            return False
        multiplied = bool(self.tokens) and self.tokens[-1].text == "*"
        return self.text[start:end] == "1" or multiplied

    # words -----------------------------------------------------------------------------------------------------

    def _word(self) -> None:
        start = self.at
        at = start
        letters: list[str] = []
        places: list[int] = []
        while at < len(self.text) and (found := _PLAIN.get(self.text[at])):
            letters.append(found)
            places.append(at)
            at += 1
        word = "".join(letters)
        if word.lower().endswith("log") and at < len(self.text) and self.text[at] in {"_", *SUBSCRIPTS}:
            self._add("word", word, start, at, Word(word, (*places, at)))
            self._base(at)
            return
        subscript, end = self._subscript(at)
        self._add("word", word, start, end, Word(word, (*places, at), subscript))

    def _base(self, at: int) -> None:
        """The base of a logarithm: the underscore of log_2, or the small signs of log₂."""
        if self.text[at] == "_":
            self._add("sign", "_", at, at + 1)
            return
        subscript, end = self._subscript(at)
        base = subscript or ""
        self._add("sign", "_", at, at)
        if base.isdigit():
            self._add("number", base, at, end, exact_number(base, self.limits))
        else:
            self._add("word", base, at, end, Word(base, (*range(at, at + len(base)), end)))

    def _greek(self) -> None:
        start = self.at
        name = GREEK[self.text[start]]
        at = self._digits(start + 1) if name != "pi" else start + 1
        digits = "".join(map(plain, self.text[start + 1 : at]))
        subscript, end = self._subscript(at)
        self._add("word", name + digits, start, end, Word(name + digits, (start, at), subscript, True, True))

    def _subscript(self, at: int) -> tuple[str | None, int]:
        """The subscripts after a word (x_1, x_{12}, x₁, rho_c_0), joined, and where they end."""
        found: str | None = None
        while True:
            if at < len(self.text) and self.text[at] in SUBSCRIPTS:
                end = at
                while end < len(self.text) and self.text[end] in SUBSCRIPTS:
                    end += 1
                part = "".join(SUBSCRIPTS[letter] for letter in self.text[at:end])
            elif self.text[at : at + 1] == "_":
                part, end = self._low(at)
            else:
                return found, at
            found = part if found is None else found + part
            at = end

    def _low(self, at: int) -> tuple[str, int]:
        """What follows an underscore: letters and digits, in braces or not; nothing where a sign follows (x_)."""
        after = self.text[at + 1 : at + 2]
        if after == "{":
            end = self.text.find("}", at)
            if end < 0:
                raise ReadingError("a brace is not closed", self.text, at + 1, hint="add }")
            inside = self.text[at + 2 : end]
            part = "".join(plain(letter) or (" " if letter in SPACES else "?") for letter in inside).replace(" ", "")
            if not part or "?" in part:
                raise ReadingError(
                    "a subscript is letters and digits" if part else "an empty subscript",
                    self.text,
                    at,
                    end + 1,
                    hint="x_1, x_12, w_ij and a_prev are names",
                )
            return part, end + 1
        end = at + 1
        while end < len(self.text) and plain(self.text[end]):
            end += 1
        part = "".join(plain(letter) for letter in self.text[at + 1 : end])
        if not part and (after == "_" or after in SPACES or not after):
            raise ReadingError("a subscript is missing", self.text, at, hint="x_1, x_12, w_ij and a_prev are names")
        return part, end

    def _superscript(self) -> None:
        """x² is x^{2}: the same tokens, with the spans of the small signs."""
        start = end = self.at
        while end < len(self.text) and self.text[end] in SUPERSCRIPTS:
            end += 1
        small = "".join(SUPERSCRIPTS[letter] for letter in self.text[start:end])
        if small == "T":
            self._add("sign", "ᵀ", start, end)
            return
        self._add("sign", "^", start, start)
        self._open(self._add("sign", "{", start, start))
        inner = Lexer(small, self.limits, False)
        for token in inner.run()[:-1]:
            value = token.value
            if isinstance(value, Word):
                value = replace(value, places=tuple(start + place for place in value.places), subscript=None)
            self.space = False
            self._add(token.kind, token.text, start + token.start, start + token.end, value)
        self._close(self._add("sign", "}", end, end))
        self.at = end

    # signs -----------------------------------------------------------------------------------------------------

    def _constant(self) -> bool:
        """%e, %pi: how Maxima, and so STACK's teachers, write the constants."""
        for spelling in ("e", "pi"):
            end = self.at + 1 + len(spelling)
            if self.text[self.at + 1 : end] == spelling and not plain(self.text[end : end + 1] or " "):
                self._add("constant", spelling, self.at, end, "%")
                return True
        return False

    def _sign(self, letter: str) -> None:
        start = self.at
        two = self.text[start : start + 2]
        if two in _TWO:
            if two in _REFUSED:
                raise ReadingError(_REFUSED[two][0], self.text, start, start + 2, hint=_REFUSED[two][1])
            self._add("sign", {"**": "^"}.get(two, two), start, start + 2)
            return
        sign = OPERATORS.get(letter, letter)
        if letter == "." and self._peek(1) == "T" and not plain(self._peek(2) or " "):
            self._add("sign", "ᵀ", start, start + 2)
            return
        if sign == ".":
            raise _dot(self.text, start)
        if sign not in _ONE and sign not in ("<=", ">=", "!="):
            message, hint = describe(letter)
            raise ReadingError(message, self.text, start, hint=hint)
        if sign == "∞":
            self._add("constant", "infinity", start, start + 1)
            return
        token = self._add("sign", sign, start, start + 1)
        if sign in CLOSES:
            self._open(token)
        elif sign in CLOSES.values():
            self._close(token)

    def _open(self, token: Token) -> None:
        self.open.append(token)
        self.limits.check("depth", len(self.open))

    def _close(self, token: Token) -> None:
        if not self.open:
            message = f"this {token.text} closes nothing"
            raise ReadingError(message, self.text, token.start, hint="delete it, or open it")
        opened = self.open.pop()
        if CLOSES[opened.text] != token.text:
            raise ReadingError(
                f"{opened.text} (column {_column(self.text, opened.start)}) is closed by {token.text}",
                self.text,
                token.start,
                hint=f"write {CLOSES[opened.text]}",
            )


def match_brackets(tokens: Sequence[Token]) -> dict[int, int]:
    """Where each bracket's partner stands, both ways; the brackets are known to match.

    >>> match_brackets(tokenize("(x)"))
    {2: 0, 0: 2}
    """
    partner: dict[int, int] = {}
    stack: list[int] = []
    for place, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text in CLOSES:
            stack.append(place)
        elif token.text in CLOSES.values() and stack:
            opened = stack.pop()
            partner[place], partner[opened] = opened, place
    return partner


def _left_open(text: str, token: Token) -> ReadingError:
    return ReadingError(
        f"a bracket is not closed: {token.text}", text, token.start, hint=f"add {CLOSES[token.text]} where it ends"
    )


def _column(text: str, place: int) -> int:
    return place - text.rfind("\n", 0, place)


def _pointed(after: str) -> str:
    return "write * / ^ without a point" if after in "*/^" else "write 5.0, or 5 without the point"


def _dot(text: str, place: int) -> ReadingError:
    """The error at a point that belongs to no number."""
    after = text[place + 1 : place + 2]
    if after == ".":
        return ReadingError("dots are not read", text, place, hint="write every term, or sum(k^2, k, 1, n)")
    if after and after in "*/^":
        return ReadingError(
            "a point before an operation", text, place, place + 2, hint=f"write {after} without a point"
        )
    return ReadingError("a point that belongs to no number", text, place, hint="write * for a product")
