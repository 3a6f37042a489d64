"""Certified numbers: what an expression is at an exact rational point, as a ball that is proved to hold it.

An expression (SymPy's, its plain Symbols taken as real; or a syntax tree, as written) is compiled once into a `Tape`,
a line of operations in which equal pieces are one, and run at as many points and precisions as wanted. No recursion,
and no walk over the expression as a tree: a thousand nested steps that share their arguments cost a thousand.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> print(evaluate(sympy.sqrt(x) + 1, {"x": 2}))
2.41421356237310
>>> print(evaluate(sympy.sqrt(x), {"x": -1}))
undefined: the square root of a negative number
>>> print(evaluate(x**2 / 3, {"x": Fraction(1, 2)}).exact)
1/12

What "undefined" promises: `Enclosure.undefined` is a proof that there is no real value; an enclosure that is neither
`real` nor `undefined` was not settled within the precision allowed, and says why.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from itertools import repeat
from math import inf
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.functions.elementary.piecewise import ExprCondPair

from symgraph.calculus import reals
from symgraph.calculus.heads import CONSTANTS, HEADS, TREE_CONSTANTS, Rule, failing, row_rule
from symgraph.calculus.integrals import integral
from symgraph.calculus.points import Point, given, name_of
from symgraph.calculus.reals import BALL, EXACT, RULES, NotReal, exact, lift, met, unsettled
from symgraph.language.tree import Apply, Constant, Name, Number, Rate, Text, Tree, Undefined

__all__ = ["Enclosure", "Tape", "evaluate"]

LEAST_BITS, MOST_BITS = 96, 4_096
TERMS = 10_000  # of a sum or product written with limits
_COVERING = 500  # balls that cover an interval of integration


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A real value enclosed, or why there is none.

    Args:
        number: an exact rational (python-flint's `fmpq`), a ball (`arb`), a bool (for a condition), or None.
        reason: why there is no number ("" when there is one).
        certain: for no number: proved, and not only unsettled.
        bits: the precision used.
    """

    number: Any
    reason: str = ""
    certain: bool = False
    bits: int = 0

    @property
    def real(self) -> bool:
        """There is a real value, and this holds it."""
        return self.number is not None

    @property
    def undefined(self) -> bool:
        """Proved: there is no real value."""
        return self.number is None and self.certain

    @property
    def exact(self) -> Fraction | None:
        """The value as a fraction, where it was computed without rounding."""
        return None if self.number is None else reals.fraction(self.number)

    def apart(self, other: Enclosure) -> bool:
        """Both are real and proved to be different numbers."""
        if self.number is None or other.number is None:
            return False
        with reals.precision(max(self.bits, other.bits, LEAST_BITS)):  # an exact number is rounded to be compared
            return bool(self.number < other.number or self.number > other.number)

    def digits(self, count: int = 15) -> str:
        """The number in decimals, or the exact fraction, or the reason.

        >>> evaluate(sympy.pi, {}).digits(5)
        '3.1416'
        """
        if self.number is None:
            return f"undefined: {self.reason}" if self.certain else f"unknown: {self.reason}"
        if type(self.number) is not BALL:
            return str(self.number)
        return str(self.number.str(count, radius=False))

    def __str__(self) -> str:
        return self.digits()

    def __float__(self) -> float:
        exact_value = self.exact
        try:
            return float(self.number if exact_value is None else exact_value)
        except OverflowError:  # of an exact number; a ball's is infinite by itself
            return inf if exact_value is None or exact_value > 0 else -inf


def evaluate(source: sympy.Basic | Tree, point: Point, *, bits: int = 64, most: int = MOST_BITS) -> Enclosure:
    """What an expression or syntax tree is at a point, to that many correct leading bits where that can be had.

    The precision doubles until the ball is small enough, or until `most`; a value that is exactly zero but not
    computed exactly (sin²1 + cos²1 − 1) never gets leading bits, and comes back as a small ball around zero.

    Raises:
        NameProblem: a name of the expression has no value in `point`.

    >>> print(evaluate(sympy.Symbol("x") ** sympy.Rational(1, 3), {"x": -8}))
    undefined: a fractional power of a negative number
    """
    tape = Tape(source)
    precision = max(LEAST_BITS, bits + 32)
    best = None
    while True:
        (result,) = tape.run(point, precision)
        best = result if best is None or result.real or not best.real else best
        if precision >= most or result.undefined or _sharp(result.number, bits):
            return best
        precision = min(2 * precision, most)


def evaluate_now(source: sympy.Basic | Tree) -> Any:
    """The bare value of an expression without names at the precision of the moment; NotReal where there is none."""
    return met(Tape(source).execute({})[0])


def _sharp(number: Any, bits: int) -> bool:
    if number is None:
        return False
    return type(number) is not BALL or bool(number.is_exact()) or number.rel_accuracy_bits() >= bits


# -- compiling ----------------------------------------------------------------------------------------------------


class Tape:
    """Expressions as one line of operations, to be run at many points.

    Args:
        roots: SymPy expressions, conditions, or syntax trees; their common pieces are computed once.
        stand_ins: pieces (by `id`) that are inputs of those names, whatever they are: f(x), f'(x).

    >>> x = sympy.Symbol("x")
    >>> tape = Tape(x + 1, sympy.log(x))
    >>> [str(value) for value in tape.run({"x": 1})]
    ['2', '0']
    >>> tape.names
    ('x',)
    """

    def __init__(self, *roots: sympy.Basic | Tree, stand_ins: Mapping[int, str] | None = None) -> None:
        self._stand_ins = stand_ins or {}
        self._rules: list[Rule | None] = []
        self._slots: list[tuple[int, ...]] = []
        self._shorts: list[Rule | None] = []
        self._numbers: list[Any] = []  # by slot: rational numbers, which are there from the start
        self._inputs: dict[str, int] = {}
        self._known: dict[tuple[Any, ...], int] = {}
        self._places: dict[int, int] = {}
        self._kept: list[Any] = []  # a memo by id() is only sound while the objects live
        self._roots = tuple(self._compile(root) for root in roots)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that a point must give, sorted."""
        return tuple(sorted(self._inputs))

    def __len__(self) -> int:
        return len(self._rules)

    def run(self, point: Point, bits: int = LEAST_BITS) -> list[Enclosure]:
        """The value of every root at a point, computed with that many bits."""
        with reals.precision(bits):
            values = self.execute(point)
        return [
            Enclosure(None, value.reason, value.certain, bits)
            if isinstance(value, NotReal)
            else Enclosure(value, bits=bits)
            for value in values
        ]

    def execute(self, point: Point, count: int | None = None) -> list[Any]:
        """The bare values at the precision of the moment; a `NotReal` stands where there is none.

        Args:
            count: of how many roots, the first; None: of all.
        """
        roots = self._roots[:count]
        values = self._numbers.copy()
        for name, slot in self._inputs.items():
            values[slot] = given(point, name)
        self._work(values, range(len(self._rules) if count is None else max(roots, default=-1) + 1))
        return list(map(values.__getitem__, roots))

    def _work(self, values: list[Any], slots: Iterable[int]) -> bool:
        """Work out these slots from those before them; whether one of them has no value."""
        rules, shorts, arguments_of = self._rules, self._shorts, self._slots
        faulty = False
        for slot in slots:
            rule = rules[slot]
            if rule is None:
                continue
            short = shorts[slot]
            if short is not None:
                first, second = arguments_of[slot]
                left, right = values[first], values[second]
                if (type(left), type(right)) in _BALLS:
                    value = short(left, right)
                    if not value.is_finite():
                        value, faulty = unsettled(_TOO_LARGE), True
                    values[slot] = value
                    continue
            arguments = list(map(values.__getitem__, arguments_of[slot]))
            if faulty and rule not in _TOLERANT:
                fault = _worst(arguments)
                if fault is not None:
                    values[slot] = fault
                    continue
            try:
                value = rule(*arguments)
            except NotReal as fault:
                value, faulty = fault, True
            else:
                if type(value) is BALL and not value.is_finite():
                    value, faulty = unsettled(_TOO_LARGE), True
            values[slot] = value
        return faulty

    def integral(self, name: str, point: Point, low: Any, high: Any) -> Any:
        """The integral of the first root over one name; NotReal where it cannot be computed."""
        if low == high:
            return exact(0)
        known = {slot: number for slot, number in enumerate(self._numbers) if number is not None}
        known |= {slot: given(point, other) for other, slot in self._inputs.items() if other != name}
        if name not in self._inputs:
            return reals.multiply(met(self.execute(point)[0]), high - low)
        here, root = self._inputs[name], self._roots[0]
        covered = partial(self._real_between, {**point}, name, low, high)
        return integral(self._rules, self._slots, root, known, here, (low, high), covered)

    def _real_between(self, point: dict[str, Any], name: str, low: Any, high: Any) -> bool:
        """The first root is real on the whole interval, but perhaps close to its ends: by balls that cover it."""
        edge = (high - low) / 2**20
        pending = [(low + edge, high - edge)]
        across = copy(self)
        across._rules = [reals.ACROSS_JUMPS.get(rule, rule) for rule in self._rules]
        for _ in range(_COVERING):
            if not pending:
                return True
            left, right = pending.pop()
            point[name] = lift(left).union(lift(right))
            if isinstance(across.execute(point)[0], NotReal):
                middle = (left + right) / 2
                pending += [(left, middle), (middle, right)]
        return False

    def _compile(self, root: Any) -> int:
        stack: list[tuple[Any, bool]] = [(root, False)]
        slots: tuple[int, ...]
        while stack:
            piece, ready = stack.pop()
            if id(piece) in self._places:
                continue
            if not ready:
                rule, children = (self._stand_ins[id(piece)], ()) if id(piece) in self._stand_ins else _read(piece)
                if children:
                    stack.append(((piece, rule, children), True))
                    stack += zip(reversed(children), repeat(False))
                    continue
                whole, slots = piece, ()
            else:
                whole, rule, children = piece
                slots = tuple(map(self._places.__getitem__, map(id, children)))
            self._places[id(whole)] = self._operation(rule, slots)
            self._kept.append(whole)
        return self._places[id(root)]

    def _operation(self, rule: Any, slots: tuple[int, ...]) -> int:
        """The slot of a rule applied to others, of an input, or of a number."""
        if isinstance(rule, _Bound):
            return self._binder(rule)
        if isinstance(rule, str):
            if rule not in self._inputs:
                self._inputs[rule] = self._append(None, ())
            return self._inputs[rule]
        key = (rule, slots)
        if key not in self._known:
            self._known[key] = (
                self._append(None, (), exact(*rule)) if type(rule) is tuple else self._append(rule, slots)
            )
        return self._known[key]

    def _append(self, rule: Rule | None, slots: tuple[int, ...], number: Any = None) -> int:
        self._rules.append(rule)
        self._slots.append(slots)
        self._shorts.append(_SHORT.get(rule) if len(slots) == 2 else None)
        self._numbers.append(number)
        return len(self._rules) - 1

    def _binder(self, bound: _Bound) -> int:
        """A sum, product or integral: its body is a tape of its own, run for every value of the bound name."""
        body, ends = Tape(bound.body), Tape(*bound.ends)
        free = sorted((set(body.names) - {bound.name}) | set(ends.names))
        slots = tuple(self._operation(name, ()) for name in free)

        def rule(*values: Any) -> Any:
            point = dict(zip(free, values, strict=True))
            low, high = (met(value) for value in ends.execute(point))
            return _BINDERS[bound.kind](body, bound.name, point, low, high)

        return self._append(rule, slots)


def _worst(arguments: Sequence[Any]) -> NotReal | None:
    """The fault among the arguments, a certain one first."""
    found = None
    for argument in arguments:
        if isinstance(argument, NotReal):
            if argument.certain:
                return argument
            found = found or argument
    return found


_TOLERANT: frozenset[Rule] = frozenset({reals.choose, reals.every, reals.some})
_TOO_LARGE = "a value too large, or too near a pole"

# The sum and the product of two numbers are balls where one of them is: nobody need ask how long they are.
_SHORT: Mapping[Rule | None, Rule] = {
    RULES["add"]: operator.add,
    RULES["total"]: operator.add,
    RULES["subtract"]: operator.sub,
    RULES["multiply"]: operator.mul,
}
_BALLS = frozenset({(BALL, BALL), (BALL, EXACT), (EXACT, BALL)})


@dataclass(frozen=True, slots=True, eq=False)
class _Bound:
    """A sum, product or integral to be compiled: kind, body, bound name, two ends."""

    kind: str
    body: Any
    name: str
    ends: tuple[Any, Any]


def _read(piece: Any) -> tuple[Any, tuple[Any, ...]]:
    """A piece's rule (a str: an input of that name; two whole numbers: a fraction) and what it is applied to."""
    return _read_sympy(piece) if isinstance(piece, sympy.Basic) else _read_tree(piece)


def _read_tree(piece: Tree) -> tuple[Any, tuple[Any, ...]]:
    match piece:
        case Name(name=name):
            return name, ()
        case Number(value=value):
            return (value.numerator, value.denominator), ()
        case Constant(name=name):
            return TREE_CONSTANTS[name], ()
        case Apply(operator="sum" | "product" | "integral" as kind, arguments=(body, Name(name=name), low, high)):
            return _Bound(kind, body, name, (low, high)), ()
        case Apply(operator=operator, arguments=arguments):
            return row_rule(operator), arguments
        case Undefined(arguments=arguments, row=row) if row is not None:
            return _own_rule(row, len(arguments)), arguments
        case Undefined(name=name):
            return failing(f"{name} is a function about which nothing is known", False), ()
        case Rate() | Text():
            return failing("a name that stands for a derivative has no value of its own", False), ()
    raise TypeError(f"not a syntax tree: {piece!r}")


@cache
def _own_rule(row: Any, count: int) -> Rule:
    """The rule of a caller's own function: its ball, or else what SymPy makes of it."""
    if row.ball is not None:
        return lambda *arguments: row.ball(*(lift(argument) for argument in arguments))
    slots = sympy.symbols(f"u1:{count + 1}")
    tape = Tape(row.construct(*slots))
    return lambda *arguments: met(
        tape.execute({slot.name: argument for slot, argument in zip(slots, arguments, strict=True)})[0]
    )


_BOUND_KINDS = {sympy.Sum: "sum", sympy.Product: "product", sympy.Integral: "integral"}


def _read_sympy(piece: sympy.Basic) -> tuple[Any, tuple[Any, ...]]:
    if isinstance(piece, sympy.Symbol):
        return name_of(piece), ()
    if isinstance(piece, sympy.Rational):
        return (int(piece.p), int(piece.q)), ()
    if isinstance(piece, sympy.Float):
        return _float_rule(piece), ()
    head, parts = type(piece), piece.args
    if not parts:
        return CONSTANTS.get(piece) or _unknown(piece), ()
    if head is sympy.Pow and parts[0] is sympy.E:
        return RULES["exponential"], (parts[1],)
    if head in HEADS:
        return HEADS[head], parts
    if head is sympy.Piecewise:
        pieces = [part for pair in piece.args for part in (pair.args if isinstance(pair, ExprCondPair) else (pair,))]
        return reals.choose, tuple(pieces)
    if head in _BOUND_KINDS:
        return _read_bound(piece), ()
    return _unknown(piece), ()


def _float_rule(piece: sympy.Float) -> Rule | tuple[int, int]:
    """A SymPy Float is the binary number that it is: no more is known of it."""
    if not piece.is_finite:
        return CONSTANTS[sympy.oo]
    number = sympy.Rational(piece)
    return int(number.p), int(number.q)


def _unknown(piece: sympy.Basic) -> Rule:
    if isinstance(piece, AppliedUndef):
        return failing(f"{piece.func.__name__} is a function about which nothing is known", False)
    return failing(f"{piece.func.__name__} has no numbers of its own", False)


def _read_bound(piece: Any) -> Rule | _Bound:
    """The outermost limits of a sum, product or integral; the inner ones stay with its body."""
    last = piece.limits[-1]
    if len(last) != 3:
        return failing(f"{piece.func.__name__} without limits", False)
    body = piece.function if len(piece.limits) == 1 else piece.func(piece.function, *piece.limits[:-1])
    return _Bound(_BOUND_KINDS[piece.func], body, name_of(last[0]), (last[1], last[2]))


# -- sums, products, integrals ------------------------------------------------------------------------------------


def _whole_numbers(low: Any, high: Any) -> range:
    ends = [reals.fraction(end) for end in (low, high)]
    if any(end is None or end.denominator != 1 for end in ends):
        raise unsettled("a sum or product whose limits are not whole numbers")
    first, last = (int(end) for end in ends if end is not None)
    if last < first - 1:
        raise unsettled("a sum or product that runs backwards")
    if last - first > TERMS:
        raise unsettled("a sum or product of very many terms")
    return range(first, last + 1)


def _sum(body: Tape, name: str, point: dict[str, Any], low: Any, high: Any) -> Any:
    total = exact(0)
    for number in _whole_numbers(low, high):
        total = reals.add(total, met(body.execute({**point, name: number})[0]))
    return total


def _product(body: Tape, name: str, point: dict[str, Any], low: Any, high: Any) -> Any:
    total = exact(1)
    for number in _whole_numbers(low, high):
        total = reals.multiply(total, met(body.execute({**point, name: number})[0]))
    return total


def _integral(body: Tape, name: str, point: dict[str, Any], low: Any, high: Any) -> Any:
    return body.integral(name, point, low, high)


_BINDERS: dict[str, Callable[[Tape, str, dict[str, Any], Any, Any], Any]] = {
    "sum": _sum,
    "product": _product,
    "integral": _integral,
}
