"""What a run of letters means: one name, a product of letters, a function, a constant.

The rules, in their order:

1. a declared name is that name (inputs, left sides, parameters, what `--wrt`, `--at`, `--of` and `hold` name);
2. the spelling of a function is that function, `pi` and `e` are the constants, a Greek letter's name is a name;
3. a letter, alone or with digits (x2) or a subscript (x_1, a_prev), is a name;
4. a run that is made of those (xsinx, 2πr, mx with m and x declared) is taken apart, if there is one way;
5. two letters that nobody declared are their product, which is reported; so are more, each once, where every one of
   them is x, y or z or stands alone elsewhere in the text (xyz; abc beside a + b + c); any other run is an error that
   shows both readings.

Where a problem declares its names, any other name is an error.

>>> read_word(Word("xsinx", (0, 1, 2, 3, 4, 5)), Vocabulary(frozenset({"x"}), closed=True))
[Piece('name', 'x', 0, 1), Piece('function', 'sin', 1, 4), Piece('name', 'x', 4, 5)]
"""

from __future__ import annotations

import difflib
import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType

from symgraph.errors import NameProblem, ReadingError, SymgraphError, known_names
from symgraph.language.primitives import LETTERS, PRIMITIVES, SHORTHANDS, SPELLINGS
from symgraph.parsing.signs import GREEK, GREEK_NAMES
from symgraph.parsing.tokens import Word, tokenize

__all__ = [
    "BARE",
    "BESSEL",
    "BINDER_SPELLINGS",
    "CONDITION_WORDS",
    "FUNCTIONS",
    "GERMAN",
    "LETTERED",
    "UNITS",
    "Piece",
    "Vocabulary",
    "check_name",
    "is_name",
    "nearest",
    "read_word",
]

BINDER_SPELLINGS = {
    "sum": "sum",
    "Sum": "sum",
    "product": "product",
    "Product": "product",
    "prod": "product",
    "integral": "integral",
    "Integral": "integral",
    "integrate": "integral",
    "int": "integral",
}
# Spellings that are read with brackets: rows, rows with a number in its place, and the forms of the grammar itself.
FUNCTIONS: frozenset[str] = frozenset({*SPELLINGS, *SHORTHANDS, *BINDER_SPELLINGS, "piecewise", "Piecewise", "pow"})
# Spellings that may stand without brackets and inside a run of letters: sin x, xlnx.
BARE: frozenset[str] = frozenset(
    {
        spelling
        for spelling, row in SPELLINGS.items()
        if PRIMITIVES[row].arity[0] == 1
        and PRIMITIVES[row].arity[1] == 1
        and (len(spelling) > 2 or spelling in ("ln", "tg"))
        and spelling not in GREEK_NAMES
    }
)
# The letters that books use for a function, and the letters of Bessel's functions, which have an order below.
BESSEL: Mapping[str, str] = MappingProxyType(
    {letter: PRIMITIVES[row].spellings[0] for letter, row in LETTERS.items() if row.startswith("bessel_")}
)
LETTERED: Mapping[str, str] = MappingProxyType(
    {
        GREEK.get(letter, letter): PRIMITIVES[row].spellings[0]
        for letter, row in LETTERS.items()
        if row in ("sigmoid", "digamma", "lambert_w", "heaviside")
    }
)
# What our own documents write in German.
GERMAN: Mapping[str, str] = MappingProxyType({"falls": "if", "wenn": "if", "sonst": "otherwise"})
CONDITION_WORDS = frozenset(
    {*GERMAN, "if", "for", "when", "where", "otherwise", "else", "and", "or", "not", "true", "True"}
)
_INFINITE = frozenset({"oo", "inf", "infinity", "Infinity"})
_PLAIN = {"E": "Euler's number is e", "I": "", "i": "", "N": "", "S": "", "O": ""}
_ENGLISH = {
    "squared": "write ^2",
    "cubed": "write ^3",
    "times": "write *",
    "plus": "write +",
    "minus": "write -",
    "over": "write /",
    "degrees": "angles are in radians: write x*pi/180",
    "degree": "angles are in radians: write x*pi/180",
    "deg": "angles are in radians: write x*pi/180",
    "nan": "this is not a number",
    "NaN": "this is not a number",
}
UNITS = frozenset(
    {
        *("kg", "mg", "km", "cm", "mm", "nm", "ms", "ns", "second", "seconds", "meter", "meters", "metre"),
        *("metres", "Hz", "kHz", "Pa", "kPa", "mol", "rad", "mph", "kmh", "degrees", "degree", "deg"),
    }
)
_COMMON = frozenset({"sin", "cos", "tan", "exp", "ln", "log", "sqrt", "abs"})
_LONGEST = 41


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a word: kind name, function, constant, number or keyword, and where it stood."""

    kind: str
    text: str
    start: int
    end: int

    def __repr__(self) -> str:
        return f"Piece({self.kind!r}, {self.text!r}, {self.start}, {self.end})"


@dataclass(frozen=True)
class Vocabulary:
    """The names that count as declared.

    Args:
        names: as such.
        closed: there are no others.
        functions: names that stand for a function before a bracket.
        unknown: those of them that nobody declared.
        letters: the words of the text that are one letter.
        called: letters that books use for a function, and that stand before a bracket wherever they stand.
        shapes: there are vectors or matrices in the text.
    """

    names: frozenset[str] = frozenset()
    closed: bool = False
    functions: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()
    letters: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()
    shapes: bool = False

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """The lengths of the names, longest first."""
        return tuple(sorted({len(name) for name in self.names}, reverse=True))


def is_name(text: str) -> bool:
    """Whether a text may be a name: a letter with letters or digits, perhaps a subscript; or a Greek letter's name.

    >>> [is_name(text) for text in ("x", "x_12", "a_prev", "_x", "x__y", "x y", "é", "theta1")]
    [True, True, True, False, False, False, False, True]
    """
    base, line, low = text.partition("_")
    if not (base.isascii() and base[:1].isalpha() and base.isalnum() and len(base) <= 30):
        return False
    return not line or (low.isascii() and low.isalnum() and len(low) <= 10)


def check_name(name: str) -> str:
    """The name itself, with Greek letters spelled out, or an error when it cannot be one.

    >>> check_name("x_1"), check_name("θ")
    ('x_1', 'theta')
    >>> check_name("x}{y")
    Traceback (most recent call last):
        ...
    symgraph.errors.NameProblem: this cannot be a name: x}{y
    hint: a name is letters and digits, perhaps with a subscript: x, x2, x_1, a_prev, theta
    """
    plain_name = name
    if not is_name(name):
        try:
            tokens = tokenize(name)
        except SymgraphError:
            tokens = []
        value = tokens[0].value if len(tokens) == 2 else None
        if isinstance(value, Word):
            plain_name = value.letters + (f"_{value.subscript}" if value.subscript else "")
    if not is_name(plain_name):
        shown = "".join(letter if letter.isprintable() else "?" for letter in name[:40])
        raise NameProblem(
            f"this cannot be a name: {shown}",
            hint="a name is letters and digits, perhaps with a subscript: x, x2, x_1, a_prev, theta",
        )
    return plain_name


def read_word(word: Word, vocabulary: Vocabulary, *, text: str = "", called: bool = False) -> list[Piece]:
    """What a word means, as one piece or several in the order in which they stand.

    Args:
        word: the run of letters.
        vocabulary: the names that count as declared.
        text: the whole text, for messages.
        called: a bracket follows directly.

    Raises:
        ReadingError: a run that can be read in two ways, or is no name.
        NameProblem: a name that the problem does not have, or an unknown function.
    """
    return _Reader(word, vocabulary, text, called).read()


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the closest known spelling; empty when none is close.

    >>> nearest("sim", FUNCTIONS)
    'did you mean sin?'
    """
    matcher = difflib.SequenceMatcher(b=word.lower()[:_LONGEST])
    best, shown = 0.6, ""
    for candidate in sorted(known, key=lambda each: (each not in _COMMON, each)):
        matcher.set_seq1(candidate.lower())
        bonus = 0.15 if candidate in _COMMON else 0.0
        if matcher.real_quick_ratio() + bonus > best and matcher.ratio() + bonus > best and matcher.ratio() >= 0.5:
            best, shown = matcher.ratio() + bonus, candidate
    return f"did you mean {shown}?" if shown else ""


class _Reader:
    """One word on its way to pieces."""

    def __init__(self, word: Word, vocabulary: Vocabulary, text: str, called: bool) -> None:
        self.word, self.vocabulary, self.text, self.called = word, vocabulary, text, called
        self.letters = word.letters
        self.full = word.letters + (f"_{word.subscript}" if word.subscript else "")
        self.start, self.end = word.places[0], word.places[-1]

    def read(self) -> list[Piece]:
        return self._declared() or self._spelled() or self._single() or self._taken_apart() or self._unknown()

    def _one(self, kind: str, text: str) -> list[Piece]:
        return [Piece(kind, text, self.start, self.end)]

    def _place(self, index: int) -> int:
        """Where the character at an index of the word (its subscript included) stands in the text."""
        last = len(self.letters)
        return self.word.places[min(index, last)] if index <= last else self.word.places[-1]

    # the readings, in their order --------------------------------------------------------------------------------

    def _declared(self) -> list[Piece]:
        if self.called and self.full in self.vocabulary.functions:
            return self._one("call", self.full)
        return self._one("name", self.full) if self.full in self.vocabulary.names else []

    def _spelled(self) -> list[Piece]:
        letters = self.letters
        if self.word.subscript:
            return []
        lower_sign = self.word.greek and letters.islower()
        if letters in GREEK_NAMES and (letters not in FUNCTIONS or not self.called or lower_sign):
            return self._checked(letters)
        if letters in FUNCTIONS:
            return self._one("function", letters)
        if letters in ("pi", "e"):
            return self._one("constant", letters)
        if letters in ("Pi", "PI") and not self.word.greek:
            return self._one("constant", "pi")
        if letters in _INFINITE:
            return self._one("constant", "infinity")
        if letters in CONDITION_WORDS:
            return self._one("keyword", GERMAN.get(letters, letters))
        if len(letters) > 1 and letters.lower() in FUNCTIONS and letters.lower() not in GREEK_NAMES:
            return self._one("function", letters.lower())
        return []

    def _single(self) -> list[Piece]:
        """A letter, or the name of a Greek one, alone or with digits or a subscript."""
        base = self.letters.rstrip("0123456789")
        if not (len(base) == 1 or base in GREEK_NAMES or self.word.whole):
            return []
        upright = self.word.whole and not self.word.greek and len(base) > 1
        if upright and self.called and base not in GREEK_NAMES:
            return self._unknown()
        low = self.word.subscript
        if low and low[0].isdigit() and not low.isdigit() and not self.word.whole:
            return []
        if base in ("e", "pi") and self.letters != base and not self.vocabulary.closed:
            raise ReadingError(
                f"{self.full} could be {base}^{self.letters[len(base) :]} or {self.letters[len(base) :]}*{base}",
                self.text,
                self.start,
                self.end,
                hint="write the one you mean",
            )
        return self._checked(self.full)

    def _checked(self, name: str) -> list[Piece]:
        """A name, if the problem may have it."""
        if not is_name(name):
            raise NameProblem("this name is too long", self.text, self.start, self.end, hint="30 letters at most")
        if self.vocabulary.closed and not (self.called and name in self.vocabulary.functions):
            apart = self._taken_apart() if not self.word.whole else []
            return apart or self._unknown()
        return self._one("name", name)

    def _taken_apart(self) -> list[Piece]:
        """The run as names, functions and constants one after the other, if there is one such reading."""
        if self.word.whole:
            return []
        ways = [way for way in _ways(self.full, self.vocabulary, called=self.called) if self._fits_bracket(way)]
        if ways:
            self._refuse_two(ways)
            return self._pieces(ways[0])
        if self.vocabulary.closed or "_" in self.full:
            return []
        ways = _ways(self.full, self.vocabulary, letters=True, called=self.called)
        if not ways or not any(kind == "function" for kind, _, _ in ways[0]) or _stretch(ways[0]) > 2:
            return []
        if not self._fits_bracket(ways[0]):
            return []
        self._refuse_two(ways[:1])
        return self._pieces(ways[0])

    def _fits_bracket(self, way: Way) -> bool:
        """sine(x) is a misspelled function, and not sin(e) times x."""
        last = max((place for place, (kind, _, _) in enumerate(way) if kind == "function"), default=-1)
        if not self.called or last in (-1, len(way) - 1):
            return True
        return all(kind == "name" for kind, _, _ in way[last + 1 :])

    def _pieces(self, way: Way) -> list[Piece]:
        pieces = []
        for kind, begin, stop in way:
            pieces.append(Piece(kind, self.full[begin:stop], self._place(begin), self._place(stop)))
        return pieces

    def _refuse_two(self, ways: list[Way]) -> None:
        """asin x could be arcsin x and a·sin x, log2x two logarithms: neither is guessed."""
        first = ways[0]
        for (kind, begin, stop), (after, low, high) in pairwise(first):
            if kind == "function" and after == "number" and self.full[begin:stop] == "log":
                number, rest = self.full[low:high], self.full[high:] or "x"
                raise ReadingError(
                    f"this could be log({number}{rest}) or log_{number}({rest})",
                    self.text,
                    self.start,
                    self.end,
                    hint="write the one you mean",
                )
        others = [way for way in ways[1:] if _functions(way) != _functions(first)]
        for place, (kind, begin, stop) in enumerate(first):
            inner = self.full[begin + 1 : stop]
            possible = "a" in self.vocabulary.names or not self.vocabulary.closed
            if kind == "function" and self.full[begin] == "a" and inner in BARE and possible:
                split = ("name", begin, begin + 1), ("function", begin + 1, stop)
                others.append((*first[:place], *split, *first[place + 1 :]))
        if others:
            one, two = (_written(self.full, way) for way in (first, others[0]))
            raise ReadingError(
                f"this could be {one} or {two}", self.text, self.start, self.end, hint="write the one you mean"
            )

    def _unknown(self) -> list[Piece]:
        """Nothing above holds: some letters are a product, anything else is an error that says what it could be."""
        letters, vocabulary = self.letters, self.vocabulary
        if letters in _ENGLISH:
            raise ReadingError(f"{letters} is not read", self.text, self.start, self.end, hint=_ENGLISH[letters])
        if len(letters) == 2 and letters[0] == "d" and letters.isalpha() and "d" not in vocabulary.names:
            raise ReadingError(
                f"{letters} is not read", self.text, self.start, self.end, hint="leave it out: write the function alone"
            )
        if self.called and len(letters) > 1:
            raise NameProblem(
                f"unknown function: {self.full[:_LONGEST]}",
                self.text,
                self.start,
                self.end,
                hint=nearest(letters, FUNCTIONS) or "write * for a product",
            )
        if vocabulary.closed:
            raise self._not_of_this_problem()
        if keyword.iskeyword(letters):
            raise ReadingError(f"{letters} is a word of programs, not a name", self.text, self.start, self.end)
        alone = vocabulary.letters | set("xyz")
        apart = len(letters) == 2 or (len(letters) == len(set(letters)) and alone.issuperset(letters))
        if apart and letters.isalpha() and not self.word.subscript:
            return [Piece("name", letter, self._place(k), self._place(k + 1)) for k, letter in enumerate(letters)]
        if letters[0] == "e" and letters[1:2].isdigit():
            digits = letters[1 : len(letters) - len(letters[1:].lstrip("0123456789"))]
            raise ReadingError(
                f"{self.full[:_LONGEST]} could be e^{digits}… or {digits}*e…",
                self.text,
                self.start,
                self.end,
                hint="write the one you mean",
            )
        raise self._two_readings()

    def _not_of_this_problem(self) -> NameProblem:
        base = self.letters.rstrip("0123456789")
        digits = self.letters[len(base) :]
        vocabulary = self.vocabulary
        if base in vocabulary.names and digits and not self.word.subscript:
            hint = f"{base}^{digits}, {digits}*{base} or {base}_{digits}?"
        elif self.full == "E":
            hint = "Euler's number is e: write e"
        else:
            names = vocabulary.names
            hint = " ".join(filter(None, (nearest(self.full, names), known_names(sorted(names)))))
        shown = self.full[:_LONGEST]
        if self.called and self.full[:1] in "fghFGH" and len(self.full) == 1:
            return NameProblem(
                f"{shown} is a function that this problem does not have", self.text, self.start, self.end, hint=hint
            )
        return NameProblem(f"{shown} is not a name of this problem", self.text, self.start, self.end, hint=hint)

    def _two_readings(self) -> ReadingError:
        shown = self.full[:_LONGEST]
        ways = _ways(self.full[:_LONGEST], Vocabulary(), letters=True)
        product = _written(shown, ways[0]) if ways else ""
        hint = nearest(shown, {*FUNCTIONS, *GREEK_NAMES}) if len(shown) > 2 else ""
        close = f"; {hint}" if hint and self.called else ""
        if product:
            message = f"{shown} could be the product {product} or one name"
        else:
            message = f"{shown} is not a name that is known here"
        return ReadingError(
            message,
            self.text,
            self.start,
            self.end,
            hint=f"write {product or 'a product with *'}, or declare {shown} as a name{close}",
        )


Way = tuple[tuple[str, int, int], ...]
_KEPT = 4


def _ways(full: str, vocabulary: Vocabulary, *, letters: bool = False, called: bool = False) -> list[Way]:
    """The ways to write a run as names, functions and constants, those with the fewest letters and pieces first.

    With `letters` any letter may be a name; a run that is `called` may end with a function.

    From the end to the start, keeping the few best ways for what remains: linear in the length of the run.
    """
    # for each place: cost of what remains, the next piece, and which of the ways goes on after it
    best: list[list[tuple[int, tuple[str, int, int], int]]] = [[] for _ in range(len(full) + 1)]
    best[len(full)] = [(0, ("end", len(full), len(full)), 0)]
    for begin in range(len(full) - 1, -1, -1):
        found = []
        for kind, stop, cost in _starts(full, begin, vocabulary, letters, called):
            for rank, (rest, _, _) in enumerate(best[stop]):
                found.append((cost + rest, (kind, begin, stop), rank))
        found.sort(key=lambda way: way[0])
        best[begin] = found[:_KEPT]
    ways = []
    for rank in range(len(best[0])):
        way: list[tuple[str, int, int]] = []
        place, position = 0, rank
        while place < len(full):
            _, piece, position = best[place][position]
            way.append(piece)
            place = piece[2]
        ways.append(tuple(way))
    return ways


def _starts(full: str, begin: int, vocabulary: Vocabulary, letters: bool, called: bool) -> list[tuple[str, int, int]]:
    """The pieces with which a run can go on at a place: kind, end, cost."""
    found: list[tuple[str, int, int]] = []
    if full[begin].isdigit():
        end = begin
        while end < len(full) and full[end].isdigit():
            end += 1
        before = full[begin - 1 : begin].isalpha()
        return [("number", end, 1)] if begin and before and not full[begin - 1].isdigit() else []

    def ends(stop: int) -> bool:
        after = full[stop : stop + 1]
        return not (after.isdigit() or after == "_")

    for length in vocabulary.lengths:
        if full[begin : begin + length] in vocabulary.names and begin + length <= len(full) and ends(begin + length):
            found.append(("name", begin + length, 1))
    for length in _FUNCTION_LENGTHS:
        stop = begin + length
        inside = stop < len(full) and full[begin:stop] in BARE and full[stop] != "_"
        if inside or (called and stop == len(full) and full[begin:stop] in _CALLED):
            found.append(("function", stop, 1))
    for constant in ("pi", "e"):
        stop = begin + len(constant)
        if full.startswith(constant, begin) and ends(stop) and constant not in vocabulary.names:
            found.append(("constant", stop, 1))
    if letters and full[begin].isalpha():
        stop = begin + 1
        while stop < len(full) and full[stop].isdigit():
            stop += 1
        if full[stop : stop + 1] != "_":
            found.append(("letter", stop, 100))
    # a number belongs to a function before it (sin3x), never to a name (x2)
    return found


_CALLED = frozenset(spelling for spelling in FUNCTIONS if len(spelling) > 1 and spelling not in GREEK_NAMES)
_FUNCTION_LENGTHS = tuple(sorted({len(spelling) for spelling in _CALLED}, reverse=True))


def _functions(way: Way) -> tuple[tuple[int, int], ...]:
    return tuple((begin, stop) for kind, begin, stop in way if kind == "function")


def _stretch(way: Way) -> int:
    """The longest row of letters that nobody declared."""
    longest = row = 0
    for kind, _, _ in way:
        row = row + 1 if kind == "letter" else 0
        longest = max(longest, row)
    return longest


def _written(full: str, way: Way) -> str:
    """A way as it would be typed."""
    written = ""
    after_function = False
    for kind, begin, stop in way:
        part = full[begin:stop]
        if after_function:
            written += f"({part})"
        else:
            written += ("*" if written else "") + part
        after_function = kind == "function"
    return written
