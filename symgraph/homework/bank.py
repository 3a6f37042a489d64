"""The problem bank that comes with symgraph: `use = "chain/12"` takes a problem of it.

>>> take("chain/1")["id"], "quotient" in chapters()
('chain-1', True)

The files stand in the package, or beside it in a checkout, and are ordinary problem sets.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from symgraph import files
from symgraph.errors import MissingPart, SymgraphError

__all__ = ["chapters", "path_of", "problems", "take"]


def _folder() -> Path:
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "examples" / "bank", package.parent / "examples" / "bank"):
        if folder.is_dir():
            return folder
    raise MissingPart("the problem bank is missing: reinstall symgraph-explainer")


def chapters() -> list[str]:
    """The names of the chapters."""
    return sorted(path.stem for path in _folder().glob("*.toml"))


def path_of(chapter: str) -> Path:
    """The file of a chapter, itself a problem set.

    Raises:
        SymgraphError: there is no such chapter.
    """
    if chapter not in chapters():
        raise SymgraphError(f"the bank has no chapter {chapter!r}: it has {', '.join(chapters())}")
    return _folder() / f"{chapter}.toml"


@cache
def problems(chapter: str) -> tuple[dict[str, Any], ...]:
    """The problems of a chapter, each as its fields."""
    return tuple(tomllib.loads(files.read_text(path_of(chapter)))["problem"])


def take(place: str) -> dict[str, Any]:
    """The fields of a problem by its chapter and number, "chain/12".

    Raises:
        SymgraphError: there is no such problem.
    """
    found = re.fullmatch(r"([a-z-]+)/(\d{1,4})", place)
    if found is None:
        raise SymgraphError(f'{place!r} is no place in the bank: write "chain/12"')
    entries, number = problems(found[1]), int(found[2])
    if not 1 <= number <= len(entries):
        raise SymgraphError(f"the chapter {found[1]} has problems 1 to {len(entries)}, not {number}")
    return dict(entries[number - 1])
