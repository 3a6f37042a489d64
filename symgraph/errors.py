"""Every exception that a caller can cause, in one tree.

SymgraphError                     the root: catch this
├── InputError                    what was typed is at fault; has a text, a line, a column and a hint
│   ├── ReadingError              cannot be read, or could be read in two ways
│   ├── NameProblem               a name that is unknown, taken, or not allowed
│   └── ProgramError              statements that do not fit together (cycle, assigned twice)
├── LimitExceeded                 more than `limits.py` allows; names the limit, its value and the input's
├── DomainError                   no value or no derivative at this point; says where and why
├── DisagreementError             two routes to the same answer differ: nothing is printed
├── TooLargeToShow                a result exists and would be this large
├── FileProblem                   a file cannot be read or written as asked
└── MissingPart                   an optional part (torch, TeX, a browser, …) is not installed

The command line turns them into a message and an exit code: everything above is the caller's (2; 4 when
a file cannot be written) except DisagreementError, which is ours (1).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

__all__ = [
    "DisagreementError",
    "DomainError",
    "FileProblem",
    "InputError",
    "LimitExceeded",
    "MissingPart",
    "NameProblem",
    "ProgramError",
    "ReadingError",
    "SymgraphError",
    "TooLargeToShow",
    "known_names",
    "visible",
]


class SymgraphError(Exception):
    """The root of every exception that a caller can cause."""

    exit_code = 2


class InputError(SymgraphError):
    """Something typed is at fault; shows the line with a caret under the column.

    Args:
        message: what is wrong, one sentence, no full stop needed.
        text: the whole text that was read ("" when there is none).
        start, end: the fault's half-open character range in `text`.
        hint: what to write instead ("" when nothing better than the message is known).

    >>> print(ReadingError("a bracket is not closed", "2*(x+1", 2, 3, hint="add )"))
    a bracket is not closed (line 1, column 3)
      2*(x+1
        ^
    hint: add )
    """

    def __init__(self, message: str, text: str = "", start: int = 0, end: int | None = None, *, hint: str = "") -> None:
        self.message, self.text, self.start, self.hint = message, text, start, hint
        self.end = start + 1 if end is None else max(end, start + 1)
        before = text[:start]
        self.line = before.count("\n") + 1
        self.column = start - (before.rfind("\n") + 1) + 1
        super().__init__(message)

    def __str__(self) -> str:
        if not self.text:
            return self.message + (f"\nhint: {self.hint}" if self.hint else "")
        row = self.text.split("\n")[self.line - 1]
        first = max(0, self.column - 61)
        shown = row[first : first + 120]
        pad = "".join(" " * _columns(letter) for letter in row[first : self.column - 1])
        length = max(1, min(self.end - self.start, len(shown) - (self.column - 1 - first)))
        lines = [
            f"{self.message} (line {self.line}, column {self.column})",
            "  " + _printable(shown),
            "  " + pad + "^" * length,
        ]
        return "\n".join(lines + ([f"hint: {self.hint}"] if self.hint else []))


class ReadingError(InputError):
    """The text cannot be read, or could be read in two ways."""


class NameProblem(InputError):
    """A name is unknown, already taken, or not allowed."""


class ProgramError(InputError):
    """The statements do not fit together."""


class LimitExceeded(SymgraphError):
    """More than a limit allows.

    >>> print(LimitExceeded("characters", 2000, 31415))
    31415 characters: the limit is 2000 (limits.characters)
    """

    def __init__(self, limit: str, allowed: object, found: object, detail: str = "") -> None:
        self.limit, self.allowed, self.found, self.detail = limit, allowed, found, detail
        words = limit.replace("_", " ")
        tail = f": {detail}" if detail else ""
        super().__init__(f"{found} {words}: the limit is {allowed} (limits.{limit}){tail}")

    def __reduce__(self) -> tuple[type[LimitExceeded], tuple[object, ...]]:
        return type(self), (self.limit, self.allowed, self.found, self.detail)  # it comes back from a cluster


class DomainError(SymgraphError):
    """There is no value, or no derivative, at this point."""


class DisagreementError(SymgraphError):
    """Two routes to the same derivative differ; nothing may be printed."""

    exit_code = 1


class TooLargeToShow(SymgraphError):
    """The result exists, and would be this large."""


class FileProblem(SymgraphError):
    """A file cannot be read or written as asked."""

    exit_code = 4


class MissingPart(SymgraphError):
    """An optional part is not installed; the message says which and how to get it."""


def _printable(text: str) -> str:
    """Control and direction-changing characters made visible, so that a message cannot hide or move text."""
    hidden = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return "".join(f"\\u{ord(letter):04x}" if unicodedata.category(letter) in hidden else letter for letter in text)


def known_names(names: Iterable[str]) -> str:
    """A hint that lists the names of a problem.

    >>> known_names(["x", "y"]), known_names(["x"]), known_names([])
    ('its names are x, y', 'its only name is x', 'it has no names')
    """
    listed = list(names)
    if len(listed) < 2:
        return f"its only name is {listed[0]}" if listed else "it has no names"
    return f"its names are {', '.join(listed)}"


def visible(text: str) -> str:
    r"""Text that came from a file, for a terminal: lines stay, what could move or hide them is made visible.

    >>> print(visible("ann\x1b[2J is there twice"))
    ann\u001b[2J is there twice
    """
    return "\n".join(_printable(line) for line in text.split("\n"))


def _columns(letter: str) -> int:
    """How many terminal columns a character takes once printed."""
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 2
    return len(_printable(letter))
