"""examples -> a site: a page for each worked example, and an index.

An example is a small TOML file: title, chapter, source, and what `explain` takes besides (wrt, of, at, shapes, grain,
modes, a question and what belongs to it).

>>> example = read_examples()[0]
>>> example.name, example.title
('A1-notebook', 'The notebook: every gradient at a = 3, b = 1')
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from symgraph import files
from symgraph.errors import FileProblem, MissingPart, SymgraphError
from symgraph.explanation import renderer
from symgraph.explanation.explainer import Explanation, explain

__all__ = ["Example", "build_site", "examples_folder", "read_examples"]

ASKED = ("question", "order", "hold", "seed", "direction", "rates", "changes", "errors", "near", "step")
PASSED_ON = ("wrt", "of", "at", "shapes", "grain", "modes", "detail", *ASKED)
FIELDS = ("title", "chapter", "credit", "source", *PASSED_ON)


@dataclass(frozen=True, slots=True)
class Example:
    """One worked example: its file's name, what it is called, where it comes from, and what `explain` is asked."""

    name: str
    title: str
    chapter: str
    credit: str
    source: str
    options: dict[str, Any]

    def explain(self) -> Explanation:
        return explain(self.source, title=renderer.told(self.title), **self.options)


def examples_folder() -> Path:
    """The examples, inside the installed package or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    for folder in (package / "examples", package.parent / "examples"):
        if any(folder.glob("*.toml")):
            return folder
    raise MissingPart("the examples are missing: reinstall symgraph-explainer")


def read_examples(folder: Path | None = None) -> list[Example]:
    """Every example of a folder (None: those that come with symgraph), by name.

    Raises:
        FileProblem: a file is no TOML, or has a field that is not known; it names both.
    """
    return [_read(path) for path in sorted((folder or examples_folder()).glob("*.toml")) if _is_example(path)]


def _is_example(path: Path) -> bool:
    """A problem set is TOML, too: it says which schema it follows."""
    return "source" in _fields(path)


def _fields(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(files.read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise FileProblem(f"{path.name}: {error}") from None


def _read(path: Path) -> Example:
    fields = _fields(path)
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown:
        raise FileProblem(f"{path.name}: {unknown[0]} is no field of an example: they are {', '.join(FIELDS)}")
    options = {name: fields[name] for name in PASSED_ON if name in fields}
    return Example(
        path.stem, fields["title"], fields.get("chapter", ""), fields.get("credit", ""), fields["source"], options
    )


def build_site(target: Path, examples: Sequence[Example] | None = None) -> Iterator[Path]:
    """Write a page for each example, then the index; yields each file once it is whole.

    Raises:
        SymgraphError: an example cannot be explained; it is named.
    """
    chosen = read_examples() if examples is None else list(examples)
    with files.Folder(target) as folder:
        for example in chosen:
            try:
                page = example.explain().render("html")
            except SymgraphError as error:
                raise SymgraphError(f"{example.name}: {error}") from error
            yield folder.write(f"{example.name}.html", page)
        yield folder.write("index.html", renderer.compose("gallery", _Index(chosen), "html"))


@dataclass(frozen=True, slots=True)
class _Index:
    """What the index page shows: chapters with their examples, in order of their first."""

    examples: list[Example]

    @property
    def chapters(self) -> list[tuple[str, list[Example]]]:
        found: dict[str, list[Example]] = {}
        for example in self.examples:
            found.setdefault(example.chapter, []).append(example)
        return list(found.items())
