"""Sums, products and integrals with limits: their rows, and the derivative of each by every name it depends on.

A binder depends on its limits and on the free names of its body, and each of them is an edge of its own:

>>> import sympy
>>> from symgraph.language.primitives import TABLE
>>> t, x = sympy.symbols("t x")
>>> for edge in binder_edges(sympy.Integral(sympy.sin(t * x), (t, 0, x**2)), TABLE):
...     print(edge.slot, "|", edge.tail, "|", edge.partial)
0 | x | Integral(t*cos(t*x), (t, 0, x**2))
3 | x**2 | sin(x**3)

Together with the chain rule that is Leibniz's rule. A sum is differentiated term by term, a product by one factor
after the other (right where a factor is 0 too). What cannot be said is None: how a sum changes with the number of
its terms, an infinite sum or an improper integral by a name of its body, and an integral whose integrand jumps at a
place that moves (∫ H(x − t) dt changes with x although H' is 0). At a limit where its integrand jumps an integral has
no derivative; there the partial has no value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, count, pairwise
from typing import Any

from sympy import (
    Abs,
    Add,
    Eq,
    Expr,
    GreaterThan,
    Integral,
    LessThan,
    Max,
    Min,
    Mul,
    Ne,
    Not,
    Or,
    Poly,
    Pow,
    Product,
    S,
    StrictGreaterThan,
    StrictLessThan,
    Sum,
    Symbol,
    cancel,
    floor,
    fraction,
    preorder_traversal,
)

from symgraph.language.rows import MINUS_ONE, ONE, ZERO, Primitive, cases, needs, product_rule, rebuilt
from symgraph.language.table import Table

__all__ = [
    "LOOKED_AT",
    "BinderEdge",
    "binder_derivative",
    "binder_edges",
    "binder_rows",
    "carried_out",
    "derivative",
    "kinks_of_terms",
    "substitute",
]

BODY, VARIABLE, LOWER, UPPER = range(4)

# Rows with a value on both sides of a jump: an integral over a jump that moves changes with it.
JUMPING = frozenset({"sign", "heaviside", "floor", "ceiling", "piecewise", "inverse_cotangent", "arctangent2"})

# Terms of a sum with limits that are numbers whose conditions are looked at one by one.
LISTED_TERMS = 64

# Terms that are worked out between numbers, and in each of which a corner is looked for at a point.
WORKED_OUT, LOOKED_AT = 1_000, 10_000

# The highest power in a quotient of polynomials whose poles are looked for.
LARGEST_POWER = 12


@dataclass(frozen=True, slots=True)
class BinderEdge:
    """One thing that a binder depends on.

    Args:
        slot: the argument it stands in: 0 the body, 2 the lower limit, 3 the upper limit.
        tail: a free name of the body, or the limit itself.
        partial: the local derivative by it; None where it is not known.
    """

    slot: int
    tail: Expr
    partial: Expr | None


def binder_edges(binder: Expr, table: Table) -> tuple[BinderEdge, ...]:
    """What a Sum, Product or Integral depends on: the free names of its body by name, then its limits.

    Limits that are numbers are left out.
    """
    body, variable, lower, upper = _parts(binder, table)
    names = sorted(body.free_symbols - {variable}, key=str)
    edges = [BinderEdge(BODY, name, _through_body(binder, name, table)) for name in names]
    partials = _by_limits(binder, table)
    limits = ((LOWER, lower), (UPPER, upper))
    edges += [BinderEdge(slot, end, partials[slot]) for slot, end in limits if not end.is_number]
    return tuple(edges)


def binder_derivative(binder: Expr, symbol: Symbol, table: Table) -> Expr | None:
    """The derivative of a Sum, Product or Integral by a symbol, or None where it is not known.

    >>> from sympy import Sum, symbols
    >>> from symgraph.language.primitives import TABLE
    >>> k, n, x = symbols("k n x")
    >>> binder_derivative(Sum(x**k, (k, 0, n)), x, TABLE)
    Sum(k*x**(k - 1), (k, 1, n))
    """
    body, variable, lower, upper = _parts(binder, table)
    terms: list[Expr] = []
    if symbol != variable and symbol in body.free_symbols:
        through = _through_body(binder, symbol, table)
        if through is None:
            return None
        terms.append(through)
    partials = _by_limits(binder, table)
    for slot, end in ((LOWER, lower), (UPPER, upper)):
        rate = derivative(end, symbol, table)
        if rate == ZERO:
            continue
        if rate is None or partials[slot] is None:
            return None
        terms.append(partials[slot] * rate)
    return Add(*terms)


def derivative(expr: Expr, symbol: Symbol, table: Table) -> Expr | None:
    """The derivative by a symbol, row by row; None where a row does not know it or there is no row.

    This serves the bodies of binders, which are no nodes of a graph.

    >>> from sympy import Symbol, besselj, sin
    >>> from symgraph.language.primitives import TABLE
    >>> x, n = Symbol("x"), Symbol("n")
    >>> derivative(sin(x**2), x, TABLE)
    2*x*cos(x**2)
    >>> derivative(besselj(n, x), n, TABLE) is None
    True
    """
    found: dict[Any, Expr | None] = {}
    stack = [expr]
    while stack:
        piece = stack[-1]
        if piece in found:
            stack.pop()
        elif not piece.args:
            found[piece] = ONE if piece == symbol else ZERO
        elif isinstance(piece, Sum | Product | Integral):
            known = all(len(limit) == 3 for limit in piece.limits)
            found[piece] = binder_derivative(piece, symbol, table) if known else None
        else:
            reading = table.read(piece)
            arguments = piece.args if reading is None else reading[1]
            waiting = [argument for argument in arguments if argument not in found]
            if waiting:
                stack.extend(waiting)
            else:
                row = None if reading is None else reading[0]
                found[piece] = _chain(row, arguments, [found[argument] for argument in arguments])
    return found[expr]


def _chain(row: Primitive | None, arguments: tuple[Any, ...], rates: list[Expr | None]) -> Expr | None:
    """The chain rule for one operation."""
    if all(rate == ZERO for rate in rates):
        return ZERO
    if row is None or any(rate is None for rate in rates):
        return None
    if row.name == "add":
        return Add(*rates)
    partials = product_rule(arguments) if row.name == "multiply" else row.partials(*arguments)
    moving = [(partial, rate) for partial, rate in zip(partials, rates, strict=True) if rate != ZERO]
    if any(partial is None for partial, _ in moving):
        return None
    return Add(*[partial * rate for partial, rate in moving])


def substitute(expr: Any, values: Mapping[Any, Any]) -> Any:
    """Write values for symbols, all at once, where they are free.

    A bound name that would catch one of the values' is renamed; SymPy's own `subs` lets it be caught.

    >>> from sympy import Integral, symbols
    >>> t, x = symbols("t x")
    >>> substitute(Integral(x * t, (x, 0, 1)), {t: x})
    Integral(j*x, (j, 0, 1))
    """
    found: dict[Any, Any] = dict(values)
    stack = [expr]
    while stack:
        piece = stack[-1]
        if piece in found:
            stack.pop()
        elif not piece.args:
            found[piece] = piece
        elif isinstance(piece, Sum | Product | Integral):
            found[piece] = _substitute_in_binder(piece, values)
        else:
            waiting = [argument for argument in piece.args if argument not in found]
            if waiting:
                stack.extend(waiting)
            else:
                arguments = [found[argument] for argument in piece.args]
                same = all(new is old for new, old in zip(arguments, piece.args, strict=True))
                found[piece] = piece if same else rebuilt(piece, arguments)
    return found[expr]


def carried_out(expr: Any) -> Any:
    """An expression with what can be worked out exactly between numbers: short sums and products, and integrals of
    polynomials in pieces.

    >>> from sympy import Abs, Integral, Sum, Symbol
    >>> k = Symbol("k")
    >>> carried_out(1 + Sum(2 ** k, (k, 0, 3))), carried_out(Integral(Abs(k - 1), (k, 0, 3)))
    (16, 5/2)
    """
    found: dict[Any, Any] = {}
    for binder in sorted(expr.atoms(Sum, Product, Integral), key=str):
        *inner, (variable, *ends) = binder.limits
        if len(ends) != 2:
            continue
        body = binder.func(binder.function, *inner) if inner else binder.function
        value = _between(body, variable, *ends) if isinstance(binder, Integral) else _one_by_one(binder, body)
        if value is not None:
            found[binder] = value
    return substitute(expr, found) if found else expr


def _one_by_one(binder: Any, body: Any) -> Any | None:
    """A sum or product of few terms, or none."""
    variable, lower, upper = binder.limits[-1]
    values = _listed(lower, upper, WORKED_OUT)
    if not values and upper - lower != MINUS_ONE:
        return None
    terms = [carried_out(substitute(body, {variable: value})) for value in values]
    return Mul(*terms) if isinstance(binder, Product) else Add(*terms)


def _between(body: Any, variable: Any, lower: Any, upper: Any) -> Any | None:
    """An integral of a polynomial, or of polynomials between which |u|, max and min choose, from number to number."""
    if not (lower.is_Rational and upper.is_Rational) or body.free_symbols - {variable}:
        return None
    turns = {lower, upper}
    for piece in body.atoms(Abs, Max, Min):
        parts = [*piece.args, ZERO] if isinstance(piece, Abs) else piece.args
        for one, other in combinations(parts, 2):
            gap = _small_polynomial(one - other, variable)
            if gap is None or any(not root.is_Rational for root in gap.real_roots()):
                return None
            turns.update(root for root in gap.real_roots() if min(lower, upper) < root < max(lower, upper))
    places = sorted(turns)
    total = ZERO
    for left, right in pairwise(places):
        taken = _without_choices(body, variable, (left + right) / 2)
        polynomial = _small_polynomial(taken, variable)
        if polynomial is None:
            return None
        whole = polynomial.integrate().as_expr()
        total += substitute(whole, {variable: right}) - substitute(whole, {variable: left})
    return total if lower <= upper else -total


def _small_polynomial(expr: Any, variable: Any) -> Poly | None:
    if not expr.is_polynomial(variable):
        return None
    found = Poly(expr, variable)
    rational = all(each.is_Rational for each in found.all_coeffs())
    return found if rational and found.degree() <= LARGEST_POWER else None


def _without_choices(body: Any, variable: Any, place: Any) -> Any:
    """A formula with what |u|, a maximum or a minimum is near a place."""

    def taken(piece: Any) -> Any:
        if isinstance(piece, Abs):
            return piece.args[0] if substitute(piece.args[0], {variable: place}) >= 0 else -piece.args[0]
        choose = max if isinstance(piece, Max) else min
        return choose(piece.args, key=lambda part: substitute(part, {variable: place}))

    return body.replace(lambda part: isinstance(part, Abs | Max | Min), taken)


def _substitute_in_binder(binder: Any, values: Mapping[Any, Any]) -> Any:
    """The limits of the last variable see all names but the bound ones of the variables before it."""
    *inner, last = binder.limits
    body = binder.func(binder.function, *inner) if inner else binder.function
    variable, ends = last[0], [substitute(end, values) for end in last[1:]]
    free = body.free_symbols - {variable}
    wanted = {symbol: value for symbol, value in values.items() if symbol in free}
    caught = set().union(*(value.free_symbols for value in wanted.values()))
    if variable in caught:
        fresh = _fresh(body.free_symbols | caught)
        wanted[variable], variable = fresh, fresh
    body = substitute(body, wanted)
    if body == ZERO and not isinstance(binder, Product):
        return ZERO
    return binder.func(body, (variable, *ends))


def _fresh(taken: set[Symbol]) -> Symbol:
    """The first of j, i, m, p, q, j_1, j_2, … that is not in use."""
    names = {str(symbol) for symbol in taken}
    candidates: Iterator[str] = iter("jimpq")
    for name in candidates:
        if name not in names:
            return Symbol(name)
    return next(Symbol(f"j_{k}") for k in count(1) if f"j_{k}" not in names)


# The three rules ----------------------------------------------------------------------------------------------------


def _parts(binder: Expr, table: Table) -> tuple[Any, Any, Any, Any]:
    reading = table.read(binder)
    if reading is None or reading[0].name not in ("sum", "product", "integral"):
        raise ValueError(f"{type(binder).__name__} has no lower and upper limit")
    body, variable, lower, upper = reading[1]
    return body, variable, lower, upper


def _by_limits(binder: Expr, table: Table) -> tuple[Expr | None, ...]:
    return _integral_partials(*_parts(binder, table), table) if isinstance(binder, Integral) else (None,) * 4


def _through_body(binder: Expr, name: Symbol, table: Table) -> Expr | None:
    """The derivative by a free name of the body, the limits held still."""
    body, variable, lower, upper = _parts(binder, table)
    if name == variable or lower.is_infinite or upper.is_infinite:
        return None
    if isinstance(binder, Integral) and _jumps_with(body, name, table):
        return None
    rate = derivative(body, name, table)
    if rate is None or rate == ZERO:
        return rate
    if isinstance(binder, Sum):
        return _sum_without_zeros(rate, variable, lower, upper)
    if isinstance(binder, Product):
        return _one_factor_after_the_other(body, rate, variable, lower, upper)
    return Integral(rate, (variable, lower, upper))


def _sum_without_zeros(term: Expr, variable: Symbol, lower: Any, upper: Any) -> Expr:
    """The sum without a first or last term that is 0.

    The derivative of x^0 is written 0·x^(−1): as a term it would make the whole sum nan at x = 0.
    """
    for _ in range(LISTED_TERMS):
        if (lower > upper) == S.true:
            return ZERO
        if substitute(term, {variable: lower}) == ZERO:
            lower = lower + 1
        elif substitute(term, {variable: upper}) == ZERO:
            upper = upper - 1
        else:
            break
    return Sum(term, (variable, lower, upper))


def _one_factor_after_the_other(body: Expr, rate: Expr, variable: Symbol, lower: Any, upper: Any) -> Expr:
    """Σⱼ (factor j)' · (the factors before it) · (the factors after it)."""
    j = _fresh(body.free_symbols | lower.free_symbols | upper.free_symbols | {variable})
    before = Product(body, (variable, lower, j - 1))
    after = Product(body, (variable, j + 1, upper))
    return _sum_without_zeros(Mul(substitute(rate, {variable: j}), before, after), j, lower, upper)


def _integral_partials(body: Any, variable: Any, lower: Any, upper: Any, table: Table) -> tuple[Expr | None, ...]:
    """The integrand at the upper limit, and its negative at the lower; without a value where the integrand jumps."""

    def integrand(end: Any) -> Expr | None:
        if end.is_infinite:
            return None
        there = substitute(body, {variable: end})
        jumps = _at(body, variable, [end], table, jumps=True)
        return cases((there, Not(Or(*jumps)))) if jumps and not end.is_number else there

    low, high = integrand(lower), integrand(upper)
    return None, None, None if low is None else -low, high


# Rows and their conditions ------------------------------------------------------------------------------------------


def _conditions(body: Any, table: Table, jumps: bool) -> list[tuple[Any, tuple[Any, ...]]]:
    """For every operation of a body its conditions: what it needs, or (`jumps`) where its value jumps."""
    found: dict[Any, tuple[Any, ...]] = {}
    stack = [body]
    while stack:
        piece = stack.pop()
        reading = None if isinstance(piece, Sum | Product | Integral) else table.read(piece)
        if piece in found or reading is None:
            continue
        row, arguments = reading
        conditions = row.kinks if jumps else row.domain
        found[piece] = conditions(*arguments) if not jumps or row.name in JUMPING else ()
        if row.name == "piecewise" and not jumps:
            arguments = arguments[1:2]  # what a case needs is not needed where another holds
        stack.extend(reversed(arguments))
    return list(found.items())


def _jumps_with(body: Any, name: Symbol, table: Table) -> bool:
    return any(
        name in condition.free_symbols
        for _, conditions in _conditions(body, table, jumps=True)
        for condition in conditions
    )


def _at(body: Any, variable: Any, places: list[Any], table: Table, jumps: bool) -> tuple[Any, ...]:
    """The conditions of a body where its variable has certain values, those already decided the good way left out."""
    conditions = [condition for _, found in _conditions(body, table, jumps) for condition in found]
    return _written_at(conditions, variable, places, S.false if jumps else S.true)


def _written_at(conditions: list[Any], variable: Any, places: list[Any], boring: Any) -> tuple[Any, ...]:
    written = [substitute(condition, {variable: place}) for place in places for condition in conditions]
    return tuple(dict.fromkeys(condition for condition in written if condition is not boring))


def _is_filled(condition: Any, body: Any, variable: Any, table: Table) -> bool:
    """Whether an integrand only lacks a value where a condition u ≠ 0 fails, and has a limit there: (sin t)/t at 0.

    As often as its bottom is 0 there, its top is, too: it has that many derivatives, and all before the last are 0.
    """
    if not isinstance(condition, Ne) or condition.rhs != ZERO or body.free_symbols != {variable}:
        return False
    rate, bottom = fraction(body)
    linear, below = _small_polynomial(condition.lhs, variable), _small_polynomial(bottom, variable)
    if linear is None or linear.degree() != 1 or below is None:
        return False
    here = {variable: -linear.coeff_monomial(1) / linear.LC()}
    if any(not _is_smooth(rate, variable, place, table) for place in here.values()):
        return False
    while below(here[variable]) == ZERO:
        if substitute(rate, here) != ZERO:
            return False
        rate, below = derivative(rate, variable, table), below.diff()
        if rate is None:
            return False
    slope = substitute(rate, here)
    return bool(slope.is_real and slope.is_finite)


def _is_smooth(expr: Any, variable: Any, place: Any, table: Table) -> bool:
    """Whether all operations have a value at a place, and a derivative wherever they have one."""
    rows = [table.read(piece) for piece in preorder_traversal(expr)]
    kinks = any(row.kinks(*arguments) for row, arguments in filter(None, rows))
    return not kinks and not _at(expr, variable, [place], table, jumps=False)


def _of_terms(body: Any, variable: Any, places: list[Any], table: Table) -> tuple[Any, ...]:
    """What the terms of a sum need, each written first: in x^k the term x^0 is 1 at x = 0, too."""
    terms = [substitute(body, {variable: place}) for place in places]
    if any(term.has(S.ComplexInfinity, S.NaN) for term in terms):
        return (S.false,)
    return tuple(dict.fromkeys(each for term in terms for each in _at(term, variable, [variable], table, jumps=False)))


def kinks_of_terms(
    body: Any, variable: Any, lower: Any, upper: Any, table: Table, most: int = LISTED_TERMS
) -> tuple[Any, ...]:
    """Where an operation of a term has no derivative; not those in which nothing but the number of the term stands.

    >>> from sympy import Abs, Integer, symbols
    >>> from symgraph.language.primitives import TABLE
    >>> k, x = symbols("k x")
    >>> kinks_of_terms(Abs(x - k) * Abs(k - 2), k, Integer(1), Integer(2), TABLE)
    (Eq(1 - x, 0), Eq(2 - x, 0))

    Args:
        most: terms that are looked at; fewer of a sum in each of them.
    """
    places = _listed(lower, upper, most)
    found: dict[Any, None] = {}
    stack, seen = [body], set()
    while stack:
        piece = stack.pop()
        if piece in seen or not piece.free_symbols - {variable}:
            continue
        seen.add(piece)
        reading = table.read(piece)
        if isinstance(piece, Sum | Product):
            (name, *ends), inner = piece.limits[-1], piece.limits[:-1]
            whole = piece.func(piece.function, *inner) if inner else piece.function
            conditions, arguments = _kinks_inside(table, most // max(2, len(places))), (whole, name, *ends)
        elif reading is not None:
            conditions, arguments = reading[0].kinks, reading[1]
            stack.extend(reversed(arguments))
        else:
            continue
        if isinstance(piece, Sum | Product) or conditions(*arguments):
            written = [[substitute(argument, {variable: place}) for argument in arguments] for place in places]
            found.update(dict.fromkeys(each for one in written for each in conditions(*one) if each is not S.false))
    return tuple(found)


def _kinks_inside(table: Table, most: int) -> Callable[..., tuple[Any, ...]]:
    return lambda *arguments: kinks_of_terms(*arguments, table, most) if len(arguments) == 4 else ()


def _between_poles(body: Any, variable: Any, lower: Any, upper: Any, table: Table) -> tuple[Any, ...]:
    """That an integral of something over a polynomial has both limits on one side of each of its poles.

    >>> from sympy import Integer, cos, symbols
    >>> from symgraph.language.primitives import TABLE
    >>> t, x = symbols("t x")
    >>> _between_poles(cos(t)/t, t, Integer(1), x, TABLE), _between_poles(1/t, t, Integer(-1), Integer(1), TABLE)
    ((x > 0,), (False,))
    """
    if body.free_symbols != {variable} or lower.is_infinite or upper.is_infinite:
        return ()
    if all(
        piece == variable or piece.is_Rational or piece.is_Add or piece.is_Mul or _is_small_power(piece)
        for piece in preorder_traversal(body)
    ):
        body = cancel(body)
    top, bottom = fraction(body)
    below = _small_polynomial(bottom, variable)
    if below is None or any(found for _, found in _conditions(top, table, jumps=False)):
        return ()
    poles = [pole for pole in sorted(below.ground_roots()) if substitute(top, {variable: pole}).is_zero is False]
    return needs(*[(lower - pole) * (upper - pole) > 0 for pole in poles])


def _is_beyond(condition: Any, variable: Any, end: Any) -> bool:
    """Whether a limit lies where a comparison fails, and not on its edge: √t at −1, but not ln t at 0."""
    if not isinstance(condition, GreaterThan | StrictGreaterThan | LessThan | StrictLessThan):
        return False
    gap = substitute(condition.gts - condition.lts, {variable: end})
    return bool(gap.is_number and gap.is_negative)


def _is_small_power(piece: Any) -> bool:
    return isinstance(piece, Pow) and piece.exp.is_Integer and abs(piece.exp) <= LARGEST_POWER


def _listed(lower: Any, upper: Any, most: int = LISTED_TERMS) -> list[Any]:
    """The values that the variable of a sum takes, if they are few."""
    if lower.is_Integer and upper.is_Integer and upper - lower < most:
        return [lower + k for k in range(int(upper - lower) + 1)]
    return []


def binder_rows(table: Table) -> tuple[Primitive, ...]:
    """The rows `sum`, `product` and `integral` (body, variable, from, to), over the other rows of a table.

    An integral needs its integrand at a limit that is not a number, and may have no derivative where it jumps
    there: call its `domain` and `kinks` with the limits as names.
    """

    def terms(body: Any, variable: Any, lower: Any, upper: Any) -> tuple[Any, ...]:
        if lower.is_Integer and upper.is_Integer and lower > upper + 1:
            return (S.false,)  # from 3 to 1 is an empty sum to some, and minus the term at 2 to others
        ends = [end for end in (lower, upper) if not end.is_infinite]
        whole = needs(*[Eq(end, floor(end)) for end in ends])
        if len(ends) == 2:
            whole += needs(upper >= lower - 1)
        return whole + _of_terms(body, variable, _listed(lower, upper), table)

    def term_kinks(body: Any, variable: Any, lower: Any, upper: Any) -> tuple[Any, ...]:
        return kinks_of_terms(body, variable, lower, upper, table)

    def way(body: Any, variable: Any, lower: Any, upper: Any) -> tuple[Any, ...]:
        inside = [condition for _, found in _conditions(body, table, jumps=False) for condition in found]
        asked = [condition for condition in inside if not _is_filled(condition, body, variable, table)]
        at_ends = _written_at(asked, variable, ends(lower, upper), S.true)
        fixed = [end for end in (lower, upper) if end.is_number and end.is_finite]
        if any(_is_beyond(condition, variable, end) for condition in inside for end in fixed):
            return (S.false,)
        return at_ends + _between_poles(body, variable, lower, upper, table)

    def ends(lower: Any, upper: Any) -> list[Any]:
        return [end for end in (lower, upper) if not end.is_number]

    return (
        *(
            Primitive(
                name,
                tuple(spellings.split()),
                (4, 4),
                lambda body, variable, lower, upper, head=head, empty=empty: (
                    empty if upper - lower == MINUS_ONE else head(body, (variable, lower, upper))
                ),
                lambda body, variable, lower, upper: (None, None, None, None),
                latex,
                head,
                terms,
                term_kinks,
            )
            for name, spellings, latex, head, empty in (
                ("sum", "sum Sum", r"\sum", Sum, ZERO),
                ("product", "product prod Product", r"\prod", Product, ONE),
            )
        ),
        Primitive(
            "integral",
            ("integral", "integrate", "Integral"),
            (4, 4),
            lambda body, variable, lower, upper: Integral(body, (variable, lower, upper)),
            lambda body, variable, lower, upper: _integral_partials(body, variable, lower, upper, table),
            r"\int",
            Integral,
            way,
            lambda body, variable, lower, upper: _at(body, variable, ends(lower, upper), table, jumps=True),
        ),
    )
