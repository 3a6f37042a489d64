"""What the program says in English, said in another language: whole sentences, with holes for what differs.

Errors, notes and reports are worded where they are made. Their sentences in another language stand in
`sentences.<language>.j2`, a line for each, so that a sentence without a line is said in English, and never half.

>>> german = Sentences(
...     "hint: {A} ⇒ Hinweis: {A}\\n\\n"
...     "{a} has nothing before it ⇒ {a} hat nichts vor sich\\n"
...     "add } ⇒ } ergänzen"
... )
>>> print(german.say("+ has nothing before it\\n  +2\\n  ^\\nhint: add }"))
+ hat nichts vor sich
  +2
  ^
Hinweis: } ergänzen
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

__all__ = ["Sentences"]

_HOLE = re.compile(r"\{([A-Za-z])\}")
ARROW = " ⇒ "
DEEPEST = 6  # sentences in one another


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One line of the table.

    Args:
        pieces: what stands before, between and behind the holes.
        holes: their letters; what stands in a hole of a capital letter is said in turn.
        meant: the same in the other language.
    """

    pieces: tuple[str, ...]
    holes: tuple[str, ...]
    meant: str

    def filled(self, text: str) -> dict[str, str] | None:
        """What stands in each hole, each as short as possible; None where this is another sentence."""
        first, last = self.pieces[0], self.pieces[-1]
        if not text.startswith(first):
            return None
        found: dict[str, str] = {}
        place = len(first)
        for hole, piece in zip(self.holes[:-1], self.pieces[1:-1], strict=True):
            after = text.find(piece, place + 1)
            if after < 0:
                return None
            found[hole] = text[place:after]
            place = after + len(piece)
        end = len(text) - len(last)
        if end <= place or not text.endswith(last):
            return None
        found[self.holes[-1]] = text[place:end]
        return found


class Sentences:
    """The sentences of another language, by what they say in English.

    Args:
        table: a line for each. Those of its first paragraph are what others stand in, and are tried first, in their
            order; of the others the one with the most words in common counts.
    """

    def __init__(self, table: str) -> None:
        frames, _, others = table.lstrip("\n").partition("\n\n")
        found = sorted(_sentences(others), key=lambda row: -sum(map(len, row.pieces)))
        self.whole = {row.pieces[0]: row.meant for row in found if not row.holes}
        self.rows = [*_sentences(frames), *(row for row in found if row.holes)]

    def say(self, message: object) -> str:
        """A message, line by line; what is set in (a text and its caret) stays as it is."""
        lines = str(message).split("\n")
        return "\n".join(line if line.startswith("  ") else self._line(line) for line in lines)

    def _line(self, line: str, depth: int = 0) -> str:
        if line in self.whole:
            return self.whole[line]
        if depth < DEEPEST:
            for row in self.rows:
                found = row.filled(line)
                if found is not None:
                    return _HOLE.sub(partial(self._inside, found, depth), row.meant)
        return line

    def _inside(self, found: Mapping[str, str], depth: int, hole: re.Match[str]) -> str:
        """What stands in a hole, said in turn where its letter is a capital."""
        return self._line(found[hole[1]], depth + 1) if hole[1].isupper() else found[hole[1]]


def _sentences(table: str) -> Iterator[_Sentence]:
    for line in filter(str.strip, table.split("\n")):
        english, _, other = line.partition(ARROW)
        pieces = _HOLE.split(english)
        yield _Sentence(tuple(pieces[::2]), tuple(pieces[1::2]), other)
