"""How formulas are written in MathML Core.

>>> pen = MathmlPen()
>>> pen.fraction(pen.number("1"), pen.row(pen.number("2"), pen.juxtaposed(), pen.name("x"))).markup
'<mfrac><mn>1</mn><mrow><mn>2</mn><mo>\u2062</mo><mi>x</mi></mrow></mfrac>'

Why our own and no converter from LaTeX: the shapes are a closed set, and what is drawn by juxtaposition has a meaning
(a product, an argument) that a screen reader is told by an invisible sign, which LaTeX no longer knows.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from functools import lru_cache

from symgraph.explanation.letters import CONSTANTS, GREEK, SIGNS, checked_name, function_words, greek_function
from symgraph.explanation.pens import Pen, Piece, is_tall, visible

__all__ = ["MathmlPen", "broken", "letters", "side_by_side"]

# Where browsers leave other room than TeX does.
_ROOM = {
    "slash": "0",
    "dot": "0.1667em",
    "wide_dot": "0.2222em",
    "circled_dot": "0.2222em",
    "and": "0.2222em",
    "or": "0.2222em",
}


_FLAT_END = '<mo form="postfix" stretchy="false">)</mo></mrow>'


class MathmlPen(Pen):
    """MathML Core. Invisible signs say to a screen reader what juxtaposition means."""

    def sign(self, name: str, tight: bool = False) -> Piece:
        sign = html.escape(SIGNS[name][1])
        if name in ("negative", "not"):
            return Piece(f'<mo form="prefix">{sign}</mo>')
        room = "0" if tight else _ROOM.get(name)
        return Piece(f'<mo lspace="{room}" rspace="{room}">{sign}</mo>' if room else f"<mo>{sign}</mo>")

    def name(self, name: str) -> Piece:
        letters, below = checked_name(name)
        base = self._letters(letters)
        if not below:
            return base
        parts = [Piece(f"<mn>{part}</mn>") if part.isdigit() else self._letters(part) for part in below.split(",")]
        return self.script(base, below=self.list(parts) if len(parts) > 1 else parts[0])

    def _letters(self, letters: str) -> Piece:
        letter = GREEK.get(letters, letters)
        # One Latin or small Greek letter is slanted by itself; capitals of Greek stand upright, as in TeX.
        upright = ' mathvariant="normal"' if letters in GREEK and letters[0].isupper() else ""
        return Piece(f"<mi{upright}>{letter}</mi>")

    def number(self, digits: str) -> Piece:
        return Piece(f"<mn>{html.escape(digits)}</mn>")

    def constant(self, name: str, upright: bool = False) -> Piece:
        letter = CONSTANTS.get(name, name)
        upright = upright or name in ("infinity", "transposed")
        return Piece(f'<mi mathvariant="normal">{letter}</mi>' if upright else f"<mi>{letter}</mi>")

    def function(self, command: str) -> Piece:
        letter = greek_function(command)
        if letter is not None:
            return self._letters(letter)
        upright = ' mathvariant="normal"' if command.startswith((r"\mathrm", r"\operatorname")) else ""
        words = "".join(function_words(command))
        return Piece(f"<mi{upright if len(words) == 1 else ''}>{words}</mi>")

    def primed(self, base: Piece, count: int) -> Piece:
        # As a script the prime would be small and high: the font has it raised already.
        return self.row(base, Piece(f'<mo lspace="0.1em" rspace="0">{"′″‴"[count - 1]}</mo>'))

    def words(self, text: str) -> Piece:
        return Piece(f"<mtext>{html.escape(visible(text).replace(' ', chr(0xA0)))}</mtext>")

    def gap(self) -> Piece:
        return Piece('<mspace width="0.1667em"></mspace>')

    def juxtaposed(self) -> Piece:
        return Piece("<mo>\u2062</mo>")

    def applied(self) -> Piece:
        return Piece("<mo>\u2061</mo>")

    def list(self, pieces: Sequence[Piece]) -> Piece:
        markup = "<mo>,</mo>".join([piece.markup for piece in pieces])
        return Piece(markup, is_tall(pieces), len(pieces) != 1 or pieces[0].many)

    @staticmethod
    def _one(piece: Piece) -> str:
        return f"<mrow>{piece.markup}</mrow>" if piece.many else piece.markup

    def fraction(self, top: Piece, bottom: Piece) -> Piece:
        return Piece(f"<mfrac>{self._one(top)}{self._one(bottom)}</mfrac>", True)

    def script(self, base: Piece, above: Piece | None = None, below: Piece | None = None) -> Piece:
        if above and not below and base.markup.startswith("<mrow>") and base.markup.endswith(_FLAT_END):
            # An exponent belongs to the bracket that it stands at: over all that is in a flat one it would float.
            inner = base.markup[: -len(_FLAT_END)]
            return Piece(f"{inner}<msup>{_FLAT_END.removesuffix('</mrow>')}{self._one(above)}</msup></mrow>")
        name = "m" + ("sub" if below else "") + ("sup" if above else "")
        parts = "".join([self._one(part) for part in (base, below, above) if part])
        return Piece(f"<{name}>{parts}</{name}>", base.tall)

    def root(self, body: Piece, index: Piece | None = None) -> Piece:
        if index is None:
            return Piece(f"<msqrt>{self._one(body)}</msqrt>", body.tall)
        return Piece(f"<mroot>{self._one(body)}{self._one(index)}</mroot>", body.tall)

    def fence(self, body: Piece, left: str = "(", right: str = ")") -> Piece:
        # Chromium reserves room for the tallest variant of a stretchy bracket: flat content must not stretch it.
        flat = "" if body.tall else ' stretchy="false"'
        opening = f'<mo form="prefix"{flat}>{left}</mo>' if left else ""
        closing = f'<mo form="postfix"{flat}>{right}</mo>' if right else ""
        return Piece(f"<mrow>{opening}{body.markup}{closing}</mrow>", body.tall)

    def big(self, sign: str, low: Piece | None, high: Piece | None) -> Piece:
        under, over = ("sub", "sup") if sign == "∫" else ("under", "over")
        name = "m" + (under if low else "") + (over if high else "")
        letter = {"Σ": "∑"}.get(sign, sign)
        if name == "m":
            return Piece(f"<mo>{letter}</mo>", True)
        parts = "".join(self._one(part) for part in (low, high) if part)
        return Piece(f"<{name}><mo>{letter}</mo>{parts}</{name}>", True)

    def table(self, rows: Sequence[Sequence[Piece]], left: str, right: str) -> Piece:
        kind = "cases" if left == "{" else "matrix"
        lines = "".join("<mtr>" + "".join(f"<mtd>{cell.markup}</mtd>" for cell in row) + "</mtr>" for row in rows)
        return self.fence(Piece(f'<mtable class="{kind}">{lines}</mtable>', True), left, right)

    def stack(self, top: Piece, bottom: Piece) -> Piece:
        return self.fence(
            Piece(f'<mfrac linethickness="0">{self._one(top)}{self._one(bottom)}</mfrac>', True), "(", ")"
        )

    def mark(self, body: Piece, path: str) -> Piece:
        return Piece(f'<mrow class="path-{path}">{body.markup}</mrow>', body.tall)

    def brace(self, body: Piece, label: Piece) -> Piece:
        # The page's style draws the brace: of one that is put together from glyphs, Chromium without a graphics card
        # paints what lies in one tile of 256 pixels.
        braced = f'<mrow class="braced">{body.markup}</mrow>'
        return Piece(f'<munder>{braced}<mrow class="under">{label.markup}</mrow></munder>', True)

    def live(self, body: Piece, line: str, key: str) -> Piece:
        if line and "<msup>" not in body.markup:
            return Piece(f'<mn data-v="{html.escape(key)}">{line}</mn>')
        return Piece(f'<mrow data-v="{html.escape(key)}">{body.markup}</mrow>', body.tall)


# Where a long formula may go on in the next line --------------------------------------------------------------------

_TAG = re.compile(r"<(/?)\w[^>]*>")
_SIGN = re.compile(r'<mo(?! form="prefix")[^>]*>(.*?)</mo>')
_JOINED = re.compile('<mo(?: form="infix")?>[=≈≠→+−<>≤≥]')
_OF_PATH = re.compile(r'(<mrow class="path-\w">)')
_ROW = re.compile(r'<mrow(?: class="path-\w")?>(.*)</mrow>')
_HIGH = 'fix" minsize="2em" maxsize="2em">'
_BRACKETS = re.compile(r'<mrow>(<mo form="prefix"[^>]*>.</mo>)(.*)(<mo form="postfix"[^>]*>.</mo>)</mrow>')
_STEPS = ("=≈≠→", "+−", "·⋅", "\u2062")  # before which signs, those first that are most easily read at a line's start
_LOOSE = ('<mo stretchy="false">(', '<mo stretchy="false">)')
_COEFFICIENT = 4  # letters at most of a factor that stays with the one after it
_DEEPEST = 4  # brackets in brackets that a line may end in


@lru_cache(maxsize=1_024)  # the same formula stands in many places of a page
def broken(body: str, room: int) -> tuple[str, ...]:
    """What stands in a formula, in pieces between which a line may end; each has room for its line if that can be.

    A line ends before a relation first, then before a plus or minus, then before a dot or after a factor, and in
    brackets only where what stands in them is too long; high ones are then equally high. What is drawn in one piece
    stays so: a fraction, a root, a matrix.

    Args:
        body: MathML, without the element `math` around it.
        room: characters that fit the narrowest line.

    >>> pen = MathmlPen()
    >>> a, b, plus, equals = pen.name("a"), pen.name("b"), pen.sign("plus"), pen.sign("equals")
    >>> broken(pen.row(a, equals, a, plus, b).markup, 3)
    ('<mi>a</mi>', '<mo form="infix">=</mo><mi>a</mi>', '<mo form="infix">+</mo><mi>b</mi>')
    """
    if letters(body) <= room:
        return (body,)
    first, *rest = ["".join(piece) for piece in _divided(_elements(body), room)]
    # The first sign of a row belongs to what follows, unless it says that it stands between two things.
    return (first, *(re.sub(r"^((?:<mrow[^>]*>)?<mo)(?! form)", r'\1 form="infix"', piece) for piece in rest))


def side_by_side(pieces: Sequence[str], room: int, attributes: str = "") -> str:
    """Pieces of a formula, each in its element `math`, as one part of a page; what is longer than the room scrolls.

    >>> side_by_side(["<math><mi>a</mi></math>", '<math><mo form="infix">=</mo><mi>b</mi></math>'], 9)
    '<span class="maths"><math><mi>a</mi></math><wbr><math><mo form="infix">=</mo><mi>b</mi></math></span>'
    """
    held = [f'<span class="wide">{each}</span>' if letters(each) > room else each for each in pieces]
    return f'<span class="maths"{attributes}>{"<wbr>".join(held)}</span>'


@lru_cache(maxsize=1_024)
def letters(markup: str) -> int:
    """About how many letters of room a piece of markup takes: there is room around a sign that joins."""
    return len(_TAG.sub("", markup)) + 2 * len(_JOINED.findall(markup))


def _elements(markup: str) -> list[str]:
    """The elements that stand side by side in a piece of markup."""
    found, depth, start = [], 0, 0
    for tag in _TAG.finditer(markup):
        depth += -1 if tag[1] else 1
        if not depth:
            found.append(markup[start : tag.end()])
            start = tag.end()
    return found


def _divided(elements: list[str], room: int, depth: int = 0) -> list[list[str]]:
    """Elements in groups that are as short as the room, or as short as they can be."""
    groups = [elements]
    for signs in _STEPS:
        groups = [part for group in groups for part in (_before(signs, group) if _length(group) > room else [group])]
    if depth == _DEEPEST:
        return groups
    return [part for group in groups for part in (_opened(group, room, depth) if _length(group) > room else [group])]


def _length(elements: list[str]) -> int:
    """About how many characters stand side by side."""
    fractions = [element for element in elements if element.startswith("<mfrac")]  # half as long as what is in them
    if not fractions:
        return letters("".join(elements))
    beside = [element for element in elements if not element.startswith("<mfrac")]
    return letters("".join(beside)) + sum([letters(element) // 2 for element in fractions])


def _before(signs: str, elements: list[str]) -> list[list[str]]:
    """Elements in groups that begin with one of these signs; what only says that two factors meet ends one."""
    groups: list[list[str]] = [[]]
    inside = 0  # how many brackets are open that stand in no row of their own, as others write them
    for element in elements:
        inside += element.count(_LOOSE[0]) - element.count(_LOOSE[1])
        sign = None if inside else _SIGN.fullmatch(element)
        meets = signs == _STEPS[-1] and (element.startswith("<mspace") or bool(sign and sign[1] == signs))
        if sign and sign[1] in signs and not meets and groups[-1]:
            groups.append([])
        groups[-1].append(element)
        if meets and _length(groups[-1]) > _COEFFICIENT:
            groups.append([])
    return [group for group in groups if group]


def _opened(elements: list[str], room: int, depth: int) -> list[list[str]]:
    """Elements in groups, of which those in long brackets, and those of a path's term, are divided themselves."""
    groups: list[list[str]] = [[]]
    for element in elements:
        inner = _inside(element) if letters(element) > room // 2 else []
        first, *rest = _divided(inner, room, depth + 1) if inner else [[element]]
        if not rest:
            groups[-1].append(element)
            continue
        if path := _OF_PATH.match(element):
            first, *rest = [[path[1], *group, "</mrow>"] for group in (first, *rest)]
        groups[-1] += first
        groups += rest
    return groups


def _inside(element: str) -> list[str]:
    """The elements in a row or a path's term, or those of brackets with the brackets, which are as high in any line."""
    brackets, row = _BRACKETS.fullmatch(element), _ROW.fullmatch(element)
    if not row or "<mtable" in element or "fence=" in element:
        return []
    if not brackets:
        return _elements(row[1])
    opening, body, closing = brackets.groups()
    return [opening.replace('fix">', _HIGH), *_elements(body), closing.replace('fix">', _HIGH)]
