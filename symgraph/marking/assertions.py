"""For programmers: assert that a hand-written derivative is right, with a message that says what was forgotten.

>>> assert_derivative("sin(x^2)", "2*x*cos(x^2)", "x")
>>> assert_derivative("sin(x^2)", "cos(x^2)", "x")
Traceback (most recent call last):
    ...
AssertionError: cos(x²) is not dy/dx of y = sin(x²)
  at x = 22/13 the answer is −0.961691987593, the derivative −3.25495749647
  Consistent with leaving out the inner derivative, the edge x → u (2x).

Expressions are judged by `check`. A Python function that can be traced is an expression, too. What cannot (NumPy
code, torch modules) is compared in numbers: a derivative that is known is computed in balls at rational points; one
that is not is estimated from the function itself, by differences of step sizes that shrink until they agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sympy import Expr, Symbol

from symgraph.calculus.balls import Tape
from symgraph.calculus.graph import Source
from symgraph.calculus.points import points
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer
from symgraph.marking.checker import check
from symgraph.marking.tasks import pose
from symgraph.marking.verdicts import Outcome, Verdict
from symgraph.marking.views import VerdictView

__all__ = ["assert_derivative"]

POINTS = 8
CLOSE = 1e-6  # of floating-point code, as a part of the larger of 1 and the value
_STEPS = (1e-2, 5e-3, 2.5e-3, 1.25e-3, 6.25e-4)


def assert_derivative(
    f: Source | Callable[..., Any],
    df: Any,
    wrt: str | Symbol | int | None = None,
    *,
    of: str | None = None,
    at: Mapping[str, Any] | Sequence[Any] | None = None,
    assuming: Any = None,
    tolerance: float = CLOSE,
) -> None:
    """Raise AssertionError unless `df` is the derivative of `f`.

    Args:
        f: text, a Program, a SymPy expression, or a function of numbers (NumPy and torch functions included).
        df: the same kinds; a function is called with the arguments of `f`.
        wrt: the name, or for a function that cannot be traced the place, of the argument to differentiate by.
        at: where to compare numbers; None: at rational points of our own.
        tolerance: how far floating-point code may be off, as a part of the larger of 1 and the value.

    Raises:
        AssertionError: it is proved, or measured beyond the tolerance, that `df` is something else; or it could not be
            decided.
    """
    symbolic = _expression(f)
    if symbolic is not None:
        name = _name(wrt, symbolic)
        traced = df if not callable(df) or isinstance(df, Expr) else _expression(df)
        if traced is None:
            _assert_numbers_of(symbolic, df, name, of, at, tolerance)
            return
        close = tolerance if callable(f) or callable(df) else None  # the numbers in code are rounded
        _assert_verdict(check(symbolic, _formula(traced), name, of=of, assuming=assuming, tolerance=close))
        return
    if not callable(f):
        raise SymgraphError(f"a function is text, SymPy or callable, not a {type(f).__name__}")
    if not callable(df):
        raise SymgraphError("the function cannot be traced: give its derivative as a function, too")
    _assert_differences(f, df, wrt, at, tolerance)


def _expression(source: Any) -> Any:
    """The source, where it can be looked into; None for a function that cannot be traced."""
    if not callable(source) or isinstance(source, Expr):
        return source
    try:
        from symgraph.parsing.function import trace

        return trace(source)
    except (SymgraphError, TypeError, ValueError, AttributeError, ArithmeticError):
        return None


def _name(wrt: Any, source: Any) -> str | None:
    """The name to differentiate by; of a function's arguments also by place."""
    if isinstance(wrt, int):
        inputs = list(getattr(source, "inputs", ()))
        if not 0 <= wrt < len(inputs):
            raise SymgraphError(f"there is no argument {wrt}: the arguments are {', '.join(inputs) or 'unknown'}")
        return str(inputs[wrt])
    return None if wrt is None else str(wrt)


def _formula(program: Any) -> Any:
    return getattr(program, "expr", program)


def _assert_verdict(verdict: Verdict) -> None:
    """Nothing for a right answer; the certificate and the diagnoses for any other."""
    if verdict.outcome in (Outcome.RIGHT, Outcome.RIGHT_ON):
        return
    __tracebackhide__ = True
    raise AssertionError(renderer.compose("assertion", VerdictView(verdict, "teacher"), "txt").strip())


# Numbers -------------------------------------------------------------------------------------------------------------


def _assert_numbers_of(
    source: Source, df: Callable[..., Any], wrt: str | None, of: str | None, at: Any, tolerance: float
) -> None:
    """A known derivative, in balls, against what a function returns."""
    __tracebackhide__ = True
    task = pose(source, wrt, of=of)
    question = task.questions[0]
    tape = Tape(question.answer)
    names = list(question.graph.graph["program"].inputs)
    compared = 0
    for point in _given_points(at, names) or question.points:
        (value,) = tape.run(point, 96)
        if not value.real:
            continue
        compared += 1
        found = _number(df(*(float(point[name]) for name in names)))
        exact = float(value)
        if not _near(found, exact, tolerance):
            where = ", ".join(f"{name} = {point[name]}" for name in names)
            rate = f"∂{question.of.name}/∂{question.wrt.name}"
            shown = f"it is {found!r}, the derivative {value.digits(15)}"
            raise AssertionError(f"{_called(df)} is not {rate}\n  at {where} {shown}")
    if not compared:
        raise AssertionError("no point was found at which the function and its derivative have values")


def _assert_differences(f: Callable[..., Any], df: Callable[..., Any], wrt: Any, at: Any, tolerance: float) -> None:
    """A function's own differences against what its derivative returns; measured, not proved."""
    __tracebackhide__ = True
    place, count = _place(f, wrt)
    names = [f"x{number}" for number in range(count)]
    compared = 0
    for point in _given_points(at, names) or points(names, getattr(f, "__name__", "f"), 4 * POINTS):
        arguments = [float(point[name]) for name in names]
        try:
            slope, error = _slope(f, arguments, place)
            found = _number(df(*arguments))
        except (ValueError, ArithmeticError):
            continue
        if not math.isfinite(slope) or error > tolerance * max(1.0, abs(slope)):
            continue  # no derivative to speak of here: a kink, a pole, or noise
        compared += 1
        if not _near(found, slope, tolerance, 4 * error):
            where = ", ".join(f"{value:g}" for value in arguments)
            raise AssertionError(
                f"{_called(df)} is not the derivative of {_called(f)} (compared in numbers)\n"
                f"  at ({where}) it is {found!r}, the function's differences give {slope!r} (± {error:.1g})"
            )
        if compared == POINTS:
            return
    if not compared:
        raise AssertionError(f"no point was found at which {_called(f)} and its differences have values")


def _place(f: Callable[..., Any], wrt: Any) -> tuple[int, int]:
    """The place of the argument to differentiate by, and how many there are."""
    code = getattr(f, "__code__", None)
    names = list(code.co_varnames[: code.co_argcount]) if code is not None else []
    if isinstance(wrt, int):
        return wrt, max(len(names), wrt + 1)
    if wrt is None:
        if len(names) > 1:
            raise SymgraphError(f"{_called(f)} has several arguments ({', '.join(names)}): say which, with wrt=")
        return 0, 1
    if str(wrt) not in names:
        known = ", ".join(names) or "unknown: give a place"
        raise SymgraphError(f"{_called(f)} has no argument {wrt}; its arguments are {known}")
    return names.index(str(wrt)), len(names)


def _slope(f: Callable[..., Any], arguments: Sequence[float], place: int) -> tuple[float, float]:
    """The slope by central differences extrapolated to step 0 (Richardson), and how much the last step changed it."""
    rows: list[list[float]] = []
    for step in _STEPS:
        ends = []
        for sign in (1, -1):
            moved = list(arguments)
            moved[place] += sign * step
            ends.append(_number(f(*moved)))
        row = [(ends[0] - ends[1]) / (2 * step)]
        for power, before in enumerate(rows[-1] if rows else [], 1):
            row.append(row[-1] + (row[-1] - before) / (4**power - 1))
        rows.append(row)
    return rows[-1][-1], abs(rows[-1][-1] - rows[-2][-1])


def _number(value: Any) -> float:
    """A number from what a function returns: a float, a NumPy scalar, a tensor of one element."""
    item = getattr(value, "item", None)
    number = item() if callable(item) else value
    if isinstance(number, complex):
        raise ValueError("not a real number")
    return float(number)


def _near(found: float, wanted: float, tolerance: float, error: float = 0.0) -> bool:
    return abs(found - wanted) <= tolerance * max(1.0, abs(wanted)) + error


def _given_points(at: Any, names: Sequence[str]) -> Iterator[dict[str, Any]] | list[dict[str, Any]] | None:
    """The points that a caller gave, by name or in order."""
    if at is None:
        return None
    if isinstance(at, Mapping):
        return [{name: Fraction(str(at[name])) for name in names}]
    values = list(at)
    return [{name: Fraction(str(value)) for name, value in zip(names, values, strict=True)}]


def _called(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
