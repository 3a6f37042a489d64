"""Trees -> LaTeX, MathML and plain text: one set of rules, four pens.

>>> from symgraph.language.tree import Apply, Name, Number, Rate
>>> e = Apply("multiply", (Apply("add", (Name("a"), Name("b"))), Apply("add", (Name("b"), Number(1)))))
>>> latex(e), text(e), text(e, ascii=True)
('(a + b)(b + 1)', '(a + b)(b + 1)', '(a + b)*(b + 1)')
>>> latex(Rate("e", "b")), text(Rate("e", "b"))
('\\\\frac{\\\\partial e}{\\\\partial b}', '∂e/∂b')

Every formula that is shown is a syntax tree, or one of four ways of showing several: `Terms`, `Factors`, `Chain`
and `Marked`. Printing never changes what was written, with one exception: a + (−b) is shown as a − b. (The ASCII
form keeps even that: the parser reads it back as an equal tree.)

The rules of products, which are the hard part of printing:
* Two numbers, and a 1 before anything, take a dot: 1·2, 1·d, 2·3². So does a negative number: (−3)·2.
* Two names take a dot (c·d, x²·y), since cd could be one name; `dots=False` sets them together (2xy).
* A number before a name, function, bracket or root takes none: 2x, 3 sin x, 2(x + 1), 2√x. Brackets follow
  brackets, and functions follow anything, without a dot: (a + b)(b + 1), x sin x.
* A name before a bracket takes a dot: x·(x + 1), for x(x + 1) could be a function's value.
* sin x stands without brackets when its argument is one letter or a whole number and no factor follows.

Why no library: the formulas are a closed set of shapes, brackets and dots depend on the mathematics and not on
the markup, and a LaTeX-to-MathML converter would have to guess them back from the markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import NamedTuple

from symgraph.explanation.pens import GREEK, AsciiPen, LatexPen, MathmlPen, Pen, Piece, TextPen, checked_name
from symgraph.language.primitives import PRIMITIVES, SPELLINGS
from symgraph.language.tree import Apply, Constant, Name, Number, Rate, Text, Tree, Undefined, postorder

__all__ = ["Chain", "Factors", "Live", "Marked", "Shown", "Terms", "latex", "mathml", "text"]


# What can be shown --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Marked:
    """A part that belongs to a path: coloured by `path` (a letter), with `label` (node names) under a brace.

    >>> latex(Marked(Name("d"), "A", ("b", "c", "e")))
    '\\\\pathA{\\\\underbrace{d}_{b \\\\to c \\\\to e}}'
    """

    body: Shown
    path: str = ""
    label: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Factors:
    """A product that is shown and not yet worked out: a dot between all factors.

    >>> text(Factors((Rate("c", "b"), Rate("e", "c"))))
    '∂c/∂b · ∂e/∂c'
    """

    factors: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """A sum that is shown and not yet worked out: every term that is itself a sum, or negative, in brackets.

    >>> text(Terms((Factors((Number(1), Number(2))), Factors((Number(1), Number(3))))))
    '1·2 + 1·3'
    """

    terms: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Several sides joined by signs: = unless `signs` says "about" (≈), "less", … between each two.

    >>> text(Chain((Name("e"), Factors((Name("c"), Name("d"))), Number(6))))
    'e = c·d = 6'
    """

    sides: tuple[Shown, ...]
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Live:
    """A number that the page recomputes; `key` is its name there. Elsewhere it is the number."""

    body: Number
    key: str


Shown = Tree | Marked | Factors | Terms | Chain | Live

WORDS: Mapping[str, str] = MappingProxyType({"if": "if", "otherwise": "otherwise"})


def latex(shown: Shown, *, dots: bool = True, euler: bool | None = None, words: Mapping[str, str] = WORDS) -> str:
    """A formula in LaTeX, for math mode, with amsmath.

    Args:
        shown: a tree, or trees put together for showing.
        dots: whether c·d takes its dot; False sets the names together.
        euler: whether e^x is written so, or exp(x); None: unless e is a name in the formula.
        words: "if" and "otherwise" of a piecewise function, in the document's language.

    >>> latex(Apply("divide", (Number(1), Apply("sine", (Name("x"),)))))
    '\\\\frac{1}{\\\\sin x}'
    """
    return _Page(LatexPen(), dots, euler, words).write(shown).markup.strip()


def mathml(
    shown: Shown,
    *,
    display: bool = False,
    dots: bool = True,
    euler: bool | None = None,
    words: Mapping[str, str] = WORDS,
) -> str:
    """A formula as a MathML Core element; `display` for one that stands alone. The other arguments as in `latex`.

    >>> mathml(Name("x"))
    '<math><mi>x</mi></math>'
    """
    body = _Page(MathmlPen(), dots, euler, words).write(shown).markup
    return f'<math display="block">{body}</math>' if display else f"<math>{body}</math>"


def text(
    shown: Shown,
    *,
    ascii: bool = False,
    dots: bool = True,
    euler: bool | None = None,
    words: Mapping[str, str] = WORDS,
) -> str:
    """A formula in one line of Unicode, or of plain ASCII that the parser reads back as an equal tree.

    >>> root = Apply("square_root", (Apply("add", (Name("x"), Number(1))),))
    >>> text(root), text(root, ascii=True)
    ('√(x + 1)', 'sqrt(x + 1)')
    """
    pen = AsciiPen() if ascii else TextPen()
    return _Page(pen, dots, euler, words).write(shown).markup


# The machine --------------------------------------------------------------------------------------------------------

# How tightly a shape holds together: brackets go around a part that is looser than its place allows.
LOOSE, CHAIN, OR, AND, NOT, RELATION, SUM, BIG, NEGATIVE, PRODUCT, FUNCTION, FRACTION, POWER, ATOM = range(14)


class Place(NamedTuple):
    """Where a part stands: in a script, after a sign, before another factor."""

    script: bool = False
    signed: bool = False
    followed: bool = False

    @property
    def inside(self) -> Place:
        """Within brackets of its own."""
        return Place(self.script)


Writing = Generator[tuple[Shown, Place], Piece, Piece]
Rule = Callable[["_Page", "Apply", Place], Writing]


class _Page:
    """One formula being written with one pen. Rules are generators run from a stack, so depth costs no recursion."""

    def __init__(self, pen: Pen, dots: bool, euler: bool | None, words: Mapping[str, str]) -> None:
        self.pen, self.dots, self.euler, self.words = pen, dots, bool(euler), words
        self.guess_euler = euler is None
        self.kept: list[Shown] = []  # parts made while writing: their ids must stay theirs

    def write(self, shown: Shown) -> Piece:
        if self.guess_euler:
            self.euler = not _uses_e(shown)
        done: dict[tuple[int, Place], Piece] = {}
        stack = [((id(shown), Place()), _rule(self, shown, Place()))]
        answer: Piece | None = None
        while stack:
            key, writing = stack[-1]
            try:
                part, place = writing.send(answer)  # type: ignore[arg-type]  # the first send is None
            except StopIteration as finished:
                answer = done[key] = finished.value
                stack.pop()
                continue
            wanted = (id(part), place)
            answer = done.get(wanted)
            if answer is None:
                stack.append((wanted, _rule(self, part, place)))
        assert answer is not None
        return answer

    def keep(self, part: Number) -> Number:
        self.kept.append(part)
        return part

    def level(self, part: Shown, place: Place) -> int:
        """How tightly a part holds together on this page."""
        part = _bare(part)
        if isinstance(part, Number):
            if part.value < 0:
                return NEGATIVE
            if _scientific(part):
                one = part.text.lower().startswith("1e")  # 10⁻⁷, without a factor
                return ATOM if self.pen.exact else POWER if one else PRODUCT
            return ATOM if _decimal(part) or part.value.denominator == 1 else self.fraction_level(part, place)
        if isinstance(part, Rate):
            return FUNCTION if part.slot is not None else self.fraction_level(part, place)
        if isinstance(part, Undefined):
            return FUNCTION if sum(part.orders) and len(part.arguments) > 1 else ATOM
        if isinstance(part, Apply):
            return self.apply_level(part, place)
        return {Factors: PRODUCT, Terms: SUM, Chain: CHAIN}.get(type(part), ATOM)

    def apply_level(self, part: Apply, place: Place) -> int:
        if part.operator == "divide":
            return self.fraction_level(part, place)
        shape = SHAPES.get(part.operator)
        if shape is None or (self.pen.exact and shape.call):
            return ATOM if self.pen.exact or not _is_word(part.operator) else FUNCTION
        if part.operator == "exponential" and not self.euler:
            return FUNCTION
        if part.operator == "power" and _squared_function(self, part):
            return FUNCTION
        return shape.level

    def fraction_level(self, part: Number | Apply | Rate, place: Place) -> int:
        return PRODUCT if self.flat(part, place) else FRACTION

    def flat(self, part: Shown, place: Place) -> bool:
        """Is this quotient written in one line?"""
        if not self.pen.stacked:
            return True
        if not place.script or isinstance(part, Rate):
            return False
        return isinstance(part, Number) or (isinstance(part, Apply) and all(map(_short, part.arguments)))

    def operand(self, part: Shown, need: int, place: Place) -> Writing:
        """A part in its place, in brackets if it is looser than `need`."""
        if self.level(part, place) < need:
            return self.pen.fence((yield part, place.inside))
        return (yield part, place)

    def linear_quotient(self, part: Shown, place: Place) -> bool:
        part = _bare(part)
        if isinstance(part, Number):
            return not _decimal(part) and part.value.denominator != 1 and self.flat(part, place)
        quotient = isinstance(part, Rate) or (isinstance(part, Apply) and part.operator == "divide")
        return quotient and self.level(part, place) == PRODUCT


def _rule(page: _Page, part: Shown, place: Place) -> Writing:
    """The writing of one part: by kind, and for Apply by the table of shapes."""
    match part:
        case Apply():
            shape = SHAPES.get(part.operator)
            rule = _call if shape is None or (page.pen.exact and shape.call) else shape.rule
            return rule(page, part, place)
        case Number():
            return _number(page, part, place)
        case Undefined():
            return _undefined(page, part, place)
        case Rate():
            return _done(_rate(page, part))
        case Marked():
            return _marked(page, part, place)
        case Factors():
            return _factors(page, part, place)
        case Terms():
            return _terms(page, part, place)
        case Chain():
            return _chain(page, part, place)
        case Live():
            return _live(page, part, place)
        case Name():
            return _done(page.pen.name(part.name))
        case Constant():
            return _done(page.pen.constant(part.name, upright=part.name == "e" and not page.euler))
        case Text():
            return _done(page.pen.words(part.text))


def _done(piece: Piece) -> Writing:
    return piece
    yield  # a generator that asks for nothing


def _bare(part: Shown) -> Shown:
    while isinstance(part, Marked | Live):
        part = part.body
    return part


def _uses_e(shown: Shown) -> bool:
    """Is e a name in this formula? Then Euler's number must not look the same."""
    stack: list[Shown] = [shown]
    while stack:
        part = stack.pop()
        match part:
            case Marked() | Live():
                stack.append(part.body)
            case Factors():
                stack.extend(part.factors)
            case Terms():
                stack.extend(part.terms)
            case Chain():
                stack.extend(part.sides)
            case Apply() | Undefined():
                if any(isinstance(piece, Name) and piece.name == "e" for piece in postorder(part)):
                    return True
            case Name() if part.name == "e":
                return True
            case Rate() if "e" in (part.of, part.wrt, *part.also):
                return True
    return False


# Numbers, rates, undefined functions --------------------------------------------------------------------------------

_TYPED = re.compile(r"-?(?P<digits>[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<power>[+-]?[0-9]{1,9}))?")


def _typed(part: Number) -> re.Match[str] | None:
    return _TYPED.fullmatch(part.text.replace("−", "-"))


def _scientific(part: Number) -> bool:
    typed = _typed(part)
    return typed is not None and typed["power"] is not None


def _decimal(part: Number) -> bool:
    return _typed(part) is not None


def _number(page: _Page, part: Number, place: Place) -> Writing:
    pen, typed = page.pen, _typed(part)
    if typed and typed["power"] is not None:
        body = _scientific_piece(page, typed)
    elif typed:
        digits = typed["digits"]
        body = pen.number("0" + digits if digits.startswith(".") else digits.removesuffix("."))
    else:
        value = abs(part.value)
        top, bottom = pen.number(str(value.numerator)), pen.number(str(value.denominator))
        if value.denominator == 1:
            body = top
        elif page.flat(part, place):
            body = pen.row(top, pen.sign("slash"), bottom)
        else:
            body = pen.fraction(top, bottom)
    return pen.row(pen.sign("negative"), body) if part.value < 0 else body
    yield


def _scientific_piece(page: _Page, typed: re.Match[str]) -> Piece:
    digits, power = typed["digits"].removesuffix("."), int(typed["power"])
    pen = page.pen
    if pen.exact and not page.euler:
        # Beside a name e, 2e5 could be a product.
        value = abs(Fraction(typed[0]))
        return pen.number(str(value.numerator) if power >= 0 else f"{Decimal(typed[0].lstrip('-')):f}")
    if pen.exact:
        # The parser takes 1e-5 for 1·e − 5, and 1.0e-5 for a number.
        return pen.number(f"{digits}{'' if '.' in digits or power >= 0 else '.0'}e{power}")
    exponent = pen.number(str(abs(power)))
    if power < 0:
        exponent = pen.row(pen.sign("negative"), exponent)
    ten = pen.script(pen.number("10"), exponent)
    return ten if digits == "1" else pen.row(pen.number(digits), pen.sign("cross"), ten)


def _rate(page: _Page, part: Rate) -> Piece:
    pen = page.pen
    d = pen.constant("d" if part.straight else "partial")
    if part.slot is not None:
        return pen.row(pen.script(pen.constant("partial"), below=pen.number(str(part.slot))), pen.name(part.of))
    steps: dict[str, int] = {part.wrt: part.order}
    for name in part.also:
        steps[name] = steps.get(name, 0) + 1
    total = sum(steps.values())
    top = pen.row(_raised(pen, d, total), *_after_d(pen, part.of))
    moved = []
    for name, order in steps.items():
        parts = [d, *_after_d(pen, name)]
        moved.append(pen.row(*parts[:-1], _raised(pen, parts[-1], order)))
    between = pen.juxtaposed() if not pen.exact else pen.gap()
    bottom = pen.row(*[piece for one in moved for piece in (between, one)][1:])
    if pen.exact and len(moved) > 1:
        bottom = pen.fence(bottom)
    return pen.fraction(top, bottom)


def _raised(pen: Pen, base: Piece, order: int) -> Piece:
    return pen.script(base, pen.number(str(order))) if order > 1 else base


def _after_d(pen: Pen, name: str) -> list[Piece]:
    """A name after d or ∂; one of several letters stands apart from it."""
    letters, _ = checked_name(name)
    apart = len(pen.name(letters).markup) > 1 and pen.stacked and len(letters) > 1 and not _greek(letters)
    return [pen.thin_space(), pen.name(name)] if apart else [pen.name(name)]


def _greek(letters: str) -> bool:
    return letters in GREEK


def _undefined(page: _Page, part: Undefined, place: Place) -> Writing:
    pen, head = page.pen, page.pen.name(part.name)
    if sum(part.orders) and len(part.arguments) == 1:
        order = part.orders[0]
        if order <= 3:
            head = pen.primed(head, order)
        else:
            head = pen.script(head, pen.fence(pen.number(str(order))))
    elif sum(part.orders):
        partial = pen.constant("partial")
        moves = [
            pen.script(partial, pen.number(str(order)) if order > 1 else None, pen.number(str(k + 1)))
            for k, order in enumerate(part.orders)
            if order
        ]
        head = pen.row(*moves, head)
    pieces = []
    for argument in part.arguments:
        pieces.append((yield argument, place.inside))
    return pen.row(head, pen.applied(), pen.fence(pen.list(pieces)))


# Sums and products --------------------------------------------------------------------------------------------------


def _add(page: _Page, part: Apply, place: Place) -> Writing:
    left, right = part.arguments
    first = yield from page.operand(left, SUM, place._replace(followed=False))
    sign = "plus"
    if not page.pen.exact:
        sign, right = _turned(page, right)
    return (yield from _second_term(page, first, sign, right, place))


def _turned(page: _Page, right: Tree) -> tuple[str, Tree]:
    """a + (−b) is shown as a − b."""
    if isinstance(right, Apply) and right.operator == "negate":
        return "minus", right.arguments[0]
    if isinstance(right, Number) and right.value < 0:
        return "minus", page.keep(Number(-right.value, right.text.lstrip("-−")))
    return "plus", right


def _subtract(page: _Page, part: Apply, place: Place) -> Writing:
    left, right = part.arguments
    first = yield from page.operand(left, SUM, place._replace(followed=False))
    return (yield from _second_term(page, first, "minus", right, place))


def _second_term(page: _Page, first: Piece, sign: str, right: Shown, place: Place) -> Writing:
    need = PRODUCT if page.level(right, place) != BIG else BIG
    second = yield from page.operand(right, need, place._replace(signed=True, followed=False))
    return page.pen.row(first, page.pen.sign(sign, place.script), second)


def _negate(page: _Page, part: Apply, place: Place) -> Writing:
    body = yield from page.operand(part.arguments[0], PRODUCT, place._replace(signed=True))
    return page.pen.row(page.pen.sign("negative"), body)


# Between what a factor ends with and what the next begins with: nothing, a gap, or (anything not here) a dot.
_NOTHING, _GAP, _DOT = "nothing", "gap", "dot"
_JOINTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "digit": {
            "name": _NOTHING,
            "euler": _NOTHING,
            "word": _GAP,
            "bracket": _NOTHING,
            "root": _NOTHING,
        },
        "fraction": {"name": _NOTHING, "euler": _NOTHING, "word": _GAP, "bracket": _NOTHING, "root": _NOTHING},
        "name": {"word": _GAP, "root": _NOTHING},
        "power": {"word": _GAP, "bracket": _NOTHING, "root": _NOTHING},
        "bracket": {"word": _GAP, "bracket": _NOTHING, "root": _NOTHING},
        "call": {"word": _GAP, "bracket": _NOTHING},
        "word": {"word": _GAP},
        "root": {"word": _GAP},
        "bar": {"word": _GAP},
        "quotient": {"word": _GAP},
    }
)
_STACKED_JOINTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "digit": {"bar": _NOTHING},
        "name": {"euler": _NOTHING},
        "power": {"euler": _NOTHING},
        "root": {"name": _NOTHING, "euler": _NOTHING, "bracket": _NOTHING, "root": _NOTHING},
    }
)
_WITHOUT_DOTS = frozenset({("name", "name"), ("power", "name"), ("name", "bracket"), ("name", "bar"), ("power", "bar")})


def _multiply(page: _Page, part: Apply, place: Place) -> Writing:
    left, right = part.arguments
    pen = page.pen
    joint = _joint(page, left, right, place)
    before = place._replace(followed=not (joint == _GAP and _head(page, right, place) == "word"))
    need = PRODUCT if _is_signed_number(_bare(left)) and joint == _DOT and not pen.exact else _need(page, left, place)
    first = yield from _factor(page, left, need, before)
    loose = not pen.exact and _is_coefficient_product(page, right, place)
    second = yield from _factor(page, right, PRODUCT if loose else FUNCTION, place._replace(signed=True))
    if joint == _DOT:
        return pen.row(first, pen.sign(_dot(page, left, right, place), place.script), second)
    return pen.row(first, pen.juxtaposed() if joint == _NOTHING else pen.gap(), second)


def _need(page: _Page, left: Shown, place: Place) -> int:
    """How tight the first factor must be: a minus may lead the product, if nothing stands before it."""
    left = _bare(left)
    if place.signed or (page.pen.exact and not isinstance(left, Number)):
        return PRODUCT
    negated = isinstance(left, Apply) and left.operator == "negate"
    return PRODUCT if negated and page.linear_quotient(left.arguments[0], place) else NEGATIVE


def _factor(page: _Page, part: Shown, need: int, place: Place) -> Writing:
    """A factor: a quotient on one line takes brackets whatever its place, for a/b·c is read in two ways."""
    if isinstance(_bare(part), Rate):
        need = PRODUCT
    elif page.linear_quotient(part, place):
        need = POWER
    return (yield from page.operand(part, need, place))


def _is_signed_number(part: Shown) -> bool:
    """Is this −3, as one number or as the negative of one?"""
    if isinstance(part, Apply) and part.operator == "negate":
        return isinstance(part.arguments[0], Number)
    return isinstance(part, Number) and part.value < 0


def _bracketed(page: _Page, part: Shown, place: Place) -> bool:
    rate = isinstance(_bare(part), Rate)
    return page.level(part, place) < PRODUCT or (page.linear_quotient(part, place) and not rate)


def _is_coefficient_product(page: _Page, part: Shown, place: Place) -> bool:
    """Is this a product without dots, like 2x?"""
    part = _bare(part)
    while isinstance(part, Apply) and part.operator == "multiply":
        left, right = part.arguments
        if _joint(page, left, right, place) == _DOT:
            return False
        part = left
    return not (isinstance(part, Number) and part.value < 0) and not isinstance(part, Factors)


def _joint(page: _Page, left: Shown, right: Shown, place: Place) -> str:
    """What stands between two factors."""
    if page.pen.exact:
        return _DOT
    if isinstance(_bare(left), Number) and abs(_bare(left).value) == 1:  # type: ignore[union-attr]
        return _DOT  # a 1 that is shown is shown on purpose
    ends, begins = _tail(page, left, place), _head(page, right, place)
    if not page.dots and (ends, begins) in _WITHOUT_DOTS and (page.pen.stacked or begins == "name"):
        return _NOTHING if _single(page, left) and _single(page, right) else _DOT
    if page.pen.stacked and begins in _STACKED_JOINTS.get(ends, {}):
        return _STACKED_JOINTS[ends][begins]
    return _JOINTS.get(ends, {}).get(begins, _DOT)


def _single(page: _Page, part: Shown) -> bool:
    """Do all names in this factor have one letter?"""
    part = _bare(part)
    if not isinstance(part, Apply | Undefined | Name):
        return True
    names = (piece.name for piece in postorder(part) if isinstance(piece, Name))
    letters = (checked_name(name)[0] for name in names)
    return all(len(letter) == 1 or _greek(letter) for letter in letters)


def _dot(page: _Page, left: Shown, right: Shown, place: Place) -> str:
    wide = {"quotient", "word", "call"}
    return "wide_dot" if _tail(page, left, place) in wide or _head(page, right, place) in wide else "dot"


def _head(page: _Page, part: Shown, place: Place) -> str:
    """What a factor begins with."""
    while True:
        part = _bare(part)
        if _is_signed_number(part):
            return "digit"
        if _bracketed(page, part, place):
            return "bracket"
        if isinstance(part, Number):
            return "digit" if _decimal(part) or part.value.denominator == 1 else "fraction"
        if isinstance(part, Rate):
            return "quotient" if part.slot is None else "name"
        if isinstance(part, Text):
            return "word"
        if isinstance(part, Factors):
            part = part.factors[0]
            continue
        if not isinstance(part, Apply):
            return "name"
        if part.operator == "divide":
            return "fraction" if _numeric(part) else "quotient"
        shape = SHAPES.get(part.operator)
        if shape is None or (part.operator == "exponential" and not page.euler):
            return "word" if _is_word(part.operator) else "name"
        if part.operator == "power" and _squared_function(page, part):
            return "word"
        if shape.begins != "first":
            return shape.begins
        if part.operator == "power" and page.level(part.arguments[0], place) < ATOM:
            return "bracket"
        part = part.arguments[0]


def _tail(page: _Page, part: Shown, place: Place) -> str:
    """What the first factor ends with."""
    part = _bare(part)
    if isinstance(part, Apply) and part.operator == "negate" and _need(page, part, place) == NEGATIVE:
        part = part.arguments[0]
    while True:
        part = _bare(part)
        if _is_signed_number(part) or (isinstance(part, Constant) and part.name == "pi"):
            return "digit"
        if _bracketed(page, part, place):
            return "bracket"
        if isinstance(part, Number):
            return "digit" if _decimal(part) or part.value.denominator == 1 else "fraction"
        if isinstance(part, Rate):
            return "quotient" if part.slot is None else "name"
        if isinstance(part, Undefined):
            return "call"
        if isinstance(part, Factors):
            part = part.factors[-1]
            continue
        if not isinstance(part, Apply):
            return "name"
        if part.operator == "divide":
            return "fraction" if _numeric(part) else "quotient"
        if part.operator == "multiply":
            if page.level(part.arguments[1], place) <= PRODUCT and not _is_coefficient_product(
                page, part.arguments[1], place
            ):
                return "bracket"
            part = part.arguments[1]
            continue
        if part.operator == "power" and not _squared_function(page, part):
            return "power" if page.pen.stacked or _is_raised(part.arguments[1]) else "caret"
        shape = SHAPES.get(part.operator)
        if shape is None or part.operator == "power" or (part.operator == "exponential" and not page.euler):
            return "call"
        if part.operator == "exponential":
            return "power" if page.pen.stacked else "caret"
        return shape.ends


def _numeric(part: Apply) -> bool:
    return all(isinstance(argument, Number) for argument in part.arguments)


def _is_raised(exponent: Tree) -> bool:
    """Does the text form have raised digits for this exponent?"""
    if isinstance(exponent, Apply) and exponent.operator == "negate":
        exponent = exponent.arguments[0]
    return isinstance(exponent, Number) and exponent.value.denominator == 1


def _divide(page: _Page, part: Apply, place: Place) -> Writing:
    pen, (above, below) = page.pen, part.arguments
    if not page.flat(part, place):
        top = yield above, place.inside
        bottom = yield below, place.inside
        return pen.fraction(top, bottom)
    tight = place.signed or (page.pen.exact and not isinstance(above, Number))
    need = FUNCTION if page.linear_quotient(above, place) else PRODUCT if tight else NEGATIVE
    top = yield from page.operand(above, need, place._replace(followed=True))
    bottom = yield from page.operand(below, FUNCTION, Place(place.script, True, True))
    return pen.row(top, pen.sign("slash"), bottom)


def _short(part: Tree) -> bool:
    """Is it short enough for a quotient on one line, x²/2 in an exponent?"""
    pieces = 0
    for piece in postorder(part):
        pieces += 1
        plain = not isinstance(piece, Apply) or piece.operator in ("multiply", "power", "negate", "add", "subtract")
        if not plain or isinstance(piece, Rate | Undefined) or pieces > 7:
            return False
    return True


# Powers, roots, functions -------------------------------------------------------------------------------------------

_SQUARED = frozenset(
    f"{kind}{name}"
    for kind in ("", "hyperbolic_")
    for name in ("sine", "cosine", "tangent", "cotangent", "secant", "cosecant")
)
_WITHOUT_BRACKETS = _SQUARED | {"logarithm", "inverse_sine", "inverse_cosine", "inverse_tangent"}


def _is_word(operator: str) -> bool:
    """Is the function called by a word (sin, ReLU) and not by a letter (σ, Γ)?"""
    return not _greek(_command(operator).removeprefix("\\")) and len(_command(operator)) > 1


def _command(operator: str) -> str:
    row = PRIMITIVES.get(operator)
    return (row.latex if row else "") or rf"\operatorname{{{operator.replace('_', '')}}}"


def _spelling(operator: str) -> str:
    row = PRIMITIVES.get(operator)
    return row.spellings[0] if row and row.spellings else operator


def _text_name(page: _Page, operator: str) -> str:
    """A function's name in text: as in print where that reads back (Γ, arcsin), else as it is typed (sigmoid)."""
    command = _command(operator)
    printed = page.pen.function(command).markup
    typed = command.removeprefix("\\") if len(printed) == 1 else printed
    return printed if SPELLINGS.get(typed, SPELLINGS.get(typed.lower())) == operator else _spelling(operator)


def _squared_function(page: _Page, part: Apply) -> bool:
    """Is this written sin²x: a whole power from 2 up of a trigonometric or hyperbolic function?"""
    base, exponent = part.arguments
    return (
        not page.pen.exact
        and isinstance(base, Apply)
        and base.operator in _SQUARED
        and isinstance(exponent, Number)
        and exponent.value.denominator == 1
        and exponent.value >= 2
    )


def _power(page: _Page, part: Apply, place: Place) -> Writing:
    base, exponent = part.arguments
    above = yield exponent, Place(script=True)
    if _squared_function(page, part):
        assert isinstance(base, Apply)
        return (yield from _applied(page, base, place, above))
    body = yield from page.operand(base, ATOM, place._replace(followed=True))
    return page.pen.script(body, above)


def _exponential(page: _Page, part: Apply, place: Place) -> Writing:
    if not page.euler:
        return (yield from _applied(page, part, place, None))
    above = yield part.arguments[0], Place(script=True)
    return page.pen.script(page.pen.constant("e"), above)


def _radicand(page: _Page, part: Shown, place: Place) -> Writing:
    """What stands under a root; in one line in brackets, unless it is a name or a number."""
    body = yield part, place.inside
    plain = isinstance(part, Name | Constant) or (isinstance(part, Number) and page.level(part, place) == ATOM)
    return body if page.pen.stacked or plain else page.pen.fence(body)


def _root(page: _Page, part: Apply, place: Place) -> Writing:
    body = yield from _radicand(page, part.arguments[0], place)
    return page.pen.root(body, page.pen.number("3") if part.operator == "cube_root" else None)


def _real_root(page: _Page, part: Apply, place: Place) -> Writing:
    radicand, index = part.arguments
    if not page.pen.stacked and not (isinstance(index, Number) and index.value in (3, 4)):
        return (yield from _called(page, part, place))
    body = yield from _radicand(page, radicand, place)
    return page.pen.root(body, (yield index, Place(script=True)))


def _call(page: _Page, part: Apply, place: Place) -> Writing:
    """A function without a shape of its own: its name and its arguments in brackets."""
    if page.pen.exact:
        return (yield from _called(page, part, place))
    return (yield from _applied(page, part, place, None))


def _called(page: _Page, part: Apply, place: Place) -> Writing:
    """A function as it is typed, which every parser of ours reads back."""
    pieces = []
    for argument in part.arguments:
        pieces.append((yield argument, place.inside))
    return page.pen.row(Piece(_spelling(part.operator)), page.pen.fence(page.pen.list(pieces)))


def _applied(page: _Page, part: Apply, place: Place, above: Piece | None) -> Writing:
    """A function's name, perhaps raised to a power, and its arguments."""
    pen = page.pen
    head = pen.function(_command(part.operator)) if pen.stacked else Piece(_text_name(page, part.operator))
    head = pen.script(head, above) if above else head
    (argument, *others) = part.arguments
    if not others and part.operator in _WITHOUT_BRACKETS and _needs_no_brackets(argument) and not place.followed:
        body = yield argument, place.inside
        return pen.row(head, pen.applied(), pen.gap(), body)
    pieces = []
    for one in part.arguments:
        pieces.append((yield one, place.inside))
    return pen.row(head, pen.applied(), pen.fence(pen.list(pieces)))


def _needs_no_brackets(argument: Tree) -> bool:
    if isinstance(argument, Name):
        letters = checked_name(argument.name)[0]
        return len(letters) == 1 or _greek(letters)
    if isinstance(argument, Constant):
        return argument.name in ("pi", "e")
    if isinstance(argument, Apply):
        return argument.operator == "absolute_value"
    return isinstance(argument, Number) and argument.value.denominator == 1 and argument.value >= 0


def _logarithm_base(page: _Page, part: Apply, place: Place) -> Writing:
    value, base = part.arguments
    below = yield base, Place(script=True)
    body = yield value, place.inside
    # In text log_2(x): log₂ would be read as a name.
    head = page.pen.row(Piece("log_"), _grouped(page, below)) if not page.pen.stacked else None
    head = head or page.pen.script(page.pen.function(r"\log"), below=below)
    return page.pen.row(head, page.pen.applied(), page.pen.fence(body))


def _grouped(page: _Page, piece: Piece) -> Piece:
    return piece if piece.markup.isalnum() else page.pen.fence(piece)


def _indexed(letter: str, raised: bool = False) -> Rule:
    """A function with an index: J_n(x), ψ⁽ⁿ⁾(x); in text by its name, for J₀(x) would be read as a product."""

    def rule(page: _Page, part: Apply, place: Place) -> Writing:
        if not page.pen.stacked:
            return (yield from _called(page, part, place))
        index, value = part.arguments
        pen = page.pen
        order = yield index, Place(script=True)
        body = yield value, place.inside
        head = pen.name(letter) if len(letter) == 1 else pen.function(letter)
        head = pen.script(head, above=pen.fence(order)) if raised else pen.script(head, below=order)
        return pen.row(head, pen.applied(), pen.fence(body))

    return rule


def _fenced(left: str, right: str) -> Rule:
    def rule(page: _Page, part: Apply, place: Place) -> Writing:
        body = yield part.arguments[0], place.inside
        return page.pen.fence(body, left, right)

    return rule


def _factorial(page: _Page, part: Apply, place: Place) -> Writing:
    body = yield from page.operand(part.arguments[0], ATOM, place._replace(followed=True))
    return page.pen.row(body, page.pen.sign("factorial"))


def _binomial(page: _Page, part: Apply, place: Place) -> Writing:
    if not page.pen.stacked:
        return (yield from _called(page, part, place))
    top = yield part.arguments[0], place.inside
    bottom = yield part.arguments[1], place.inside
    return page.pen.stack(top, bottom)


# Conditions, cases, vectors, binders --------------------------------------------------------------------------------


def _infix(sign: str, need: int) -> Rule:
    """A sign between all arguments, each at least as tight as `need`."""

    def rule(page: _Page, part: Apply, place: Place) -> Writing:
        pieces: list[Piece] = []
        for k, argument in enumerate(part.arguments):
            if k:
                pieces.append(page.pen.sign(sign, place.script))
            pieces.append((yield from page.operand(argument, need, place._replace(signed=k > 0, followed=True))))
        return page.pen.row(*pieces)

    return rule


def _not(page: _Page, part: Apply, place: Place) -> Writing:
    body = yield from page.operand(part.arguments[0], ATOM, place.inside)
    return page.pen.row(page.pen.sign("not"), body)


def _piecewise(page: _Page, part: Apply, place: Place) -> Writing:
    pen, arguments = page.pen, part.arguments
    rows: list[list[Piece]] = []
    for k in range(0, len(arguments) - 1, 2):
        value = yield arguments[k], Place()
        condition = yield arguments[k + 1], Place()
        rows.append([value, pen.worded(page.words["if"], condition)])
    if len(arguments) % 2:
        rows.append([(yield arguments[-1], Place()), pen.words(page.words["otherwise"])])
    return pen.table(rows, "{", "")


def _vector(page: _Page, part: Apply, place: Place) -> Writing:
    rows = []
    for entry in part.arguments:
        rows.append([(yield entry, Place())])
    return page.pen.table(rows, "(", ")")


def _matrix(page: _Page, part: Apply, place: Place) -> Writing:
    rows = []
    for row in part.arguments:
        entries = row.arguments if isinstance(row, Apply) and row.operator == "vector" else (row,)
        cells = []
        for entry in entries:
            cells.append((yield entry, Place()))
        rows.append(cells)
    return page.pen.table(rows, "(", ")")


def _transpose(page: _Page, part: Apply, place: Place) -> Writing:
    body = yield from page.operand(part.arguments[0], ATOM, place._replace(followed=True))
    return page.pen.script(body, page.pen.constant("transposed"))


def _binder(sign: str) -> Rule:
    def rule(page: _Page, part: Apply, place: Place) -> Writing:
        if not page.pen.stacked:
            return (yield from _called(page, part, place))
        body, variable, *ends = part.arguments
        pen = page.pen
        name = yield variable, Place(script=True)
        limits = []
        for end in ends:
            limits.append((yield end, Place(script=True)))
        inner = yield from page.operand(body, PRODUCT, place._replace(signed=True, followed=False))
        low = limits[0] if limits else None
        high = limits[1] if len(limits) > 1 else None
        if sign == "∫":
            return pen.row(pen.big(sign, low, high), inner, pen.thin_space(), pen.row(pen.constant("d"), name))
        low = pen.row(name, pen.sign("equals", True), low) if low else name
        return pen.row(pen.big(sign, low, high), inner)

    return rule


# Several trees shown together ---------------------------------------------------------------------------------------

_PATH = re.compile(r"[A-Za-z]{1,3}")


def _marked(page: _Page, part: Marked, place: Place) -> Writing:
    if part.path and not _PATH.fullmatch(part.path):
        raise ValueError(f"a path is marked by letters, not {part.path!r}")
    body = yield part.body, place
    if part.label:
        names = [page.pen.name(name) for name in part.label]
        arrows = [page.pen.sign("to")] * (len(names) - 1)
        label = page.pen.row(*[piece for pair in zip(names, [*arrows, Piece("")], strict=True) for piece in pair])
        body = page.pen.brace(body, label)
    return page.pen.mark(body, part.path) if part.path else body


def _factors(page: _Page, part: Factors, place: Place) -> Writing:
    if len(part.factors) == 1:
        return (yield part.factors[0], place)
    pieces: list[Piece] = []
    last = len(part.factors) - 1
    plain = all(_is_plain_factor(factor) for factor in part.factors)
    for k, factor in enumerate(part.factors):
        if k:
            pieces.append(page.pen.sign("dot" if plain else "wide_dot"))
        where = Place(place.script, place.signed or k > 0, place.followed or k < last)
        pieces.append((yield from _factor(page, factor, PRODUCT, where)))
    return page.pen.row(*pieces)


def _is_plain_factor(factor: Shown) -> bool:
    """Is it a number or a name, so that the dot needs no room?"""
    factor = _bare(factor)
    return isinstance(factor, Name | Constant) or (isinstance(factor, Number) and factor.value.denominator == 1) or (
        isinstance(factor, Number) and _decimal(factor)
    )


def _terms(page: _Page, part: Terms, place: Place) -> Writing:
    if len(part.terms) == 1:
        return (yield part.terms[0], place)
    pieces: list[Piece] = []
    for k, term in enumerate(part.terms):
        if k:
            pieces.append(page.pen.sign("plus"))
        need = PRODUCT if k or place.signed else NEGATIVE
        pieces.append((yield from page.operand(term, need, Place(place.script, place.signed or k > 0))))
    return page.pen.row(*pieces)


def _chain(page: _Page, part: Chain, place: Place) -> Writing:
    pieces: list[Piece] = []
    signs = part.signs or ("equals",) * (len(part.sides) - 1)
    for side, sign in zip(part.sides, ("", *signs), strict=True):
        if sign:
            pieces.append(page.pen.sign(sign))
        pieces.append((yield from page.operand(side, RELATION, place.inside)))
    return page.pen.row(*pieces)


def _live(page: _Page, part: Live, place: Place) -> Writing:
    body = yield part.body, Place(script=True)
    plain = Piece(text(part.body))
    page.kept.append(part)
    written = page.pen.live(plain, part.key, place.signed)
    return written if written is not plain else body


# The table of shapes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shape:
    """How one operator is written: how tightly it holds, its rule, what it begins and ends with.

    `begins` "first" means: as its first argument does. `call`: the ASCII form is name(arguments).
    """

    level: int
    rule: Rule
    begins: str = "bracket"
    ends: str = "bracket"
    call: bool = False


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "add": Shape(SUM, _add),
        "subtract": Shape(SUM, _subtract),
        "negate": Shape(NEGATIVE, _negate),
        "multiply": Shape(PRODUCT, _multiply, "first"),
        "divide": Shape(FRACTION, _divide, "quotient", "quotient"),
        "power": Shape(POWER, _power, "first", "power"),
        "exponential": Shape(POWER, _exponential, "euler", "power", call=True),
        "square_root": Shape(FUNCTION, _root, "root", "root", call=True),
        "cube_root": Shape(FUNCTION, _root, "root", "root", call=True),
        "real_root": Shape(FUNCTION, _real_root, "root", "root", call=True),
        "logarithm_base": Shape(FUNCTION, _logarithm_base, "word", "call"),
        "absolute_value": Shape(ATOM, _fenced("|", "|"), "bar", "bar", call=True),
        "floor": Shape(ATOM, _fenced("⌊", "⌋"), call=True),
        "ceiling": Shape(ATOM, _fenced("⌈", "⌉"), call=True),
        "factorial": Shape(POWER, _factorial, "first", "power"),
        "binomial": Shape(ATOM, _binomial, call=True),
        "bessel_j": Shape(ATOM, _indexed("J"), "name", "call", call=True),
        "bessel_y": Shape(ATOM, _indexed("Y"), "name", "call", call=True),
        "bessel_i": Shape(ATOM, _indexed("I"), "name", "call", call=True),
        "bessel_k": Shape(ATOM, _indexed("K"), "name", "call", call=True),
        "polygamma": Shape(ATOM, _indexed(r"\psi", raised=True), "name", "call", call=True),
        "equals": Shape(RELATION, _infix("equals", SUM)),
        "equal": Shape(RELATION, _infix("equals", SUM)),
        "unequal": Shape(RELATION, _infix("unequal", SUM)),
        "less": Shape(RELATION, _infix("less", SUM)),
        "less_equal": Shape(RELATION, _infix("less_equal", SUM)),
        "greater": Shape(RELATION, _infix("greater", SUM)),
        "greater_equal": Shape(RELATION, _infix("greater_equal", SUM)),
        "and": Shape(AND, _infix("and", NOT)),
        "or": Shape(OR, _infix("or", AND)),
        "not": Shape(NOT, _not),
        "piecewise": Shape(LOOSE, _piecewise, call=True),
        "vector": Shape(ATOM, _vector),
        "matrix": Shape(ATOM, _matrix),
        "transpose": Shape(POWER, _transpose, "first", "power", call=True),
        "matrix_multiply": Shape(PRODUCT, _infix("at", FUNCTION)),
        "elementwise": Shape(PRODUCT, _infix("circled_dot", FUNCTION)),
        "dot": Shape(PRODUCT, _infix("wide_dot", FUNCTION), call=True),
        "sum": Shape(BIG, _binder("Σ"), call=True),
        "product": Shape(BIG, _binder("∏"), call=True),
        "integral": Shape(BIG, _binder("∫"), call=True),
    }
)
