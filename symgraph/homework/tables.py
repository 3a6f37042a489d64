"""Tables that people and course sites export: any separator, decimal commas, cp1252 and UTF-16.

>>> table = parse("Matrikel;Q1\\n17;2,5x\\n")
>>> table.columns, table.rows
(('Matrikel', 'Q1'), (('17', '2,5x'),))
>>> guess(table.columns, ["chain-01"])
{'id': 'Matrikel', 'chain-01': 'Q1'}
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from symgraph import files
from symgraph.errors import SymgraphError
from symgraph.limits import DEFAULT, Limits

__all__ = ["Table", "cell", "guess", "parse", "read", "write"]

_SEPARATORS = (",", ";", "\t", "|")
MOST_LINES = 200  # that one row may go over
_MEANT = {
    "id": "id studentid matrikel matrikelnummer matriculation studentnumber number username user userid login email "
    "emailaddress emailadresse mail e_mail student anonymousid sisuserid sisid sisloginid idnumber orgdefinedid",
    "name": "name fullname vorundnachname studentname student displayname surname lastname nachname",
    "version": "version variant variante sheet form",
}
_ANSWERS = ("q", "problem", "question", "response", "answer", "antwort", "aufgabe", "frage", "reponse")


@dataclass(frozen=True)
class Table:
    """Columns and rows of text; `lines` says where in the file each row begins.

    Args:
        bad: rows that have another number of cells, as (line, message).
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...] = ()
    separator: str = ","
    bad: tuple[tuple[int, str], ...] = ()

    def column(self, name: str) -> int:
        """The place of a column by its name; SymgraphError lists the names."""
        if name not in self.columns:
            raise SymgraphError(f"there is no column {name!r}: the columns are {', '.join(self.columns)}")
        return self.columns.index(name)


def read(path: str | Path, limits: Limits = DEFAULT) -> Table:
    """Read a table from a file: UTF-8, UTF-16 or cp1252, with any of the usual separators."""
    text = files.read_text(path, fallback="cp1252", limits=limits)
    return parse(text, str(path))


def parse(text: str, name: str = "the table") -> Table:
    """Read a table from text.

    Raises:
        SymgraphError: it is empty, or has two columns of one name.
    """
    separator = _separator(text)
    if text[:4].lower() == "sep=":  # what spreadsheets write to each other; the lines below keep their numbers
        text = "\n" + text.partition("\n")[2]
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    bad: list[tuple[int, str]] = []
    columns: tuple[str, ...] = ()
    for line, row in _records(text.replace("\0", ""), separator):
        if isinstance(row, str):
            bad.append((line, row))
            continue
        cells = tuple(each.strip() for each in row)
        if not any(cells):
            continue
        if not columns:
            columns = cells
            continue
        while len(cells) > len(columns) and not cells[-1]:
            cells = cells[:-1]
        if len(cells) != len(columns):
            bad.append((line, f"{len(cells)} cells, and there are {len(columns)} columns"))
            continue
        rows.append(cells)
        lines.append(line)
    if not columns:
        raise SymgraphError(f"{name} is empty")
    doubles = sorted(column for column, count in Counter(columns).items() if column and count > 1)
    if doubles:
        raise SymgraphError(f"{name} has two columns called {doubles[0]!r}")
    return Table(columns, tuple(rows), tuple(lines), separator, tuple(bad))


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each row with the number of its first line; a message in the place of one that cannot be read.

    A quotation mark that is never closed would swallow all rows below it: such a row is passed over, and only it.
    """
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        span = lines[number : number + MOST_LINES]
        try:
            reader = csv.reader((line + "\n" for line in span), delimiter=separator, strict=True)
            yield number + 1, next(reader)
            number += reader.line_num
            continue
        except csv.Error as problem:
            told = str(problem)
        if lines[number].count('"') % 2:
            told = "a quotation mark is not closed, or stands inside a cell without being doubled"
        else:  # marks in places where they mean nothing
            try:
                yield number + 1, next(csv.reader([lines[number]], delimiter=separator))
                number += 1
                continue
            except csv.Error as problem:
                told = str(problem)
        yield number + 1, told
        number += 1


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    if first.lower().startswith("sep=") and len(first.rstrip()) == 5:
        return first.rstrip()[4]
    outside = re.sub(r'"[^"]*"', "", first)
    return max(_SEPARATORS, key=lambda each: (outside.count(each), -_SEPARATORS.index(each)))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[^a-z0-9]", "", letters)


def guess(columns: Sequence[str], problems: Sequence[str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Which column holds what: id, name, version, and the answers to each problem.

    Args:
        given: what is known already.
    """
    found = dict(given or {})
    for meaning, words in _MEANT.items():
        free = [column for column in columns if column not in found.values()]
        known = words.split()
        ranked = sorted((known.index(_plain(column)), column) for column in free if _plain(column) in known)
        if meaning not in found and ranked:
            found[meaning] = ranked[0][1]
    for number, problem in enumerate(problems, 1):
        if problem in found:
            continue
        free = [column for column in columns if column not in found.values()]
        wanted = [_plain(problem), *(f"{word}{number}" for word in _ANSWERS)]
        hits = [column for want in wanted for column in free if _plain(column) == want]
        if not hits and len(problems) == 1:
            hits = [column for column in free if _plain(column) in (*_ANSWERS, "solution", "losung")]
        if hits:
            found[problem] = hits[0]
    return found


def cell(value: object) -> str:
    """A cell that a spreadsheet takes for text: a formula of mathematics is none of the spreadsheet's.

    >>> cell("-2x"), cell("x+1"), cell(0.5), cell("-3")
    ("'-2x", 'x+1', '0.5', '-3')
    """
    text = str(value).replace("\0", "")
    number = re.fullmatch(r"-?\d+(\.\d+)?", text)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not number else text


def write(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as text."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([cell(column) for column in columns])
    writer.writerows([cell(value) for value in row] for row in rows)
    return sink.getvalue()
