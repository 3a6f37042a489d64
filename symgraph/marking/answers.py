"""What a student wrote -> formulas, a harmless left side taken off and noted.

>>> answer = read("dy/dx = 2x cos(x^2)", Expected(("x",), of="y", wrt=("x",)))
>>> answer.left_sides, answer.trees[0].operator
(('dy/dx',), 'multiply')
>>> read("y' = x^2 = 4", Expected(("x",), of="y", wrt=("x",)))
Traceback (most recent call last):
    ...
symgraph.errors.ReadingError: an equation, where an expression is wanted (line 1, column 10)
  y' = x^2 = 4
           ^
hint: write one side alone, or ask an implicit question

A left side that names another derivative than the one asked for (dy/dt, y'') is not harmless: it is an error, and what
cannot be read is never called wrong. What people write around a formula is harmless: "Answer:" or ≈ before it, a full
stop behind it. What is noted: a condition on a name behind it that is left out, the steps of a chain (a = b = c) where
all are proved equal, and a decimal comma where only that can be meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import prod
from types import MappingProxyType
from typing import Any, TypeAlias

from sympy import Expr

from symgraph.calculus import equality
from symgraph.calculus.equality import equal
from symgraph.errors import InputError, ReadingError, SymgraphError, known_names
from symgraph.language.constructors import construct, span_of
from symgraph.language.notation import from_sympy
from symgraph.language.primitives import PRIMITIVES, SPELLINGS
from symgraph.language.tree import Apply, Number, Tree
from symgraph.limits import DEFAULT, Limits
from symgraph.marking.unit_vectors import UNITS, combined, components, with_plain_units
from symgraph.parsing import text as door

__all__ = ["Answer", "Expected", "Written", "equals_sign", "located", "read", "with_either_comma", "with_power_of_ten"]

MOST_STEPS = 8  # of a chain a = b = c
# Functions of several values, in whose brackets a comma is no decimal one.
_LISTING = {"ln", "log", "lg", *(word for word, row in SPELLINGS.items() if PRIMITIVES[row].arity[1] != 1)}
_SEVERAL = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(sorted(map(re.escape, _LISTING)))})(?![A-Za-z])")

Written: TypeAlias = str | Expr | int | float | Fraction | Decimal | Sequence[Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer may look like.

    Args:
        names: the names that it may use.
        of: the output's name; "" when it has none that a student would know.
        wrt: the names that are differentiated by.
        order: of the derivative.
        shape: () for one formula, (n,) for a gradient, (m, n) for a Jacobian: a row for each output.
        outputs: the names of the outputs, for a Jacobian.
        curve: `of` is one of the names, too: dy/dx on a curve.
        at: the point at which a value is asked for, which a left side may name: f'(2) =.
    """

    names: tuple[str, ...]
    of: str = ""
    wrt: tuple[str, ...] = ()
    order: int = 1
    shape: tuple[int, ...] = ()
    outputs: tuple[str, ...] = ()
    limits: Limits = field(default=DEFAULT, repr=False)
    curve: bool = False
    at: Mapping[str, Expr] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Answer:
    """Formulas that were read, row by row.

    Args:
        trees: one for each derivative that was asked for.
        left_sides: what was taken off, as it was written.
        readings: the guesses that were made in reading it.
        text: what was typed; "" for what was not text.
        restricted: whether a comparison behind it was left out that may say where it is meant: x > 0, not x ≠ 0.
    """

    trees: tuple[Tree, ...]
    left_sides: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    text: str = ""
    restricted: bool = False


def read(answer: Written, expected: Expected) -> Answer:
    """Read an answer: text, LaTeX, a number, a SymPy expression or matrix, or a list of such.

    Raises:
        SymgraphError: it cannot be read, or has another shape than what was asked for.
    """
    if isinstance(answer, str):
        return _read_text(answer, expected)
    if hasattr(answer, "tolist") and not isinstance(answer, Expr):
        answer = answer.tolist()  # arrays and matrices
    if isinstance(answer, list | tuple):
        return _read_list(answer, expected)
    if expected.shape:
        raise _shape_error(expected, "one formula", "", (0, 0))
    return Answer((_as_tree(answer, expected),))


def located(error: SymgraphError, answer: Answer) -> SymgraphError:
    """A fault in an answer's mathematics, with its place in the text."""
    span = span_of(error)
    if isinstance(error, InputError) or span is None or not answer.text:
        return error
    return ReadingError(str(error), answer.text, *span)


def _as_tree(value: Any, expected: Expected) -> Tree:
    """One entry that is not text."""
    if isinstance(value, bool):
        raise ReadingError("an answer is a formula or a number, not true or false")
    if isinstance(value, int):
        return Number(value)
    if isinstance(value, Fraction):
        return Number(value)
    if isinstance(value, float | Decimal):
        if value != value or abs(value) == float("inf"):
            raise ReadingError(f"{value} is not a number that an answer could be")
        return Number(Fraction(repr(value)) if isinstance(value, float) else Fraction(value), str(value))
    if isinstance(value, Expr):
        tree = from_sympy(value)
        for symbol in sorted(str(symbol) for symbol in value.free_symbols):
            if door.check_name(symbol) not in expected.names:
                raise ReadingError(f"{symbol} is not a name of this problem", hint=known_names(expected.names))
        return tree
    item = getattr(value, "item", None)
    if callable(item):
        return _as_tree(item(), expected)
    raise ReadingError(f"an answer is text, a formula or a number, not a {type(value).__name__}")


def _read_list(answer: Sequence[Any], expected: Expected) -> Answer:
    """A list of entries, or of rows."""
    rows = [list(row) if isinstance(row, list | tuple) else row for row in answer]
    if len(expected.shape) == 1 and rows and all(isinstance(row, list) and len(row) == 1 for row in rows):
        rows = [row[0] for row in rows]  # an upright vector
    if len(expected.shape) == 1 and len(rows) == 1 and isinstance(rows[0], list):
        rows = rows[0]
    flat: list[Any] = []
    shape: tuple[int, ...] = (len(rows),)
    if rows and all(isinstance(row, list) for row in rows):
        shape = (len(rows), len(rows[0]))
        for row in rows:
            if len(row) != shape[1]:
                raise ReadingError("the rows of this matrix have different lengths")
            flat.extend(row)
    else:
        flat = rows
    if expected.shape == () and len(flat) == 1:
        shape = ()
    if shape != expected.shape:
        raise _shape_error(expected, _named_shape(shape), "", (0, 0))
    parts = [_entry(value, expected, place) for place, value in enumerate(flat)]
    return _joined(parts, "")


def _entry(value: Any, expected: Expected, place: int) -> Answer:
    one = _single(expected, place)
    return _read_text(value, one) if isinstance(value, str) else Answer((_as_tree(value, one),))


def _joined(parts: Sequence[Answer], text: str) -> Answer:
    return Answer(
        tuple(tree for part in parts for tree in part.trees),
        tuple(side for part in parts for side in part.left_sides),
        tuple(dict.fromkeys(reading for part in parts for reading in part.readings)),
        text,
    )


def _single(expected: Expected, place: int) -> Expected:
    """What one entry of a gradient or Jacobian may look like."""
    across = len(expected.wrt)
    of = expected.outputs[place // across] if expected.outputs else expected.of
    return replace(expected, of=of, wrt=(expected.wrt[place % across],), shape=(), outputs=())


def _named_shape(shape: tuple[int, ...]) -> str:
    if not shape:
        return "one formula"
    if len(shape) == 1:
        return f"a list of {shape[0]}"
    return f"a matrix of {shape[0]} rows and {shape[1]} columns"


def _shape_error(expected: Expected, found: str, text: str, span: tuple[int, int]) -> ReadingError:
    hint = "a row for each output, a column for each input" if len(expected.shape) == 2 else ""
    return ReadingError(f"{_named_shape(expected.shape)} is asked for, not {found}", text, *span, hint=hint)


# Text ----------------------------------------------------------------------------------------------------------------


def _read_text(text: str, expected: Expected) -> Answer:
    if not text.strip():
        raise ReadingError("there is no answer here", text, hint="write the derivative")
    expected.limits.check("characters", len(text))
    try:
        plain = _without_differentials(_without_label(_without_stop(text)), expected)
        plain, remark = _without_remark(plain, expected)
        found = _read_statement(plain, expected)
        noted = (f"read without {remark}", *found.readings) if remark else found.readings
        restricted = re.search(r"(?<!<)>|<(?!>)|[≤≥]|\\[lg]e", remark) is not None
        return replace(found, readings=noted, text=text, restricted=restricted)
    except InputError as error:
        if len(error.text) == len(text):
            error.text = text  # with its left side again
        raise


_STOP = re.compile(r"(?<!\\right)(?<!\.)[.;,]\s*$")  # behind a formula it ends a sentence


def _without_stop(text: str) -> str:
    """The text with a full stop, comma or semicolon at its end made a space."""
    return _STOP.sub(lambda found: " " * len(found[0]), text)


# What programs and people write before an answer: Out[3]=, (%o3), Answer:, "Die Ableitung ist".
_LABEL = re.compile(
    r"""\s*(?:(?:out|in)\[\d*\]\s*:?= | \(%[io]\d+\) | ans\s*=
    | (?:the\s+|my\s+|die\s+|das\s+|meine?\s+)?
      (?:answer|solution|result|derivative|antwort|lösung|loesung|ergebnis|ableitung)\s*(?:[:=]|(?:is|ist|lautet)\b\s*:?))
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER = r"(?:≠|!=|<>|[<>≤≥]=?|\\neq?|\\[lg]eq?)\s*[-−]?\d+(?:[./]\d+)?"
_REALS = r"(?:∈|\\in)\s*(?:ℝ|I?R|\\mathbb\s*\{?R\}?)"
_CONDITION = rf"([A-Za-zα-ω])\s*(?:{_NUMBER}|{_REALS})"
_IF = r"(?:for(?:\s+all)?|f(?:ü|ue)r(?:\s+alle)?|if|wenn|falls|with|mit|where|wobei)"
_REMARK = re.compile(rf"(?:[,;]\s*(?:{_IF}\s)?\s*{_CONDITION}|\s{_IF}\s+{_CONDITION}|\s\(\s*{_CONDITION}\s*\))\s*$")


def _without_label(text: str) -> str:
    """The text with such words at its beginning made spaces, so that columns stay."""
    found = _LABEL.match(text)
    return text if found is None or not text[found.end() :].strip() else " " * found.end() + text[found.end() :]


def _without_differentials(text: str, expected: Expected) -> str:
    """dy = 2x dx as 2x, in the same columns."""
    if expected.shape or expected.order != 1:
        return text
    found = re.fullmatch(rf"(\s*d{_NAME}\s*=)(.+?)([*·\s]\s*d{re.escape(expected.wrt[0])}\s*)", text, re.DOTALL)
    return text if found is None else " " * len(found[1]) + found[2] + " " * len(found[3])


def _without_remark(text: str, expected: Expected) -> tuple[str, str]:
    """The text without a condition on a name behind it, 1/x, x ≠ 0, and that condition; "" if there is none."""
    found = None if expected.shape else _REMARK.search(text)
    if found is None or not set(filter(None, found.groups())) <= set(expected.names):
        return text, ""
    condition = re.search(_CONDITION, found[0])
    assert condition is not None
    return text[: found.start()] + " " * (len(text) - found.start()), condition[0]


def _read_statement(text: str, expected: Expected) -> Answer:
    if expected.shape:
        pieces = list(_pieces(text))
        if len(pieces) > 1 and all(equals_sign(piece) is not None for piece, _ in pieces):
            return _labelled(pieces, expected, text)
    body, left = _without_left_side(text, expected)
    left_sides: tuple[str, ...] = (left,) if left else ()
    if not expected.shape:
        _refuse_constant(body, expected, text)
        steps, body = _chained(body, expected)
        left_sides += steps
        if _units(expected.names):  # r(t) = t² i + t j asks for a list, too
            body = _bracketed(body, _units(expected.names))
        tree, readings = _formula(body, expected)
        if isinstance(tree, Apply) and tree.operator == "vector" and len(tree.arguments) == _units(expected.names):
            tree = combined(tree.arguments)
        if isinstance(tree, Apply) and tree.operator in ("vector", "matrix"):
            raise _shape_error(expected, "a list", text, tree.span)
        return Answer((tree,), left_sides, readings, text)
    in_letters = _in_unit_vectors(body, expected)
    if in_letters is not None:
        return Answer(in_letters[0], left_sides, in_letters[1], text)
    shaped = _bracketed(_with_commas(body, expected.shape), prod(expected.shape))
    tree, readings = _parsed(shaped, expected)
    trees, shape = _unpacked(tree, expected)
    if shape != expected.shape:
        raise _shape_error(expected, _named_shape(shape), text, (0, len(text)))
    return Answer(trees, left_sides, readings, text)


def _refuse_constant(body: str, expected: Expected, text: str) -> None:
    """2x + C: the constant of an antiderivative, where C is no name of the problem."""
    found = re.search(r"[+-]\s*([Cc]|const(?:ant)?|[Kk]onst(?:ante)?)\s*$", body)
    if found is not None and found[1] not in expected.names:
        hint = "a derivative has none: leave it out"
        raise ReadingError("this is the constant of an antiderivative", text, found.start(1), found.end(1), hint=hint)


def _units(names: Sequence[str]) -> int:
    """How many unit vectors the names of a problem have: i and j, or i, j and k; else 0."""
    return 0 if not {"i", "j"} <= set(names) else 3 if "k" in names else 2


def _in_unit_vectors(body: str, expected: Expected) -> tuple[tuple[Tree, ...], tuple[str, ...]] | None:
    """The entries of a list that is written as a sum, 2x i + 3 j; None where it is not."""
    count = prod(expected.shape)
    if len(expected.shape) != 1 or count not in (2, 3) or set(UNITS) & set(expected.names):
        return None
    plain = with_plain_units(body)
    if not re.search(r"(?<![A-Za-z\\])[a-z]{0,3}[ijk](?![A-Za-z(])", plain):
        return None
    axes = dict(zip("xyz", UNITS, strict=True))  # i belongs to x, in whichever order the names stand
    named = len(expected.wrt) == count and set(expected.wrt) <= set(axes)
    letters = [axes[name] for name in expected.wrt] if named else list(UNITS[:count])
    try:
        tree, readings = _formula(plain, replace(expected, names=(*expected.names, *letters), shape=()))
    except SymgraphError:
        return None
    trees = components(tree, letters)
    return None if trees is None else (trees, readings)


def _chained(body: str, expected: Expected) -> tuple[tuple[str, ...], str]:
    """The steps of a chain (a = b = c), and the text with them made spaces; none where not all are proved equal."""
    places = [found.start() for found in _EQUALS.finditer(body)]
    if not 0 < len(places) < MOST_STEPS:
        return (), body
    sides = [body[start:end].strip("=≈≔:$ \t\n") for start, end in pairwise([0, *places, len(body)])]
    try:
        values = [construct(_formula(side, expected)[0], expected.at, expected.limits) for side in sides]
    except SymgraphError:
        return (), body
    if any(equal(values[-1], value).outcome is not equality.Outcome.PROVED for value in values[:-1]):
        return (), body
    last = places[-1] + (2 if body[places[-1]] == ":" else 1)
    return tuple(sides[:-1]), " " * last + body[last:]


def _formula(body: str, expected: Expected) -> tuple[Tree, tuple[str, ...]]:
    """One formula, and the guesses made in reading it; with decimal commas where nothing else can be meant."""
    try:
        return _parsed(body, expected)
    except InputError:
        pointed, noted = _pointed(body)
        if not noted:
            raise
        try:
            tree, readings = _parsed(pointed, expected)
        except InputError:
            pass
        else:
            return tree, (*noted, *readings)
        raise


_THOUSANDS = r"(?<![\d.,])([1-9]\d{0,2}),(\d{3})(?![\d,])"


def with_either_comma(text: str) -> list[tuple[str, str]]:
    """The two texts that a comma before three digits may mean, each with how it was read; none where there is no such.

    >>> with_either_comma("1,609x")
    [('1.609x', 'read 1,609 as 1.609'), ('1609x', 'read 1,609 as 1609')]
    """
    found = re.search(_THOUSANDS, text)
    if found is None or re.search(_SEVERAL, text):
        return []
    return [
        (re.sub(_THOUSANDS, rf"\1{point}\2", text), f"read {found[0]} as {found[1]}{point}{found[2]}")
        for point in (".", "")
    ]


_SCIENTIFIC = re.compile(r"(?<![\w.])(\d+)[eE]([+\-−])(\d+)(?![\w.]*\()")


def with_power_of_ten(text: str) -> list[tuple[str, str]]:
    """The two texts that 2e-3 may mean, a number as calculators write it or 2·e − 3, each with how it was read.

    >>> with_power_of_ten("2e-3*x")
    [('(2*10^(-3))*x', 'read 2e-3 as 2·10^-3'), ('2*e - 3*x', 'read 2e-3 as 2·e - 3, not as a power of ten')]
    """
    found = _SCIENTIFIC.search(text)
    if found is None:
        return []
    number, sign, power = found[1], "+" if found[2] == "+" else "-", found[3]
    small = f"{number}·10^{sign.removeprefix('+')}{power}"
    return [
        (_SCIENTIFIC.sub(r"(\1*10^(\2\3))", text), f"read {found[0]} as {small}"),
        (
            _SCIENTIFIC.sub(r"\1*e \2 \3", text),
            f"read {found[0]} as {number}·e {sign} {power}, not as a power of ten",
        ),
    ]


def _pointed(body: str) -> tuple[str, tuple[str, ...]]:
    """The text with decimal commas as points, and : as /: no commas where several values or a thousand may be meant."""
    noted: list[str] = []
    if ":" in body and not re.search(r"::|:=|:\s*$", body):
        body = body.replace(":", "/")
        noted.append("read : as /")

    def point(found: re.Match[str]) -> str:
        noted.append(f"read {found[0]} as {found[1]}.{found[2]}")
        return f"{found[1]}.{found[2]}"

    if re.search(_SEVERAL, body) or re.search(rf"{_THOUSANDS}|\d,\d+,\d", body):
        return body, tuple(noted)
    pointed = re.sub(r"(?<![\d.])(\d+),(\d+)(?![\d.])", point, body)
    return pointed, tuple(dict.fromkeys(noted))


def _parsed(body: str, expected: Expected) -> tuple[Tree, tuple[str, ...]]:
    """A text as a formula, and the guesses that were made in reading it."""
    body, noted = _as_typed_elsewhere(body, expected.names)
    if equals_sign(body) is None and ";" not in body and "[" not in body and "\\begin" not in body:
        program = door.parse(body, inputs=expected.names, limits=expected.limits)
        return program.assignments[0].tree, (*noted, *program.readings)
    return door.parse_expression(body, inputs=expected.names, limits=expected.limits), noted


_ELSEWHERE = {"E": "e", "%e": " e", "%pi": " pi", "Pi": "pi"}


def _as_typed_elsewhere(body: str, names: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """What computer algebra systems write for e and π (E, %e, %pi), where the problem has no such name."""
    noted: list[str] = []
    for written, stands in _ELSEWHERE.items():
        if written not in names and "e" not in names:
            changed = re.sub(rf"(?<![\w%\\]){re.escape(written)}(?!\w)", stands, body)
            if changed != body:
                body = changed
                noted.append(f"read {written} as {stands.strip()}")
    return body, tuple(noted)


def _labelled(pieces: Sequence[tuple[str, int]], expected: Expected, text: str) -> Answer:
    """f_x = …, f_y = …: each with a left side of its own."""
    count = 1
    for size in expected.shape:
        count *= size
    if len(pieces) != count:
        raise _shape_error(expected, f"{len(pieces)} formulas", text, (0, len(text)))
    parts = []
    for place, (piece, start) in enumerate(pieces):
        padded = " " * start + piece + " " * (len(text) - start - len(piece))
        parts.append(_read_statement(padded, _single(expected, place)))
    return _joined(parts, text)


def _pieces(body: str) -> Iterator[tuple[str, int]]:
    """The parts of a text between commas and semicolons outside brackets, each with its place."""
    depth = start = 0
    for place, letter in enumerate(body):
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter in ",;\n" and depth == 0:
            yield body[start:place], start
            start = place + 1
    if body[start:].strip():
        yield body[start:], start


_TURNED = re.compile(
    r"([\])}>⟩])\s*(?:\^\s*\{?\s*(?:T|⊤|\\top|\\mathrm\{T\}|\\intercal)\s*\}?|ᵀ)\s*$"
)  # upright or not is one
_MATRIX = re.compile(r"\s*(?:Matrix|np\.array|array|Vector)\((\[.*\])\)\s*", re.DOTALL)
_PAIRS = {"(": ")", "<": ">", "⟨": "⟩", "{": "}"}


def _with_commas(body: str, shape: Sequence[int]) -> str:
    """[1 2; 3 4], as MATLAB has it, with commas; as it is where the spaces do not make rows of the length asked for.

    >>> _with_commas("[2x -1; 3 y + 2]", (2, 2))
    '[2x,-1; 3,y + 2]'
    """
    bare = body.strip()
    if bare[:1] + bare[-1:] != "[]" or any(sign in bare[1:-1] for sign in "[],\\\n"):
        return body
    depth, changed = 0, list(body)
    for gap in re.finditer(r"[()]|(?<=[^\s+*/^=−(\[;-])[ \t]+(?=[^\s+*/^=−)\];-]|[+−-][^\s])", body):
        depth += {"(": 1, ")": -1}.get(gap[0], 0)
        if gap[0].isspace() and depth == 0:
            changed[gap.start()] = ","
    written = "".join(changed)
    rows = written.strip()[1:-1].split(";")
    wanted = shape if len(shape) == 2 else (1, *shape)
    return written if [row.count(",") + 1 for row in rows] == [wanted[1]] * wanted[0] else body


def _bracketed(body: str, count: int) -> str:
    """A list of so many as the parser reads it: (a, b), (a | b), <a, b>, {a, b}, (a, b)^T and a, b stand for [a, b]."""
    body = _TURNED.sub(lambda found: found[1] + " " * (len(found[0]) - 1), body)
    if "\\begin" in body:
        return body
    program = _MATRIX.fullmatch(body)
    if program is not None:
        body = program[1]
    body = re.sub(r"\\(?:left|right)(?![A-Za-z])", lambda found: " " * len(found[0]), body)
    bare = body.strip()
    inside = bare[1:-1]
    start = body.index(bare)
    if bare[:1] + bare[-1:] == "()" and bare.count("|") == count - 1 and len(list(_pieces(inside))) == 1:
        inside = inside.replace("|", ",")  # (a | b), as schools write a point
    if _PAIRS.get(bare[0]) == bare[-1] and len(list(_pieces(inside))) > 1 and _balanced(inside):
        return f"{body[:start]}[{_rows(inside)}]{body[start + len(bare) :]}"
    return f"[{_rows(bare)}]" if len(list(_pieces(bare))) > 1 else body


def _rows(inside: str) -> str:
    """Rows in round brackets as rows in square ones."""
    pieces = [piece.strip() for piece, _ in _pieces(inside)]
    if all(piece[:1] + piece[-1:] in ("()", "{}") and "," in piece and _balanced(piece[1:-1]) for piece in pieces):
        return ", ".join(f"[{piece[1:-1]}]" for piece in pieces)
    return inside


def _balanced(inside: str) -> bool:
    """Whether no bracket closes that was not opened here."""
    depth = 0
    for letter in inside:
        depth += (letter in "([{") - (letter in ")]}")
        if depth < 0:
            return False
    return depth == 0


def _unpacked(tree: Tree, expected: Expected) -> tuple[tuple[Tree, ...], tuple[int, ...]]:
    """The entries of a vector or matrix, and its shape."""
    if not isinstance(tree, Apply) or tree.operator not in ("vector", "matrix"):
        return (tree,), ()
    if tree.operator == "vector":
        return tree.arguments, (len(tree.arguments),)
    rows = [row.arguments if isinstance(row, Apply) and row.operator == "vector" else (row,) for row in tree.arguments]
    entries = tuple(entry for row in rows for entry in row)
    shape = (len(rows), len(rows[0]))
    if len(expected.shape) == 1 and 1 in shape:
        return entries, (len(entries),)
    return entries, shape


# Left sides ----------------------------------------------------------------------------------------------------------

_NAME = r"[A-Za-zα-ωΑ-Ωϑϕ](?:_?\w+)?"
_MARKS = {
    "’": "'",
    "‘": "'",
    "´": "'",
    "`": "'",
    "′": "'",
    "″": "''",
    "‴": "'''",
    '"': "''",
    "²": "2",
    "³": "3",
    "∕": "/",
}
_LATEX = (
    (r"\\partial(?![A-Za-z])", "∂"),
    (r"\\nabla(?![A-Za-z])", "∇"),
    (r"\\(?:mathrm|operatorname|text)\{(\w+)\}", r"\1"),
    (r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2"),
    (r"\^\{?\\prime\}?|\^\{'\}", "'"),
    (r"\^\{?(?:\\prime\\prime|'')\}?", "''"),
    (r"\\(?:left|right|,|;|!|:|quad|displaystyle)(?![A-Za-z])", ""),
    (r"\\([A-Za-z]+)", r"\1"),
)


@dataclass(frozen=True, slots=True)
class _Named:
    """The derivative that a left side names; None: it does not say."""

    of: str | None
    wrt: str | None
    order: int = 1
    at: str = ""


_EQUALS = re.compile(r"(?<![<>!=:])=(?!=)|:=|[≔≈]")


def equals_sign(text: str) -> int | None:
    """The place of the first equals sign that is not part of a comparison."""
    found = _EQUALS.search(text)
    return None if found is None else found.start()


def _without_left_side(text: str, expected: Expected) -> tuple[str, str]:
    """The text with its left side made spaces, so that columns stay, and the left side; "" if there is none."""
    place = equals_sign(text)
    if place is None:
        return text, ""
    dollars = re.match(r"\s*(\$*)", text)
    opened = dollars.end() if dollars else 0
    left = text[opened:place].strip()
    if left:
        named = _named(left)
        if named is None:
            return text, ""
        start = text.index(left)
        _check_named(named, expected, text, (start, start + len(left)))
    after = place + (2 if text[place] == ":" else 1)
    rest = " " * after + text[after:]
    if dollars and dollars[1]:
        rest = re.sub(r"\$+\s*$", lambda found: " " * len(found[0]), rest)
    return rest, left


def _named(left: str) -> _Named | None:
    """What a left side names; None if it is no derivative."""
    plain = left
    for mark, stands in _MARKS.items():
        plain = plain.replace(mark, stands)
    for pattern, by in _LATEX:
        plain = re.sub(pattern, by, plain)
    plain = re.sub(r"[\s{}\[\]]|(?<=d)\*|\\", "", plain).replace("^", "")
    for pattern, make in _LEFT_SIDES:
        found = re.fullmatch(pattern, plain)
        if found:
            named: _Named = make(found)
            return named
    return None


_CALL = rf"(?:\({_NAME}(?:,{_NAME})*\))?"
_PLACE = r"(?:\((?P<at>(?:[^()]|\([^()]*\))+)\))?"
_LEFT_SIDES: tuple[tuple[str, Any], ...] = (
    (rf"[D∂]_(?P<wrt>[A-Za-zα-ω])(?P<of>{_NAME})?{_CALL}", lambda m: _Named(m["of"], m["wrt"])),
    (
        rf"(?P<of>{_NAME}?)(?P<primes>'+){_PLACE}",
        lambda m: _Named(m["of"], None, len(m["primes"]), m["at"] or ""),
    ),
    (
        rf"\(?[d∂](?P<order>\d?)\(?(?P<of>{_NAME})\)?{_CALL}\)?/\(?[d∂]\(?(?P<wrt>{_NAME}?)\)?(?P<again>\d?)\)?",
        lambda m: _Named(m["of"], _trimmed(m["wrt"], m["again"]), int(m["order"] or 1)),
    ),
    (
        rf"\(?[d∂](?P<order>\d?)/[d∂](?P<wrt>{_NAME}?)(?P<again>\d?)\)?\(?(?:of)?(?P<of>{_NAME})?{_CALL}\)?",
        lambda m: _Named(m["of"], _trimmed(m["wrt"], m["again"]), int(m["order"] or 1)),
    ),
    (rf"(?P<of>{_NAME[: _NAME.index('(')]})_(?P<wrt>{_NAME}){_CALL}", lambda m: _Named(m["of"], m["wrt"])),
    (
        rf"(?:∇|grad|gradient|D|J|H|Jacobian|Hessian)_?\(?(?P<of>{_NAME})?\)?{_PLACE}",
        lambda m: _Named(None, None, 0, m["at"] or ""),
    ),
    (r"(?P<of>[fghuvwzFGH])(?P<wrt>[a-z])", lambda m: _Named(m["of"], m["wrt"])),  # fx, as f_x is typed
)


def _trimmed(wrt: str, again: str) -> str:
    """x2 in d2y/dx2 is x squared."""
    return wrt[:-1] if not again and len(wrt) > 1 and wrt[-1].isdigit() and "_" not in wrt else wrt


def _is_place(written: str, expected: Expected) -> bool:
    """Whether what stands in the brackets of f'(…) is a name, or a coordinate of the point asked about."""
    if re.fullmatch(_NAME, written) and written != "pi":
        return True
    try:
        value = construct(door.parse_expression(written, inputs=(), limits=expected.limits), limits=expected.limits)
    except SymgraphError:
        return False
    return any(equal(value, each).outcome is equality.Outcome.PROVED for each in expected.at.values())


_GREEK = {"α": "alpha", "β": "beta", "θ": "theta", "μ": "mu", "φ": "phi", "ω": "omega", "λ": "lambda", "σ": "sigma"}


def _check_named(named: _Named, expected: Expected, text: str, span: tuple[int, int]) -> None:
    """Refuse a left side that names another derivative."""
    asked = f"the derivative of {expected.of or 'the function'} by {', '.join(expected.wrt)}"
    if expected.at:
        asked += " at " + ", ".join(f"{name} = {value}" for name, value in expected.at.items())
    for place in filter(None, named.at.split(",")):
        if not _is_place(place, expected):
            told = f"asked for is {asked}"
            raise ReadingError(f"the left side names the derivative at {place}", text, *span, hint=told)
    wrt = None if named.wrt is None else _GREEK.get(named.wrt, named.wrt)
    if named.order and named.order != expected.order:
        raise ReadingError(
            f"the left side names a derivative of order {named.order}, and order {expected.order} is asked for",
            text,
            *span,
            hint="leave the left side out",
        )
    if wrt is not None and len(expected.wrt) == 1 and wrt != expected.wrt[0]:
        raise ReadingError(f"the left side names a derivative by {wrt}", text, *span, hint=f"asked for is {asked}")
    strange = named.of in expected.names or (expected.outputs and named.of not in expected.outputs)
    if named.of and named.of != expected.of and strange:
        raise ReadingError(f"the left side names a derivative of {named.of}", text, *span, hint=f"asked for is {asked}")
