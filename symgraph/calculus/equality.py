"""Are two expressions equal: a proof, a counterexample, or neither; never a guess.

    PROVED      equal at every point in the interior of the domain that both share; `method` says how it was proved
    DIFFERENT   a point with rational coordinates where both are real, and two balls that do not meet
    UNDECIDED   what was tried, and why it was not enough

The ladder, each rung only when the one before has left the question open:

1. certified numbers at about twelve rational points: two balls apart are a counterexample
2. exact arithmetic on kernels (`kernels.py`)
3. the same numbers with more digits
4. equal derivatives, and equal values on every piece of the domain (`constancy.py`)
5. SymPy's `simplify` of the difference, in a process that is killed in time, and believed only when it says 0

Points where one side is real and the other has no value are no counterexample: they are reported as a difference of
the domains (2 ln x and ln x², at x = −1). Points where a sign or a case turns are not looked at.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> print(equal(2 * sympy.sin(x) * sympy.cos(x), sympy.sin(2 * x)))
proved: exact arithmetic (half angles)
>>> print(equal(sympy.Rational(2001, 1000) * x, 2 * x))
different: at x = 20/7 the first is 2001/350, the second 40/7
>>> print(equal(2 * sympy.log(x), sympy.log(x**2)))
proved: exact arithmetic (logarithms); at x = -29/40 only the second has a value
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import sympy
from sympy.core.function import AppliedUndef, Derivative, Subs
from sympy.core.relational import Relational

from symgraph import worker
from symgraph.calculus import reals
from symgraph.calculus.assumptions import Assumptions, assume
from symgraph.calculus.balls import Enclosure, Tape
from symgraph.calculus.constancy import constant_proof
from symgraph.calculus.exchange import to_json
from symgraph.calculus.kernels import read_function
from symgraph.calculus.points import name_of, points
from symgraph.calculus.reals import CERTIFIED
from symgraph.calculus.zeros import distinct_pieces, kernel_proof, outline
from symgraph.errors import SymgraphError
from symgraph.limits import DEFAULT, Limits

__all__ = ["Assumptions", "Certificate", "Gap", "Outcome", "Result", "assume", "counterexample", "equal"]

POINTS = 12
FEWEST = 3  # points where both are real, before a proof is believed to be about something
_FIRST_BITS = 96
_MORE_BITS = ((320, 4), (1_024, 2), (4_096, 1))  # bits, points
_GAPS = 3
_IDENTICAL = 2_000  # pieces, for SymPy's own comparison
_SIMPLIFIED = 300  # pieces, for SymPy's simplify

Point = tuple[tuple[str, Fraction], ...]


class Outcome(enum.Enum):
    """What is known."""

    PROVED = "proved"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A point where two expressions are different real numbers.

    Args:
        point: name and exact value, sorted by name.
        left, right: what the two are there: exact numbers, or balls that do not meet.
        functions: values given to functions about which nothing is known, as "f(x)" and value.
        certified: the balls are proved to hold the values (False without python-flint, unless both are exact).
    """

    point: Point
    left: Enclosure
    right: Enclosure
    functions: Point = ()
    certified: bool = True

    def __str__(self) -> str:
        where, (left, right) = _at(self.point + self.functions), (self.left.digits(12), self.right.digits(12))
        if left != right:
            return f"{where}the first is {left}, the second {right}"
        return f"{where}both are about {left}, and they differ by {self.gap()}"

    def gap(self) -> str:
        """About how far the two values are from each other.

        >>> x = sympy.Symbol("x")
        >>> found = counterexample(x + sympy.Rational(1, 10**20), x)
        >>> found is not None and found.gap()
        '1.00e-20'
        """
        with reals.precision(self.left.bits):
            return str(abs(reals.lift(self.left.number - self.right.number)).str(3, radius=False))


@dataclass(frozen=True, slots=True)
class Gap:
    """A point where only one of two expressions has a real value; `reason` says why the other has none."""

    point: Point
    left_is_real: bool
    reason: str

    def __str__(self) -> str:
        return f"{_at(self.point)}only the {'first' if self.left_is_real else 'second'} has a value"


@dataclass(frozen=True, slots=True)
class Result:
    """What is known of two expressions.

    Args:
        outcome: PROVED, DIFFERENT or UNDECIDED.
        method: for PROVED: how.
        certificate: for DIFFERENT: where, and the two values.
        gaps: points found where only one side is real.
        points: at so many points both were real and no difference was seen.
        reason: for UNDECIDED: why.
    """

    outcome: Outcome
    method: str = ""
    certificate: Certificate | None = None
    gaps: tuple[Gap, ...] = ()
    points: int = 0
    reason: str = ""

    def __bool__(self) -> bool:
        raise TypeError("a Result is no truth value: compare its outcome with Outcome.PROVED")

    def __str__(self) -> str:
        detail = self.certificate or self.method or self.reason
        return f"{self.outcome.value}: {detail}" + "".join(f"; {gap}" for gap in self.gaps[:1])


def _at(point: Point) -> str:
    return "at " + ", ".join(f"{name} = {value}" for name, value in point) + " " if point else ""


# -- the ladder ---------------------------------------------------------------------------------------------------


def equal(
    left: Any,
    right: Any,
    assumptions: Any = None,
    *,
    seed: object = 0,
    limits: Limits = DEFAULT,
    heavy: bool = True,
) -> Result:
    """Whether two SymPy expressions are equal wherever both are real.

    Args:
        assumptions: what `assume` reads: {"x": "positive"}, x > 0, a list of comparisons.
        seed: chooses the points; the same seed, the same points.
        limits: `expanded_terms` bounds polynomials, `seconds` each of the slow rungs.
        heavy: whether SymPy's `simplify` may be asked, in a worker. What it can do in the time depends on the machine:
            what must come out the same everywhere is asked without it.

    Raises:
        TypeError: not two SymPy expressions (or numbers).

    >>> x = sympy.Symbol("x")
    >>> equal(sympy.sqrt(x**2), x).outcome
    <Outcome.DIFFERENT: 'different'>
    >>> equal(sympy.sqrt(x**2), x, {"x": "positive"}).outcome
    <Outcome.PROVED: 'proved'>
    """
    left, right = _expression(left), _expression(right)
    question = _Question(left, right, assumptions, seed)
    certificate = question.sweep(_FIRST_BITS, POINTS)
    if certificate is not None:
        return question.result(Outcome.DIFFERENT, certificate=certificate)
    if not question.met and question.has_integral:
        question = _Question(left, right, assumptions, seed, opaque_integrals=True)
        question.sweep(_FIRST_BITS, POINTS)
    if not question.met:
        return question.result(Outcome.UNDECIDED, reason=question.why_no_points())
    method = _prove(question, limits)
    if method:
        return question.result(Outcome.PROVED, method=method)
    for bits, count in _MORE_BITS:
        certificate = question.again(bits, count)
        if certificate is not None:
            return question.result(Outcome.DIFFERENT, certificate=certificate)
    known = question.known
    seconds = limits.seconds
    if not question.unknown and constant_proof(left, right, known.signs, known.conditions, seconds=seconds):
        return question.result(Outcome.PROVED, method="equal derivatives, and equal values on every interval")
    if heavy and _simplified_to_zero(left - right, known.signs, limits):
        return question.result(Outcome.PROVED, method="SymPy's simplify")
    return question.result(Outcome.UNDECIDED, reason=question.why_undecided())


def counterexample(
    left: Any, right: Any, assumptions: Any = None, *, seed: object = 0, bits: int = _FIRST_BITS, count: int = POINTS
) -> Certificate | None:
    """The first rung alone: a point where two expressions differ, if one of a few shows it.

    >>> x = sympy.Symbol("x")
    >>> print(counterexample(sympy.pi * x**2, sympy.Rational(3142, 1000) * x**2))
    at x = 20/7 the first is 25.6456543150, the second 6284/245
    """
    return _Question(_expression(left), _expression(right), assumptions, seed).sweep(bits, count)


def _expression(value: Any) -> Any:
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return sympy.Rational(value)
    if not isinstance(value, sympy.Expr):
        raise TypeError(f"equality is about SymPy expressions, not {type(value).__name__}")
    return value


def _prove(question: _Question, limits: Limits) -> str:
    left, right, known = question.left, question.right, question.known
    if left is right:
        return "the same expression"
    terms = 2 * limits.expanded_terms
    return kernel_proof(left, right, known.signs, known.conditions, terms=terms, seconds=limits.seconds)


def _simplified_to_zero(difference: Any, signs: Mapping[str, str], limits: Limits) -> bool:
    """SymPy's simplify makes a literal 0 of the difference, in a worker and in time."""
    if outline(difference).size > _SIMPLIFIED:
        return False
    helper = worker.shared()
    if helper is None:
        return False
    words = {name: " ".join(w for w in text.split() if w != "real") for name, text in signs.items()}
    try:
        arguments = {"expression": to_json(difference), "signs": words}
        return bool(helper.run("zero", arguments, seconds=limits.seconds, label="a proof of equality"))
    except SymgraphError:
        return False


class _Question:
    """Two expressions, the points where both are real, and what was seen there."""

    def __init__(
        self, left: Any, right: Any, assumptions: Any, seed: object, *, opaque_integrals: bool = False
    ) -> None:
        if outline(left).size + outline(right).size <= _IDENTICAL and left == right:
            right = left
        self.left, self.right, self.seed = left, right, seed
        found = _Found.of(left, right, opaque_integrals=opaque_integrals)
        self.has_integral = found.integral
        self.unknown = found.functions
        self.known = assume(assumptions, found.symbols)
        self.stand_ins = _StandIns(found.functions, self.known)
        self.tape = Tape(left, right, stand_ins=self.stand_ins.names)
        self.turns = Tape(*found.turns, stand_ins=self.stand_ins.names) if found.turns else None
        self.tests = Tape(*self.known.conditions) if self.known.conditions else None
        self.whole = found.whole
        names = {*self.tape.names, *self.stand_ins.inputs}
        for other in (self.turns, self.tests):
            names.update(other.names if other is not None else ())
        self.names = sorted(names)
        self.met: list[dict[str, Fraction]] = []
        self.gaps: list[Gap] = []
        self.alone = {True: 0, False: 0}  # points where only the left, only the right is real
        self.faults: dict[str, None] = {}
        self.certificate: Certificate | None = None

    def sweep(self, bits: int, count: int) -> Certificate | None:
        """Look for a difference at up to so many points where both are real; at a few, where both are the same."""
        for _ in points(
            self.names,
            self.seed,
            count,
            domain=lambda point: self._look(point, bits),
            signs=self.known.signs,
            bounds=self.known.bounds,
            whole=self.whole,
        ):
            if self.certificate is not None or (self.left is self.right and len(self.met) == FEWEST):
                break
        return self.certificate

    def again(self, bits: int, count: int) -> Certificate | None:
        """Look at points seen before, with more digits."""
        for point in self.met[:count]:
            found = self._compare(point, *self.tape.run(point, bits))
            if found is not None:
                return found
        return None

    def _look(self, point: dict[str, Fraction], bits: int) -> bool:
        """Whether both are real at a point that may be used; differences and gaps are kept."""
        if not self._usable(point):
            return False
        left, right = self.tape.run(point, bits)
        if not (left.real and right.real):
            self._note_gap(point, left, right)
            return False
        self.certificate = self._compare(point, left, right)
        if self.certificate is None:
            self.met.append(point)
        return True

    def _usable(self, point: dict[str, Fraction]) -> bool:
        if self.tests is not None and not all(value.number is True for value in self.tests.run(point)):
            return False
        # where a sign or a case turns, a value is a matter of convention
        return self.turns is None or all(
            not value.real or value.number < 0 or value.number > 0 for value in self.turns.run(point)
        )

    def _compare(self, point: dict[str, Fraction], left: Enclosure, right: Enclosure) -> Certificate | None:
        if not left.apart(right) or not self.stand_ins.free(point):
            return None
        certified = CERTIFIED or (left.exact is not None and right.exact is not None)
        functions = tuple((text, point[name]) for name, text in self.stand_ins.texts.items())
        return Certificate(self._named(point), left, right, functions, certified)

    def _named(self, point: Mapping[str, Fraction]) -> Point:
        return tuple((name, value) for name, value in sorted(point.items()) if name not in self.stand_ins.texts)

    def _note_gap(self, point: dict[str, Fraction], left: Enclosure, right: Enclosure) -> None:
        for value in (left, right):
            if not value.real:
                self.faults[value.reason] = None
        if left.real != right.real:
            missing = right if left.real else left
            self.alone[left.real] += 1
            if missing.undefined and len(self.gaps) < _GAPS:
                self.gaps.append(Gap(self._named(point), left.real, missing.reason))

    def result(self, outcome: Outcome, **data: Any) -> Result:
        gaps = () if outcome is Outcome.DIFFERENT else tuple(self.gaps)
        found = Result(outcome, gaps=gaps, points=len(self.met), **data)
        if outcome is Outcome.PROVED and len(self.met) < min(FEWEST, POINTS) and self.names:
            reason = f"both are real at {len(self.met)} of the points tried only"
            return replace(found, outcome=Outcome.UNDECIDED, method="", reason=reason)
        return found

    def why_no_points(self) -> str:
        if self.alone[True] and not self.alone[False]:
            return f"the second has no real value where the first has one: {_first(self.faults)}"
        if self.alone[False] and not self.alone[True]:
            return f"the first has no real value where the second has one: {_first(self.faults)}"
        return f"no point was found where both are real: {_first(self.faults) or 'the assumptions leave none'}"

    def why_undecided(self) -> str:
        reason = f"equal to the last digit at {len(self.met)} points, and no proof was found"
        if self.stand_ins.fixed:
            reason += "; it holds an integral or a sum that has no numbers here"
        return reason


def _first(reasons: Mapping[str, None]) -> str:
    return next(iter(reasons), "")


# -- what is in the expressions -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    symbols: list[Any]
    functions: list[Any]  # outermost ones about which nothing is known
    turns: list[Any]  # zero where a sign or a case turns
    whole: list[str]  # names in exponents
    integral: bool = False

    @classmethod
    def of(cls, *expressions: Any, opaque_integrals: bool = False) -> _Found:
        """One walk over both expressions, every object once."""
        found = cls([], [], [], [])
        opaque = (AppliedUndef, Derivative, Subs, *((sympy.Integral,) if opaque_integrals else ()))
        seen: set[int] = set()
        stack = list(reversed(expressions))
        while stack:
            piece = stack.pop()
            if id(piece) in seen:
                continue
            seen.add(id(piece))
            if isinstance(piece, sympy.Symbol):
                found.symbols.append(piece)
            elif isinstance(piece, opaque):
                found.functions.append(piece)
                kind, arguments = _kind_of(piece)
                stack.extend(reversed(arguments if kind[0] else ()))
            elif piece.args:
                found._look(piece)
                stack.extend(reversed(piece.args))
        return found

    def _look(self, piece: Any) -> None:
        if isinstance(piece, sympy.sign | sympy.Heaviside | sympy.DiracDelta):
            self.turns.append(piece.args[0])
        elif isinstance(piece, Relational):
            self.turns.append(sympy.Add(piece.lhs, sympy.Mul(-1, piece.rhs, evaluate=False), evaluate=False))
        elif isinstance(piece, sympy.Pow) and not isinstance(piece.exp, sympy.Rational):
            if not isinstance(piece.base, sympy.Number | sympy.NumberSymbol):
                self._exponent(piece.exp)
        elif isinstance(piece, sympy.Integral):
            self.integral = True
        elif isinstance(piece, sympy.Sum | sympy.Product):
            for limit in piece.limits:
                for end in limit[1:]:
                    self._exponent(end)

    def _exponent(self, exponent: Any) -> None:
        for symbol in distinct_pieces(exponent):
            if isinstance(symbol, sympy.Symbol):
                self.whole.append(name_of(symbol))


class _StandIns:
    """Names that stand for functions about which nothing is known: f(u), f'(u), each with a value of its own.

    That is sound where the arguments of two of them are proved equal (then they are one name) or are apart at the
    point in question: a smooth function can have any values at different places, and any derivatives at one.
    An integral that was not carried out has one value only, which is not known here: with it, nothing is refuted.
    """

    def __init__(self, functions: Sequence[Any], known: Assumptions) -> None:
        self.names: dict[int, str] = {}
        self.texts: dict[str, str] = {}
        self.inputs: set[str] = set()
        self.fixed = False
        self._kinds: list[tuple[tuple[str, tuple[int, ...]], tuple[Any, ...], str]] = []
        for piece in functions:
            self._enter(piece, known)
        # nested ones, f(g(x)), are inputs of the arguments' own tapes
        self._tapes = [Tape(*arguments, stand_ins=self.names) for _, arguments, _ in self._kinds]
        for tape in self._tapes:
            self.inputs.update(tape.names)

    def _enter(self, piece: Any, known: Assumptions) -> None:
        kind, arguments = _kind_of(piece)
        if not kind[0]:
            self.fixed = True
        for other, others, name in self._kinds:
            if other == kind and all(
                a == b or kernel_proof(a, b, known.signs, known.conditions, terms=200)
                for a, b in zip(arguments, others, strict=True)
            ):
                self.names[id(piece)] = name
                return
        name = f"value {len(self._kinds)}"
        self._kinds.append((kind, arguments, name))
        self.names[id(piece)] = name
        self.texts[name] = str(piece) if outline(piece).size < 40 else f"{kind[0]}(…)"

    def free(self, point: Mapping[str, Fraction]) -> bool:
        """At this point the stand-ins may have the values that the point gives them."""
        if self.fixed:
            return False
        values = [tape.run(point, _FIRST_BITS) for tape in self._tapes]
        for place, (kind, _, _) in enumerate(self._kinds):
            for before in range(place):
                if self._kinds[before][0] == kind and not any(
                    a.apart(b) for a, b in zip(values[place], values[before], strict=True)
                ):
                    return False
        return True


def _kind_of(piece: Any) -> tuple[tuple[str, tuple[int, ...]], tuple[Any, ...]]:
    """A function's name and orders of derivatives, and its arguments; no name for what is not such a function."""
    found = read_function(piece)
    if found is None:
        return ("", ()), (piece,)
    name, arguments, orders = found
    return (name, orders), arguments
