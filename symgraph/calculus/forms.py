"""The forms that one expression can be printed in: as summed, expanded, factored, over one line, with other functions.

An expression is read as a quotient of polynomials in what it is made of (names, sin x, √(x²+1), e^x, …), which are the
unknowns of a ring; arithmetic in the ring is exact, bounded, and quick; and the quotient is written back in several
ways. Nothing here is proved: some forms hold only where a root may be split, so that whoever uses one proves it first.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> for form in sorted(forms(sympy.sin(x) ** 2 * x + x * sympy.cos(x) ** 2), key=str):
...     print(form)
x
x*(sin(x)**2 + cos(x)**2)
x*sin(x)**2 + x*cos(x)**2
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sympy
from sympy import Add, Integer, Max, Min, Mul, Piecewise, Pow, S, StrictGreaterThan, StrictLessThan
from sympy.core.relational import Relational
from sympy.core.sorting import default_sort_key

from symgraph.calculus import polynomials
from symgraph.calculus.ingredients import TRIGONOMETRIC, Crowded, Reading
from symgraph.calculus.measure import length
from symgraph.calculus.polynomials import Quotient, TooHard
from symgraph.limits import DEFAULT, Limits

__all__ = ["TooHard", "forms"]


def forms(expression: Any, limits: Limits = DEFAULT) -> Iterator[Any]:
    """Ways to write an expression, not proved to be equal to it, each once, the plainest first.

    Raises:
        TooHard: too large.
    """
    seen: set[Any] = set()
    found = _forms(expression, limits)
    while True:
        try:
            form = next(found, None)
        except Crowded:
            return  # a rewriting needed one unknown more than the ring has: what was found before it stands
        if form is None:
            return
        if form not in seen:
            seen.add(form)
            yield form


def _forms(expression: Any, limits: Limits) -> Iterator[Any]:
    def shortest(part: Any) -> Any:
        return min(forms(part, limits), key=length)

    yield expression
    plain = Reading.of(expression, limits, shortest)
    yield from plain.written(plain.value)
    if isinstance(expression, Add | Mul) and _has_sums_inside_sums(expression):
        yield sympy.factor_terms(expression)  # as it stands there: the ring multiplies inner powers out
    reduced = plain.reduced(plain.value)
    if reduced != plain.value:
        yield from plain.written(reduced)
    in_roots = plain.in_roots(reduced)
    if in_roots != reduced:
        yield from plain.written(in_roots)
    settled = _is_settled(plain, reduced)
    if not settled:
        yield from _trigonometric(plain, reduced)
    if any(isinstance(unknown.shown, sympy.sign) for unknown in plain.unknowns):
        signed = Reading.of(expression, limits, shortest, "signs")
        yield from signed.written(signed.reduced(signed.value))
    if any(unknown.kind == "root" and not unknown.inner.is_whole() for unknown in plain.unknowns if unknown.inner):
        split = Reading.of(expression, limits, shortest, "split")
        yield from split.written(split.reduced(split.value))
    if not settled and any(isinstance(unknown.shown, TRIGONOMETRIC) for unknown in plain.unknowns):
        basic = Reading.of(expression, limits, shortest, "basic")
        value = basic.reduced(basic.value)
        yield from basic.written(value)
        yield from _trigonometric(basic, value)
    if expression.has(Piecewise):
        together = _in_one_list_of_cases(expression, shortest)
        if together is not None:
            yield together


def _has_sums_inside_sums(expression: Any) -> bool:
    """Whether a power of a sum stands in the base of a power: ((x² + 1)³ + x)⁴."""
    sums = (power.base for power in expression.atoms(Pow) if isinstance(power.base, Add))
    return any(inner.exp.is_Integer and isinstance(inner.base, Add) for base in sums for inner in base.atoms(Pow))


def _in_one_list_of_cases(expression: Any, shortest: Callable[[Any], Any]) -> Any | None:
    """x·{1 if x > 1, 0 if x < 1} + max(1, x) as {2x if x > 1, 1 if x < 1}; None where the cases do not go together."""
    lists = sorted(expression.atoms(Piecewise), key=default_sort_key)
    choices = sorted(expression.atoms(Max, Min), key=default_sort_key)
    if len(lists) + len(choices) == 1:
        return None
    conditions = [condition for _, condition in max(lists, key=lambda each: len(each.args)).args]
    cases = []
    for place, condition in enumerate(conditions):
        values = {each: _value(each, conditions, place) for each in lists}
        values |= {each: _chosen(each, condition) for each in choices}
        if any(value is None or value.has(Piecewise) for value in values.values()):
            return None
        cases.append((shortest(expression.xreplace(values)), condition))
    return Piecewise(*cases, evaluate=False)


def _value(cases: Any, conditions: Sequence[Any], place: int) -> Any | None:
    """What cases are worth where a condition holds and none before it does; None if that leaves it open."""
    conditions = list(map(_one_way_round, conditions))
    for value, condition in ((value, _one_way_round(condition)) for value, condition in cases.args):
        if condition in (conditions[place], S.true):
            return value
        if condition not in conditions[:place] and not _exclude_each_other(condition, conditions[place]):
            return None
    return None


def _one_way_round(condition: Any) -> Any:
    """0 < x as x > 0."""
    return condition.xreplace({each: each.canonical for each in condition.atoms(Relational)})


def _exclude_each_other(one: Any, other: Any) -> bool:
    """u < v and u > v."""
    return {type(one), type(other)} == {StrictLessThan, StrictGreaterThan} and bool(one.args == other.args)


def _chosen(choice: Any, condition: Any) -> Any | None:
    """Which of two arguments a maximum or minimum is, where one of them is known to be larger; else None."""
    if not isinstance(condition, StrictGreaterThan | StrictLessThan) or set(choice.args) != set(condition.args):
        return None
    return condition.gts if isinstance(choice, Max) else condition.lts


def _is_settled(reading: Reading, value: Quotient) -> bool:
    """Whether it is a product with powers of tan u and sec u, or of cot u and csc u: no other functions shorten it."""
    if len(value.top) != 1 or not value.is_whole():
        return False
    used = [reading.unknowns[index].shown for index in polynomials.unknowns_of(value.top)]
    turning = [shown for shown in used if shown.has(*_SQUARES)]
    heads = {type(shown) for shown in turning}
    one_angle = len({shown.args for shown in turning}) == 1
    return one_angle and (heads <= {sympy.tan, sympy.sec} or heads <= {sympy.cot, sympy.csc})


def _trigonometric(reading: Reading, value: Quotient) -> Iterator[Any]:
    """sin² + cos² = 1 and its relatives, in either direction; double angles; tangents and secants."""
    if not any(unknown.shown.has(*_SQUARES) for unknown in reading.unknowns):
        return
    for name, relation in _SQUARES.items():
        changed = reading.with_squares(value, name, relation)
        if changed != value:
            yield from reading.written(changed)
            yield from (form for form in map(_with_tangents, reading.written(changed)) if form is not None)
    doubled = reading.with_double_angles(value)
    if doubled is not None:
        yield from reading.written(reading.reduced(doubled))
    yield from (form for form in map(_with_tangents, reading.written(value)) if form is not None)


# head whose square is replaced -> (the other head, constant, factor): head² = constant + factor·other²
_SQUARES: Mapping[Any, tuple[Any, int, int]] = {
    sympy.sin: (sympy.cos, 1, -1),
    sympy.cos: (sympy.sin, 1, -1),
    sympy.cosh: (sympy.sinh, 1, 1),
    sympy.sinh: (sympy.cosh, -1, 1),
    sympy.tan: (sympy.sec, -1, 1),
    sympy.sec: (sympy.tan, 1, 1),
    sympy.cot: (sympy.csc, -1, 1),
    sympy.csc: (sympy.cot, 1, 1),
    sympy.tanh: (sympy.sech, 1, -1),
    sympy.sech: (sympy.tanh, 1, -1),
}


def _with_tangents(expression: Any) -> Any | None:
    """sin u/cos u as tan u, 1/cos u as sec u, and the same for cot and csc; None where there are none."""
    if not isinstance(expression, Mul | Pow | Add) or not expression.has(sympy.sin, sympy.cos):
        return None
    terms = [_term_with_tangents(term) for term in Add.make_args(expression)]
    return Add(*terms) if terms != list(Add.make_args(expression)) else None


def _term_with_tangents(term: Any) -> Any:
    powers: dict[Any, Any] = dict(factor.as_base_exp() for factor in Mul.make_args(term))
    factors: list[Any] = []
    for base in list(powers):
        if not isinstance(base, sympy.cos) or not powers.get(base, S.Zero).is_Integer:
            continue
        partner = sympy.sin(base.args[0])
        down, up = -int(powers[base]), powers.get(partner, S.Zero)
        if not up.is_Integer:
            continue
        if down > 0:  # sin^a/cos^b
            shared = min(down, max(int(up), 0))
            factors.append(sympy.tan(base.args[0]) ** shared * sympy.sec(base.args[0]) ** (down - shared))
            powers[base], powers[partner] = S.Zero, Integer(int(up) - shared)
        elif int(up) < 0:  # cos^a/sin^b
            shared = min(-int(up), max(-down, 0))
            factors.append(sympy.cot(base.args[0]) ** shared * sympy.csc(base.args[0]) ** (-int(up) - shared))
            powers[base], powers[partner] = Integer(-down - shared), S.Zero
    if not factors:
        return term
    return Mul(*factors, *(base**exponent for base, exponent in powers.items()))
