"""The shortest of several forms, each proved equal to what it stands for.

Candidates come from `forms.py` (expanded, factored, over one fraction bar, grouped by functions, with the squares of
sine and cosine exchanged, with double angles, with tangents and secants), are sorted by `measure.length`, and the first
that the kernels prove equal is taken; nothing else is ever printed. All of that is exact arithmetic of bounded size, so
that the same expression gives the same form on every machine. What may run away (SymPy's `simplify`, `trigsimp`,
`radsimp`) is asked only with `heavy=True`, in a worker with a deadline, and depends on the machine's speed.

>>> import sympy
>>> x = sympy.Symbol("x")
>>> simplest(sympy.sin(x) ** 2 + sympy.cos(x) ** 2 + 2 * x / (x**2 + x))
(x + 3)/(x + 1)
>>> simplest(2 * x * sympy.sin(x) + x**2 * sympy.cos(x))
x**2*cos(x) + 2*x*sin(x)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any

import sympy

from symgraph import worker
from symgraph.calculus import reals
from symgraph.calculus.balls import Tape
from symgraph.calculus.equality import Assumptions, assume
from symgraph.calculus.exchange import from_json, to_json
from symgraph.calculus.forms import TooHard, forms
from symgraph.calculus.heavy import FORMS
from symgraph.calculus.measure import length
from symgraph.calculus.points import points
from symgraph.calculus.reals import NotReal
from symgraph.calculus.zeros import distinct_pieces, kernel_proof, outline
from symgraph.errors import SymgraphError
from symgraph.limits import DEFAULT, Limits

__all__ = ["length", "simplest"]

_PIECES = 400  # of an expression that is rewritten at all
_DEPTH = 60
_PROOFS = 6  # candidates for which a proof is tried
_LOOKED_AT = 40  # points at which a shorter form must be real where the expression is
_BITS = 64


def simplest(
    expression: Any,
    *,
    limits: Limits = DEFAULT,
    assumptions: Any = None,
    others: Iterable[Any] = (),
    heavy: bool = False,
) -> Any:
    """The shortest form of a SymPy expression that is proved equal to it, and real wherever it is.

    Args:
        limits: `expanded_terms` bounds every polynomial, `seconds` each heavy form.
        assumptions: what `equality.assume` reads.
        others: more candidates (SymPy's own derivative, say); they too must be proved equal.
        heavy: also ask SymPy's own simplification, in a worker.

    Returns:
        the expression itself where nothing shorter is proved; a large one comes back at once.

    >>> x = sympy.Symbol("x")
    >>> simplest(1 / sympy.sqrt(x**2 + 1) - x**2 / sympy.sqrt(x**2 + 1) ** 3)
    (x**2 + 1)**(-3/2)
    """
    if not isinstance(expression, sympy.Expr) or not expression.args:
        return expression
    others = tuple(others)
    if not others and not heavy and _is_one_way(expression):
        return expression
    shape = outline(expression)
    if shape.size > _PIECES or shape.depth > _DEPTH:
        return expression
    known = assume(assumptions, _symbols(expression))
    signs = tuple(sorted(known.signs.items()))
    try:
        found = _simplest(expression, limits, signs, known.conditions, others)
    except RecursionError:  # SymPy's own constructors walk deep trees
        return expression
    return _heavily(expression, found, limits, known) if heavy else found


def _is_one_way(expression: Any) -> bool:
    """Whether there is one way to write it: a number times powers of names, each name once."""
    factors = sympy.Mul.make_args(expression)
    bases = set()
    for factor in factors[1:] if factors[0].is_Rational else factors:
        base = factor.args[0] if isinstance(factor, sympy.Pow) and factor.args[1].is_Rational else factor
        if not isinstance(base, sympy.Symbol) or base in bases:
            return False
        bases.add(base)
    return True


def _symbols(expression: Any) -> list[Any]:
    return sorted(expression.free_symbols, key=attrgetter("name"))


@lru_cache(maxsize=4_096)
def _simplest(
    expression: Any,
    limits: Limits,
    signs: tuple[tuple[str, str], ...],
    conditions: tuple[Any, ...],
    others: tuple[Any, ...],
) -> Any:
    try:
        candidates = list(forms(expression, limits))
    except TooHard:
        candidates = []
    return _first_proved(expression, [*candidates, *others], limits, dict(signs), conditions)


def _first_proved(
    expression: Any, candidates: Iterable[Any], limits: Limits, signs: Mapping[str, str], conditions: tuple[Any, ...]
) -> Any:
    """The shortest candidate with a proof; among equally short ones the first."""
    own = length(expression)
    shorter = []
    for place, form in enumerate(candidates):
        size = length(form) if form is not expression else own
        if size < own and _is_plain(form):
            shorter.append((size, place, form))
    for _, _, form in sorted(shorter, key=itemgetter(0, 1))[:_PROOFS]:
        proved = kernel_proof(form, expression, signs, conditions, terms=2 * limits.expanded_terms)
        if proved and _is_real_as_widely(form, expression, signs, conditions):
            return form
    return expression


def _is_real_as_widely(form: Any, expression: Any, signs: Mapping[str, str], conditions: tuple[Any, ...]) -> bool:
    """Whether no point was found at which the expression is real and the form is not.

    √(u/v) is real where u and v are negative, and √u/√v is not.
    """
    if _narrow_parts(form) <= _narrow_parts(expression):
        return True
    tape, names = Tape(form, expression, *conditions), [symbol.name for symbol in _symbols(expression)]
    for point in points(names, count=_LOOKED_AT, signs=signs):
        with reals.precision(_BITS):
            shorter, whole, *tests = tape.execute(point)
        if all(test is True for test in tests) and isinstance(shorter, NotReal) and not isinstance(whole, NotReal):
            return False
    return True


def _narrow_parts(expression: Any) -> set[Any]:
    """What must be positive, or within bounds, for an expression to be real."""
    parts: set[Any] = set()
    for piece in sympy.preorder_traversal(expression):
        if isinstance(piece, sympy.Pow) and not piece.exp.is_Integer:
            parts.add(piece.base)
        elif isinstance(piece, sympy.Function):
            parts.add(piece)
    return parts


def _is_plain(form: Any) -> bool:
    """A finite real-looking expression: no candidate with ∞ or i is of use."""
    return isinstance(form, sympy.Expr) and _IMAGINED.isdisjoint(distinct_pieces(form))


_IMAGINED = frozenset({sympy.zoo, sympy.nan, sympy.oo, -sympy.oo, sympy.I})


def _heavily(expression: Any, found: Any, limits: Limits, known: Assumptions) -> Any:
    """The shortest of SymPy's own forms, where one of them is shorter still."""
    helper = worker.shared()
    if helper is None:
        return found
    candidates = [found]
    for name in FORMS:
        arguments = {"name": name, "expression": to_json(expression), "signs": dict(known.signs)}
        try:
            candidates.append(
                from_json(helper.run("form", arguments, seconds=limits.seconds, label=f"{name} of a form"))
            )
        except SymgraphError:
            continue
    return _first_proved(found, candidates, limits, known.signs, known.conditions)
