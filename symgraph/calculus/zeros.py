"""Is a normal form zero wherever the expressions are real? The last step of a proof with kernels.

Roots are reduced (|p|^(1/q) to the power q is ±p, and a sign's square is 1), and what is left must be zero for every
choice of signs that the domain allows: √(x−3) says that x − 3 is positive, √(x² − 9) that x − 3 and x + 3 have one
sign, and where the polynomials under the signs have one variable, their real roots cut the line into pieces.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> kernel_proof(sympy.sqrt(x**2 - 9), sympy.sqrt(x - 3) * sympy.sqrt(x + 3))
'exact arithmetic (roots)'
>>> kernel_proof(sympy.sqrt(x**2), x)
''
>>> kernel_proof(sympy.sqrt(x**2), x, {"x": "positive"})
'exact arithmetic'
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

import sympy

from symgraph.calculus import polynomials
from symgraph.calculus.algebraic import constants_vanish
from symgraph.calculus.kernels import Crowded, Fact, Kernel, Plan, Rescale, TooHard, Tower
from symgraph.calculus.polynomials import Polynomial, Quotient
from symgraph.calculus.rewriting import REWRITING

__all__ = [
    "Outline",
    "TooHard",
    "attempt",
    "distinct_pieces",
    "kernel_proof",
    "kernel_zero",
    "outline",
    "reduced",
    "simplest",
    "vanishes",
]

Result = TypeVar("Result")

_ATTEMPTS = 16
_SIZES = (12, 24, 48, 96)
_SIGNS = 8  # kernels of a sign that are tried both ways
_SMALL = 60  # pieces of a radicand
_DEPTH = 300
_REMEMBERED = 512  # proofs
_DEGREE = 60  # of a polynomial whose real roots are looked for


def kernel_proof(
    left: Any,
    right: Any,
    signs: Mapping[str, str] | None = None,
    conditions: Sequence[Any] = (),
    *,
    terms: int = 1_000,
    seconds: float | None = None,
) -> str:
    """How two SymPy expressions are proved equal by their normal forms; "" when they are not (which says nothing).

    Args:
        signs: per name "positive", "nonnegative", "negative", "nonpositive".
        conditions: comparisons that hold (x > 2).
        terms: the most terms of one polynomial.
        seconds: when it gives up, looked at between operations; None where the answer must be the same on every
            machine: then only the counted work ends it.
    """
    pair, key = (left, right), (left, right, terms)
    try:
        _check_depth(pair)
        nothing_assumed = not signs and not conditions
        if nothing_assumed and key in _PROVED:
            return _PROVED[key]
        kinds = _zero(pair, signs, conditions, None, terms, seconds)
        if kinds is None:
            inner = rationalising(left, right)
            if inner is not None:
                kinds = _rationalised(inner, pair, signs or {}, conditions, terms, seconds)
    except TooHard:
        return ""
    if kinds is None:
        return ""
    method = _named(kinds)
    if nothing_assumed:
        if len(_PROVED) == _REMEMBERED:
            _PROVED.clear()
        _PROVED[key] = method
    return method


_PROVED: dict[tuple[Any, Any, int], str] = {}  # the form that is printed is read back, and asked about again


_KINDS: Mapping[str, str] = {
    "exp": "exponentials",
    "tan": "half angles",
    "log": "logarithms",
    "root": "roots",
    "sign": "signs",
    "power": "powers",
    "function": "functions as they stand",
}


def _named(kinds: frozenset[str]) -> str:
    used = [words for kind, words in _KINDS.items() if kind in kinds]
    return f"exact arithmetic ({', '.join(used)})" if used else "exact arithmetic"


def kernel_zero(
    pair: tuple[Any, Any],
    signs: Mapping[str, str] | None = None,
    conditions: Sequence[Any] = (),
    *,
    images: Mapping[str, Any] | None = None,
    terms: int = 1_000,
    seconds: float | None = None,
) -> frozenset[str] | None:
    """The kinds of kernels with which it is proved, or None; TooHard is raised where it gives up.

    `images` puts expressions in the place of names.
    """
    _check_depth(pair)
    return _zero(pair, signs, conditions, images, terms, seconds)


def _check_depth(pair: tuple[Any, Any]) -> None:
    if any(outline(expression).depth > _DEPTH for expression in pair):
        raise TooHard("a very deep expression")


def _zero(
    pair: tuple[Any, Any],
    signs: Mapping[str, str] | None,
    conditions: Sequence[Any],
    images: Mapping[str, Any] | None,
    terms: int,
    seconds: float | None,
) -> frozenset[str] | None:
    def difference(tower: Tower) -> tuple[bool, Tower]:
        return vanishes(tower, tower.normal(pair[0]) - tower.normal(pair[1])), tower

    deadline = None if seconds is None else time.monotonic() + seconds
    options = {"images": images, "terms": terms, "deadline": deadline}
    found, tower = attempt(difference, pair, signs, conditions, **options)
    if not found:
        known = _known_signs(tower)
        if known and known.keys() - tower.known.keys():
            # what one part says of the domain (√x: x ≥ 0) simplifies what stands inside another's functions
            found, tower = attempt(difference, pair, signs, conditions, known=known, **options)
    return frozenset(kernel.kind for kernel in tower.kernels) if found else None


def _known_signs(tower: Tower) -> dict[str, int]:
    """The signs of polynomials in names that the domain leaves no choice about."""
    found: dict[str, int] = {}
    if not tower.facts or not any(kernel.kind == "sign" for kernel in tower.kernels):
        return found
    candidates = [kernel for kernel in tower.kernels if kernel.kind == "sign" and tower.label(kernel.of)]
    for kernel in candidates:
        if _mentioned(tower, kernel):
            choices = {choice for (choice,) in _choices(tower, [kernel])}
            if len(choices) == 1:
                found[tower.label(kernel.of)] = choices.pop()
    return found


def _mentioned(tower: Tower, kernel: Kernel) -> bool:
    """Some fact is about this polynomial, or about one with the same single variable."""
    variables = polynomials.unknowns_of(kernel.of)
    return any(
        str(kernel.of) in fact.parts
        or (len(variables) == 1 and any(polynomials.unknowns_of(part) == variables for part in fact.parts.values()))
        for fact in tower.facts
    )


@dataclass(frozen=True, slots=True)
class Outline:
    """How large an expression is: distinct pieces, pieces when all sharing is written out, and depth."""

    pieces: int
    size: int
    depth: int


def outline(expression: Any) -> Outline:
    """The sizes of an expression, found without recursion and in one pass over its distinct objects.

    >>> outline(sympy.sin(sympy.Symbol("x")) + 1)
    Outline(pieces=4, size=4, depth=3)
    """
    done: dict[int, tuple[int, int]] = {}
    stack: list[tuple[Any, bool]] = [(expression, False)]
    while stack:
        piece, ready = stack.pop()
        if id(piece) in done:
            continue
        inner = piece.args
        if inner and not ready:
            stack.append((piece, True))
            stack += zip(inner, itertools.repeat(False))
            continue
        size = depth = 0
        for argument in inner:
            below = done[id(argument)]
            size, depth = size + below[0], max(depth, below[1])
        done[id(piece)] = 1 + size, 1 + depth
    size, depth = done[id(expression)]
    return Outline(len(done), size, depth)


def rationalising(*expressions: Any) -> tuple[Any, Any, int] | None:
    """A name x, αx + β under a q-th root, and q, when one root stands inside another: then w = (αx + β)^(1/q) helps.

    >>> x = sympy.Symbol("x")
    >>> rationalising(sympy.sqrt(x + 2 + 2 * sympy.sqrt(x + 1)))
    (x, x + 1, 2)
    """
    found: dict[tuple[Any, Any], int] = {}
    nested = False
    for expression in expressions:
        for piece in distinct_pieces(expression):
            if isinstance(piece, sympy.Pow) and piece.exp.is_Rational and not piece.exp.is_Integer:
                base = piece.base
                if outline(base).size > _SMALL:
                    return None
                nested = nested or base.has(sympy.Pow)
                names = sorted(base.free_symbols, key=str)
                if len(names) == 1 and base.is_polynomial(*names) and sympy.degree(base, names[0]) == 1:
                    found.setdefault((names[0], base), int(piece.exp.q))
    if not nested or not found:
        return None
    (name, base), order = min(found.items(), key=str)
    return name, base, order


def distinct_pieces(expression: Any) -> Iterator[Any]:
    """Every object in an expression once, however often it is shared."""
    seen: set[int] = set()
    stack = [expression]
    while stack:
        piece = stack.pop()
        if id(piece) not in seen:
            seen.add(id(piece))
            yield piece
            stack.extend(reversed(piece.args))


def _rationalised(
    inner: tuple[Any, Any, int],
    pair: tuple[Any, Any],
    signs: Mapping[str, str],
    conditions: Sequence[Any],
    terms: int,
    seconds: float | None,
) -> frozenset[str] | None:
    """The same question in w ≥ 0, with x = (w^q − β)/α: every x of the domain is met by one w."""
    name, base, order = inner
    alpha, beta = base.coeff(name, 1), base.coeff(name, 0)
    root = sympy.Symbol(f"{name} root")
    image = (root**order - beta) / alpha
    tests = {"positive": image > 0, "nonnegative": image >= 0, "negative": image < 0, "nonpositive": image <= 0}
    more = [tests[word] for word in signs.get(str(name), "").split() if word in tests]
    rest = {key: words for key, words in signs.items() if key != str(name)}
    return kernel_zero(
        pair,
        {**rest, str(root): "nonnegative"},
        [condition for condition in (*conditions, *more) if condition not in (sympy.true, True)],
        images={str(name): image},
        terms=terms,
        seconds=seconds,
    )


def attempt(
    work: Callable[[Tower], Result],
    pair: tuple[Any, Any],
    signs: Mapping[str, str] | None,
    conditions: Sequence[Any],
    **options: Any,
) -> Result:
    """What comes of work on a tower that knows the conditions; begun again until a tower is large and fine enough.

    Args:
        work: on the two expressions, which the tower has looked at.
        options: of the tower.

    Raises:
        TooHard: no tower is.
    """
    plan = Plan()
    for _ in range(_ATTEMPTS):
        tower = Tower(REWRITING, signs, plan=plan, **options)
        tower.learn(*pair, *conditions)
        try:
            for condition in conditions:
                tower.assume(condition)
            return work(tower)
        except (Rescale, Crowded) as change:
            _replan(plan, change)
    raise TooHard("exponents with very different denominators")


def _replan(plan: Plan, change: Rescale | Crowded) -> None:
    """Change the plan as an attempt asked for."""
    if isinstance(change, Rescale):
        plan.scales[change.key] = change.scale
        return
    larger = [size for size in _SIZES if size > plan.size]
    if not larger:
        raise TooHard("very many different functions")
    plan.size = larger[0]


def vanishes(tower: Tower, value: Quotient) -> bool:
    """The value is zero wherever the expressions that the tower has read are real."""
    if value.is_zero():
        return True
    left = reduced(tower, value.top)
    if polynomials.is_zero(left) or constants_vanish(tower, left):
        return True
    signs = [kernel for kernel in _used(tower, left) if kernel.kind == "sign"]
    if not signs or len(signs) > _SIGNS:
        return False
    choices = list(_choices(tower, signs))
    return bool(choices) and all(
        polynomials.is_zero(rest) or constants_vanish(tower, rest)
        for rest in (_with_signs(tower, left, signs, choice) for choice in choices)
    )


def _used(tower: Tower, polynomial: Polynomial) -> list[Kernel]:
    return [tower.kernels[index] for index in polynomials.unknowns_of(polynomial)]


def reduced(tower: Tower, polynomial: Polynomial) -> Polynomial:
    """Every root below its own order, every sign at most once; the outer roots first, as they hold the inner ones."""
    for kernel in reversed(tower.kernels):
        if kernel.kind == "root":
            polynomial = _reduce_root(tower, polynomial, kernel)
    for kernel in tower.kernels:
        if kernel.kind == "sign":
            polynomial = _reduce_power(tower, polynomial, kernel, 2, tower.ring.one_polynomial)
    return polynomial


def _reduce_root(tower: Tower, polynomial: Polynomial, kernel: Kernel) -> Polynomial:
    degrees = polynomials.degrees_of(polynomial)
    if not degrees or degrees[kernel.index] < kernel.scale:
        return polynomial
    sign = tower.sign_kernel(kernel.of) if not polynomials.is_constant(kernel.of) else tower.ring.one
    return _reduce_power(tower, polynomial, kernel, kernel.scale, (sign * tower.ring.whole(kernel.of)).top)


def _reduce_power(tower: Tower, polynomial: Polynomial, kernel: Kernel, order: int, value: Polynomial) -> Polynomial:
    """kernel^order replaced by value."""
    degrees = polynomials.degrees_of(polynomial)
    if not degrees or degrees[kernel.index] < order:
        return polynomial
    total = tower.ring.zero
    unknown = tower.ring.unknown(kernel.index)
    for degree, coefficient in sorted(tower.by_degree(polynomial, kernel.index).items()):
        wholes, rest = divmod(degree, order)
        total = total + tower.ring.whole(coefficient) * tower.ring.whole(value) ** wholes * unknown**rest
    return total.top


def _with_signs(tower: Tower, polynomial: Polynomial, signs: Sequence[Kernel], choice: Sequence[int]) -> Polynomial:
    for kernel, sign in zip(signs, choice, strict=True):
        by_degree = tower.by_degree(polynomial, kernel.index)
        polynomial = sum((part * sign**degree for degree, part in by_degree.items()), tower.ring.zero.top)
    return polynomial


# -- which signs there can be -------------------------------------------------------------------------------------


def _choices(tower: Tower, signs: Sequence[Kernel]) -> Iterator[tuple[int, ...]]:
    """The choices of signs that what is known of the domain allows (perhaps more than there are)."""
    if len({tuple(polynomials.unknowns_of(kernel.of)) for kernel in signs}) == 1:
        variable = polynomials.unknowns_of(signs[0].of)
        if len(variable) == 1:
            yield from _choices_on_a_line(tower, signs, variable[0])
            return
    for choice in itertools.product((1, -1), repeat=len(signs)):
        known = {str(kernel.of): sign for kernel, sign in zip(signs, choice, strict=True)}
        if _consistent(tower.facts, known):
            yield choice


def _consistent(facts: Sequence[Fact], known: Mapping[str, int]) -> bool:
    """Facts about products of signs, some of the signs given: linear equations over the field of two elements."""
    rows: list[tuple[frozenset[str], int]] = []
    for fact in facts:
        sign, unknown = fact.sign, set()
        for name in fact.parts:
            if name in known:
                sign *= known[name]
            else:
                unknown.add(name)
        rows.append((frozenset(unknown), sign))
    solved: dict[str, tuple[frozenset[str], int]] = {}
    for names, sign in rows:
        while names:
            lead = min(names)
            if lead not in solved:
                solved[lead] = names, sign
                break
            others, other_sign = solved[lead]
            names, sign = names ^ others, sign * other_sign
        else:
            if sign < 0:
                return False
    return True


def _choices_on_a_line(tower: Tower, signs: Sequence[Kernel], variable: int) -> Iterator[tuple[int, ...]]:
    """Polynomials in one variable: the signs they have between their real roots, where the domain is."""
    involved: dict[str, Polynomial] = {str(kernel.of): kernel.of for kernel in signs}
    for fact in tower.facts:
        for name, part in fact.parts.items():
            if polynomials.unknowns_of(part) == [variable]:
                involved[name] = part
    tower.ring.budget.spend(20_000 * len(involved))
    if any(polynomials.degrees_of(part)[variable] > _DEGREE for part in involved.values()):
        return
    below, above = _range(tower, tower.kernels[variable])
    seen = set()
    for point in samples([_coefficients(part, variable) for part in involved.values()], below, above):
        known = {name: _sign_at(_coefficients(part, variable), point) for name, part in involved.items()}
        choice = tuple(known[str(kernel.of)] for kernel in signs)
        if choice not in seen and _consistent(tower.facts, known):
            seen.add(choice)
            yield choice


def _range(tower: Tower, kernel: Kernel) -> tuple[Fraction | None, Fraction | None]:
    """What is known of the size of one kernel: (0, None) for a positive one."""
    sign = tower.sign(tower.ring.generator(kernel.index))
    return (Fraction(0) if sign > 0 else None, Fraction(0) if sign < 0 else None)


def _coefficients(polynomial: Polynomial, variable: int) -> list[Fraction]:
    """Of a polynomial in one variable, by degree."""
    terms = {exponents[variable]: coefficient for exponents, coefficient in polynomials.terms_of(polynomial)}
    return [terms.get(degree, Fraction(0)) for degree in range(max(terms) + 1)]


def _sign_at(coefficients: Sequence[Fraction], point: Fraction) -> int:
    value = Fraction(0)
    for coefficient in reversed(coefficients):
        value = value * point + coefficient
    return (value > 0) - (value < 0)


def samples(
    of: Sequence[Sequence[Fraction]], below: Fraction | None = None, above: Fraction | None = None
) -> Iterator[Fraction]:
    """One fraction between every two neighbouring real roots of polynomials, and one beyond the outer ones.

    >>> [str(point) for point in samples([[Fraction(-2), Fraction(0), Fraction(1)]])]
    ['-3', '0', '3']
    """
    x = sympy.Symbol("x")
    ends: list[tuple[Fraction, Fraction]] = [(end, end) for end in (below, above) if end is not None]
    for coefficients in of:
        if len(coefficients) > 1:
            rationals = [sympy.Rational(c.numerator, c.denominator) for c in reversed(coefficients)]
            for (low, high), _ in sympy.Poly(rationals, x).intervals(eps=sympy.Rational(1, 1000)):
                ends.append((Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))))
    ends = sorted(set(ends))
    gaps = list(itertools.pairwise(ends))
    points = [simplest(left[1], right[0]) for left, right in gaps if left[1] < right[0]]
    if ends:
        points = [Fraction(ends[0][0].__floor__() - 1), *points, Fraction(ends[-1][1].__ceil__() + 1)]
    for point in points or [Fraction(1)]:
        if (below is None or point > below) and (above is None or point < above):
            yield point


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator strictly between two numbers.

    >>> simplest(Fraction(14, 10), Fraction(15, 10)), simplest(Fraction(-1), Fraction(1))
    (Fraction(10, 7), Fraction(0, 1))
    """
    if low < 0 < high:
        return Fraction(0)
    if high <= 0:
        return -simplest(-high, -low)
    whole = low.__floor__()
    if whole + 1 < high:
        return Fraction(whole + 1)
    inner_low, inner_high = low - whole, high - whole
    if inner_low == 0:
        return whole + Fraction(1, (1 / inner_high).__floor__() + 1)
    return whole + 1 / simplest(1 / inner_high, 1 / inner_low)
