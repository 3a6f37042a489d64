"""The machine that writes a formula with a pen, and where brackets go.

A rule writes one shape. It is a generator: it asks for its parts, each in its Place, is given their Pieces, and
returns its own; what has no parts is written at once. The page runs rules from a stack, so that depth costs no
recursion, and writes a part that occurs several times in the same kind of place once.

Brackets go around a part that holds together more loosely than its place allows; the levels say how tightly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from symgraph.explanation.letters import is_squared_function, is_word
from symgraph.explanation.pens import Pen, Piece
from symgraph.explanation.shown import Chain, Factors, Live, Look, Marked, Shown, Terms, bare
from symgraph.language.tree import Apply, Number, Rate, Tree, Undefined, postorder

__all__ = [
    "AND",
    "ATOM",
    "BIG",
    "CHAIN",
    "FRACTION",
    "FREE",
    "FUNCTION",
    "LOOSE",
    "NEGATIVE",
    "NOT",
    "OR",
    "POWER",
    "PRODUCT",
    "RELATION",
    "SCRIPT",
    "SUM",
    "Page",
    "Place",
    "Rule",
    "Shape",
    "Way",
    "Writing",
    "is_decimal",
    "typed",
]

LOOSE, CHAIN, OR, AND, NOT, RELATION, SUM, BIG, NEGATIVE, PRODUCT, FUNCTION, FRACTION, POWER, ATOM = range(14)


class Place(NamedTuple):
    """Where a part stands.

    Args:
        script: in an exponent or index, where fractions lie flat.
        signed: after a sign, where a minus must stand in brackets.
        followed: before a factor or a slash, where a function needs its brackets.
        fenced: in brackets, which a mark draws around what is inside it.
    """

    script: bool = False
    signed: bool = False
    followed: bool = False
    fenced: bool = False

    @property
    def inside(self) -> Place:
        """Within brackets of its own."""
        return SCRIPT if self.script else FREE

    @property
    def first(self) -> Place:
        """The same place, with nothing after it."""
        return Place(self.script, self.signed, False, self.fenced)

    @property
    def after(self) -> Place:
        """The same place, behind a sign."""
        return Place(self.script, True, self.followed, self.fenced)

    @property
    def before(self) -> Place:
        """The same place, with something after it."""
        return Place(self.script, self.signed, True, self.fenced)


FREE, SCRIPT = Place(), Place(script=True)
_KEPT = 500  # parts of a part that stays written: of ten thousand that lie in one another, each would hold the next
Writing = Generator[tuple[Shown, Place], Piece, Piece]
Rule = Callable[["Page", Apply, Place], Writing]


@dataclass(frozen=True, slots=True)
class Shape:
    """How one operator is written: how tightly it holds, its rule, what it begins and ends with as a factor.

    Args:
        begins, ends: a key of the joints in `products.py`; `begins` "first" means: as its first argument does.
        call: in ASCII it is written name(arguments).
        typed: in all text it is, since nothing else reads back.
    """

    level: int
    rule: Rule
    begins: str = "bracket"
    ends: str = "bracket"
    call: bool = False
    typed: bool = False


class Way(NamedTuple):
    """How a formula is written.

    Args:
        pen: what it is written with.
        dots: whether c·d takes its dot.
        euler: whether e^x is written so, or exp(x).
        condition, otherwise: the words of a piecewise function, "if" and "otherwise".
    """

    pen: Pen
    dots: bool
    euler: bool
    condition: str
    otherwise: str


@dataclass
class Page:
    """One formula being written in one way.

    Args:
        shapes: the operators that have a shape of their own; every other is a function with its name.
        others: the rules for what is no Apply, by kind.
        look: of a part of the formula.
    """

    way: Way
    shapes: Mapping[str, Shape]
    others: Callable[[Page, Shown, Place], Writing | Piece]
    call: Rule
    look: Callable[[Shown], Look]

    def __post_init__(self) -> None:
        self.pen, self.dots, self.euler, *_ = self.way
        self.own = object()  # what is written on this page is known by it: a way's own hash is looked up slowly

    def write(self, shown: Shown) -> Piece:
        """The whole formula; each part that is not too long stays written with its look."""
        part, place, own, look = shown, FREE, self.own, self.look
        stack: list[tuple[dict[Any, Piece], tuple[object, Place], Writing]] = []
        answer: Piece | None
        while True:
            seen, key = look(part), (own, place)
            written = seen.written if seen.size <= _KEPT else {}
            answer = written.get(key)
            if answer is None:
                rule = self.rule(part, place)
                if isinstance(rule, Piece):
                    answer = written[key] = rule
                else:
                    stack.append((written, key, rule))
            while stack:
                written, key, writing = stack[-1]
                try:
                    part, place = writing.send(answer)  # type: ignore[arg-type]  # the first send is None
                    break
                except StopIteration as finished:
                    answer = written[key] = finished.value
                    stack.pop()
            else:
                assert answer is not None
                return answer

    def rule(self, part: Shown, place: Place) -> Writing | Piece:
        """The writing of one part, not yet begun; of one that has no parts, done."""
        if not isinstance(part, Apply):
            return self.others(self, part, place)
        shape = self.shapes.get(part.operator)
        return self.call(self, part, place) if shape is None or self.is_typed(part) else shape.rule(self, part, place)

    def is_typed(self, part: Apply) -> bool:
        """Is this written as it is typed, name(arguments)?"""
        shape = self.shapes.get(part.operator)
        if shape is None or self.pen.stacked:
            return shape is None and self.pen.exact
        index = part.arguments[-1]
        short_root = part.operator == "real_root" and isinstance(index, Number) and index.value in (3, 4)  # ∛, ∜
        return (shape.call and self.pen.exact) or (shape.typed and not short_root)

    def operand(self, part: Shown, need: int, place: Place) -> Writing:
        """A part in its place, in brackets if it is looser than `need`."""
        if self.level(part, place) < need:
            if isinstance(part, Marked):
                return (yield part, place.inside._replace(fenced=True))
            return self.pen.fence((yield part, place.inside))
        return (yield part, place)

    # levels ----------------------------------------------------------------------------------------------------------

    def level(self, part: Shown, place: Place) -> int:
        """How tightly a part holds together on this page."""
        match part:
            case Apply():
                return self._operator_level(part, place)
            case Marked() | Live():
                return self.level(bare(part), place)
            case Number():
                return self._number_level(part, place)
            case Rate():
                return FUNCTION if part.slot is not None else self._fraction_level(part, place)
            case Undefined():
                return FUNCTION if sum(part.orders) and len(part.arguments) > 1 else ATOM
            case Factors():
                return PRODUCT
            case Terms():
                return SUM
            case Chain():
                return CHAIN
            case _:
                return ATOM

    def _operator_level(self, part: Apply, place: Place) -> int:
        if part.operator == "divide":
            return self._fraction_level(part, place)
        shape = self.shapes.get(part.operator)
        if self.is_typed(part) or (part.operator == "piecewise" and not self.pen.stacked):
            return ATOM  # on one line the cases have a brace on either side
        if shape is None:
            return FUNCTION if is_word(part.operator) else ATOM
        if part.operator == "exponential" and not self.euler:
            return FUNCTION
        return FUNCTION if self.is_squared(part) else shape.level

    def _number_level(self, part: Number, place: Place) -> int:
        if part.value.numerator < 0:
            return NEGATIVE
        written = typed(part)
        if written and written["power"] is not None and not self.pen.exact:
            return POWER if written["digits"] == "1" else PRODUCT  # 10⁻⁷, 1.2×10⁻⁷
        return ATOM if written or part.value.denominator == 1 else self._fraction_level(part, place)

    def _fraction_level(self, part: Shown, place: Place) -> int:
        return PRODUCT if self.lies_flat(part, place) else FRACTION

    def lies_flat(self, part: Shown, place: Place) -> bool:
        """Is this fraction written in one line?"""
        if not self.pen.stacked:
            return True
        if not place.script or isinstance(part, Rate):
            return False
        return isinstance(part, Number) or (isinstance(part, Apply) and all(map(_is_short, part.arguments)))

    def is_flat_fraction(self, part: Shown, place: Place) -> bool:
        """Is this a fraction, and written in one line?"""
        part = bare(part)
        if isinstance(part, Number):
            return not is_decimal(part) and part.value.denominator != 1 and self.lies_flat(part, place)
        fraction = isinstance(part, Apply) and part.operator == "divide"
        rate = isinstance(part, Rate) and part.slot is None
        return (fraction or rate) and self.lies_flat(part, place)

    def is_squared(self, part: Apply) -> bool:
        """Is this written sin²x?"""
        return part.operator == "power" and not self.pen.exact and is_squared_function(part)


_TYPED = re.compile(r"[-−]?(?P<digits>[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<power>[+-]?[0-9]{1,9}))?")


def typed(part: Number) -> re.Match[str] | None:
    """The digits and the power of ten of a number as it was typed, if it was typed as a decimal or an integer.

    >>> typed(Number(1, "1.50"))["digits"], typed(Number(1, "\\\\input"))
    ('1.50', None)
    """
    return _TYPED.fullmatch(part.text)


def is_decimal(part: Number) -> bool:
    """Is this number written with digits alone, and not as a fraction?"""
    return typed(part) is not None


_SHORT = frozenset({"multiply", "power", "negate", "add", "subtract"})


def _is_short(part: Tree) -> bool:
    """Is it short enough for a fraction on one line, x²/2 in an exponent?"""
    for count, piece in enumerate(postorder(part)):
        long = isinstance(piece, Rate | Undefined) or (isinstance(piece, Apply) and piece.operator not in _SHORT)
        if long or count >= 7:
            return False
    return True
