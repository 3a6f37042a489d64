"""Where a function is level: the points at which all its derivatives are zero, and what it has there.

>>> [(point.place["x"], point.kind) for point in critical("x^3 - 3*x").points]
[(-1, 'maximum'), (1, 'minimum')]

Solving runs in a process that can be killed. What comes back is not believed: at every point each derivative is worked
out, and must be zero, exactly or to forty digits. Where it cannot be solved, the result says why. The formula of a
derivative may be zero where the function has no value (ln x + x at −1), or where a step of it has no derivative (|x| at
0): the graph is evaluated at every point, and such points are no level points.

>>> critical("ln(x) + x").points, critical("|x|").doubtful
((), ({'x': 0},))

What a function of one input does where a step has no derivative is seen from both sides:

>>> [(corner.place, corner.kind, corner.slopes) for corner in critical("|x|").corners]
[({'x': 0}, 'minimum', (-1, 1))]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from networkx import ancestors
from sympy import And, Eq, Expr, ImmutableDenseMatrix, Poly, Rational, Symbol

from symgraph import worker
from symgraph.calculus.derivatives import Extra, Found, Names, Shapes, expression, find
from symgraph.calculus.domains import troubles
from symgraph.calculus.evaluation import evaluate, tidy
from symgraph.calculus.exchange import from_json, to_json
from symgraph.calculus.graph import Graph, Source, find_node
from symgraph.calculus.points import points
from symgraph.calculus.questions import hessian_of
from symgraph.calculus.sides import sides
from symgraph.calculus.standins import unknown_functions
from symgraph.calculus.substitution import replace_symbols, tree_size
from symgraph.errors import DisagreementError, DomainError, InputError, SymgraphError, TooLargeToShow
from symgraph.limits import DEFAULT, Limits

__all__ = ["Corner", "Level", "LevelPoint", "critical", "level_of"]

DIGITS = 50
SMALL = Rational(1, 10**40)
PIECES = 400  # of a derivative that is still solved for
DEGREE = 4  # of an equation that is solved for corners
SHORT = 12  # pieces of such a solution
OTHERS = 12  # choices of the inputs that a level point says nothing of


@dataclass(frozen=True, slots=True)
class LevelPoint:
    """A point at which all derivatives are zero.

    Args:
        place: by input.
        value: of the function there; None where it is too large to work out.
        second: the second derivative, or the Hessian, there.
        kind: "minimum", "maximum", "saddle", "neither" (of one input, where it goes on rising or falling), or
            "undecided".
        by_sides: the second derivatives do not tell it, but both sides do.
    """

    place: Mapping[str, Expr]
    value: Expr | None
    second: ImmutableDenseMatrix
    kind: str
    by_sides: bool = False


@dataclass(frozen=True, slots=True)
class Corner:
    """A point at which a step of a function of one input has no derivative, seen from both sides.

    Args:
        slopes: on the left and on the right, also without bound; None where there is none or it is not known.
        kind: "minimum", "maximum", "neither", or "undecided".
        level: the function has a derivative all the same, which is 0.
        ends: whether there is no value to the left, and to the right.
    """

    place: Mapping[str, Expr]
    value: Expr
    slopes: tuple[Expr | None, Expr | None]
    kind: str
    level: bool
    ends: tuple[bool, bool]


@dataclass(frozen=True, slots=True)
class Level:
    """The level points of a function.

    Args:
        complete: there are no others.
        free: there are infinitely many, and none is listed.
        reason: why it was not solved; "" when it was.
        doubtful: points at which the formulas are zero, and a step of the function has no derivative.
        corners: points at which a step of a function of one input has no derivative, as far as they are found, where
            something is known of both sides.
        settled: it is level at no point where a step has no derivative, but for those among the corners.
        flat: the derivatives are 0 wherever there are any.
    """

    points: tuple[LevelPoint, ...]
    complete: bool
    free: bool = False
    reason: str = ""
    doubtful: tuple[Mapping[str, Expr], ...] = ()
    corners: tuple[Corner, ...] = ()
    settled: bool = True
    flat: bool = False


def critical(
    source: Source, wrt: Names = None, of: Names = None, *, shapes: Shapes = None, extra: Extra = None
) -> Level:
    """The points at which all derivatives of an output are zero, as far as they can be solved for.

    >>> level = critical("x^2 + x*y + y^2 - 3*y")
    >>> level.complete, [(dict(point.place), point.kind) for point in level.points]
    (True, [({'x': -1, 'y': 2}, 'minimum')])
    """
    return level_of(find(source, wrt, of, shapes=shapes, extra=extra))


def level_of(found: Found, limits: Limits = DEFAULT) -> Level:
    """The level points, from derivatives already found, and the corners; each is checked before it is returned."""
    level = _smooth_ones(found, limits)
    places = [point.place for point in level.points]
    corners, settled = _corners(found, level.doubtful)
    return replace(level, corners=tuple(each for each in corners if each.place not in places), settled=settled)


def _smooth_ones(found: Found, limits: Limits) -> Level:
    """The level points at which every step has a derivative."""
    of = found.only_end()
    try:
        slopes = [found.answers[of, name] for name in found.starts]
    except TooLargeToShow as error:
        return Level((), False, reason=str(error))
    reason = _unsolvable(found, slopes)
    if reason:
        return Level((), False, reason=reason)
    helper = worker.shared()
    if helper is None:
        return Level((), False, reason="solving needs a process of its own, and none can be started here")
    try:
        arguments = {"expressions": [to_json(slope) for slope in slopes], "names": found.starts}
        answer = helper.run("level", arguments, seconds=limits.seconds, label=f"the level points of {of}")
        places = [[from_json(value) for value in point] for point in answer["points"]]
    except (SymgraphError, InputError) as error:
        return Level((), False, reason=f"it could not be solved ({error})")
    if answer["free"]:
        return Level((), bool(answer["complete"]), free=True, flat=not any(slopes))
    if not places and not answer["complete"]:
        return Level((), False, reason="no solution was found, which does not mean that there is none")
    named = [dict(zip(found.starts, place, strict=True)) for place in places]
    standing = [(place, _has_derivative(found, of, place)) for place in named]
    level = [place for place, has in standing if has]
    listed: tuple[LevelPoint, ...] = ()
    if level:
        seconds = hessian_of(found)
        listed = tuple(_point(found, of, slopes, seconds, place) for place in level)
    return Level(listed, bool(answer["complete"]), doubtful=tuple(place for place, has in standing if has is None))


def _corners(found: Found, doubtful: Iterable[Mapping[str, Expr]]) -> tuple[list[Corner], bool]:
    """What is at the points where a step has no derivative, and whether the function is level at no other of them."""
    graph, of = found.graph, found.only_end()
    end = find_node(graph, of)
    wanted = {end, *ancestors(graph, end)}
    conditions = [
        condition
        for trouble in troubles(graph)
        if trouble.node in wanted and trouble.kind in ("kink", "seam")
        for condition in trouble.conditions
    ]
    name, *others = found.starts
    if others or [node.name for node in graph.graph["inputs"]] != [name]:
        return [], not conditions and not doubtful
    solved = [_roots(condition, graph, name) for condition in conditions]
    settled = None not in solved
    places = [*(place[name] for place in doubtful), *(root for roots in solved for root in roots or ())]
    corners = []
    for place in sorted(dict.fromkeys(places), key=lambda value: float(value.evalf(20))):
        try:
            seen = sides(graph, name, {name: place}, of=of)
        except DomainError:  # it has no value there
            continue
        except SymgraphError:
            settled = False
            continue
        if seen.slope is None and seen.kind == "undecided":
            settled = settled and any(slope is not None and slope != 0 for slope in seen.slopes)
        elif seen.slope is None or seen.slope == 0:
            corners.append(Corner({name: place}, tidy(seen.value), seen.slopes, seen.kind, seen.slope == 0, seen.ends))
    return corners, settled


def _roots(condition: Any, graph: Graph, name: str) -> list[Expr] | None:
    """Where a condition u = v holds, if that is a polynomial equation of low degree with rational numbers."""
    symbol = find_node(graph, name).symbol
    equations = [part for part in condition.args if isinstance(part, Eq)] if isinstance(condition, And) else []
    if equations:
        roots = _roots(equations[0], graph, name)
        return roots and [root for root in roots if replace_symbols(condition, {symbol: root}) == True]  # noqa: E712 (SymPy's true is not Python's)
    if not isinstance(condition, Eq):
        return None
    difference = condition.lhs - condition.rhs
    if difference.free_symbols != {symbol} or not difference.is_polynomial(symbol):
        return None
    polynomial = Poly(difference, symbol)
    if polynomial.degree() > DEGREE or not all(each.is_Rational for each in polynomial.all_coeffs()):
        return None
    roots = polynomial.real_roots()
    return list(roots) if all(tree_size(root) <= SHORT for root in roots) else None


def _has_derivative(found: Found, of: str, place: Mapping[str, Expr]) -> bool | None:
    """Whether every step has a value and a derivative at a point; None where it has values only, or it is not known.

    Inputs that the point says nothing of are given some values: one must do.
    """
    end = find_node(found.graph, of)
    others = [name for name in found.program.inputs if name not in place]
    value = False
    for rest in points(others, count=OTHERS):
        at = {**place, **{name: Rational(each.numerator, each.denominator) for name, each in rest.items()}}
        for derivatives in (True, False):
            try:
                evaluate(found.graph, at, derivatives=derivatives, of=end)
            except DomainError:
                continue
            except SymgraphError:
                value = True
                break
            if derivatives:
                return True
            value = True
    return None if value else False


def _unsolvable(found: Found, slopes: list[Expr]) -> str:
    """Why there is no point in trying; empty when there is."""
    unknown = unknown_functions(found.program)
    if unknown:
        return f"nothing is known about {' and '.join(unknown)}"
    if any(name not in found.program.inputs for name in found.starts):
        return "level points are asked for in the inputs"
    others = [name for name in found.program.inputs if name not in found.starts]
    used = {str(symbol) for slope in slopes for symbol in slope.atoms(Symbol)}
    if used & set(others):
        return f"the answer would depend on {', '.join(name for name in others if name in used)}"
    if any(tree_size(slope) > PIECES for slope in slopes):
        return "the derivatives are too long to be solved for"
    return ""


def _point(
    found: Found, of: str, slopes: list[Expr], seconds: ImmutableDenseMatrix, place: Mapping[str, Expr]
) -> LevelPoint:
    values = {found.program.symbol(name): value for name, value in place.items()}
    for name, slope in zip(found.starts, slopes, strict=True):
        rest = replace_symbols(slope, values)
        if rest != 0 and not abs(rest.evalf(DIGITS)) < SMALL:
            raise DisagreementError(f"a level point was found at which ∂{of}/∂{name} is not zero")
    whole = expression(found, of)
    value = None if whole is None else tidy(replace_symbols(whole, values))
    there = seconds.applyfunc(lambda entry: tidy(replace_symbols(entry, values)))
    kind = _kind(there)
    inputs = [node.name for node in found.graph.graph["inputs"]]
    if kind != "undecided" or len(inputs) > 1 or list(place) != inputs:
        return LevelPoint(place, value, there, kind)
    with suppress(SymgraphError):
        kind = sides(found.graph, inputs[0], place, of=of).kind
    return LevelPoint(place, value, there, kind, by_sides=kind != "undecided")


def _kind(second: ImmutableDenseMatrix) -> str:
    """By the signs of the principal minors; undecided where they do not tell."""
    if not all(entry.is_number and entry.is_real for entry in second):
        return "undecided"
    minors = [_sign(second[:size, :size].det()) for size in range(1, second.rows + 1)]
    if all(sign > 0 for sign in minors):
        return "minimum"
    if all(sign == (-1) ** size for size, sign in enumerate(minors, 1)):
        return "maximum"
    # A negative 2×2 principal minor is lower in one direction and higher in another, whatever the rest is.
    pairs = ([one, two] for two in range(second.rows) for one in range(two))
    return "saddle" if any(_sign(second.extract(pair, pair).det()) < 0 for pair in pairs) else "undecided"


def _sign(number: Expr) -> int:
    precise = number.evalf(DIGITS)
    return 0 if abs(precise) < SMALL else 1 if precise > 0 else -1
