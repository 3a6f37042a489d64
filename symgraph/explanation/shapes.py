"""How each operator and each kind of tree is written: the table of shapes.

An operator that is not in the table is a function: its name, and its arguments in brackets. sin x stands without
brackets when its argument is one letter, a whole number or an absolute value, and no factor follows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

from symgraph.explanation import products
from symgraph.explanation.letters import SQUARED, command, is_one_letter, spelling, text_name
from symgraph.explanation.page import (
    AND,
    ATOM,
    BIG,
    FRACTION,
    FREE,
    FUNCTION,
    LOOSE,
    NEGATIVE,
    NOT,
    OR,
    POWER,
    PRODUCT,
    RELATION,
    SCRIPT,
    SUM,
    Page,
    Place,
    Rule,
    Shape,
    Writing,
    is_decimal,
    typed,
)
from symgraph.explanation.pens import Pen, Piece
from symgraph.explanation.shown import Chain, Factors, Live, Marked, Shown, Terms
from symgraph.language.tree import Apply, Constant, Name, Number, Rate, Text, Tree, Undefined

__all__ = ["SHAPES", "call", "kinds", "one_chain"]


def kinds(page: Page, part: Shown, place: Place) -> Writing | Piece:
    """The writing of what is no operator applied to arguments; of what has no parts, done."""
    match part:
        case Number():
            return _number(page, part, place)
        case Undefined():
            return _undefined(page, part, place)
        case Rate():
            return _rate(page.pen, part)
        case Marked():
            return _marked(page, part, place)
        case Factors():
            return products.factors(page, part, place)
        case Terms():
            return products.terms(page, part, place)
        case Chain():
            return _chain(page, part, place)
        case Live():
            return _live(page, part, place)
        case Name():
            return page.pen.name(part.name)
        case Constant():
            return page.pen.constant(part.name, upright=part.name == "e" and not page.euler)
        case Text():
            return page.pen.words(part.text)
        case _:
            raise TypeError(f"{type(part).__name__} cannot be shown as a formula")


# Numbers ------------------------------------------------------------------------------------------------------------


def _number(page: Page, part: Number, place: Place) -> Piece:
    pen, written = page.pen, typed(part)
    if written and written["power"] is not None:
        body = _scientific(page, written)
    elif written:
        digits = written["digits"].removesuffix(".")
        body = pen.number("0" + digits if digits.startswith(".") else digits)
    else:
        value = abs(part.value)
        top, bottom = pen.number(_digits(value.numerator)), pen.number(_digits(value.denominator))
        if value.denominator == 1:
            body = top
        elif page.lies_flat(part, place):
            body = pen.row(top, pen.sign("slash"), bottom)
        else:
            body = pen.fraction(top, bottom)
    return pen.row(pen.sign("negative"), body) if part.value.numerator < 0 else body


def _digits(value: int) -> str:
    """An integer as it is; Decimal, because Python writes none of more than 4,300 digits."""
    return str(Decimal(value))


def _scientific(page: Page, written: re.Match[str]) -> Piece:
    pen, digits, power = page.pen, written["digits"].removesuffix("."), int(written["power"])
    if pen.exact and not page.euler:
        return pen.number(f"{Decimal(f'{digits}e{power}'):f}")  # beside a name e, 2e5 could be a product
    if pen.exact:
        # The parser takes 1e-5 for 1·e − 5, and 1.0e-5 for a number.
        return pen.number(f"{digits}{'' if '.' in digits or power >= 0 else '.0'}e{power}")
    exponent = pen.number(str(abs(power)))
    if power < 0:
        exponent = pen.row(pen.sign("negative"), exponent)
    ten = pen.script(pen.number("10"), exponent)
    return ten if digits == "1" else pen.row(pen.number(digits), pen.sign("cross"), ten)


# Rates and functions about which nothing is known -------------------------------------------------------------------


def _rate(pen: Pen, part: Rate) -> Piece:
    """∂e/∂b, dy/dx, ∂²y/∂x², ∂²f/∂x∂y; by slot ∂₁y; with y held still (∂w/∂x)_y."""
    if part.slot is not None:
        return pen.row(_partial(pen, part.slot, 1), pen.name(part.of))
    steps: dict[str, int] = {part.wrt: part.order}
    for name in part.also:
        steps[name] = steps.get(name, 0) + 1
    d = pen.constant("d" if part.straight else "partial")
    top = pen.row(_raised(pen, d, sum(steps.values())), *_after_d(pen, part.of))
    moves: list[Piece] = []
    for name, order in steps.items():
        *apart, letter = _after_d(pen, name)
        between = [pen.gap() if pen.exact else pen.juxtaposed()] if moves else []
        moves += [*between, d, *apart, _raised(pen, letter, order)]
    bottom = pen.row(*moves)
    whole = pen.fraction(top, pen.fence(bottom) if pen.exact and len(steps) > 1 else bottom)
    if not part.held:
        return whole
    return pen.script(pen.fence(whole), below=pen.list([pen.name(name) for name in part.held]))


@lru_cache(maxsize=256)
def _partial(pen: Pen, slot: int, order: int) -> Piece:
    return pen.script(pen.constant("partial"), pen.number(str(order)) if order > 1 else None, pen.number(str(slot)))


def _raised(pen: Pen, base: Piece, order: int) -> Piece:
    return pen.script(base, pen.number(str(order))) if order > 1 else base


def _after_d(pen: Pen, name: str) -> list[Piece]:
    """A name after d or ∂; one of several letters stands apart from it."""
    return [pen.name(name)] if is_one_letter(name) or not pen.stacked else [pen.thin_space(), pen.name(name)]


def _undefined(page: Page, part: Undefined, place: Place) -> Writing:
    """f(x); f'(x), f⁽⁴⁾(x), ∂₁f(x, y)."""
    pen, head = page.pen, page.pen.name(part.name)
    if sum(part.orders) and len(part.arguments) > 1:
        head = pen.row(*(_partial(pen, k + 1, order) for k, order in enumerate(part.orders) if order), head)
    elif sum(part.orders) > 3:
        head = pen.script(head, pen.fence(pen.number(str(part.orders[0]))))
    elif sum(part.orders):
        head = pen.primed(head, part.orders[0])
    return (yield from _brackets(page, head, part.arguments, place))


# Functions ----------------------------------------------------------------------------------------------------------

_WITHOUT_BRACKETS = SQUARED | {"logarithm", "inverse_sine", "inverse_cosine", "inverse_tangent"}


def call(page: Page, part: Apply, place: Place) -> Writing:
    """A function without a shape of its own: its name and its arguments in brackets."""
    return (yield from (_typed_call if page.is_typed(part) else _applied)(page, part, place))


def _typed_call(page: Page, part: Apply, place: Place) -> Writing:
    """A function as it is typed, which every parser of ours reads back."""
    return (yield from _brackets(page, Piece(spelling(part.operator)), part.arguments, place))


def _brackets(page: Page, head: Piece, arguments: tuple[Tree, ...], place: Place) -> Writing:
    pieces = []
    for argument in arguments:
        pieces.append((yield argument, place.inside))
    return page.pen.row(head, page.pen.applied(), page.pen.fence(page.pen.list(pieces)))


def _applied(page: Page, part: Apply, place: Place, above: Piece | None = None) -> Writing:
    """A function's name, perhaps raised to a power, and its arguments, in brackets if they need them."""
    pen = page.pen
    head = pen.function(command(part.operator)) if pen.stacked else Piece(text_name(part.operator))
    head = pen.script(head, above) if above else head
    argument = part.arguments[0]
    if part.operator in _WITHOUT_BRACKETS and not place.followed and _needs_no_brackets(argument):
        return pen.row(head, pen.applied(), pen.gap(), (yield argument, place.inside))
    return (yield from _brackets(page, head, part.arguments, place))


def _needs_no_brackets(argument: Tree) -> bool:
    match argument:
        case Name():
            return is_one_letter(argument.name)
        case Constant():
            return argument.name in ("pi", "e")
        case Number():
            return argument.value.denominator == 1 and argument.value >= 0 and is_decimal(argument)
        case _:
            return isinstance(argument, Apply) and argument.operator == "absolute_value"


def _power(page: Page, part: Apply, place: Place) -> Writing:
    base, exponent = part.arguments
    above = yield exponent, SCRIPT
    if page.is_squared(part):
        assert isinstance(base, Apply)
        return (yield from _applied(page, base, place, above))
    body = yield from page.operand(base, ATOM, place.before)
    return page.pen.script(body, above)


def _exponential(page: Page, part: Apply, place: Place) -> Writing:
    if not page.euler:
        return (yield from _applied(page, part, place))
    return page.pen.script(page.pen.constant("e"), (yield part.arguments[0], SCRIPT))


def _root(page: Page, part: Apply, place: Place) -> Writing:
    body = yield from _radicand(page, part.arguments[0], place)
    return page.pen.root(body, page.pen.number("3") if part.operator == "cube_root" else None)


def _real_root(page: Page, part: Apply, place: Place) -> Writing:
    radicand, index = part.arguments
    body = yield from _radicand(page, radicand, place)
    return page.pen.root(body, (yield index, SCRIPT))


def _radicand(page: Page, part: Tree, place: Place) -> Writing:
    """What stands under a root; in one line in brackets, unless it is a name or a number."""
    body = yield part, place.inside
    plain = isinstance(part, Name | Constant) or (isinstance(part, Number) and page.level(part, place) == ATOM)
    return body if page.pen.stacked or plain else page.pen.fence(body)


def _logarithm_base(page: Page, part: Apply, place: Place) -> Writing:
    pen, (value, base) = page.pen, part.arguments
    below = yield base, SCRIPT
    if pen.stacked:
        head = pen.script(pen.function(r"\log"), below=below)
    else:  # log_2(x): the parser takes log₂ for a name
        head = pen.row(Piece("log_"), below if below.markup.isalnum() else pen.fence(below))
    return pen.row(head, pen.applied(), pen.fence((yield value, place.inside)))


def _indexed(function: str, raised: bool = False) -> Rule:
    """A function with an index: J_n(x), ψ⁽ⁿ⁾(x); in text it is typed, for J₀(x) would be read as a product."""

    def rule(page: Page, part: Apply, place: Place) -> Writing:
        pen, (index, value) = page.pen, part.arguments
        order = yield index, SCRIPT
        head = pen.function(function)
        head = pen.script(head, above=pen.fence(order)) if raised else pen.script(head, below=order)
        return (yield from _brackets(page, head, (value,), place))

    return rule


def _fenced(left: str, right: str) -> Rule:
    def rule(page: Page, part: Apply, place: Place) -> Writing:
        return page.pen.fence((yield part.arguments[0], place.inside), left, right)

    return rule


def _factorial(page: Page, part: Apply, place: Place) -> Writing:
    body = yield from page.operand(part.arguments[0], ATOM, place.before)
    return page.pen.row(body, page.pen.sign("factorial"))


def _binomial(page: Page, part: Apply, place: Place) -> Writing:
    top = yield part.arguments[0], place.inside
    return page.pen.stack(top, (yield part.arguments[1], place.inside))


# Conditions, cases, vectors, binders --------------------------------------------------------------------------------


def one_chain(part: Apply) -> tuple[Apply, Apply] | None:
    """Two comparisons a < u and u < b, in one direction, if these conditions are that."""
    if len(part.arguments) != 2:
        return None
    first, second = part.arguments
    if not (isinstance(first, Apply) and isinstance(second, Apply)) or first.arguments[1:] != second.arguments[:1]:
        return None
    return (first, second) if any({first.operator, second.operator} <= signs for signs in _DIRECTIONS) else None


_DIRECTIONS = (frozenset({"less", "less_equal"}), frozenset({"greater", "greater_equal"}))


def _infix(sign: str, need: int, *, joins: bool = True) -> Rule:
    """A sign between all arguments, each at least as tight as `need`.

    Args:
        joins: whether a minus behind it needs brackets, as behind a dot; behind an equals sign it needs none.
    """

    def rule(page: Page, part: Apply, place: Place) -> Writing:
        pieces: list[Piece] = []
        for k, argument in enumerate(part.arguments):
            if k:
                pieces.append(page.pen.sign(sign, place.script))
            where = Place(place.script, joins if k else place.signed, True)
            pieces.append((yield from page.operand(argument, need, where)))
        return page.pen.row(*pieces)

    return rule


def _and(page: Page, part: Apply, place: Place) -> Writing:
    """Conditions, or one chain a < u < b where it is read so."""
    chain = one_chain(part)
    if chain is None:
        return (yield from _infix("and", NOT)(page, part, place))
    pieces: list[Piece] = []
    for k, argument in enumerate((*chain[0].arguments, chain[1].arguments[1])):
        if k:
            pieces.append(page.pen.sign(chain[k - 1].operator, place.script))
        pieces.append((yield from page.operand(argument, SUM, Place(place.script, k > 0 or place.signed, True))))
    return page.pen.row(*pieces)


def _not(page: Page, part: Apply, place: Place) -> Writing:
    body = yield from page.operand(part.arguments[0], ATOM, place.inside)
    return page.pen.row(page.pen.sign("not"), body)


def _piecewise(page: Page, part: Apply, place: Place) -> Writing:
    pen, arguments = page.pen, part.arguments
    rows: list[list[Piece]] = []
    for k in range(0, len(arguments) - 1, 2):
        value = yield arguments[k], FREE
        rows.append([value, pen.worded(page.way.condition, (yield arguments[k + 1], FREE))])
    if len(arguments) % 2:
        rows.append([(yield arguments[-1], FREE), pen.words(page.way.otherwise)])
    return pen.table(rows, "{", "")


def _before_name(letter: str) -> Rule:
    """dx, Δx, ∇f: a letter right before a name."""

    def rule(page: Page, part: Apply, place: Place) -> Writing:
        (named,) = part.arguments
        if not isinstance(named, Name):
            return page.pen.row(page.pen.constant(letter), page.pen.fence((yield named, place.inside)))
        return page.pen.row(page.pen.constant(letter), *_after_d(page.pen, named.name))

    return rule


def _matrix(page: Page, part: Apply, place: Place) -> Writing:
    """A matrix of rows; a vector is a column."""
    rows = []
    for row in part.arguments:
        inner = part.operator == "matrix" and isinstance(row, Apply) and row.operator == "vector"
        cells = []
        for entry in row.arguments if inner and isinstance(row, Apply) else (row,):
            cells.append((yield entry, FREE))
        rows.append(cells)
    return page.pen.table(rows, "(", ")")


def _transpose(page: Page, part: Apply, place: Place) -> Writing:
    body = yield from page.operand(part.arguments[0], ATOM, place.before)
    return page.pen.transposed(body)


def _binder(sign: str) -> Rule:
    """Σ, ∏, ∫ with their ends; in text as they are typed."""

    def rule(page: Page, part: Apply, place: Place) -> Writing:
        pen, (body, variable, *ends) = page.pen, part.arguments
        name = yield variable, SCRIPT
        limits: list[Piece] = []
        for end in ends:
            limits.append((yield end, SCRIPT))
        inner = yield from page.operand(body, PRODUCT, place.after.first)
        low, high = [*limits, None, None][:2]
        if sign == "∫":
            return pen.row(pen.big(sign, low, high), inner, pen.thin_space(), pen.constant("d"), name)
        low = pen.row(name, pen.sign("equals", True), low) if low else name
        return pen.row(pen.big(sign, low, high), inner)

    return rule


# Several trees shown together ---------------------------------------------------------------------------------------

_PATH = re.compile(r"[A-Za-z]{1,3}")


def _marked(page: Page, part: Marked, place: Place) -> Writing:
    if part.path and not _PATH.fullmatch(part.path):
        raise ValueError(f"a path is marked by letters, not {part.path!r}")
    pen = page.pen
    if place.fenced and not isinstance(part.body, Marked):
        body = pen.fence((yield part.body, place.inside))
    else:
        body = yield part.body, place
    if part.label:
        arrowed = [piece for name in part.label for piece in (pen.sign("to"), pen.name(name))]
        body = pen.brace(body, pen.row(*arrowed[1:]))
    return pen.mark(body, part.path) if part.path else body


def _chain(page: Page, part: Chain, place: Place) -> Writing:
    pieces: list[Piece] = []
    signs = part.signs or ("equals",) * (len(part.sides) - 1)
    for k, (side, sign) in enumerate(zip(part.sides, ("", *signs), strict=True), 1):
        if sign:
            pieces.append(page.pen.sign(sign, place.script))
        if type(side) is Rate or type(side) is Name:
            pieces.append((yield side, place.inside))
            continue
        closed = not page.pen.stacked or k == len(part.sides)  # a brace that opens needs no bracket around it
        cases = closed and isinstance(side, Apply) and side.operator == "piecewise"
        pieces.append((yield from page.operand(side, LOOSE if cases else RELATION, place.inside)))
    return page.pen.row(*pieces)


def _live(page: Page, part: Live, place: Place) -> Writing:
    body = yield part.body, place
    line = _line(part.body) if isinstance(part.body, Number) and is_decimal(part.body) else ""
    return page.pen.live(body, line, part.key)


def _line(number: Number) -> str:
    """A number in one line: −3, 1/2, 1.2e-7."""
    return (number.text if is_decimal(number) else str(number.value)).replace("-", "−")


# The table ----------------------------------------------------------------------------------------------------------


def _comparison(sign: str) -> Shape:
    return Shape(RELATION, _infix(sign, SUM, joins=False))


SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "add": Shape(SUM, products.add),
        "subtract": Shape(SUM, products.subtract),
        "negate": Shape(NEGATIVE, products.negate),
        "multiply": Shape(PRODUCT, products.multiply, "first"),
        "divide": Shape(FRACTION, products.divide, "quotient", "quotient"),
        "power": Shape(POWER, _power, "first", "power"),
        "exponential": Shape(POWER, _exponential, "euler", "power", call=True),
        "square_root": Shape(FUNCTION, _root, "root", "root", call=True),
        "cube_root": Shape(FUNCTION, _root, "root", "root", call=True),
        "real_root": Shape(FUNCTION, _real_root, "root", "root", call=True, typed=True),
        "logarithm_base": Shape(FUNCTION, _logarithm_base, "word", "call"),
        "absolute_value": Shape(ATOM, _fenced("|", "|"), "bar", "bar", call=True),
        "floor": Shape(ATOM, _fenced("⌊", "⌋"), call=True),
        "ceiling": Shape(ATOM, _fenced("⌈", "⌉"), call=True),
        "factorial": Shape(POWER, _factorial, "first", "power"),
        "binomial": Shape(ATOM, _binomial, call=True, typed=True),
        "bessel_j": Shape(ATOM, _indexed(r"\operatorname{J}"), "name", "call", call=True, typed=True),
        "bessel_y": Shape(ATOM, _indexed(r"\operatorname{Y}"), "name", "call", call=True, typed=True),
        "bessel_i": Shape(ATOM, _indexed(r"\operatorname{I}"), "name", "call", call=True, typed=True),
        "bessel_k": Shape(ATOM, _indexed(r"\operatorname{K}"), "name", "call", call=True, typed=True),
        "polygamma": Shape(ATOM, _indexed(r"\psi", raised=True), "name", "call", call=True, typed=True),
        "equals": _comparison("equals"),
        "equal": _comparison("equals"),
        "unequal": _comparison("unequal"),
        "less": _comparison("less"),
        "less_equal": _comparison("less_equal"),
        "greater": _comparison("greater"),
        "greater_equal": _comparison("greater_equal"),
        "and": Shape(AND, _and),
        "or": Shape(OR, _infix("or", AND)),
        "not": Shape(NOT, _not),
        "piecewise": Shape(LOOSE, _piecewise, call=True),
        "vector": Shape(ATOM, _matrix),
        "matrix": Shape(ATOM, _matrix),
        "differential": Shape(ATOM, _before_name("d"), "name", "name"),
        "change": Shape(ATOM, _before_name("change"), "name", "name"),
        "gradient": Shape(ATOM, _before_name("nabla"), "name", "name"),
        "transpose": Shape(POWER, _transpose, "first", "power", call=True),
        "matrix_multiply": Shape(PRODUCT, _infix("at", FUNCTION)),
        "elementwise": Shape(PRODUCT, _infix("circled_dot", FUNCTION)),
        "dot": Shape(PRODUCT, _infix("wide_dot", FUNCTION), call=True),
        "sum": Shape(BIG, _binder("Σ"), call=True, typed=True),
        "product": Shape(BIG, _binder("∏"), call=True, typed=True),
        "integral": Shape(BIG, _binder("∫"), call=True, typed=True),
    }
)
