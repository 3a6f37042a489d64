"""What the script of a page is given: the numbers that it works out again, its functions, and the words that it says.

`scripting.py` writes the tape; here it is found which numbers a page has, from the page itself.

>>> print(operations(["power"]).partition(":")[0])
power
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from symgraph.errors import MissingPart
from symgraph.explanation.shown import STILL
from symgraph.explanation.templates import read_beside
from symgraph.explanation.views import View

if TYPE_CHECKING:
    from symgraph.explanation.scripting import Slider

__all__ = ["Numbers", "PartOfPage", "compact", "fingerprint", "numbers", "operations", "words"]

PartOfPage = tuple[View, str, str]  # a part's view, what its keys begin with, and its markup


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the page's script computes with, or the reason why there is nothing."""

    sliders: tuple[Slider, ...] = ()
    point: tuple[float, ...] = ()
    data: str = ""
    operations: str = ""
    reason: str = ""
    tied: bool = False  # a point that has to stay on a curve


_LIVE = re.compile(r'data-v="([^"]*)"')


def numbers(view: View, body: str, parts: Sequence[PartOfPage]) -> Numbers:
    """The tape for every number on a page that can be worked out again: those of its body, and of its parts."""
    explanation = view.explanation
    if explanation.values is None:
        return Numbers()
    from symgraph.explanation import scripting

    own, *others = (
        scripting.Part(prefix, each.graph, _keys(markup), each.lives)
        for each, prefix, markup in ((view, "", body), *parts)
    )
    if not any(part.keys for part in (own, *others)):
        return Numbers()
    if view.is_tied:
        return Numbers(tied=True)
    keys = [*own.keys, *(key for key, _ in view.followed)]
    try:
        made = scripting.write(own.graph, explanation.values, keys, own.formulas, others)
    except (scripting.Unwritable, MissingPart) as error:
        return Numbers(reason=str(error))
    code = Markup(operations(made.operations))
    return Numbers(made.sliders, made.point, Markup(made.data()), code)  # JSON without "<"


def _keys(markup: str) -> list[str]:
    """The keys of the numbers in a piece of markup, each once."""
    found = dict.fromkeys(html.unescape(key) for key in _LIVE.findall(markup))
    return [key for key in found if key != STILL]


def operations(names: Iterable[str]) -> str:
    """The page's functions of these names, with those that they call; every page carries what it uses."""
    entries = {line.partition(":")[0]: line for line in _operation_lines()}
    wanted, stack = set[str](), list(names)
    while stack:
        name = stack.pop()
        if name not in wanted:
            wanted.add(name)
            stack += re.findall(r"\bop\.(\w+)", entries[name])
    return "\n".join(entries[name] for name in entries if name in wanted)


@cache
def _operation_lines() -> list[str]:
    return read_beside("html/operations.js", "the page's functions are").decode("utf-8").splitlines()


def compact(code: Any) -> Markup:
    """The page's script without its remarks and its indentation."""
    return Markup(re.sub(r"^(?:\s+|//.*\n)+", "", str(code), flags=re.MULTILINE))  # our own script, and no input


def fingerprint(code: str) -> str:
    """A script's hash, as a page's security policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(str(code).encode()).digest()).decode("ascii")


def words(view: View, macros: Any, parts: Sequence[PartOfPage]) -> Markup:
    """The words that the page's script says, as JSON without "<".

    Args:
        macros: those of `words.j2`.
    """
    tellings = [("", view.explanation), *((f"part{k}-", part) for k, part in enumerate(view.explanation.parts, 1))]
    said = {
        "paths": {
            prefix + letter: str(macros.path_told(letter, view.route(path)))
            for prefix, telling in tellings
            for letter, path in telling.letters.items()
        },
        "formulas": {
            prefix: list(zip(each.copied, each.copied_texts, strict=True))
            for each, prefix, _ in ((view, "", ""), *parts)
        },
        "undefined": str(macros.undefined_number()),
        "beyond": str(macros.number_beyond()),
        "step": str(macros.stepper_where()),
        "tex": str(macros.copy_tex()),
        "text": str(macros.copy_text()),
        "copied": str(macros.copied()),
    }
    plain = {key: _bare(value) for key, value in said.items()}
    return Markup(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"))


def _bare(said: Any) -> Any:
    """Words that go into JSON and not into markup: nothing in them is escaped twice."""
    if isinstance(said, list):
        return said
    return {key: _bare(value) for key, value in said.items()} if isinstance(said, dict) else html.unescape(said)
