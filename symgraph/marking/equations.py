"""What a student wrote -> the equation of a line: with the left side that it was given, or y = where it has none.

>>> from sympy import Integer
>>> from symgraph.explanation.typesetting import text
>>> from symgraph.marking.lines import tangent_of
>>> from symgraph.marking.question import ask
>>> tangent = tangent_of([ask("f(x) = x^2", "x")], {"x": Integer(2)})
>>> for written in ("4x - 4", "T: y = 4(x-1)", "t(x) = 4x - 4", "4x - y = 4"):
...     answer = read_line(written, tangent)
...     print(text(answer.trees[0]), answer.left_sides)
y = 4x − 4 ()
y = 4(x − 1) ()
y = 4x − 4 ('t(x)',)
4x − y = 4 ()

A left side that names a function or a line, t(x), f(x) or g, stands for y, and is noted. One that names a derivative is
none of a line: it cannot be read, and what cannot be read is never called wrong.
"""

from __future__ import annotations

import re
from dataclasses import replace

from sympy.core.relational import Equality

from symgraph.errors import InputError, ReadingError
from symgraph.language.tree import Apply, Name, Tree, names_in
from symgraph.marking import answers
from symgraph.marking.answers import Answer, Expected, Written
from symgraph.marking.lines import Tangent

__all__ = ["read_line"]

_WORDS = r"""(?:(?:the|die|eine?|an?|my|meine)\s+)*
    (?:(?:equation|gleichung)\s+(?:of|for|der|für)\s+(?:the\s+|die\s+|der\s+)?)?
    (?:tangent(?:e|ialebene)?(?:\s+(?:line|plane))?)\s*(?:(?:is|ist|lautet)\b\s*:?|:(?!=))"""
_LETTER = r"\\?[A-Za-zα-ω](?:_?\{?\w{0,3}\}?)?"
_LABEL = re.compile(rf"\s*(?:{_WORDS}|(?:{_LETTER}|\(\d\)|\d\))\s*:(?!=)(?=.*=))", re.IGNORECASE | re.VERBOSE)
_CALL = re.compile(rf"\s*{_LETTER}\s*(?:\\left)?\(\s*([^()]*?)\s*(?:\\right)?\)\s*")
_ALONE = re.compile(rf"\s*(?:\\(?:hat|bar|tilde)\s*\{{?)?({_LETTER})\}}?\s*")


def read_line(written: Written, tangent: Tangent) -> Answer:
    """Read an equation, or the right side of y = …; its one tree is an equation.

    Raises:
        SymgraphError: it cannot be read, or is no equation in the names of the tangent.
    """
    expected = Expected(tangent.names, wrt=tuple(tangent.point), limits=tangent.limits)
    if isinstance(written, Equality):
        sides = [answers.read(side, expected).trees[0] for side in written.args]
        return Answer((Apply("equals", tuple(sides)),))
    if not isinstance(written, str):
        return _of_height(answers.read(written, expected), tangent)
    if not written.strip():
        raise ReadingError("there is no answer here", written, hint="write an equation of the tangent")
    tangent.limits.check("characters", len(written))
    try:
        return replace(_read(written, tangent, expected), text=written)
    except InputError as error:
        if (meant := _with_fractions(written, tangent, expected)) is not None:
            return meant
        if len(error.text) == len(written):
            error.text = written
        raise


_FRACTION = re.compile(r"(?<![\w.,^/])(\d+)\s*/\s*(\d+)(?=\s*[*·]?\s*[A-Za-z(\\])(?!\s*[*·]?\s*\\c?dot)")


def _with_fractions(written: str, tangent: Tangent, expected: Expected) -> Answer | None:
    """The answer with 3/2(x − 1) read as a fraction times the bracket: what a line divides by is a number."""
    noted: list[str] = []

    def fraction(found: re.Match[str]) -> str:
        noted.append(f"read {found[0]} as ({found[1]}/{found[2]})")
        return f"({found[1]}/{found[2]})"

    changed = _FRACTION.sub(fraction, written)
    if not noted:
        return None
    try:
        answer = _read(changed, tangent, expected)
    except InputError:
        return None
    return replace(answer, readings=(*dict.fromkeys(noted), *answer.readings), text=written)


def _of_height(answer: Answer, tangent: Tangent) -> Answer:
    """y = what was given, which has no y in it."""
    if tangent.up in names_in(answer.trees[0]):
        hint = "write an equation of the tangent"
        raise ReadingError(f"there is no equation here: {tangent.up} stands on one side alone", answer.text, hint=hint)
    return replace(answer, trees=(Apply("equals", (Name(tangent.up), answer.trees[0])),))


def _read(written: str, tangent: Tangent, expected: Expected) -> Answer:
    plain = _blank(re.compile(r"\$+|\\[()\[\]]"), written)
    label = _LABEL.match(plain)
    if label is not None and plain[label.end() :].strip():
        plain = " " * label.end() + plain[label.end() :]
    _refuse_open(plain, expected)
    place = answers.equals_sign(plain)
    if place is None:
        return _of_height(answers.read(plain, expected), tangent)
    after = place + (2 if plain[place] == ":" else 1)
    left, body = plain[:place], " " * after + plain[after:]
    _refuse_derivative(left, plain)
    if not left.strip():
        return _of_height(answers.read(body, expected), tangent)
    right = answers.read(body, expected)
    if _names_height(left, tangent):
        noted = () if left.strip() == tangent.up else (left.strip(),)
        return _of_height(replace(right, left_sides=noted), tangent)
    one = answers.read(left + " " * (len(plain) - place), expected)
    readings = tuple(dict.fromkeys((*one.readings, *right.readings)))
    sides: tuple[Tree, Tree] = (one.trees[0], right.trees[0])
    return Answer((Apply("equals", sides),), right.left_sides, readings)


def _blank(pattern: re.Pattern[str], written: str) -> str:
    """The text with what is found made spaces, so that columns stay."""
    return pattern.sub(lambda found: " " * len(found[0]), written)


def _refuse_open(plain: str, expected: Expected) -> None:
    """y = 4x + b: a line whose height is not found yet."""
    found = re.search(r"[+−-]\s*([A-Za-z])\s*$", plain)
    if found is not None and found[1] not in expected.names and found[1] not in "ei":
        told, hint = "the value of this letter is wanted", "put the point into your equation"
        raise ReadingError(told, plain, found.start(1), found.end(1), hint=hint)


def _refuse_derivative(left: str, plain: str) -> None:
    """y′ = …, dy/dx = …: no equation of a line."""
    bare = left.strip()
    if re.search(r"['’‘´`′″]|prime", bare) or re.fullmatch(r".*[d∂].*(?:/|\\frac).*[d∂].*", bare):
        start = plain.index(bare)
        hint = "asked for is an equation of the tangent"
        raise ReadingError("the left side names a derivative", plain, start, start + len(bare), hint=hint)


def _names_height(left: str, tangent: Tangent) -> bool:
    """Whether a left side is y, or a name that stands for it: f(x), t(x), T, y_T."""
    if left.strip() in (tangent.up, *tangent.others):
        return True
    call = _CALL.fullmatch(left)
    if call is not None:
        inside = [part.strip() for part in call[1].split(",")]
        return inside == list(tangent.point) and not re.match(r"\s*(?:sin|cos|tan|ln|log|exp|sqrt)\b", left)
    alone = _ALONE.fullmatch(left)
    return alone is not None and alone[1] not in (*tangent.point, *tangent.held) and _is_one_name(alone[1], tangent)


def _is_one_name(name: str, tangent: Tangent) -> bool:
    """Whether letters are a name of their own, and no product of names: xy is x·y."""
    return not {letter for letter in name if letter.isalpha()} <= set(tangent.names)
