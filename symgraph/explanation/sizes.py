"""How much room a formula takes, and its outlines for pictures that stand alone.

>>> from symgraph.language.tree import Apply, Name
>>> small, large = size(Name("x")), size(Apply("divide", (Name("x"), Name("y"))))
>>> small.width < large.width < 2 * small.width, 1.5 * small.height < large.height
(True, True)

Both are ziamath's, from our own MathML and the font of the page, so that a picture that stands alone looks like the
page. A size is a little generous: a browser needs no more (a test measures it). Where ziamath is missing, sizes are
estimated and outlines are an error.
"""

from __future__ import annotations

import re
import threading
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from symgraph.errors import MissingPart
from symgraph.explanation.typesetting import Shown, mathml, text

__all__ = ["Outline", "Size", "outline", "size"]


class Size(NamedTuple):
    """Width, height above the baseline and below it together, and the part below, in the unit of the font size."""

    width: float
    height: float
    depth: float


class Outline(NamedTuple):
    """SVG paths of a formula, its baseline's left end at 0, 0; they take the colour of what they stand in."""

    markup: str
    size: Size


# How much more a browser takes than ziamath, measured on the gallery of the tests: factors in display style and in
# line; then room in em that ziamath leaves out: (across, up and down together) for each sign that is found.
_DISPLAY, _IN_LINE, _LEAST = (1.05, 1.13), (1.07, 1.14), 0.85
_ROOMS = {
    "<mtd": (0.3, 0.0),
    "<mtr": (0.5, 0.45),
    "<mroot": (0.3, 0.4),
    "<msqrt": (0.12, 0.4),
    "<munder>": (0.4, 0.2),
    "∫": (0.75, 0.0),
    "∑": (0.0, 0.2),
    "∏": (0.0, 0.2),
}
_LINE_ROOMS = {"∑": (1.2, 0.2), "∏": (1.2, 0.2), "<mfrac": (0.0, 0.2)}  # limits stand beside the sign
_WAITING = threading.Lock()  # ziamath keeps its style in a global


def size(shown: Shown, points: float = 17.0, *, display: bool = False) -> Size:
    """The room that a formula needs at a font size of so many points (or pixels), never less than a browser takes.

    Args:
        shown: what `typesetting.mathml` writes.
        points: the font size.
        display: in display style, where fractions are large.
    """
    markup, ziamath = mathml(shown), _ziamath()
    if ziamath is None:
        return _estimate(markup, text(shown), float(points))
    return _size(_NUMBER.sub(_as_eights, markup), float(points), display)


_NUMBER = re.compile("<mn>[^<]*</mn>")
_EIGHTS = str.maketrans(dict.fromkeys("012345679", "8"))


def _as_eights(number: re.Match[str]) -> str:
    """The digits of the font are equally wide: what differs in them alone is measured once."""
    return number[0].translate(_EIGHTS)


@lru_cache(maxsize=4096)
def _size(markup: str, points: float, display: bool) -> Size:
    ziamath = _ziamath()
    box = _formula(ziamath, markup, points, display).node.bbox
    wider, higher = _DISPLAY if display else _IN_LINE
    rooms = _ROOMS if display else _ROOMS | _LINE_ROOMS
    across = sum(markup.count(sign) * room for sign, (room, _) in rooms.items())
    up = sum(room for sign, (_, room) in rooms.items() if sign in markup)
    up += _ROOMS["<mtr"][1] * max(0, markup.count("<mtr") - 1)
    width = (box.xmax - box.xmin) * wider + (across + 0.06) * points
    high, low = max(box.ymax * higher, _LEAST * points), max(-box.ymin * higher, 0.0)
    extra = up * points / 2
    return Size(round(width, 2), round(high + low + 2 * extra, 2), round(low + extra, 2))


def _estimate(markup: str, line: str, points: float) -> Size:
    """Without ziamath: as wide as the line of text, higher where something stands above something else."""
    levels = 1 + min(3, markup.count("<mfrac")) + markup.count("<mtr") / 2
    height = 1.25 * points * levels
    return Size(round(0.62 * points * (len(line) + 1), 2), round(height, 2), round(height / 2 - 0.25 * points, 2))


def outline(shown: Shown, points: float = 17.0, *, display: bool = False) -> Outline:
    """A formula as SVG paths, without ids, so that many can stand in one picture.

    Raises:
        MissingPart: ziamath is not installed.

    >>> from symgraph.language.tree import Apply, Name
    >>> outline(Apply("negate", (Name("x"),))).markup.count("<path")
    2
    """
    return _outline(mathml(shown), float(points), display)


@lru_cache(maxsize=1024)
def _outline(markup: str, points: float, display: bool) -> Outline:
    ziamath = _ziamath()
    if ziamath is None:
        raise MissingPart("outlines of formulas need ziamath: pip install ziamath")
    formula = _formula(ziamath, markup, points, display)
    group = ElementTree.Element("g", {"fill": "currentColor"})
    with _WAITING:
        before, ziamath.config.svg2 = ziamath.config.svg2, False
        try:
            formula.drawon(group)
        finally:
            ziamath.config.svg2 = before
    for part in group.iter():
        # ziamath writes "black" on every path; without it the formula takes the colour of the text around it.
        if part is not group and part.attrib.get("fill") == "black":
            del part.attrib["fill"]
    box = formula.node.bbox
    room = Size(round(box.xmax, 2), round(box.ymax - box.ymin, 2), round(-box.ymin, 2))
    return Outline(ElementTree.tostring(group, encoding="unicode"), room)


# ziamath draws a box for the invisible signs, leaves rooms of its own around longer names, and sets ∂ upright. The
# Greek variants it does not make italic as a browser does: they come as the italic letters that the font has.
_INVISIBLE = re.compile("<mo>[\u2061\u2062]</mo>")
_VARIANTS = str.maketrans({"ϵ": "𝜖", "ϑ": "𝜗", "ϕ": "𝜙", "ϱ": "𝜚"})
_LONG_NAME = re.compile(r'<mi(?: mathvariant="normal")?>(\w{2,})</mi>')


def _formula(ziamath: Any, markup: str, points: float, display: bool) -> Any:
    plain = _LONG_NAME.sub(r"<mtext>\1</mtext>", _INVISIBLE.sub("", markup)).replace("<mi>∂<", "<mi>𝜕<")
    plain = plain.translate(_VARIANTS)
    tree = ElementTree.fromstring(plain)  # our own markup: no entity, no document type
    tree.set("displaystyle", "true" if display else "false")
    return ziamath.Math(tree, size=points, font=_font())


def _font() -> str | None:
    """The page's font, as outlines; ziamath's own where it is missing."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "templates", package.parent / "templates"):
        font = folder / "html" / "fonts" / "symgraph-math.otf"
        if font.is_file():
            return str(font)
    return None


@lru_cache(maxsize=1)
def _ziamath() -> Any:
    try:
        with warnings.catch_warnings():
            # ziamath's way of finding its own font is deprecated from Python 3.11 on.
            warnings.simplefilter("ignore", DeprecationWarning)
            import ziamath
    except ImportError:
        return None
    return ziamath
