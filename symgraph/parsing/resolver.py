"""Words of a statement -> names, functions and constants, with a note for every choice.

`words.py` knows what one run of letters can mean; here stand the meanings that its neighbours decide: a unit after a
number, d/dx, a transpose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from symgraph.errors import ReadingError
from symgraph.parsing.cursor import Note
from symgraph.parsing.signs import GREEK_NAMES, SUPERSCRIPTS
from symgraph.parsing.tokens import Token, Word, match_brackets
from symgraph.parsing.words import BESSEL, LETTERED, UNITS, Vocabulary, read_word

__all__ = ["has_shape", "resolve"]

_RAISED = re.compile(rf"[ }}]*(?:\^|\*\*|[{''.join(map(re.escape, SUPERSCRIPTS))}])")
_LETTERED = {
    "sigmoid": "the sigmoid function",
    "digamma": "the digamma function",
    "lambertw": "Lambert's W function",
    "heaviside": "the step function",
}
_OFTEN_CONSTANTS = {"E": "Euler's number", "I": "the imaginary unit", "i": "the imaginary unit"}


def resolve(tokens: Sequence[Token], vocabulary: Vocabulary, text: str) -> tuple[list[Token], list[Note]]:
    """The tokens with their words read, and what was guessed.

    Raises:
        ReadingError, NameProblem: a word that cannot be read, or in two ways; a derivative; a unit.

    >>> from symgraph.parsing.tokens import tokenize
    >>> tokens, notes = resolve(tokenize("3xy"), Vocabulary(), "3xy")
    >>> [token.text for token in tokens], [note.sentence for note in notes]
    (['3', 'x', 'y', ''], ['read xy as x·y'])
    """
    return _Resolver(tokens, vocabulary, text).run()


class _Resolver:
    """One statement's tokens on their way."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary, text: str) -> None:
        self.tokens, self.vocabulary, self.text = tokens, vocabulary, text
        self.found: list[Token] = []
        self.notes: list[Note] = []
        self.partner = match_brackets(tokens)
        self.shapes = any(token.kind == "sign" and token.text in ("@", "ᵀ") for token in tokens) or has_shape(tokens)

    def run(self) -> tuple[list[Token], list[Note]]:
        for place, token in enumerate(self.tokens):
            if token.kind != "word":
                self.other(token)
            elif not (self.transposed(token) or self.lettered(place, token)):
                self.word(place, token)
        return self.found, self.notes

    def next(self, place: int, ahead: int = 1) -> Token | None:
        return self.tokens[place + ahead] if place + ahead < len(self.tokens) else None

    def fail(self, message: str, token: Token, hint: str) -> ReadingError:
        return ReadingError(message, self.text, token.start, token.end, hint=hint)

    def note(self, token: Token, reading: str) -> None:
        written = self.text[token.start : token.end]
        self.notes.append(Note(token.start, token.end, f"read {written} as {reading}"))

    def other(self, token: Token) -> None:
        if token.scientific and "e" in self.vocabulary.names:
            message = f"{token.text} could be a power of ten or have the name e in it"
            raise self.fail(message, token, "write * or a power of 10")
        self.found.append(token)

    def word(self, place: int, token: Token) -> None:
        assert isinstance(token.value, Word)
        self.refuse_derivative(place, token)
        self.refuse_unit(token)
        word, called = token.value, self.is_called(place)
        if not called and word.subscript is None and word.letters in self.vocabulary.names:  # as in most programs
            self.found.append(Token("name", word.letters, word.places[0], word.places[-1], token.space))
            self.report(token, self.found[-1:])
            return
        pieces = read_word(word, self.vocabulary, text=self.text, called=called)
        first = len(self.found)
        for number, piece in enumerate(pieces):
            value = Fraction(int(piece.text)) if piece.kind == "number" else None
            kind = "name" if piece.kind == "letter" else piece.kind
            self.found.append(Token(kind, piece.text, piece.start, piece.end, token.space and number == 0, value))
        self.report(token, self.found[first:])

    def is_called(self, place: int) -> bool:
        """Whether a bracket for arguments opens after a word: ( or LaTeX's {( ; for Γ also behind a power, Γ²(x)."""
        after = self.next(place)
        if after is not None and after.text == "^" and self.tokens[place].text in ("Gamma", "psi"):
            behind = self.next(place, 2)
            close = self.partner.get(place + 2) if behind is not None and behind.text == "{" else place + 2
            place = close or place
            after = self.next(place)
        if after is not None and after.kind == "sign" and after.text == "{":
            after = self.next(place, 2)
        return after is not None and after.kind == "sign" and after.text == "("

    # what neighbours decide --------------------------------------------------------------------------------------

    def refuse_derivative(self, place: int, token: Token) -> None:
        """d/dx and dy/dx ask for what is to be computed here."""
        slash, below = self.next(place), self.next(place, 2)
        names = self.vocabulary.names
        if slash is None or below is None or slash.text != "/" or below.kind != "word":
            return
        if _is_differential(token.text, 1, names) and _is_differential(below.text, 2, names):
            end = below.end
            hint = "write the function itself, and say what to differentiate by"
            raise ReadingError("a derivative is not read", self.text, token.start, end, hint=hint)

    def refuse_unit(self, token: Token) -> None:
        before = self.found[-1] if self.found else None
        if before is None or before.kind != "number":
            return
        if token.text in UNITS and token.text not in self.vocabulary.names:
            degrees = token.text.startswith("deg")
            hint = "angles are in radians: write x*pi/180" if degrees else "write the number alone"
            raise self.fail("units are not read", token, hint)

    def transposed(self, token: Token) -> bool:
        """A^T is a transpose where there are vectors or matrices and nothing is called T."""
        found = self.found
        if token.text != "T" or "T" in self.vocabulary.names or not found:
            return False
        if found[-1].text == "^" and found[-1].kind == "sign" and (self.shapes or self.vocabulary.shapes):
            caret = found.pop()
            found.append(replace(token, kind="sign", text="ᵀ", start=caret.start, space=caret.space, value=None))
            self.notes.append(Note(caret.start, token.end, "read ^T as the transpose"))
            return True
        return False

    def lettered(self, place: int, token: Token) -> bool:
        """σ(z), ψ(x), W(x) and J_0(x) are functions where nothing has that letter for a name."""
        word = token.value
        assert isinstance(word, Word)
        if word.letters not in LETTERED and word.letters not in BESSEL:
            return False
        operator = self.text.startswith("\\operatorname", token.start)
        known = self.vocabulary.functions - self.vocabulary.unknown if operator else self.vocabulary.functions
        full = word.letters + (f"_{word.subscript}" if word.subscript else "")
        if not {word.letters, full}.isdisjoint(self.vocabulary.names) or word.letters in known or full in known:
            return False
        if word.letters in BESSEL:
            return self.bessel(place, token, word, operator)
        if word.letters not in LETTERED or word.subscript or not self.is_called(place):
            return False
        after, behind = self.next(place), self.next(place, 3)
        order = after is not None and after.text == "^"
        if order and not (word.letters == "psi" and behind is not None and behind.text == "("):
            return False
        if not (operator or order or self.vocabulary.closed or (word.greek and full in self.vocabulary.called)):
            return False
        spelling = LETTERED[word.letters]
        self.found.append(replace(token, kind="function", text=spelling, value=None))
        self.note(token, f"{'the polygamma function' if order else _LETTERED[spelling]}")
        return True

    def bessel(self, place: int, token: Token, word: Word, operator: bool) -> bool:
        """J_n(x): with \\operatorname the order stands behind the letter, else it looks like a part of the name."""
        after = self.next(place)
        if operator and word.subscript is None and after is not None and after.text == "_":
            self.found.append(replace(token, kind="function", text=BESSEL[word.letters], value=None))
            return True
        order = word.subscript or ""
        known = order.isdigit() or order in self.vocabulary.names
        if not (self.vocabulary.closed and known and self.is_called(place)):
            return False
        self.found.append(replace(token, kind="function", text=BESSEL[word.letters], value=None))
        self.found.append(Token("sign", "_", token.start, token.start))
        number = Fraction(order) if order.isdigit() else None
        self.found.append(
            Token("number" if number is not None else "name", order, token.start, token.end, value=number)
        )
        self.note(token, "a Bessel function")
        return True

    # notes -------------------------------------------------------------------------------------------------------

    def report(self, token: Token, pieces: Sequence[Token]) -> None:
        """Say how a word was read, where that was a choice."""
        names = self.vocabulary.names
        if len(pieces) > 1:
            product = pieces[0].kind == pieces[1].kind == "name"  # also before a function: arsin, axcos
            if product and any(piece.kind == "name" and piece.text not in names for piece in pieces):
                self.note(token, "·".join(piece.text for piece in pieces))
            return
        piece = pieces[0]
        written = self.text[token.start : token.end]
        if piece.kind == "constant" and piece.text == "e":
            if not _RAISED.match(self.text, token.end):  # e^x is no choice
                self.notes.append(Note(token.start, token.end, "read e as Euler's number"))
        elif piece.kind == "call" and piece.text in self.vocabulary.unknown:
            self.note(token, "a function about which nothing is known")
        elif piece.kind == "function" and piece.text in GREEK_NAMES and written.isalpha():
            self.note(token, f"the {piece.text} function")
        elif piece.kind == "name":
            self.report_name(token, piece, written)
        elif piece.kind != "keyword" and piece.text != written and written.isascii() and written.isalpha():
            self.note(token, piece.text)

    def report_name(self, token: Token, piece: Token, written: str) -> None:
        names = self.vocabulary.names
        if piece.text in _OFTEN_CONSTANTS and piece.text not in names:
            self.note(token, f"a name, not as {_OFTEN_CONSTANTS[piece.text]}")
        elif piece.text[-1:].isdigit() and "_" not in piece.text and piece.text not in names:
            letter = piece.text.rstrip("0123456789")
            if letter in self.vocabulary.letters:
                digits = piece.text[len(letter) :]
                self.note(token, f"a name of its own, not as {letter}^{digits} or {digits}·{letter}")
        elif written != piece.text and _is_spelled(written, token):
            self.note(token, f"the name {piece.text}")


def _is_spelled(written: str, token: Token) -> bool:
    """Whether a name was spelled otherwise than one would expect: lambda_, rho_c_0, \\text{speed}."""
    if written.isascii() and written.isidentifier():
        return True
    return written.startswith("\\") and isinstance(token.value, Word) and not token.value.greek and len(token.text) > 1


def _is_differential(word: str, least: int, names: frozenset[str]) -> bool:
    """Whether a word looks like d, dy or dx, and nobody called anything d."""
    return word[:1] == "d" and least <= len(word) <= 4 and "d" not in names and word not in names


def has_shape(tokens: Sequence[Token]) -> bool:
    """Whether there is a vector or a matrix in the tokens: a [ and a comma or semicolon inside it."""
    depth = 0
    for token in tokens:
        if token.kind == "sign":
            depth += (token.text == "[") - (token.text == "]")
            if depth and token.text in (",", ";"):
                return True
    return False
