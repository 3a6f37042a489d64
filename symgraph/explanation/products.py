"""Sums, products and quotients: signs, brackets, and what stands between two factors.

>>> from symgraph.explanation.typesetting import text
>>> x, three = Name("x"), Number(3)
>>> [text(Apply("multiply", pair)) for pair in ((three, x), (x, three), (three, three), (x, x))]
['3x', 'x·3', '3·3', 'x·x']

* Two numbers, and a 1 before anything, take a dot: 1·2, 1·d, 2·3². So does a negative number: (−3)·2.
* Two names take a dot (c·d, x²·y), since cd could be one name; without dots, letters stand together (2xy).
* A number before a name, function, bracket or root takes none: 2x, 3 sin x, 2(x + 1), 2√x; π is a number. Brackets
  follow brackets, and functions follow anything, without a dot: (a + b)(b + 1), x sin x.
* A name before a bracket takes a dot: x·(x + 1), for x(x + 1) could be a function's value.
* A fraction on one line stands in brackets as a factor: (a/b)·c.
* Of nine names or more that are numbered one after the other the first and the last stand: x₁·…·x₁₅₀.

a + (−b) is shown as a − b, and this is the one change that printing makes; the ASCII form does not make it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from symgraph.explanation.letters import checked_name, is_one_letter, is_word
from symgraph.explanation.page import (
    ATOM,
    BIG,
    FUNCTION,
    NEGATIVE,
    POWER,
    PRODUCT,
    SUM,
    Page,
    Place,
    Writing,
    is_decimal,
    typed,
)
from symgraph.explanation.pens import Piece
from symgraph.explanation.shown import Factors, Shown, Terms, bare
from symgraph.language.tree import Apply, Constant, Name, Number, Rate, Text, Tree, Undefined, postorder

__all__ = ["add", "divide", "factors", "multiply", "negate", "subtract", "terms"]


# Sums ---------------------------------------------------------------------------------------------------------------


def add(page: Page, part: Apply, place: Place) -> Writing:
    """left + right; left − x where right is −x."""
    left, right = part.arguments
    sign = "plus"
    if not page.pen.exact:
        sign, right = _turned(right)
    return (yield from _two_terms(page, left, sign, right, place))


def _turned(right: Tree) -> tuple[str, Tree]:
    if isinstance(right, Apply) and right.operator == "negate":
        return "minus", right.arguments[0]
    if isinstance(right, Number) and right.value.numerator < 0:
        return "minus", Number(-right.value, right.text.lstrip("-−"))
    return "plus", right


def subtract(page: Page, part: Apply, place: Place) -> Writing:
    """left − right."""
    left, right = part.arguments
    return (yield from _two_terms(page, left, "minus", right, place))


def _two_terms(page: Page, left: Shown, sign: str, right: Shown, place: Place) -> Writing:
    # Σ and ∫ reach as far as they can: before a plus they need brackets.
    need = SUM if page.level(left, place) != BIG else PRODUCT
    first = yield from page.operand(left, need, place.first)
    need = PRODUCT if page.level(right, place) != BIG else BIG
    second = yield from page.operand(right, need, place.after.first)
    return page.pen.row(first, page.pen.sign(sign, place.script), second)


def negate(page: Page, part: Apply, place: Place) -> Writing:
    """−x."""
    body = yield from page.operand(part.arguments[0], PRODUCT, place.after)
    return page.pen.row(page.pen.sign("negative"), body)


def terms(page: Page, part: Terms, place: Place) -> Writing:
    """A sum not yet worked out: sums and minus signs in brackets."""
    if len(part.terms) == 1:
        return (yield part.terms[0], place)
    pieces: list[Piece] = []
    for k, term in enumerate(part.terms):
        if k:
            pieces.append(page.pen.sign("plus", place.script))
        need = PRODUCT if k or place.signed else NEGATIVE
        pieces.append((yield from page.operand(term, need, Place(place.script, place.signed or k > 0))))
    return page.pen.row(*pieces)


# Products -----------------------------------------------------------------------------------------------------------

NOTHING, GAP, DOT = "nothing", "gap", "dot"

# What stands between two factors, by what the first ends with and the second begins with; a dot if it is not here.
_JOINTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "digit": {"name": NOTHING, "euler": NOTHING, "word": GAP, "bracket": NOTHING, "root": NOTHING},
        "fraction": {"name": NOTHING, "euler": NOTHING, "word": GAP, "bracket": NOTHING, "root": NOTHING},
        "name": {"word": GAP, "root": NOTHING},
        "long name": {"word": GAP},
        "power": {"word": GAP, "bracket": NOTHING, "root": NOTHING},
        "bracket": {"word": GAP, "bracket": NOTHING, "root": NOTHING},
        "call": {"word": GAP, "bracket": NOTHING},
        "root": {"word": GAP},
        "bar": {"word": GAP},
        "quotient": {"word": GAP},
    }
)
# Where exponents stand high and roots have a bar, more is clear without a dot.
_STACKED_JOINTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "digit": {"bar": NOTHING},
        "name": {"euler": NOTHING},
        "power": {"euler": NOTHING},
        "root": {"name": NOTHING, "euler": NOTHING, "bracket": NOTHING, "root": NOTHING},
    }
)
# What a page without dots sets together, if all names have one letter.
_WITHOUT_DOTS = frozenset({("name", "name"), ("power", "name"), ("name", "bracket"), ("name", "bar"), ("power", "bar")})
_WIDE = frozenset({"quotient", "word", "call"})  # a dot beside these has room around it


def multiply(page: Page, part: Apply, place: Place) -> Writing:
    """Two factors, and what stands between them."""
    pen = page.pen
    if pen.abridges:
        part = _abridged(part)
    left, right = part.arguments
    joint, ends, begins = _joint(page, left, right, place)
    before = place if begins == "word" and joint == GAP else place.before
    need = PRODUCT if _is_signed_number(left) and joint == DOT and not pen.exact else _need(page, left, place)
    first = yield from _factor(page, left, need, before)
    together = not pen.exact and _is_without_dots(page, right, place)
    second = yield from _factor(page, right, PRODUCT if together else FUNCTION, place.after)
    if joint == DOT:
        return pen.row(first, pen.sign("wide_dot" if {ends, begins} & _WIDE else "dot", place.script), second)
    return pen.row(first, pen.juxtaposed() if joint == NOTHING else pen.gap(), second)


_RUN = 9  # names numbered one after the other, of which the first and the last are written
_AND_SO_ON = Text("…")


def _abridged(part: Apply) -> Apply:
    """A product that ends with x₇·x₈·…, a long run: what comes before it, its first name, dots and its last.

    The derivative of a product of n names by each of them has n − 1: written out, a page about all grows with n².

    >>> from symgraph.explanation.typesetting import text
    >>> from symgraph.parsing.text import parse_expression
    >>> names = [f"x{k}" for k in range(1, 41)]
    >>> text(parse_expression("*".join(names))), text(parse_expression("*".join(["a", *names[:16], *names[17:], "b"])))
    ('x₁·…·x₄₀', 'a·x₁·…·x₁₆·x₁₈·…·x₄₀·b')
    """
    last, (rest, first) = part.arguments[1], part.arguments
    if not isinstance(last, Name) or not (number := _number(last)):
        return part
    stem, end = number
    length, before = 1, rest
    while True:
        one = before.arguments[1] if isinstance(before, Apply) and before.operator == "multiply" else before
        if not isinstance(one, Name) or _number(one) != (stem, end - length):
            break
        first, length = one, length + 1
        if one is before:
            return part if length < _RUN else _product(_product(first, _AND_SO_ON), last)
        assert isinstance(before, Apply)
        before = before.arguments[0]
    return part if length < _RUN else _product(_product(_product(before, first), _AND_SO_ON), last)


def _product(left: Tree, right: Tree) -> Apply:
    return Apply("multiply", (left, right))


def _number(name: Name) -> tuple[str, int] | None:
    """What a numbered name begins with, and its number: x and 12."""
    letters, below = checked_name(name.name)
    return (letters, int(below)) if below.isdecimal() else None


def factors(page: Page, part: Factors, place: Place) -> Writing:
    """A product not yet worked out: a dot between all factors, with room around it unless they are short.

    One factor alone is written as a factor, for the others stand on another line.
    """
    pieces: list[Piece] = []
    last = len(part.factors) - 1
    sign = "dot" if all(map(_is_plain, part.factors)) else "wide_dot"
    for k, factor in enumerate(part.factors):
        if k:
            pieces.append(page.pen.sign(sign, place.script))
        where = Place(place.script, place.signed or k > 0, place.followed or k < last)
        pieces.append((yield from _factor(page, factor, PRODUCT, where)))
    return page.pen.row(*pieces)


def _is_plain(factor: Shown) -> bool:
    """Is it a name or a number of digits?"""
    factor = bare(factor)
    return isinstance(factor, Name | Constant) or (isinstance(factor, Number) and is_decimal(factor))


def _factor(page: Page, part: Shown, need: int, place: Place) -> Writing:
    if isinstance(bare(part), Rate):
        need = PRODUCT
    elif page.is_flat_fraction(part, place):
        need = POWER
    return (yield from page.operand(part, need, place))


def _need(page: Page, left: Shown, place: Place) -> int:
    """How tight the first factor must be: a minus may lead the product, if nothing stands before it."""
    left = bare(left)
    if place.signed or (page.pen.exact and not isinstance(left, Number)):
        return PRODUCT
    if isinstance(left, Apply) and left.operator == "negate" and page.is_flat_fraction(left.arguments[0], place):
        return PRODUCT
    return NEGATIVE


def _is_signed_number(part: Shown) -> bool:
    """Is this −3, as one number or as the negative of one?"""
    part = bare(part)
    if isinstance(part, Apply) and part.operator == "negate":
        return isinstance(part.arguments[0], Number)
    return isinstance(part, Number) and part.value.numerator < 0


def _is_without_dots(page: Page, part: Shown, place: Place) -> bool:
    """Is this a product like 2x, which needs no brackets after a dot?"""
    part = bare(part)
    while isinstance(part, Apply) and part.operator == "multiply":
        left, right = part.arguments
        if _joint(page, left, right, place)[0] == DOT:
            return False
        part = bare(left)
    return not _is_signed_number(part) and not isinstance(part, Factors)


def _joint(page: Page, left: Shown, right: Shown, place: Place) -> tuple[str, str, str]:
    """What stands between two factors, what the first ends with and what the second begins with."""
    if page.pen.exact or right is _AND_SO_ON or (isinstance(left, Apply) and left.arguments[-1] is _AND_SO_ON):
        return DOT, "", ""
    ends, begins = _end(page, left, place), _beginning(page, right, place)
    one, other = bare(left), bare(right)
    if isinstance(other, Apply) and other.operator == "multiply" and not _is_without_dots(page, other, place):
        begins = "bracket"
    if isinstance(one, Number) and abs(one.value) == 1:
        return DOT, ends, begins  # a 1 that is shown is shown on purpose
    if not page.dots and (ends, begins) in _WITHOUT_DOTS and (page.pen.stacked or begins == "name"):
        together = _has_only_letters(left) and _has_only_letters(right)
        return NOTHING if together else DOT, ends, begins
    if page.pen.stacked and begins in _STACKED_JOINTS.get(ends, {}):
        return _STACKED_JOINTS[ends][begins], ends, begins
    return _JOINTS.get(ends, {}).get(begins, DOT), ends, begins


def _has_only_letters(part: Shown) -> bool:
    """Do all names in this factor have one letter?"""
    part = bare(part)
    if not isinstance(part, Apply | Undefined | Name):
        return True
    return all(is_one_letter(piece.name) for piece in postorder(part) if isinstance(piece, Name))


def _beginning(page: Page, part: Shown, place: Place) -> str:
    """What a factor begins with."""
    part = bare(part)
    while True:
        if _is_signed_number(part):
            return "digit"
        if isinstance(part, Factors):
            part = bare(part.factors[0])
        elif isinstance(part, Apply) and not _is_in_brackets(page, part, place):
            kind = _operator_beginning(page, part, place)
            if kind != "first":
                return kind
            part = part.arguments[0]
        else:
            kind = _kind(page, part, place)
            return {"call": "name", "pi": "name", "power": "digit"}.get(kind, kind)


def _operator_beginning(page: Page, part: Apply, place: Place) -> str:
    if part.operator == "divide":
        return "fraction" if _is_numeric(part) else "quotient"
    shape = page.shapes.get(part.operator)
    if shape is None or page.is_typed(part) or (part.operator == "exponential" and not page.euler):
        return "word" if is_word(part.operator) else "name"
    if page.is_squared(part):
        return "word"
    if part.operator == "power" and page.level(part.arguments[0], place) < ATOM:
        return "bracket"
    return shape.begins


def _end(page: Page, part: Shown, place: Place) -> str:
    """What the first of two factors ends with."""
    part = bare(part)
    if isinstance(part, Apply) and part.operator == "negate" and _need(page, part, place) == NEGATIVE:
        part = bare(part.arguments[0])
    while True:
        if _is_signed_number(part):
            return "digit"
        if isinstance(part, Factors):
            part = bare(part.factors[-1])
        elif isinstance(part, Apply) and not _is_in_brackets(page, part, place):
            if part.operator != "multiply":
                return _operator_end(page, part)
            part = bare(part.arguments[1])
            if page.level(part, place) <= PRODUCT and not _is_without_dots(page, part, place):
                return "bracket"
        else:
            kind = _kind(page, part, place)
            return "digit" if kind == "pi" else kind


def _operator_end(page: Page, part: Apply) -> str:
    if part.operator == "divide":
        return "fraction" if _is_numeric(part) else "quotient"
    shape = page.shapes.get(part.operator)
    called = shape is None or page.is_typed(part) or page.is_squared(part)
    if shape is None or called or (part.operator == "exponential" and not page.euler):
        return "call"
    if part.operator in ("power", "exponential") and not page.pen.stacked:
        return "power" if _is_raised(part.arguments[-1]) else "caret"
    return shape.ends


def _kind(page: Page, part: Shown, place: Place) -> str:
    """What a factor begins and ends with that is no operator, or stands in brackets."""
    match part:
        case Rate():
            return "quotient" if part.slot is None else "name"
        case _ if _is_in_brackets(page, part, place):
            return "bracket"
        case Number():
            written = typed(part)
            if written and written["power"] is not None:
                return "power"
            return "digit" if written or part.value.denominator == 1 else "fraction"
        case Constant("pi"):
            return "pi"
        case Text():
            return "word"
        case Name() if not is_one_letter(part.name):
            return "long name"
        case Undefined():
            return "call"
        case _:
            return "name"


def _is_in_brackets(page: Page, part: Shown, place: Place) -> bool:
    return page.level(part, place) < PRODUCT or page.is_flat_fraction(part, place)


def _is_numeric(part: Apply) -> bool:
    return all(isinstance(argument, Number) for argument in part.arguments)


def _is_raised(exponent: Tree) -> bool:
    """Does the text form have raised digits for this exponent?"""
    if isinstance(exponent, Apply) and exponent.operator == "negate":
        exponent = exponent.arguments[0]
    return isinstance(exponent, Number) and exponent.value.denominator == 1


# Quotients ----------------------------------------------------------------------------------------------------------


def divide(page: Page, part: Apply, place: Place) -> Writing:
    """One above the other, or with a slash: then both sides in brackets unless they hold tightly."""
    pen, (above, below) = page.pen, part.arguments
    if not page.lies_flat(part, place):
        top = yield above, place.inside
        return pen.fraction(top, (yield below, place.inside))
    tight = place.signed or (pen.exact and not isinstance(above, Number))
    need = FUNCTION if page.is_flat_fraction(above, place) else PRODUCT if tight else NEGATIVE
    top = yield from page.operand(above, need, place.before)
    bottom = yield from page.operand(below, FUNCTION, Place(place.script, True, True))
    return pen.row(top, pen.sign("slash"), bottom)
