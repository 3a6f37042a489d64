"""Conditions on the inputs as one would say them: −2 < x < 2 for 4 − x² > 0, x > 1 for ln(ln x), x ≠ 0 for e^x ≠ 1.

A comparison with one name is solved where exact steps do it: what stands around the name is taken off from the outside
(a sum, a factor, a logarithm, a root), and a quotient of polynomials is looked at between its zeros and poles. What was
found is then compared with the condition itself at points on every side; where it cannot be solved, or does not agree,
the condition stays as it was.

>>> x = sympy.Symbol("x")
>>> [tree_of(each).operator for each in plainly(x**2 - 4 > 0)], plainly(sympy.sqrt(x) - 2 > 0)
(['or'], [x > 4])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import sympy
from sympy import Abs, Add, And, Eq, Expr, Ge, Gt, Le, Lt, Mul, Ne, Or, Poly, Pow, Rational, S, Symbol, oo
from sympy.core.relational import Relational

from symgraph.calculus.balls import Tape
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Apply, Tree, size

__all__ = ["excludes", "in_chains", "plainly", "together", "tree_of"]

DEGREE = 6  # of a polynomial whose zeros are looked for
PARTS = 4  # intervals and points that are still listed
SHORT = 12  # pieces of a number that is still named as a bound
_BITS = 128


class _Interval(NamedTuple):
    """Between two exact numbers or infinities; a point where they are equal."""

    low: Expr
    high: Expr
    low_in: bool = False
    high_in: bool = False

    def has(self, value: Expr) -> bool:
        above = value > self.low or (self.low_in and value == self.low)
        return bool(above and (value < self.high or (self.high_in and value == self.high)))


_Set: TypeAlias = list[_Interval]  # in order, and no two of them touch
_LINE = _Interval(-oo, oo)
_POSITIVE = _Interval(S.Zero, oo)
_NOT_NEGATIVE = _Interval(S.Zero, oo, True)


# What is said --------------------------------------------------------------------------------------------------------


def plainly(condition: Any) -> list[Any]:
    """Conditions that together say the same: σ ≠ 0 for 2σ² ≠ 0, x ≠ 0 and y ≠ 0 for x·y ≠ 0, x > 1 for x − 1 > 0."""
    if isinstance(condition, And):
        return [told for part in condition.args for told in plainly(part)]
    if not isinstance(condition, Relational):
        return [] if _is_sure(condition) else [_each_plainly(condition)]
    if condition.lhs.is_number:
        condition = condition.reversed
    if isinstance(condition, Gt) and condition.rhs == 0 and _is_never_negative(condition.lhs):
        condition = Ne(condition.lhs, 0)
    if not (isinstance(condition, Ne) and condition.rhs == 0):
        return _solved(condition)
    parts = []
    for factor in Mul.make_args(condition.lhs):
        base, exponent = factor.as_base_exp()
        if not (base.is_number or exponent.is_negative):
            inner = base.args[0] if isinstance(base, Abs) else base
            parts.extend(_solved(Ne(inner if exponent.is_Rational else factor, 0, evaluate=False)))
    return parts or [condition]


def _each_plainly(condition: Any) -> Any:
    """Alternatives, each said so; of numbers for one name, those that they leave."""
    if not isinstance(condition, Or):
        return condition
    said = Or(*(And(*plainly(part)) for part in condition.args))
    name = _name_alone(said)
    numbers = None if name is None or not isinstance(said, Or) else _say(name, _read(said))
    return said if numbers is None else And(*numbers)


def together(conditions: Sequence[Any]) -> list[Any]:
    """Conditions that must all hold, each once, and those on one name alone as one says them together.

    >>> x = sympy.Symbol("x")
    >>> together([x >= 0, sympy.Ne(x, 0), x > -3])
    [x > 0]
    """
    alone: dict[Symbol, list[Any]] = {}
    said: list[Any] = []  # a name in the place of what is said of it alone
    for condition in dict.fromkeys(conditions):
        name = _name_alone(condition)
        if name is None:
            said.append(condition)
        else:
            if name not in alone:
                said.append(name)
            alone.setdefault(name, []).append(condition)
    return [told for each in said for told in (_joined(each, alone[each]) if each in alone else [each])]


def _joined(name: Symbol, conditions: list[Any]) -> list[Any]:
    """Conditions on one name alone, as one; as they are where that cannot be said."""
    if len(conditions) == 1:
        return conditions
    numbers = [_LINE]
    for condition in conditions:
        numbers = _common(numbers, _read(condition))
    said = _say(name, numbers)
    return conditions if said is None else said


def excludes(conditions: Iterable[Any], equation: Any) -> bool:
    """Whether an equation x = c or u = v never holds where the conditions do.

    >>> x = sympy.Symbol("x")
    >>> excludes([x < 1], sympy.Eq(x, 1)), excludes([x <= 1], sympy.Eq(x, 1))
    (True, False)
    """
    if not isinstance(equation, Eq):
        return False
    for each in conditions:
        if isinstance(each, Ne | Gt | Lt) and each.args == equation.args:
            return True
        alone = _name_alone(each) == equation.lhs and equation.rhs.is_number
        if alone and not any(part.has(equation.rhs) for part in _read(each)):
            return True
    return False


def tree_of(condition: Any) -> Tree:
    """A condition for print; of intervals the ends in order, a < x < b in one."""
    if isinstance(condition, Or) and _name_alone(condition) is not None:
        name = _name_alone(condition)
        parts = [_say(name, [part]) for part in _read(condition)]
        if all(parts):
            return Apply("or", tuple(tree_of(And(*part)) for part in parts if part))
    if isinstance(condition, And) and _name_alone(condition) is not None and len(condition.args) == 2:
        low, high = sorted(condition.args, key=lambda each: isinstance(each, Lt | Le))
        if isinstance(low, Gt | Ge) and isinstance(high, Lt | Le):
            return Apply("and", (from_sympy(low.reversed), from_sympy(high)))
    return from_sympy(condition)


def in_chains(conditions: Sequence[Any]) -> list[Any]:
    """x > a and x < b in one condition, at the place of the first; alternatives come last."""
    bounds: dict[Any, list[Any]] = {}
    for each in conditions:
        if isinstance(each, Gt | Ge | Lt | Le) and _name_alone(each) is not None:
            bounds.setdefault(each.lhs, []).append(each)
    pairs = {name: each for name, each in bounds.items() if len(each) == 2 and _read(And(*each))}
    joined: list[Any] = []
    for each in conditions:
        pair = pairs.get(each.lhs) if isinstance(each, Gt | Ge | Lt | Le) else None
        if pair is None or each is pair[0]:
            joined.append(each if pair is None else And(*pair))
    return sorted(joined, key=lambda each: isinstance(each, Or))


def _is_never_negative(expr: Any) -> bool:
    """|u| and the even powers of u."""
    return isinstance(expr, Abs) or (isinstance(expr, Pow) and expr.exp.is_even is True)


def _is_sure(condition: Any) -> bool:
    """Whether it is x < c or x = c or x > c."""
    sides: dict[Any, set[type]] = {}
    for part in condition.args if isinstance(condition, Or) else ():
        sides.setdefault(part.args, set()).add(type(part))
    return any(kinds >= {Eq, Gt, Lt} for kinds in sides.values())


# Sets of numbers -----------------------------------------------------------------------------------------------------


def _name_alone(condition: Any) -> Symbol | None:
    """The name, where a condition compares nothing but one name with real numbers."""
    if isinstance(condition, And | Or):
        names = {_name_alone(part) for part in condition.args}
        return names.pop() if len(names) == 1 else None
    if isinstance(condition, Relational) and condition.lhs.is_Symbol and condition.rhs.is_number:
        return condition.lhs if condition.rhs.is_extended_real else None
    return None


def _read(condition: Any) -> _Set:
    """The numbers for which a condition on one name holds."""
    if isinstance(condition, And):
        found = [_LINE]
        for part in condition.args:
            found = _common(found, _read(part))
        return found
    if isinstance(condition, Or):
        return _union([each for part in condition.args for each in _read(part)])
    return _allowed(type(condition), condition.rhs)


def _allowed(comparison: type, value: Expr) -> _Set:
    """The numbers that compare so with a value."""
    below, above = _Interval(-oo, value, False, comparison is Le), _Interval(value, oo, comparison is Ge)
    if comparison in (Gt, Ge):
        return [above]
    if comparison in (Lt, Le):
        return [below]
    return [_Interval(value, value, True, True)] if comparison is Eq else [below, above]


def _common(one: _Set, other: _Set) -> _Set:
    found = []
    for a in one:
        for b in other:
            low, low_in = max((a.low, -a.low_in), (b.low, -b.low_in), key=_key)
            high, high_in = min((a.high, a.high_in), (b.high, b.high_in), key=_key)
            if low < high or (low == high and low_in and high_in):
                found.append(_Interval(low, high, bool(low_in), bool(high_in)))
    return found


def _key(end: tuple[Expr, int]) -> tuple[float, int]:
    return float(end[0]), int(end[1])


def _union(parts: Iterable[_Interval]) -> _Set:
    """The same numbers in order, parts that meet in one."""
    found: _Set = []
    for part in sorted(parts, key=lambda each: (float(each.low), not each.low_in)):
        last = found[-1] if found else None
        if last is not None and (part.low < last.high or (part.low == last.high and (part.low_in or last.high_in))):
            high, high_in = max((last.high, last.high_in), (part.high, part.high_in), key=_key)
            found[-1] = last._replace(high=high, high_in=bool(high_in))
        else:
            found.append(part)
    return found


def _say(name: Symbol, numbers: _Set) -> list[Any] | None:
    """The conditions on a name that together say this; None where there are too many, or nothing is left."""
    left_out: list[Expr] = []
    whole: _Set = []
    for part in numbers:
        if whole and whole[-1].high == part.low and part.low not in (oo, -oo):
            left_out.append(part.low)
            whole[-1] = whole[-1]._replace(high=part.high, high_in=part.high_in)
        else:
            whole.append(part)
    if not whole or len(whole) > PARTS or any(size(from_sympy(end)) > SHORT for part in whole for end in part[:2]):
        return None
    ways = [_bounds(name, part) for part in whole]
    said = ways[0] if len(ways) == 1 else [Or(*(And(*way) for way in ways))]
    return [*said, *(Ne(name, value, evaluate=False) for value in left_out)]


def _bounds(name: Symbol, part: _Interval) -> list[Any]:
    if part.low == part.high:
        return [Eq(name, part.low, evaluate=False)]
    found = []
    if part.low != -oo:
        found.append((Ge if part.low_in else Gt)(name, part.low, evaluate=False))
    if part.high != oo:
        found.append((Le if part.high_in else Lt)(name, part.high, evaluate=False))
    return found


# Solving -------------------------------------------------------------------------------------------------------------


def _solved(condition: Any) -> list[Any]:
    """A comparison said of its only name, where that can be done; an equation's solutions are alternatives."""
    if condition.lhs.is_Symbol and condition.rhs.is_number:
        return [condition]
    if isinstance(condition, Eq | Ne) and condition.has(sympy.floor):
        return [_of_whole_numbers(condition)]
    if type(condition) not in (Eq, Ne, Gt, Ge, Lt, Le) or len(condition.free_symbols) != 1:
        return [condition]
    (name,) = condition.free_symbols
    numbers = _preimage(condition.lhs - condition.rhs, name, _allowed(type(condition), S.Zero))
    if not numbers or not _agrees(condition, name, numbers):
        return [condition]
    if isinstance(condition, Eq):
        points = [Eq(name, part.low, evaluate=False) for part in numbers if part.low == part.high]
        return points if len(points) == len(numbers) <= PARTS else [condition]
    said = _say(name, numbers)
    return [condition] if said is None else said


def _of_whole_numbers(condition: Any) -> Any:
    """2x = ⌊2x⌋ for 2x + 1 = 1 + ⌊2x⌋; what is not about whole numbers stays as it is."""
    difference = condition.lhs - condition.rhs
    for part in sorted(difference.atoms(sympy.floor), key=str):
        if difference - (part.args[0] - part) == 0:
            return type(condition)(part.args[0], part, evaluate=False)
    return condition


def _agrees(condition: Any, name: Symbol, numbers: _Set) -> bool:
    """Whether the condition itself holds at points inside, and at none outside, wherever it has real sides."""
    ends = sorted({float(end) for part in numbers for end in part[:2] if end not in (oo, -oo)})
    tried = [ends[0] - 1, ends[-1] + 1, *((a + b) / 2 for a, b in pairwise(ends))] if ends else [-1.5, 0.75, 2.5]
    tape = Tape(condition)
    for value in (Fraction(each).limit_denominator(10**6) for each in tried):
        (found,) = tape.run({str(name): value}, _BITS)
        if found.real and found.number is not any(part.has(Rational(value)) for part in numbers):
            return False
    return True


def _preimage(u: Expr, name: Symbol, wanted: _Set) -> _Set | None:
    """The numbers for which an expression has one of the wanted values; None where exact steps do not tell."""
    while u != name and wanted:
        if isinstance(u, Add | Mul):
            fixed, rest = u.as_independent(name)
            if fixed == u.identity or isinstance(rest, type(u)):
                return _charted(u, name, wanted)
            wanted = _shifted(wanted, -fixed) if isinstance(u, Add) else _scaled(wanted, 1 / fixed)
            u = rest
            continue
        inverse = _inverse(u)
        if inverse is None:
            return _charted(u, name, wanted)
        u, wanted = u.args[u.args[0].is_number], inverse(wanted)
    return wanted


def _shifted(numbers: _Set, by: Expr) -> _Set:
    return [part._replace(low=part.low + by, high=part.high + by) for part in numbers]


def _scaled(numbers: _Set, by: Expr) -> _Set:
    grown = [part._replace(low=part.low * by, high=part.high * by) for part in numbers]
    return grown if by > 0 else [_Interval(p.high, p.low, p.high_in, p.low_in) for p in reversed(grown)]


def _inverse(u: Expr) -> Callable[[_Set], _Set] | None:
    """What takes a function off: from the wanted values to those of its argument."""
    if isinstance(u, sympy.exp):
        return lambda wanted: _through(_common(wanted, [_POSITIVE]), _logarithm)
    if isinstance(u, sympy.log):
        return lambda wanted: _through(wanted, sympy.exp)
    if isinstance(u, Abs):
        return lambda wanted: _mirrored(_common(wanted, [_NOT_NEGATIVE]))
    if isinstance(u, Pow) and u.base.is_positive and u.base.is_number and u.base != 1:
        base, way = (u.base, S.One) if u.base > 1 else (1 / u.base, S.NegativeOne)
        return lambda wanted: _scaled(_through(_common(wanted, [_POSITIVE]), lambda end: _logarithm(end, base)), way)
    if isinstance(u, Pow) and isinstance(u.exp, Rational) and u.exp.p > 0:
        power = 1 / u.exp
        if u.exp.q > 1:
            return lambda wanted: _through(_common(wanted, [_NOT_NEGATIVE]), lambda end: end**power)
        if u.exp.p % 2 == 0:
            return lambda wanted: _mirrored(_through(_common(wanted, [_NOT_NEGATIVE]), lambda end: end**power))
        return lambda wanted: _through(wanted, lambda end: sympy.sign(end) * abs(end) ** power)
    return None


def _logarithm(end: Expr, base: Expr = S.Exp1) -> Expr:
    return -oo if end == 0 else oo if end == oo else sympy.log(end, base)


def _through(numbers: _Set, grows: Callable[[Expr], Expr]) -> _Set:
    """The images of intervals under a function that grows; what becomes infinite is no number."""
    return [part._replace(low=grows(part.low), high=grows(part.high)) for part in numbers]


def _mirrored(numbers: _Set) -> _Set:
    return _union([*numbers, *(_Interval(-part.high, -part.low, part.high_in, part.low_in) for part in numbers)])


# Quotients of polynomials --------------------------------------------------------------------------------------------


def _charted(u: Expr, name: Symbol, wanted: _Set) -> _Set | None:
    """The same for a quotient of polynomials: looked at in its zeros, in its poles and once between each two."""
    top, bottom = (part.as_poly(name) for part in sympy.fraction(sympy.together(u)))
    ends = {end for part in wanted for end in part[:2] if end not in (oo, -oo)}
    if top is None or bottom is None or not all(end.is_Rational for end in ends):
        return None
    poles = _real_roots(bottom)
    zeros = [_real_roots(top - bottom * end) for end in ends]
    if poles is None or any(each is None for each in zeros):
        return None
    where: dict[Expr, Expr | None] = {}  # what the value is there
    for end, roots in zip(ends, zeros, strict=True):
        where.update(dict.fromkeys(roots or (), end))
    where.update(dict.fromkeys(poles))
    marks = [-oo, *sorted(where, key=float), oo]
    found = [_Interval(each, each, True, True) for each, value in where.items() if value is not None and
             any(part.has(value) for part in wanted)]  # fmt: skip
    for low, high in pairwise(marks):
        inside = _between(low, high)
        if inside is None:
            return None
        value = top(inside) / bottom(inside)
        if any(part.has(value) for part in wanted):
            found.append(_Interval(low, high))
    return _union(found)


def _between(low: Expr, high: Expr) -> Rational | None:
    """A fraction between two ends; None where they are so close that none is found."""
    if low == -oo and high == oo:
        return S.Zero
    if low == -oo or high == oo:
        return Rational(sympy.floor(high) - 1 if low == -oo else sympy.ceiling(low) + 1)
    inside = Rational((float(low) + float(high)) / 2).limit_denominator(10**6)
    return inside if low < inside < high else None


def _real_roots(polynomial: Poly) -> list[Expr] | None:
    """The real zeros, exactly; None where one cannot be written with square roots, or a coefficient is no fraction."""
    if polynomial.degree() > DEGREE or not all(each.is_Rational for each in polynomial.all_coeffs()):
        return None
    if polynomial.degree() <= 0:
        return []
    found: list[Expr] = []
    for factor, _ in polynomial.factor_list()[1]:
        if factor.degree() > 2 and factor.count_roots():
            return None
        if factor.degree() <= 2:
            found += [root for root in sympy.roots(factor) if root.is_real]
    return found
