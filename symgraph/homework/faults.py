"""A problem-set file as plain values, and what is wrong with it: file, line, field.

>>> faults = Faults("hw.toml", lines('schema = 1\\n[[problem]]\\nid = "p"\\nf = "x +"'))
>>> faults.add(("problem", 0, "f"), "it ends too early")
>>> faults.found
['hw.toml, line 4, field f: it ends too early']

The file may come from anyone: whatever stands in it is read in bounded time, or refused.
"""

from __future__ import annotations

import difflib
import re
import reprlib
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from symgraph.errors import SymgraphError

__all__ = ["LONGEST", "Faults", "lines", "load", "not_plain", "shown", "unknown"]

MOST_CHARACTERS = 2_000_000  # of a file
LONGEST = 2_000  # of one text in it
MOST_PARTS = 60  # of one name, a.b.c
DEEPEST = 6  # tables and lists in one another

_HEADER = re.compile(r"(\[\[?)([A-Za-z0-9_.\" -]+)\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"([A-Za-z0-9_-]+|\"[^\"]+\")\s*=")


def load(text: str, name: str) -> dict[str, Any]:
    """A TOML file as plain values.

    Raises:
        SymgraphError: it is no TOML, or too large.

    >>> load("a = 99" + "9" * 5000, "hw.toml")
    Traceback (most recent call last):
        ...
    symgraph.errors.SymgraphError: hw.toml: a number has too many digits
    """
    if len(text) > MOST_CHARACTERS:
        raise SymgraphError(f"{name} has {len(text)} characters: the limit is {MOST_CHARACTERS}")
    try:
        if all(line.count(".") < MOST_PARTS or _parts(line) < MOST_PARTS for line in text.split("\n")):
            return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SymgraphError(f"{name}: {problem}") from None
    except ValueError:  # from int()
        raise SymgraphError(f"{name}: a number has too many digits") from None
    except RecursionError:
        pass
    raise SymgraphError(f"{name}: too deeply nested")


def _parts(line: str) -> int:
    """The largest number of parts of a name, a.b.c, in a line: very many take the reader very long."""
    most = count = 0
    for token in re.findall(r"""[\w-]+|"[^"]*"|'[^']*'|[^\s\w-]""", line):
        if token == ".":
            count += 1
            most = max(most, count)
        elif not (token[0] in "-_\"'" or token[0].isalnum()):
            count = 0
    return most


def shown(value: Any) -> str:
    """A value for a message, in part where it is long or deep.

    >>> shown("x" * 1000)
    "'xxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxx'"
    """
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = 40
    short.maxlevel = 3
    return short.repr(value)


def not_plain(value: Any, longest: int = LONGEST) -> str:
    """What a field's value holds that no field may hold; "" where there is nothing."""
    for piece, depth in _pieces(value):
        if depth > DEEPEST:
            return "it is too deeply nested"
        if isinstance(piece, str):
            if len(piece) > longest:
                return f"a text of {len(piece)} characters: the limit is {longest}"
            for letter in piece:
                if (letter not in "\n\t" and unicodedata.category(letter) in ("Cc", "Cs")) or letter in "\ufffe\uffff":
                    return f"the character U+{ord(letter):04X} cannot stand in a text"
        elif isinstance(piece, int):
            if abs(piece) >= 10**18:
                return f"{shown(piece)} is too large a number here: write it as text"
        elif not isinstance(piece, float):
            return f"{shown(piece)} is neither text nor a number"
    return ""


def _pieces(value: Any) -> Iterator[tuple[Any, int]]:
    """Every text and number in a value, with how deep it stands; names count as texts."""
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack:
        piece, depth = stack.pop()
        if isinstance(piece, dict | list) and depth <= DEEPEST:
            inside = [*piece, *piece.values()] if isinstance(piece, dict) else piece
            stack.extend((each, depth + 1) for each in inside)
        else:
            yield piece, depth


def unknown(name: str, known: Sequence[str]) -> str:
    """A field that there is not, and which may be meant.

    >>> unknown("fomr", ["form", "f"])
    'there is no such field; is form meant?'
    """
    near = difflib.get_close_matches(name[:60], known, 1)
    return f"there is no such field; {f'is {near[0]} meant?' if near else 'there are ' + ', '.join(known)}"


class Faults:
    """What is wrong, with file, line and field."""

    def __init__(self, name: str, lines: Mapping[tuple[Any, ...], int]) -> None:
        self.name, self.lines = name, lines
        self.found: list[str] = []

    def line(self, *place: Any) -> int:
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def add(self, place: tuple[Any, ...], message: object) -> None:
        where = f"{self.name}, line {self.line(*place)}"
        parts = [part for part in place if isinstance(part, str) and part != "problem"]
        names = [part if re.fullmatch(r"[\w-]{1,60}", part) else shown(part) for part in parts]
        field_ = f", field {'.'.join(names)}" if names else ""
        self.found.append(f"{where}{field_}: {message}")


def lines(text: str) -> dict[tuple[Any, ...], int]:
    """The line of every field: (“problem”, 0, “f”) -> 7. What stands in a longer string is passed over."""
    found: dict[tuple[Any, ...], int] = {}
    counts: dict[tuple[Any, ...], int] = {}
    section: tuple[Any, ...] = ()
    quote = ""
    for number, whole in enumerate(text.split("\n"), 1):
        line = whole.strip()
        if quote:
            quote = "" if quote in line else quote
            continue
        if header := _HEADER.fullmatch(line):
            parts = [part.strip().strip('"') for part in header[2].split(".")]
            section = ()
            for place, part in enumerate(parts):
                key = (*section, part)
                last = place == len(parts) - 1
                if last and header[1] == "[[":
                    counts[key] = counts.get(key, -1) + 1
                section = (*key, counts[key]) if key in counts else key
            found.setdefault(section, number)
        elif key_found := _KEY.match(line):
            found.setdefault((*section, key_found[1].strip('"')), number)
        for mark in ("'''", '"""'):
            if line.count(mark) % 2:
                quote = mark
                break
    return found
