"""Tokens -> statements: what stands before an = sign, and which names a text declares by using them so.

>>> from symgraph.parsing.tokens import tokenize
>>> text = "f(x) = x^2; y = 3"
>>> [(each.name, each.parameters) for each in map(lambda part: read_statement(text, part), split(tokenize(text)))]
[('f', ('x',)), ('y', ())]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from symgraph.errors import NameProblem, ReadingError
from symgraph.language.tree import Span
from symgraph.parsing.signs import GREEK_NAMES
from symgraph.parsing.tokens import Token, Word, match_brackets
from symgraph.parsing.words import BINDER_SPELLINGS, CONDITION_WORDS, FUNCTIONS, is_name

__all__ = ["Statement", "bound_names", "only_called", "read_statement", "split", "unknown_functions"]

# Letters that stand for a function where they stand before a bracket and never as a value.
_UNKNOWN_FUNCTIONS = frozenset({"f", "g", "h", "F", "G", "H", "phi", "psi"})


@dataclass(frozen=True, slots=True)
class Statement:
    """The tokens of one statement, and what stands before its = (nothing, a name, or f(x, y))."""

    tokens: tuple[Token, ...]
    span: Span
    equals: int | None = None  # the place of the first = outside brackets
    name: str | None = None
    parameters: tuple[str, ...] = ()


def split(tokens: Sequence[Token], *, commas: bool = False) -> list[list[Token]]:
    """The tokens of each statement; with `commas`, those outside brackets separate statements, too.

    So does a comma between two assignments of names: x = t^2, y = t^3.
    """
    parts: list[list[Token]] = [[]]
    depth = 0
    for place, token in enumerate(tokens):
        if token.kind == "sign" and token.text in ("(", "[", "{"):
            depth += 1
        elif token.kind == "sign" and token.text in (")", "]", "}"):
            depth -= 1
        comma = depth == 0 and token.kind == "sign" and token.text == ","
        parting = comma and (commas or (_assigns(parts[-1]) and _assigns(tokens[place + 1 :])))
        if parting or token.kind in ("break", "end"):
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def _assigns(tokens: Sequence[Token]) -> bool:
    """Whether tokens begin with a name, = and something with a letter in it: x = 3 behind a comma is a point."""
    end = next((place for place, token in enumerate(tokens) if token.kind in ("break", "end")), len(tokens))
    begun = end > 2 and tokens[0].kind == "word" and tokens[1].kind == "sign" and tokens[1].text == "="
    return begun and any(token.kind == "word" for token in tokens[2:end])


def read_statement(text: str, tokens: Sequence[Token], *, definitions: bool = True) -> Statement:
    """A statement with its left side, if it has one; without `definitions`, f(x) = 1 is an equation."""
    span = (tokens[0].start, tokens[-1].end)
    equals = _equals(tokens)
    if equals is None:
        return Statement(tuple(tokens), span)
    left = [token for token in tokens[:equals] if not (token.kind == "sign" and token.text in ("{", "}"))]
    if len(left) > 1 and not (definitions and _is_definition(left)):
        return Statement(tuple(tokens), span, equals)  # sin(xy) = x is an equation
    name = _left_name(text, left[0]) if left else None
    if name is None:
        return Statement(tuple(tokens), span, equals)
    parameters = tuple(_left_name(text, token) or "" for token in left[2:-1:2])
    if len(set(parameters)) < len(parameters):
        raise ReadingError("a parameter stands here twice", text, left[0].start, left[-1].end)
    return Statement(tuple(tokens), span, equals, name, parameters)


def _equals(tokens: Sequence[Token]) -> int | None:
    depth = 0
    for place, token in enumerate(tokens):
        if token.kind == "sign":
            depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}"))
            if token.text == "=" and depth == 0:
                return place
    return None


def _is_definition(left: Sequence[Token]) -> bool:
    """Whether tokens are f ( x , y )."""
    signs = [token.text for token in left[1::2]]
    words = all(token.kind == "word" for token in left[::2])
    return len(left) > 3 and len(left) % 2 == 0 and words and signs == ["(", *[","] * (len(signs) - 2), ")"]


def _left_name(text: str, token: Token) -> str | None:
    """The name that a left side assigns, or an error when it may not be assigned."""
    if token.kind != "word" or not isinstance(token.value, Word):
        return None
    word = token.value
    name = word.letters + (f"_{word.subscript}" if word.subscript else "")
    if name == "pi" or (name in FUNCTIONS and name not in GREEK_NAMES):
        what = "a constant" if name == "pi" else "a function"
        raise NameProblem(f"{name} is {what} and cannot be assigned", text, token.start, token.end)
    if not is_name(name) or name in CONDITION_WORDS:
        raise NameProblem(f"{name} cannot be a name", text, token.start, token.end)
    return name


def bound_names(tokens: Sequence[Token]) -> set[str]:
    """The names that sums, products and integrals bind: k in sum(k^2, k, 1, n)."""
    found: set[str] = set()
    for place, token in enumerate(tokens):
        if token.kind == "differential":
            found.add(token.text or tokens[min(place + 1, len(tokens) - 1)].text)
        elif token.kind == "large" and [each.text for each in tokens[place + 1 : place + 3]] == ["_", "{"]:
            found.add(tokens[min(place + 3, len(tokens) - 1)].text)
    found = {name for name in found if is_name(name)}
    if not any(token.kind == "word" and token.text in BINDER_SPELLINGS for token in tokens):
        return found
    partner = match_brackets(tokens)
    for place, token in enumerate(tokens[:-1]):
        if token.kind == "word" and token.text in BINDER_SPELLINGS and place + 1 in partner:
            word = _bound_word(tokens, partner, place + 1)
            if word is not None and word.letters not in FUNCTIONS:
                found.add(word.letters + (f"_{word.subscript}" if word.subscript else ""))
    return found


def _bound_word(tokens: Sequence[Token], partner: Mapping[int, int], opens: int) -> Word | None:
    """The name in (body, name, from, to) or (body, (name, from, to)), whose bracket opens at a place."""
    end = partner[opens]
    commas = _commas(tokens, partner, opens, end)
    if len(commas) == 1 and tokens[commas[0] + 1].text == "(" and partner[commas[0] + 1] == end - 1:
        opens = commas[0] + 1
        commas = [opens, *_commas(tokens, partner, opens, end - 1)]
    if len(commas) != 3 or commas[1] != commas[0] + 2:
        return None
    value = tokens[commas[0] + 1].value
    return value if isinstance(value, Word) else None


def _commas(tokens: Sequence[Token], partner: Mapping[int, int], opens: int, end: int) -> list[int]:
    """The commas directly inside a bracket."""
    found = []
    at = opens + 1
    while at < end:
        if tokens[at].kind == "sign" and tokens[at].text == ",":
            found.append(at)
        at = partner[at] + 1 if partner.get(at, -1) > at else at + 1
    return found


def unknown_functions(statements: Sequence[Statement], names: set[str]) -> set[str]:
    """Single letters such as f that stand before a bracket and never as a value."""
    return only_called(statements, _UNKNOWN_FUNCTIONS) - names


def only_called(statements: Sequence[Statement], letters: Collection[str]) -> set[str]:
    """Those of some letters that stand before a bracket, and never as a value."""
    called: set[str] = set()
    valued: set[str] = set()
    for statement in statements:
        for token, after in zip(statement.tokens, (*statement.tokens[1:], None), strict=True):
            if token.kind == "word" and token.text in letters:
                bracket = after is not None and after.kind == "sign" and after.text in ("(", "{")
                (called if bracket else valued).add(token.text)
    return called - valued
