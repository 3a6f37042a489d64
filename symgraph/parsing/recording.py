"""Recording objects: they stand in for numbers while code runs, and what it does with them is written down.

>>> from symgraph.parsing.tape import Tape
>>> tape = Tape()
>>> a, b = enter(tape, "a"), enter(tape, "b")
>>> program = tape.program([("e", (a + b) * functions.sin(b + 1))])
>>> program.expr
(a + b)*sin(b + 1)

`functions` has every function of the table of primitives, by each of its spellings and by what Python's `math`, NumPy
and torch call it. Given plain numbers it gives a plain number, so that the same code runs on both:

>>> functions.sigmoid(0)
0.5

What changes nothing is not written down (adding 0, multiplying by 1): that is how loops begin their sums. A comparison
of recording objects has no answer unless the recording has a point; then it has the one that holds there, and the
program says so in its readings.
"""

from __future__ import annotations

import functools
import math
import operator as python
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from sympy import Expr, Float, Integer, Rational, S, SympifyError
from sympy import Number as SympyNumber

from symgraph.errors import DomainError, ProgramError, SymgraphError
from symgraph.language.constructors import construct
from symgraph.language.primitives import PRIMITIVES, SHORTHANDS, SPELLINGS
from symgraph.language.tree import BINDERS
from symgraph.parsing.tape import CONDITIONS, Entry, Operand, Tape, as_tree, fault

__all__ = ["Condition", "Functions", "Recorded", "apply", "enter", "functions"]

_DIGITS = 30  # of values that are no fractions; they only decide comparisons
_CLOSE = Rational(1, 10**20)
_BITS = 256


class _Standing(Entry):
    """What conditions and numbers have in common."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<recording of {self}>"

    def __hash__(self) -> int:
        return id(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        name = ufunc.__name__
        if method != "__call__" or options or name not in _TABLE:
            raise fault(f"numpy's {name} cannot be recorded", _OFFER)
        return _spread(_TABLE[name], inputs)

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        if function.__name__ not in _TABLE or options:
            raise fault(f"numpy's {function.__name__} cannot be recorded", _OFFER)
        return _spread(_TABLE[function.__name__], arguments)


class Condition(_Standing):
    """A comparison of recording objects: for `functions.where`, or, at a point, for a branch."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return _follow(self)

    def __and__(self, other: Any) -> Any:
        return apply("and", self, other)

    def __or__(self, other: Any) -> Any:
        return apply("or", self, other)

    def __invert__(self) -> Any:
        return apply("not", self)

    def holds(self) -> bool:
        """Whether it holds at the recording's point.

        Raises:
            ProgramError: the recording has no point.
            DomainError: the two sides are equal there, or too close to tell: both branches meet at this point.
        """
        if self.row in ("and", "or", "not"):
            parts = [part.holds() for part in self.arguments if isinstance(part, Condition)]
            return not parts[0] if self.row == "not" else all(parts) if self.row == "and" else any(parts)
        left, right = (_worth(argument) for argument in self.arguments)
        if left is None or right is None:
            raise fault(
                f"which way to go depends on whether {self}, and that varies",
                "give a point, at={…}, to follow the branch that holds there; or write functions.where(condition, "
                "value, otherwise)",
            )
        apart = abs(left - right)
        if apart <= _CLOSE * max(abs(left), abs(right), 1):
            raise DomainError(f"at this point both sides of {self} are equal: two branches meet there")
        larger = left > right
        return bool(
            {"less": not larger, "less_equal": not larger, "equal": False, "unequal": True}.get(self.row, larger)
        )


class Recorded(_Standing):
    """A number that is not known yet. It adds, multiplies and compares like one, and has the methods of NumPy's."""

    __slots__ = ("_value",)

    def __init__(self, tape: Tape, row: str, arguments: tuple[Operand, ...], value: Expr | None = None) -> None:
        super().__init__(tape, row, arguments)
        self._value: Any = _NOT_YET if row else value

    @property
    def value(self) -> Any:
        """What it is at the recording's point, as a SymPy number; None if the recording has no point."""
        waiting = [self] if self._value is _NOT_YET else []
        while waiting:
            entry = waiting[-1]
            before = [each for each in _needed(entry) if each._value is _NOT_YET]
            waiting += before
            if not before:
                entry._value = _computed(entry.row, entry.arguments)
                waiting.pop()
        return self._value

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in _TABLE:
            return functools.partial(_TABLE[name], self)
        raise AttributeError(f"a variable that is being recorded has no {name!r}: it is one real number")

    def __bool__(self) -> bool:
        return bool(apply("unequal", self, 0))

    def __format__(self, how: str) -> str:
        return str(self)

    def _no_number(self, *_: object) -> Any:
        raise fault(f"{self} is a variable here, and a plain number is wanted", _OFFER)

    __float__ = __int__ = __complex__ = __round__ = __trunc__ = _no_number

    def __index__(self) -> int:
        raise fault(f"{self} is a variable here, and it counts something", "give it a default, as in def f(x, n=3)")

    def _sympy_(self) -> Any:
        problem = fault(f"{self} is a variable here, and no SymPy object", _OFFER)
        raise _NotForSympy(problem.message, problem.text, problem.start, problem.end, hint=problem.hint)

    def __pos__(self) -> Recorded:
        return self

    def __neg__(self) -> Any:
        return apply("negate", self)

    def __abs__(self) -> Any:
        return apply("absolute_value", self)

    def __floor__(self) -> Any:
        return apply("floor", self)

    def __ceil__(self) -> Any:
        return apply("ceiling", self)

    def __floordiv__(self, other: Any) -> Any:
        return apply("floor", _binary("divide", self, other))

    def __rfloordiv__(self, other: Any) -> Any:
        return apply("floor", _binary("divide", other, self))

    def __mod__(self, other: Any) -> Any:
        return self - other * (self // other)

    def __rmod__(self, other: Any) -> Any:
        return other - self * (other // self)


class _NotForSympy(ProgramError, SympifyError):  # type: ignore[misc] # SymPy has no types
    """So that SymPy's numbers, given a recording object, let it do the arithmetic (`sympy.pi * x`)."""


_NOT_YET = object()
_OFFER = "write it with the functions of math or numpy, or with symgraph.functions"


def enter(tape: Tape, name: str, value: Expr | None = None) -> Recorded:
    """A new input of a tape; `value` is what it is at the recording's point."""
    return tape.enter(Recorded(tape, "", (), value), name)


def _record(tape: Tape, row: str, arguments: Iterable[Any]) -> Recorded | Condition:
    operands = tuple(tape.operand(argument) for argument in arguments)
    return tape.add(Condition(tape, row, operands) if row in CONDITIONS else Recorded(tape, row, operands))


def _follow(condition: Condition) -> bool:
    """Whether a condition holds at the recording's point; the program's readings say so."""
    holds = condition.holds()
    condition.tape.followed.append((condition, holds))
    return holds


def _needed(entry: Entry) -> Iterator[Recorded]:
    """The numbers that an entry is computed from, those inside its conditions included."""
    for argument in entry.arguments:
        if isinstance(argument, Recorded):
            yield argument
        elif isinstance(argument, Condition):
            yield from _needed(argument)


def _computed(row: str, arguments: tuple[Operand, ...]) -> Expr | None:
    """What an operation gives at the recording's point, if there is one."""
    values = [_worth(argument) for argument in arguments]
    if any(value is None for value in values):
        return None
    result = PRIMITIVES[row].construct(*values)
    if isinstance(result, Rational) and max(abs(result.p), result.q).bit_length() < _BITS:
        return result
    result = result.evalf(_DIGITS)
    return result if isinstance(result, Float) else None


def _worth(operand: Operand) -> Any:
    if isinstance(operand, Recorded):
        return operand.value
    if isinstance(operand, Condition):
        try:
            return S.true if operand.holds() else S.false
        except SymgraphError:  # nothing is asked of it here: whoever evaluates the formula will say it better
            return None
    assert not isinstance(operand, Entry)
    return construct(operand)


# Functions


class Functions:
    """The functions of the table of primitives, for code that runs on numbers and on recording objects alike.

    >>> functions.relu(-3), functions.where(2 > 1, 5, 7)
    (0, 5)
    """

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in _TABLE:
            return functools.partial(_spread_over, _TABLE[name])
        raise AttributeError(f"there is no function {name!r} in the table of primitives")

    def __dir__(self) -> list[str]:
        return sorted(_TABLE)


functions = Functions()


def _spread_over(function: Callable[..., Any], *arguments: Any) -> Any:
    return _spread(function, arguments)


def _spread(function: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    """Call a function, element by element where an argument is an array."""
    if any(getattr(argument, "shape", ()) for argument in arguments):
        import numpy  # there is an array, so it is loaded already

        # As arrays of objects, so that NumPy calls the function and does not ask the objects again.
        return numpy.frompyfunc(function, len(arguments), 1)(*(numpy.array(each, dtype=object) for each in arguments))
    return function(*(each.item() if getattr(each, "shape", None) == () else each for each in arguments))


def apply(row: str, *arguments: Any) -> Any:
    """A row applied: recorded where something is being recorded, worked out where all are plain numbers."""
    for argument in arguments:
        if isinstance(argument, Entry):
            return _record(argument.tape, row, arguments)
    result = PRIMITIVES[row].construct(*(construct(as_tree(argument)) for argument in arguments))
    if result in (S.true, S.false):
        return bool(result)
    value = result.evalf(17)
    if not isinstance(value, SympyNumber) or not value.is_finite:
        raise DomainError(f"{row.replace('_', ' ')} has no value at {', '.join(map(str, arguments))}")
    return int(value) if isinstance(result, Integer) and isinstance(value, Integer) else float(value)


_NOTHING: Mapping[str, int] = {"add": 0, "subtract": 0, "multiply": 1, "divide": 1, "power": 1}


def _binary(row: str, left: Any, right: Any) -> Any:
    """Arithmetic as it was written, but for what changes nothing."""
    if isinstance(left, Recorded) and _is(right, _NOTHING.get(row)):
        return left
    if isinstance(right, Recorded) and row in ("add", "multiply") and _is(left, _NOTHING[row]):
        return right
    if row == "power" and _is(right, 0):
        return 1
    try:
        if row == "power" and isinstance(left, float) and left == math.e:
            return apply("exponential", right)
        return apply(row, left, right)
    except TypeError:
        return NotImplemented


def _is(value: Any, number: int | None) -> bool:
    return number is not None and isinstance(value, int | float | Fraction) and value == number


def _install(method: str, row: str, *, reflected: bool) -> None:
    """Give recording objects an operator of Python's, from both sides where Python asks for both."""

    def forward(self: Recorded, other: Any) -> Any:
        return _binary(row, self, other)

    def backward(self: Recorded, other: Any) -> Any:
        return _binary(row, other, self)

    setattr(Recorded, f"__{method}__", forward)
    if reflected:
        setattr(Recorded, f"__r{method}__", backward)


for _method, _operation in {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "pow": "power",
}.items():
    _install(_method, _operation, reflected=True)
for _method, _operation in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal",
                            "ne": "unequal"}.items():  # fmt: skip
    _install(_method, _operation, reflected=False)
Recorded.__hash__ = _Standing.__hash__  # type: ignore[method-assign] # equality is recorded; identity is the key


# What Python, NumPy and torch call the functions


def _terms(arguments: Sequence[Any]) -> Sequence[Any]:
    """The terms of f(a, b, c) and of f([a, b, c])."""
    if len(arguments) == 1 and isinstance(arguments[0], Iterable):
        return list(arguments[0])
    return arguments


def _over_terms(row: str) -> Callable[..., Any]:
    """A mean or the like; of one term it is the term."""

    def over_terms(*arguments: Any) -> Any:
        terms = _terms(arguments)
        return apply(row, *terms) if len(terms) > 1 else terms[0]

    return over_terms


def _extreme(row: str, plain: Callable[..., Any]) -> Callable[..., Any]:
    """Python's max or min, which compares, as one operation when something in it is being recorded."""

    def extreme(*arguments: Any, **options: Any) -> Any:
        terms = _terms(arguments)
        if options or not any(isinstance(term, Entry) for term in terms):
            return plain(*arguments, **options) if options else plain(terms)
        return apply(row, *terms) if len(terms) > 1 else terms[0]

    return extreme


def _logarithm(value: Any, base: Any = None) -> Any:
    if base is None or (isinstance(base, float) and base == math.e):
        return apply("logarithm", value)
    return apply("logarithm_base", value, base)


def _where(condition: Any, value: Any, otherwise: Any) -> Any:
    if isinstance(condition, Condition):
        return apply("piecewise", value, condition, otherwise)
    return value if condition else otherwise


def _heaviside(value: Any, at_zero: Any = 0.5) -> Any:
    if at_zero != 0.5:
        raise fault("the step function is 1/2 at 0 here", "give 0.5 as its value at 0: its derivative is the same")
    return apply("heaviside", value)


def _clip(value: Any, low: Any = None, high: Any = None) -> Any:
    value = value if low is None else apply("maximum", value, low)
    return value if high is None else apply("minimum", value, high)


def _shorthand(row: str, slots: tuple[int | None, ...]) -> Callable[..., Any]:
    return lambda value: apply(row, *(value if slot is None else slot for slot in slots))


_NO_FUNCTIONS = BINDERS | {"vector", "matrix", "transpose", "matrix_multiply"}
_TABLE: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        **{name: functools.partial(apply, row) for name, row in SPELLINGS.items() if row not in _NO_FUNCTIONS},
        **{name: _shorthand(row, slots) for name, (row, slots) in SHORTHANDS.items()},
        **dict.fromkeys(("add", "__add__"), python.add),
        **dict.fromkeys(("subtract", "sub"), python.sub),
        **dict.fromkeys(("multiply", "mul"), python.mul),
        **dict.fromkeys(("divide", "true_divide", "div"), python.truediv),
        **dict.fromkeys(("power", "float_power", "pow"), lambda x, n: x**n),
        **dict.fromkeys(("negative", "neg"), python.neg),
        "positive": python.pos,
        **dict.fromkeys(("absolute", "fabs", "abs"), functools.partial(apply, "absolute_value")),
        "log": _logarithm,
        "log1p": lambda x: apply("logarithm", 1 + x),
        "expm1": lambda x: apply("exponential", x) - 1,
        "exp2": lambda x: 2**x,
        "square": lambda x: x**2,
        "reciprocal": lambda x: 1 / x,
        "rsqrt": lambda x: 1 / apply("square_root", x),
        "hypot": lambda *sides: apply("square_root", sum(side**2 for side in sides)),
        **dict.fromkeys(("degrees", "rad2deg"), lambda x: x * 180 / math.pi),
        **dict.fromkeys(("radians", "deg2rad"), lambda x: x * math.pi / 180),
        **dict.fromkeys(("maximum", "fmax", "max"), _extreme("maximum", max)),
        **dict.fromkeys(("minimum", "fmin", "min"), _extreme("minimum", min)),
        **dict.fromkeys(("clip", "clamp"), _clip),
        **dict.fromkeys(("where", "if_else"), _where),
        **dict.fromkeys(("sum", "fsum"), lambda *terms: sum(_terms(terms))),
        **dict.fromkeys(("prod", "product"), lambda *terms: math.prod(_terms(terms))),
        **dict.fromkeys(("mean", "fmean", "average"), _over_terms("mean")),
        "logsumexp": _over_terms("logsumexp"),
        "logaddexp": functools.partial(apply, "logsumexp"),
        "dot": lambda left, right: sum(a * b for a, b in zip(left, right, strict=True)),
        "sumprod": lambda left, right: sum(a * b for a, b in zip(left, right, strict=True)),
        "heaviside": _heaviside,
        "psi": functools.partial(apply, "digamma"),
        **{
            f"{letter}v": functools.partial(apply, f"bessel_{kind}")
            for letter, kind in zip("jyik", "jyik", strict=True)
        },
        **{
            name: functools.partial(apply, name) for name in ("less", "less_equal", "greater", "greater_equal", "equal")
        },
        "not_equal": functools.partial(apply, "unequal"),
        "logical_and": functools.partial(apply, "and"),
        "logical_or": functools.partial(apply, "or"),
        "logical_not": functools.partial(apply, "not"),
    }
)
