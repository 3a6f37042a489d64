"""Is an answer written in the form that was asked for? The value is another question, and comes first.

Every form is a function from what was written to the first part that breaks it, or None:

any               nothing is asked
expanded          no product or power of a sum, and no sum over one denominator
factored          a product in which no factor can be taken apart further (over the rational numbers)
single-fraction   one fraction at most, and none inside a sum or another fraction
lowest-terms      a single fraction whose numerator and denominator have no common factor
simplified        nothing is left to be worked out: see `RULES`
same-shape        the key, but for the order of sums and products

>>> from symgraph.parsing.text import parse_expression
>>> failing(parse_expression("2*(x+1)"), "expanded")
Fault(part=Apply('multiply', (Number('2'), Apply('add', (Name('x'), Number('1'))))), rule='product_of_sum')
>>> failing(parse_expression("2x + 2"), "expanded") is None
True

What "simplified" means is the list of its rules, in the order in which they are looked for; a fault names the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from symgraph.calculus.polynomials import Quotient, Ring, TooHard, factors_of, is_constant, terms_of
from symgraph.errors import SymgraphError
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, postorder

__all__ = ["FORMS", "RULES", "Fault", "Letters", "failing"]

_ALGEBRA = frozenset({"add", "subtract", "multiply", "divide", "negate", "power"})
_SUMS = frozenset({"add", "subtract"})
_EXPONENT = 64  # the largest that is multiplied out to find common factors
_TERMS = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """The part of an answer that breaks the form, and the rule that it breaks: its macro in `words.j2`."""

    part: Tree
    rule: str


# Looking at formulas -------------------------------------------------------------------------------------------------


def _arguments(piece: Tree) -> tuple[Tree, ...]:
    return piece.arguments if isinstance(piece, Apply) else ()


def _is(piece: Tree, *rows: str) -> bool:
    return isinstance(piece, Apply) and piece.operator in rows


def _bare(piece: Tree) -> Tree:
    """Without minus signs in front."""
    while isinstance(piece, Apply) and piece.operator == "negate":
        piece = piece.arguments[0]
    return piece


def _is_sum(piece: Tree) -> bool:
    return _is(_bare(piece), *_SUMS)


def _number(piece: Tree) -> Fraction | None:
    """The rational number that a part is, as written: 3, −3, 1/2."""
    if isinstance(piece, Number):
        return piece.value
    if _is(piece, "negate"):
        inside = _number(_arguments(piece)[0])
        return None if inside is None else -inside
    if _is(piece, "divide"):
        above, below = (_number(part) for part in _arguments(piece))
        return above / below if above is not None and below else None
    return None


def _algebraic(tree: Tree) -> Iterator[Apply]:
    """The sums, products, quotients and powers from the top down, not those inside functions and exponents."""
    stack: list[Tree] = [tree]
    while stack:
        piece = stack.pop()
        if isinstance(piece, Apply) and piece.operator in _ALGEBRA:
            yield piece
            inside = piece.arguments[:1] if piece.operator == "power" else piece.arguments
            stack.extend(reversed(inside))


def _everywhere(tree: Tree) -> Iterator[Apply]:
    """Every operation, the innermost first."""
    for piece in postorder(tree):
        if isinstance(piece, Apply):
            yield piece


def _terms(tree: Tree) -> list[tuple[Tree, int]]:
    """The terms of a sum with their signs."""
    found: list[tuple[Tree, int]] = []
    stack = [(tree, 1)]
    while stack:
        piece, sign = stack.pop()
        if isinstance(piece, Apply) and piece.operator in _SUMS:
            left, right = piece.arguments
            stack.append((right, sign if piece.operator == "add" else -sign))
            stack.append((left, sign))
        elif isinstance(piece, Apply) and piece.operator == "negate":
            stack.append((piece.arguments[0], -sign))
        else:
            found.append((piece, sign))
    return found


def _factors(tree: Tree) -> list[tuple[Tree, bool]]:
    """The factors of a product; True for those below a fraction's bar."""
    found: list[tuple[Tree, bool]] = []
    stack = [(tree, False)]
    while stack:
        piece, below = stack.pop()
        if isinstance(piece, Apply) and piece.operator in ("multiply", "divide"):
            left, right = piece.arguments
            stack.append((right, below != (piece.operator == "divide")))
            stack.append((left, below))
        elif isinstance(piece, Apply) and piece.operator == "negate":
            stack.append((piece.arguments[0], below))
        else:
            found.append((piece, below))
    return found


# Polynomials in letters ----------------------------------------------------------------------------------------------


class Letters:
    """A formula as a quotient of polynomials; whatever is no arithmetic is a letter of its own."""

    def __init__(self, *trees: Tree) -> None:
        self._places: dict[Tree, int] = {}
        for tree in trees:
            for piece in _leaves(tree):
                self._places.setdefault(piece, len(self._places))
        self.ring = Ring(max(len(self._places), 1), _TERMS)

    def quotient(self, tree: Tree) -> Quotient:
        """The quotient that a formula is; TooHard where it would be large."""
        done: dict[int, Quotient] = {}
        stack: list[tuple[Tree, bool]] = [(tree, False)]
        while stack:
            piece, ready = stack.pop()
            if id(piece) in done:
                continue
            inside = _inside(piece)
            if ready or not inside:
                done[id(piece)] = self._read(piece, [done[id(part)] for part in inside])
            else:
                stack.append((piece, True))
                stack.extend((part, False) for part in inside)
        return done[id(tree)]

    def _read(self, piece: Tree, parts: list[Quotient]) -> Quotient:
        if isinstance(piece, Number):
            return self.ring.number(piece.value)
        if not parts:
            return self.ring.unknown(self._places[piece])
        assert isinstance(piece, Apply)
        match piece.operator:
            case "add":
                return parts[0] + parts[1]
            case "subtract":
                return parts[0] - parts[1]
            case "multiply":
                return parts[0] * parts[1]
            case "divide":
                return parts[0] / parts[1]
            case "negate":
                return -parts[0]
        exponent = _number(piece.arguments[1])
        assert exponent is not None
        return parts[0] ** int(exponent)


def _inside(piece: Tree) -> tuple[Tree, ...]:
    """The parts that arithmetic goes on into."""
    if not isinstance(piece, Apply) or piece.operator not in _ALGEBRA:
        return ()
    if piece.operator != "power":
        return piece.arguments
    exponent = _number(piece.arguments[1])
    whole = exponent is not None and exponent.denominator == 1 and abs(exponent) <= _EXPONENT
    return piece.arguments[:1] if whole else ()


def _leaves(tree: Tree) -> Iterator[Tree]:
    stack = [tree]
    while stack:
        piece = stack.pop()
        inside = _inside(piece)
        if inside:
            stack.extend(inside)
        elif not isinstance(piece, Number):
            yield piece


# The forms -----------------------------------------------------------------------------------------------------------


def _any(tree: Tree) -> Fault | None:
    return None


def _expanded(tree: Tree) -> Fault | None:
    for piece in _algebraic(tree):
        if piece.operator == "multiply" and any(_is_sum(part) for part in piece.arguments):
            return Fault(piece, "product_of_sum")
        if piece.operator == "negate" and _is_sum(piece.arguments[0]):
            return Fault(piece, "minus_before_sum")
        if piece.operator == "subtract" and _is_sum(piece.arguments[1]):
            return Fault(piece, "minus_before_sum")
        if piece.operator == "divide" and _is_sum(piece.arguments[0]):
            return Fault(piece, "sum_over_denominator")
        if piece.operator == "power" and _is_sum(piece.arguments[0]):
            exponent = _number(piece.arguments[1])
            if exponent is not None and exponent.denominator == 1 and exponent > 1:
                return Fault(piece, "power_of_sum")
    return None


def _factored(tree: Tree) -> Fault | None:
    for factor, _ in _factors(tree):
        base = factor.arguments[0] if isinstance(factor, Apply) and factor.operator == "power" else factor
        base = _bare(base)
        if not _is_sum(base):
            continue
        try:
            letters = Letters(base)
            value = letters.quotient(base)
            if not is_constant(value.bottom):
                return Fault(base, "fraction_in_sum")
            content, parts = factors_of(value.top)
        except TooHard:
            continue
        if len(parts) > 1 or any(exponent > 1 for _, exponent in parts) or not _is_primitive(value, content):
            return Fault(base, "factors_further")
    return None


def _is_primitive(value: Quotient, content: Fraction) -> bool:
    """Whether no whole number can be taken out: 2x + 4 has a 2, x/2 + 1 is left alone."""
    coefficients = [coefficient for _, coefficient in terms_of(value.top)]
    if any(coefficient.denominator != 1 for coefficient in coefficients) or not is_constant(value.bottom):
        return True
    common = 0
    for coefficient in coefficients:
        common = _gcd(common, int(coefficient))
    return common <= 1


def _gcd(one: int, other: int) -> int:
    while other:
        one, other = other, one % other
    return abs(one)


def _single_fraction(tree: Tree) -> Fault | None:
    fractions = [piece for piece in _algebraic(tree) if piece.operator == "divide" and _number(piece) is None]
    inside_sum = _fraction_in_sum(tree)
    if inside_sum is not None:
        return Fault(inside_sum, "fraction_in_sum")
    for piece in fractions:
        for part in piece.arguments:
            for deeper in _algebraic(part):
                if deeper.operator == "divide":
                    return Fault(piece, "fraction_in_fraction")
                if _negative_power(deeper):
                    return Fault(deeper, "negative_power")
    if len(fractions) > 1:
        return Fault(tree, "several_fractions")
    for piece in _algebraic(tree):
        if _negative_power(piece) and fractions:
            return Fault(piece, "negative_power")
    return None


def _negative_power(piece: Tree) -> bool:
    if not (isinstance(piece, Apply) and piece.operator == "power"):
        return False
    exponent = _number(piece.arguments[1])
    return exponent is not None and exponent < 0


def _fraction_in_sum(tree: Tree) -> Tree | None:
    """The first sum with a fraction or a negative power among its terms."""
    for piece in _algebraic(tree):
        if piece.operator in _SUMS:
            for part in piece.arguments:
                for deeper in _algebraic(part):
                    if deeper.operator == "divide" or _negative_power(deeper):
                        return piece
    return None


def _lowest_terms(tree: Tree) -> Fault | None:
    fault = _single_fraction(tree)
    return fault or _reducible(tree)


def _reducible(tree: Tree) -> Fault | None:
    """The first fraction whose parts have a common factor."""
    for piece in _everywhere(tree):
        if piece.operator != "divide":
            continue
        above, below = piece.arguments
        try:
            letters = Letters(above, below)
            top, bottom = letters.quotient(above), letters.quotient(below)
            if not (is_constant(top.bottom) and is_constant(bottom.bottom)):
                continue
            if not is_constant(top.top) and not is_constant(bottom.top):
                reduced = top / bottom
                if _degree(reduced.top) < _degree(top.top):
                    return Fault(piece, "common_factor")
            if _common_number(top, bottom) > 1:
                return Fault(piece, "common_factor")
        except TooHard:
            continue
    return None


def _degree(polynomial: object) -> int:
    return max((sum(exponents) for exponents, _ in terms_of(polynomial)), default=0)


def _common_number(top: Quotient, bottom: Quotient) -> int:
    """The whole number that divides both."""
    common = 0
    for value in (top, bottom):
        scale = terms_of(value.bottom)[0][1]
        for _, coefficient in terms_of(value.top):
            number = coefficient / scale
            if number.denominator != 1:
                return 1
            common = _gcd(common, int(number))
    return common


# Simplified ----------------------------------------------------------------------------------------------------------


def _value(piece: Tree) -> Fraction | None:
    return piece.value if isinstance(piece, Number) else None


def _zero_or_one(piece: Apply) -> bool:
    values = [_value(part) for part in piece.arguments]
    match piece.operator:
        case "add" | "subtract":
            return 0 in values
        case "multiply":
            return 0 in values or 1 in values or -1 in values
        case "divide":
            return values[0] == 0 or values[1] in (1, -1)
        case "power":
            return values[0] in (0, 1) or values[1] in (0, 1)
    return False


def _numbers_apart(piece: Apply) -> bool:
    """2·3, 1 + 2, 2·x·3, x + 1 + 2, 2²: numbers that could be one."""
    if piece.operator in _SUMS:
        return sum(_number(term) is not None for term, _ in _terms(piece)) > 1
    if piece.operator == "multiply":
        numbers = [factor for factor, below in _factors(piece) if isinstance(factor, Number) and not below]
        return len(numbers) > 1
    if piece.operator == "power":
        base, exponent = piece.arguments
        return _value(base) is not None and (power := _value(exponent)) is not None and power.denominator == 1
    return False


def _like_terms(piece: Apply) -> bool:
    """x + 2x: two terms that differ by a number."""
    if piece.operator not in _SUMS:
        return False
    terms = [term for term, _ in _terms(piece) if _number(term) is None]
    try:
        letters = Letters(*terms)
        values = [letters.quotient(term) for term in terms]
        for place, value in enumerate(values):
            for other in values[place + 1 :]:
                if not other.is_zero() and (value / other).constant() is not None:
                    return True
    except TooHard:
        return False
    return False


def _same_base(piece: Apply) -> bool:
    """x·x², e^x·e^x: powers of one base in one product, above or below the bar."""
    if piece.operator not in ("multiply", "divide"):
        return False
    seen: set[Tree] = set()
    for factor, _ in _factors(piece):
        if _number(factor) is not None:
            continue
        base = factor.arguments[0] if isinstance(factor, Apply) and factor.operator == "power" else factor
        base = Constant("e") if isinstance(factor, Apply) and factor.operator == "exponential" else base
        if base in seen:
            return True
        seen.add(base)
    return False


def _double_sign(piece: Apply) -> bool:
    """−(−x), x − (−y), x + (−y), a minus in each of two factors."""

    def minus(part: Tree) -> bool:
        value = _value(part)
        return _is(part, "negate") or (value is not None and value < 0)

    if piece.operator in ("negate", *_SUMS):
        return minus(piece.arguments[-1])
    return piece.operator in ("multiply", "divide") and all(minus(part) for part in piece.arguments)


def _known_value(piece: Apply) -> bool:
    """ln e, ln 1, sin 0, cos 0, e^0: a value that everybody knows."""
    first = piece.arguments[0]
    value = _value(first)
    if piece.operator == "logarithm":
        return value == 1 or first == Constant("e")
    return piece.operator in ("sine", "cosine", "tangent", "exponential") and value == 0


RULES: Mapping[str, Callable[[Apply], bool]] = MappingProxyType(
    {
        "zero_or_one": _zero_or_one,  # 0 + x, 1·x, x/1, x^1, x^0
        "double_sign": _double_sign,  # −(−x), x − (−y), (−2)·(−x)
        "known_value": _known_value,  # ln e, sin 0, e^0
        "numbers_apart": _numbers_apart,  # 2·3, 2·x·3, x + 1 + 2, 2²
        "like_terms": _like_terms,  # x + 2x
        "same_base": _same_base,  # x·x², x³/x
    }
)


def _simplified(tree: Tree) -> Fault | None:
    for piece in _everywhere(tree):
        for name, broken in RULES.items():
            if broken(piece):
                return Fault(piece, name)
    return _reducible(tree) or next(
        (
            Fault(piece, "fraction_in_fraction")
            for piece in _everywhere(tree)
            if piece.operator == "divide" and any(_is(_bare(part), "divide") for part in piece.arguments)
        ),
        None,
    )


# Shape ---------------------------------------------------------------------------------------------------------------


def _shape(tree: Tree) -> object:
    """What was written, but for the order of sums and products, and for where a minus stands in a product."""
    done: dict[int, object] = {}
    for piece in postorder(tree):
        if isinstance(piece, Number):
            done[id(piece)] = ("number", str(piece.value))
        elif isinstance(piece, Name | Constant):
            done[id(piece)] = ("name", piece.name)
        elif isinstance(piece, Apply):
            done[id(piece)] = _shape_of(piece, [done[id(part)] for part in piece.arguments])
        else:
            done[id(piece)] = (type(piece).__name__, repr(piece))
    return done[id(tree)]


def _shape_of(piece: Apply, parts: list[object]) -> object:
    match piece.operator:
        case "add":
            return _gathered("sum", parts)
        case "subtract":
            return _gathered("sum", [parts[0], _minus(parts[1])])
        case "multiply":
            return _gathered("product", parts)
        case "negate":
            return _minus(parts[0])
    return (piece.operator, *parts)


def _minus(part: object) -> object:
    if isinstance(part, tuple) and part[0] == "number":
        return ("number", str(-Fraction(part[1])))
    return _gathered("product", [("number", "-1"), part])


def _gathered(kind: str, parts: list[object]) -> object:
    flat: list[object] = []
    for part in parts:
        flat.extend(part[1:] if isinstance(part, tuple) and part[0] == kind else (part,))
    if kind == "product":
        sign = sum(each == ("number", "-1") for each in flat)
        rest = [each for each in flat if each != ("number", "-1")]
        numbers = [each for each in rest if isinstance(each, tuple) and each[0] == "number"]
        if sign % 2 and numbers:
            first = rest.index(numbers[0])
            rest[first] = ("number", str(-Fraction(numbers[0][1])))
            sign = 0
        flat = [*([("number", "-1")] if sign % 2 else []), *rest]
        if len(flat) == 1:
            return flat[0]
    return (kind, *sorted(flat, key=repr))


FORMS: Mapping[str, Callable[[Tree], Fault | None] | None] = MappingProxyType(
    {
        "any": _any,
        "expanded": _expanded,
        "factored": _factored,
        "single-fraction": _single_fraction,
        "lowest-terms": _lowest_terms,
        "simplified": _simplified,
        "same-shape": None,  # it needs a key
    }
)


def failing(tree: Tree, form: str, key: Tree | None = None) -> Fault | None:
    """The first part of an answer that is not in the form asked for; None if it is.

    Args:
        form: a name of `FORMS`.
        key: for "same-shape", what it is compared with.

    Raises:
        SymgraphError: there is no such form, or no key where one is needed.
    """
    if form not in FORMS:
        raise SymgraphError(f"there is no form {form!r}: the forms are {', '.join(FORMS)}")
    look = FORMS[form]
    if look is not None:
        return look(tree)
    if key is None:
        raise SymgraphError("the form same-shape compares with a key: give one")
    return None if _shape(tree) == _shape(key) else Fault(tree, "other_shape")
