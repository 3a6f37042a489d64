"""The templates: where they lie, how they are read, and what they are compiled to, which is kept.

The only place where Jinja2 is. Templates are found inside the installed package, or beside it in a checkout; the words
among them are those of a language.

>>> environment(False, "de").get_template("words.j2").filename[-11:]
'words.de.j2'
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from functools import cache, partial
from importlib.util import cache_from_source
from pathlib import Path as FilePath
from typing import Any

import jinja2

from symgraph.errors import MissingPart
from symgraph.explanation.sentences import Sentences

__all__ = ["Environment", "compiled", "environment", "read_beside", "sentences"]


class _Context(jinja2.runtime.Context):
    """What a template sees; what it calls is called, for nothing here asks to be given the context first."""

    def call(self, called: Callable[..., Any], /, *given: Any, **named: Any) -> Any:
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return called(*given, **named)


class Environment(jinja2.Environment):
    """Where all names are known before the first template is found: they are a plain dictionary, quick to look up."""

    context_class = _Context

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


@cache
def _base(escapes: bool) -> Environment:
    return Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in _folders()]),
        autoescape=escapes,
        undefined=jinja2.StrictUndefined,
        variable_start_string="<<",
        variable_end_string=">>",
        block_start_string="<%",
        block_end_string="%>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def environment(escapes: bool, language: str) -> Environment:
    """An environment of its own, to which filters and names can be added, with the words of a language.

    Args:
        escapes: whether what is printed is escaped (HTML).
    """
    made = _base(escapes).overlay(loader=_Words(language))
    assert isinstance(made, Environment)
    made.bytecode_cache = compiled(escapes)
    made.filters = {**made.filters, "list": list, "told": sentences(language).say}
    made.filters["map"] = partial(_each, made.filters)
    made.globals = {**made.globals}
    made.tests = {**made.tests, "small": lambda number: 0 < number <= 12}
    return made


def _each(
    filters: Mapping[str, Callable[[Any], Any]], values: Iterable[Any], name: str = "", attribute: str = ""
) -> list[Any]:
    """A filter applied to each of several values, or an attribute of each: Jinja2's own asks at every value anew what
    a filter wants to be given beside it."""
    if attribute:
        return [getattr(value, attribute) for value in values]
    chosen = filters[name]
    return [chosen(value) for value in values]


@cache
def sentences(language: str) -> Sentences:
    """The sentences of a language; English has those of the errors themselves."""
    if language == "en":
        return Sentences("")
    return Sentences(str(_base(False).get_template(f"sentences.{language}.j2").module.sentences))  # type: ignore[attr-defined]  # set by the template


class _Words(jinja2.FileSystemLoader):
    """Finds the templates; where one asks for the words, those of a language."""

    def __init__(self, language: str) -> None:
        super().__init__([str(folder) for folder in _folders()])
        self.language = language

    def get_source(self, environment: jinja2.Environment, template: str) -> Any:
        if template in ("words.j2", "words_homework.j2") and self.language != "en":
            template = template.replace(".j2", f".{self.language}.j2")
        return super().get_source(environment, template)


class _Compiled(jinja2.FileSystemBytecodeCache):
    """Templates that were compiled: kept in this process, and beside the templates as Python keeps its own modules.

    Compiling them takes longer than everything else that makes a page. Where Python may write no bytecode, or the
    folder is read-only, it is done once a process.
    """

    def __init__(self, escapes: bool) -> None:
        super().__init__("", "%s")  # the key is the whole path
        self._optimization = "escaped" if escapes else "plain"
        self._code: dict[tuple[str, str], Any] = {}

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        assert filename is not None
        return cache_from_source(filename, optimization=self._optimization)

    def get_source_checksum(self, source: str) -> str:
        return f"{jinja2.__version__} {FilePath(__file__).stat().st_mtime_ns} {super().get_source_checksum(source)}"

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            with contextlib.suppress(Exception):  # a file that is missing, damaged or not ours is one to be made
                super().load_bytecode(bucket)
            self._code[bucket.key, bucket.checksum] = bucket.code

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._code[bucket.key, bucket.checksum] = bucket.code
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                FilePath(bucket.key).parent.mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)
                FilePath(bucket.key).chmod(0o644)  # what a temporary file was is for its owner alone


@cache
def compiled(escapes: bool) -> _Compiled:
    """One for pages and one for the rest: what is escaped is decided when a template is compiled, and nothing else."""
    return _Compiled(escapes)


def _folders() -> list[FilePath]:
    package = FilePath(__file__).resolve().parent.parent
    found = [
        folder for folder in (package / "templates", package.parent / "templates") if (folder / "words.j2").is_file()
    ]
    if not found:
        raise MissingPart("the templates are missing: reinstall symgraph-explainer")
    return found


def read_beside(path: str, what: str) -> bytes:
    """A file that lies among the templates.

    Args:
        path: from the templates' folder.
        what: to say in an error which part is not there.

    Raises:
        MissingPart: it is not there.
    """
    for folder in _folders():
        if (folder / path).is_file():
            return (folder / path).read_bytes()
    raise MissingPart(f"{what} missing: reinstall symgraph-explainer")
