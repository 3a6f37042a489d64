"""SymPy -> tree, in the order in which a textbook would print it; and numbers -> trees.

SymPy has no minus and no division, and its order is for machines. Here, and nowhere else, −1·x becomes a minus,
x⁻¹ a quotient and x^(1/2) a root, and terms and factors are put in order:

>>> import sympy
>>> x, a, b = sympy.symbols("x a b")
>>> from_sympy(1 - x)
Apply('subtract', (Number('1'), Name('x')))
>>> from_sympy(1/(2*sympy.sqrt(x)))
Apply('divide', (Number('1'), Apply('multiply', (Number('2'), Apply('square_root', (Name('x'),))))))

* Terms: by falling degree in the names, then by name, what is no polynomial after it, a number alone last
  (x² + 2x + 1, a + 2b + 1, x² cos x + 2x sin x); first where there are only functions beside it (1 + e^x). A term
  with a plus goes first where a minus would stand there alone (1 − x).
* Factors: the number, √2, π, names by the alphabet (or in the given order), e^x, roots, brackets, functions.
* √2/(2√π) is 1/√(2π).
* A quotient has below it what has a negative number as its exponent: 1/(2√x), x/2, but e^(−x) and x^(−n).

Shared subexpressions are read once and stay shared, and nothing recurses: a chain of thousands of SymPy objects is
no trouble. The functions of SymPy that walk trees (`free_symbols`, `sort_key`, `str`) are not called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import sympy
from sympy import Add, Basic, Expr, Mul, Pow, S
from sympy.core.function import AppliedUndef, Derivative, Subs
from sympy.logic.boolalg import BooleanFalse, BooleanTrue
from sympy.matrices import MatrixBase

from symgraph.errors import SymgraphError
from symgraph.language.numerals import number_tree
from symgraph.language.primitives import PRIMITIVES, TABLE
from symgraph.language.tree import Apply, Constant, Name, Number, Text, Tree, Undefined
from symgraph.language.unknowns import read_unknown

__all__ = ["from_sympy", "number_tree"]


def from_sympy(expr: Any, order: Sequence[str] | None = None, digits: int = 6) -> Tree:
    """A SymPy object as a tree, in textbook order.

    Args:
        expr: an expression, a condition, an equation or a matrix.
        order: names in the order wanted; the others follow by the alphabet.
        digits: significant digits of floating-point numbers in it.

    Raises:
        SymgraphError: it holds something that has no form in print.

    >>> x = sympy.Symbol("x")
    >>> from_sympy(2*x*sympy.cos(x**2)).arguments[0]
    Apply('multiply', (Number('2'), Name('x')))
    """
    if isinstance(expr, Expr):
        if _is_short(expr):
            return _read_once(expr, tuple(order or ()), digits)
    elif isinstance(expr, int | float | Fraction):
        return number_tree(expr, digits)
    return _Reader(order or (), digits).read(expr).tree


_SHORT = 60  # pieces of an expression that is remembered; comparing long or deep ones takes longer than reading them


def _is_short(expr: Expr) -> bool:
    """Whether an expression has few pieces, each counted wherever it stands."""
    pieces: list[Basic] = [expr]
    for piece in pieces:
        pieces += piece.args
        if len(pieces) > _SHORT:
            return False
    return True


@lru_cache(maxsize=8_192)
def _read_once(expr: Expr, order: tuple[str, ...], digits: int) -> Tree:
    """A page shows the same local derivative in its graph, on its paths and in both sweeps."""
    return _Reader(order, digits).read(expr).tree


# The machine --------------------------------------------------------------------------------------------------------

Exponent = int | Fraction  # an int where it is whole: a Fraction's every operation is some calls
Powers = tuple[tuple[Any, Exponent], ...]  # (key of a name, exponent), sorted: x²y is ((x, 2), (y, 1))
Ranks = tuple[tuple[int, Any, int, Exponent], ...]  # of each factor that is no name: place, first name, size, power

# The classes in which factors stand, in this order.
NUMBER, SURD, CONSTANT, NAME, POWER, EXPONENTIAL, ROOT, SUM, FUNCTION, OTHER = range(10)


class _Part(NamedTuple):
    """A tree, and what must be known of it to put it among others.

    Args:
        kind: the class in which it stands as a factor.
        degree: in the names, as a polynomial; functions count 0.
        powers: of the names, for terms that are monomials.
        rank: of what is no monomial: places in the table of functions, first names, sizes, powers.
        lead: the first of its names, by the order of names.
        size: pieces, as a graph.
        fixed: there is no name in it.
    """

    tree: Tree
    kind: int = OTHER
    degree: Exponent = 0
    powers: Powers = ()
    rank: Ranks = ()
    lead: Any = ()
    size: int = 1
    fixed: bool = False


Reading = Generator[Any, _Part, _Part]


class _Reader:
    """One SymPy object being read. Rules are generators run from a stack, memoised by object."""

    def __init__(self, order: Iterable[str], digits: int) -> None:
        self.order = {name: place for place, name in enumerate(order)}
        self.digits = digits

    def read(self, expr: Any) -> _Part:
        done: dict[int, _Part] = {}
        kept: list[Any] = [expr]  # ids stay theirs as long as the objects live
        stack = [(id(expr), self.rule(expr))]
        answer: _Part | None = None
        while stack:
            key, reading = stack[-1]
            try:
                wanted = reading.send(answer)  # type: ignore[arg-type]  # the first send is None
            except StopIteration as finished:
                answer = done[key] = finished.value
                stack.pop()
                continue
            kept.append(wanted)
            answer = done.get(id(wanted))
            if answer is None:
                stack.append((id(wanted), self.rule(wanted)))
        assert answer is not None
        return answer

    def rule(self, expr: Any) -> Reading:
        for kind, rule in _RULES.items():
            if isinstance(expr, kind):
                return rule(self, expr)
        return _other(self, expr)

    def name_key(self, name: str) -> Any:
        """Names in the given order, then by the alphabet: a, A, b, x_2, x_10."""
        parts = [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"[0-9]+|[^0-9]+", name)]
        folded = tuple((number, word.lower()) for number, word in parts)
        return (self.order.get(name, len(self.order)), folded, name.swapcase())


def _apply(operator: str, *arguments: Tree) -> Apply:
    return Apply(operator, arguments)


def _is_negative(tree: Tree) -> bool:
    if isinstance(tree, Apply):
        return tree.operator == "negate"
    return isinstance(tree, Number) and tree.value.numerator < 0


def _without_sign(tree: Tree) -> Tree:
    if isinstance(tree, Apply):
        return tree.arguments[0]
    assert isinstance(tree, Number)
    return Number(-tree.value, tree.text.removeprefix("-"))


def _function_part(operator: str, parts: Sequence[_Part], tree: Tree, kind: int = FUNCTION) -> _Part:
    lead, size, fixed = _together(parts)
    rank = (_PLACES.get(operator, len(_PLACES)), lead, size, 1)
    return _Part(tree, kind, rank=(rank,), lead=lead, size=size, fixed=fixed)


_PLACES: Mapping[str, int] = MappingProxyType({name: place for place, name in enumerate(PRIMITIVES)})
_LETTERS = frozenset({"sigmoid", "gamma", "digamma", "polygamma", "bessel_j", "bessel_y", "bessel_i", "bessel_k"})
_ROOTS = frozenset({"square_root", "cube_root", "real_root", "absolute_value", "floor", "ceiling", "factorial"})


# Atoms --------------------------------------------------------------------------------------------------------------


def _number(reader: _Reader, expr: Any) -> Reading:
    return _Part(number_tree(expr, reader.digits, exact=expr.is_Rational), NUMBER, fixed=True)
    yield


def _constant(reader: _Reader, expr: Any) -> Reading:
    name = _CONSTANTS.get(expr)
    if expr is S.EulerGamma:
        return _function_part("digamma", [], _apply("negate", _apply("digamma", Number(1))))
    if name is None:
        if expr in (S.NaN, S.ComplexInfinity):
            return _Part(Text("undefined"), OTHER, fixed=True)
        if expr is S.NegativeInfinity:
            return _Part(_apply("negate", Constant("infinity")), NUMBER, fixed=True)
        return _Part(number_tree(expr.evalf(reader.digits + 9), reader.digits), NUMBER, fixed=True)
    return _Part(Constant(name), CONSTANT, rank=((0, (), "pi e i".find(name), 1),), fixed=True)
    yield


_CONSTANTS: Mapping[Any, str] = MappingProxyType(
    {S.Pi: "pi", S.Exp1: "e", S.Infinity: "infinity", S.ImaginaryUnit: "i"}
)


def _symbol(reader: _Reader, expr: Any) -> Reading:
    key = reader.name_key(expr.name)
    return _Part(Name(expr.name), NAME, 1, ((key, 1),), lead=key)
    yield


def _truth(reader: _Reader, expr: Any) -> Reading:
    zero = Number(0)
    return _Part(_apply("equal", zero, zero if isinstance(expr, BooleanTrue) else Number(1)), fixed=True)
    yield


# Sums ---------------------------------------------------------------------------------------------------------------


def _sum(reader: _Reader, expr: Any) -> Reading:
    terms: list[_Part] = []
    for term in expr.args:
        terms.append((yield term))
    ordered = _ordered_terms(terms)
    tree = ordered[0].tree
    for term in ordered[1:]:
        if _is_negative(term.tree):
            tree = _apply("subtract", tree, _without_sign(term.tree))
        else:
            tree = _apply("add", tree, term.tree)
    lead, size, fixed = _together(terms)
    degree = max([term.degree for term in terms])
    rank = ((-1, lead, size, 1),)
    return _Part(tree, SUM, degree, rank=rank, lead=lead, size=size, fixed=fixed)


def _ordered_terms(terms: Sequence[_Part]) -> list[_Part]:
    """By falling degree, then by name, a number alone last; see the module's docstring."""
    ordered = sorted(
        terms,
        key=lambda term: (
            term.fixed,
            -term.degree,
            tuple((name, -power) for name, power in term.powers),
            term.rank,
        ),
    )
    names = {term.lead for term in terms if term.lead}
    if ordered[-1].fixed and not any(term.degree for term in terms) and not _is_negative(ordered[-1].tree):
        constants = [term for term in ordered if term.fixed]
        ordered = constants + [term for term in ordered if not term.fixed]
    if _is_negative(ordered[0].tree):
        one_polynomial = len(names) == 1 and all(term.fixed or not term.rank for term in terms)
        if len(terms) == 2 or not one_polynomial:
            ordered.sort(key=lambda term: _is_negative(term.tree))
    return ordered


# Products and quotients ---------------------------------------------------------------------------------------------


def _product(reader: _Reader, expr: Any) -> Reading:
    numbers = [factor for factor in expr.args if factor.is_Rational]
    coefficient = numbers[0] if len(numbers) == 1 else S.One
    rest = [factor for factor in expr.args if not factor.is_Rational or len(numbers) > 1]
    rest, extra = _signed_roots(rest)
    coefficient, rest = _one_root(coefficient, rest)
    above: list[_Part] = []
    below: list[_Part] = []
    for operator, arguments in extra:
        parts = []
        for argument in arguments:
            parts.append((yield argument))
        above.append(_function_part(operator, parts, _apply(operator, *(part.tree for part in parts)), ROOT))
    for factor in rest:
        if factor.is_Pow and _goes_below(factor):
            part = yield from _power_of(reader, factor.base, -factor.exp)
            below.append(part)
        else:
            above.append((yield factor))
    return _quotient(reader, coefficient, above, below)


def _goes_below(power: Any) -> bool:
    base, exponent = power.args
    return bool(base is not S.Exp1 and exponent.is_Rational and exponent.p < 0)


def _signed_roots(factors: Sequence[Any]) -> tuple[list[Any], list[tuple[str, tuple[Any, ...]]]]:
    """Take sign(u)·|u|^(1/n), n odd, out of a product: it is the real root of u."""
    signs = {factor.args[0]: factor for factor in factors if isinstance(factor, sympy.sign)}
    rest, roots = list(factors), []
    for factor in factors:
        if not (signs and factor.is_Pow and isinstance(factor.base, sympy.Abs) and factor.exp.is_Rational):
            continue
        inner = factor.base.args[0]
        if inner in signs and factor.exp.p == 1 and factor.exp.q % 2:
            rest.remove(signs.pop(inner))
            rest.remove(factor)
            index = factor.exp.q
            roots.append(("cube_root", (inner,)) if index == 3 else ("real_root", (inner, sympy.Integer(index))))
    return rest, roots


def _one_root(coefficient: Any, factors: list[Any]) -> tuple[Any, list[Any]]:
    """Put a whole number and π under one root again, which SymPy takes apart: √2/(2√π) is 1/√(2π)."""
    of_pi = [factor for factor in factors if factor.is_Pow and factor.base is S.Pi and abs(factor.exp) == S.Half]
    whole = [factor for factor in factors if factor.is_Pow and factor.base.is_Integer and factor.exp == S.Half]
    if not (of_pi and whole):
        return coefficient, factors
    number = whole[0].base
    if of_pi[0].exp.is_negative:
        if coefficient.q % number.p:
            return coefficient, factors
        coefficient = coefficient * number
    joined = Pow(Mul(number, S.Pi, evaluate=False), of_pi[0].exp, evaluate=False)
    return coefficient, [joined if each is of_pi[0] else each for each in factors if each is not whole[0]]


def _quotient(reader: _Reader, coefficient: Any, above: list[_Part], below: list[_Part]) -> _Part:
    """coefficient · above / below, with one sign in front."""
    top, bottom = abs(int(coefficient.p)), int(coefficient.q)
    signs = int(coefficient.p < 0)
    positive = []
    alone = len(above) + len(below) == 1
    for part in above:
        if part.kind == NUMBER and _is_negative(part.tree) and not alone:
            part, signs = part._replace(tree=_without_sign(part.tree)), signs + 1
        positive.append(part)
    parts = [*positive, *below]
    numerator = _product_of(positive, top)
    tree = numerator
    if below or bottom != 1:
        tree = _apply("divide", numerator, _product_of(below, bottom))
    if signs % 2:
        tree = Number(-tree.value, "-" + tree.text) if isinstance(tree, Number) else _apply("negate", tree)
    powers: dict[Any, Exponent] = {}
    degree: Exponent = 0
    for parts_, sign in ((positive, 1), (below, -1)):
        for part in parts_:
            degree += sign * part.degree
            for name, power in part.powers:
                powers[name] = powers.get(name, 0) + sign * power
    rank: Ranks = ()
    for part in sorted(parts, key=_factor_key):
        rank += () if part.fixed else part.rank
    kind = OTHER if below else max([part.kind for part in parts], default=NUMBER)
    lead, size, fixed = _together(parts)
    return _Part(tree, kind, degree, tuple(sorted(powers.items())), rank, lead, size, fixed)


def _together(parts: Sequence[_Part]) -> tuple[Any, int, bool]:
    """Of an expression made of these: its first name, its pieces, and whether there is no name in it."""
    lead: Any = ()
    size, fixed = 1, True
    for part in parts:
        if part.lead and (not lead or part.lead < lead):
            lead = part.lead
        size, fixed = size + part.size, fixed and part.fixed
    return lead, size, fixed


def _factor_key(part: _Part) -> Any:
    if part.kind == NAME:
        return (NAME, part.powers, ())
    return (part.kind, (), part.rank)


def _product_of(parts: Sequence[_Part], number: int) -> Tree:
    """The product of these in order, a 1 left out unless it is all there is."""
    factors = [part.tree for part in sorted(parts, key=_factor_key)]
    if number != 1 or not factors:
        factors.insert(0, Number(number))
    tree = factors[0]
    for factor in factors[1:]:
        tree = _apply("multiply", tree, factor)
    return tree


# Powers and functions -----------------------------------------------------------------------------------------------


def _power(reader: _Reader, expr: Any) -> Reading:
    if _goes_below(expr):
        part = yield from _power_of(reader, expr.base, -expr.exp)
        return _quotient(reader, S.One, [], [part])
    return (yield from _power_of(reader, expr.base, expr.exp))


def _power_of(reader: _Reader, base: Any, exponent: Any) -> Reading:
    if base is S.Exp1:
        inner = yield exponent
        return _function_part("exponential", [inner], _apply("exponential", inner.tree), EXPONENTIAL)
    below = yield base
    if exponent is S.One:
        return below
    if exponent is S.Half:
        kind = SURD if below.fixed else ROOT
        part = _function_part("square_root", [below], _apply("square_root", below.tree), kind)
        half = Fraction(1, 2)
        return part._replace(degree=below.degree * half, powers=tuple((n, p * half) for n, p in below.powers))
    above = yield exponent
    tree = _apply("power", below.tree, above.tree)
    size, lead = 1 + below.size + above.size, below.lead or above.lead
    if not exponent.is_Rational:
        negative = below.fixed and _is_negative(below.tree)  # (−1)^n stands in front
        kind = SURD if negative else POWER if below.kind == NAME else EXPONENTIAL if below.fixed else below.kind
        fixed = below.fixed and above.fixed
        # A power with a letter in its exponent stands before every power with a number.
        degree = 1000 if below.kind == NAME else 0
        rank = ((_PLACES["power"], lead, size, 1),)
        return _Part(tree, kind, degree, rank=rank, lead=lead, size=size, fixed=fixed)
    power = int(exponent.p) if exponent.is_Integer else Fraction(int(exponent.p), int(exponent.q))
    powers = tuple((name, old * power) for name, old in below.powers)
    kind = SURD if below.kind == NUMBER else below.kind
    ranks = tuple((*each[:3], power * each[3]) for each in below.rank)
    return _Part(tree, kind, below.degree * power, powers, ranks, lead, size, below.fixed)


def _other(reader: _Reader, expr: Any) -> Reading:
    """A row of the table; else a function without one, by its name."""
    found = TABLE.read(expr) if isinstance(expr, Basic) else None
    if found is not None:
        row, arguments = found
        parts = []
        for argument in arguments:
            parts.append((yield argument))
        tree = _apply(row.name, *(part.tree for part in parts))
        kind = EXPONENTIAL if row.name in _LETTERS else ROOT if row.name in _ROOTS else FUNCTION
        return _function_part(row.name, parts, tree, kind)
    if isinstance(expr, sympy.ITE):  # SymPy's own, for cases inside a condition
        test, yes, no = expr.args
        return (yield sympy.Or(sympy.And(test, yes), sympy.And(sympy.Not(test), no)))
    if isinstance(expr, sympy.Function):
        parts = []
        for argument in expr.args:
            parts.append((yield argument))
        named = Undefined(type(expr).__name__, tuple(part.tree for part in parts))
        return _function_part("", parts, named, EXPONENTIAL)
    raise SymgraphError(f"a SymPy object of class {type(expr).__name__} has no form in print")


def _heaviside(reader: _Reader, expr: Any) -> Reading:
    """Heaviside with its value at 0 given: by cases."""
    argument, middle = expr.args
    if middle == S.Half:
        return (yield from _other(reader, expr))
    pieces = ((S.One, argument > 0), (middle, sympy.Eq(argument, 0)), (S.Zero, True))
    return (yield sympy.Piecewise(*pieces))


def _unknown(reader: _Reader, expr: Any) -> Reading:
    """f(u, v), f'(u), ∂₁f(u, v) of a function about which nothing is known."""
    found = read_unknown(expr)
    if found is None:
        raise SymgraphError(f"a {type(expr).__name__.lower()} that SymPy left as it was has no form in print")
    name, arguments, orders = found
    parts = []
    for argument in arguments:
        parts.append((yield argument))
    tree = Undefined(name, tuple(part.tree for part in parts), orders if any(orders) else ())
    return _function_part("", parts, tree, EXPONENTIAL)


def _matrix(reader: _Reader, expr: Any) -> Reading:
    rows: list[Tree] = []
    parts: list[_Part] = []
    for row in expr.tolist():
        cells = []
        for entry in row:
            cells.append((yield entry))
        parts.extend(cells)
        rows.append(_apply("vector", *(cell.tree for cell in cells)))
    if expr.cols == 1:
        return _function_part("vector", parts, _apply("vector", *(part.tree for part in parts)), OTHER)
    return _function_part("matrix", parts, _apply("matrix", *rows), OTHER)


def _unevaluated(reader: _Reader, expr: Any) -> Reading:
    return (yield expr.args[0])


def _tuple(reader: _Reader, expr: Any) -> Reading:
    parts = []
    for entry in expr.args:
        parts.append((yield entry))
    return _function_part("vector", parts, _apply("vector", *(part.tree for part in parts)), OTHER)


_RULES: Mapping[Any, Callable[[_Reader, Any], Reading]] = MappingProxyType(
    {
        sympy.Symbol: _symbol,
        sympy.Rational: _number,
        sympy.Float: _number,
        sympy.core.numbers.NumberSymbol: _constant,
        sympy.core.numbers.ImaginaryUnit: _constant,
        sympy.core.numbers.Number: _constant,
        type(S.ComplexInfinity): _constant,
        (BooleanTrue, BooleanFalse): _truth,
        Add: _sum,
        Mul: _product,
        Pow: _power,
        sympy.exp: lambda reader, expr: _power_of(reader, S.Exp1, expr.args[0]),
        sympy.Heaviside: _heaviside,
        (AppliedUndef, Derivative, Subs): _unknown,
        MatrixBase: _matrix,
        sympy.Tuple: _tuple,
        sympy.UnevaluatedExpr: _unevaluated,
    }
)
