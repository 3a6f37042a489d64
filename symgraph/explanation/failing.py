"""Where an explanation does not hold: the facts of the step that says so.

>>> from symgraph.calculus.derivatives import find
>>> failing(find("sqrt(x)")).failures[0].rule
'square_root'
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from networkx import ancestors
from sympy import And, Eq, Integer, floor
from sympy.core.relational import Relational

from symgraph.calculus.derivatives import Found, expression, find
from symgraph.calculus.domains import Trouble, possible_troubles, troubles, without_needless
from symgraph.calculus.graph import find_node
from symgraph.calculus.sides import sides
from symgraph.calculus.substitution import replace_symbols, tree_size
from symgraph.calculus.taylor import certain_sign
from symgraph.errors import SymgraphError
from symgraph.explanation.conditions import excludes, in_chains, plainly, together, tree_of
from symgraph.explanation.formulas import total_rate
from symgraph.explanation.steps import CaseFails, Failure, WhereItFails
from symgraph.explanation.typesetting import Chain, Shown
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Name, Number, Tree, names_in, size

__all__ = ["failing"]

CORNERS: Mapping[str, tuple[int, int]] = MappingProxyType({"absolute_value": (-1, 1), "relu": (0, 1)})
_TERMS = frozenset({"sum", "product"})
MOST = 8  # conditions that are still listed
LONG = 25  # pieces of a condition that is still read


def failing(found: Found) -> WhereItFails | None:
    """What is computed on the way to the outputs and fails somewhere; None where nothing does."""
    concerned = {node.name for end in found.ends for node in (*ancestors(found.graph, find_node(found.graph, end)),)}
    concerned.update(found.ends)
    cases: dict[tuple[Any, ...], tuple[list[Any], dict[Failure, tuple[Any, ...]]]] = {(): ([], {})}
    listed = _few(trouble for trouble in possible_troubles(found.graph) if trouble.node.name in concerned)
    if listed is None:
        return None
    for trouble in without_needless(listed):
        rule, told = _power(trouble, found) if trouble.rule == "power" else (trouble.rule, trouble.conditions)
        if trouble.kind == "domain":  # all must hold; of the others one is enough
            told = tuple(part for condition in told for part in plainly(condition))
        else:
            told = tuple(part for each in told for part in ([each] if isinstance(each, And) else plainly(each)))
        conditions: tuple[Shown, ...] = tuple(map(tree_of, told))
        guards = tuple(together([part for each in trouble.guards for part in plainly(each)]))
        if any(size(condition) > LONG for condition in map(tree_of, (*told, *guards))):
            continue
        needed, failures = cases.setdefault(guards, ([], {}))
        if trouble.kind == "domain" and rule != "negative_base":
            needed.extend(told)
        elif not (
            rule == "moving_power" and any((rule, conditions) == (each.rule, each.conditions) for each in failures)
        ):
            slopes: tuple[Tree, ...] = tuple(Number(slope) for slope in CORNERS.get(trouble.rule, ()))
            if trouble.kind == "always":
                conditions = _written_out(found)
            if rule in _TERMS and len(conditions) > MOST:
                conditions = ()
            failure = Failure(trouble.piece, rule, trouble.kind, conditions, trouble.smooth, slopes)
            failures[_seen(found, trouble, failure) if trouble.uncertain else failure] = told
    always, anywhere = _listed(*cases.pop(()), ())
    whole = tuple(from_sympy(each.lhs) for each in always if _is_whole(each))
    always = [each for each in always if not _is_whole(each)]
    inside = []
    for guards, facts in cases.items():
        wanted, fails = _listed(*facts, always)
        if wanted or fails:
            inside.append(CaseFails(_trees(guards), _trees(wanted), tuple(fails)))
    told_always = _trees(always)
    if not (whole or always or anywhere or inside) or len(told_always) > MOST or len(anywhere) + len(inside) > MOST:
        return None
    return WhereItFails(told_always, (*anywhere, *inside), whole)


def _trees(conditions: Sequence[Any]) -> tuple[Tree, ...]:
    return tuple(map(tree_of, in_chains(conditions)))


def _is_whole(condition: Any) -> bool:
    """Whether it says that something is a whole number: n = ⌊n⌋."""
    return isinstance(condition, Eq) and condition.rhs == floor(condition.lhs)


def _written_out(found: Found) -> tuple[Shown, ...]:
    """y = √(x − x) + x as y = x, and dy/dx = 1; empty where that is long, or fails somewhere, too."""
    if len(found.pairs) != 1 or found.pairs[0][1].formula is not None:
        return ()
    ((end, start),) = found.pairs
    whole = expression(found, end.name)
    if whole is None or tree_size(whole) > LONG:
        return ()
    try:
        again = find(whole, start.name) if whole.has(start.symbol) else None
    except SymgraphError:
        return ()
    if again is not None and troubles(again.graph):
        return ()
    slope = Integer(0) if again is None else again.answers[again.only_end(), start.name]
    rate = total_rate(end, start, found.graph)
    return Chain((Name(end.name), from_sympy(whole))), Chain((rate, from_sympy(slope)))


def _seen(found: Found, trouble: Trouble, failure: Failure) -> Failure:
    """What is seen from both sides of a seam where the rules end.

    Also whether the formula that is printed has the slope that is seen.
    """
    failure = replace(failure, kind="open")
    inputs, condition = found.graph.graph["inputs"], trouble.conditions[0]
    if len(inputs) != 1 or list(found.ends) != [trouble.node.name] or not isinstance(condition, Eq):
        return failure
    (only,) = inputs
    if condition.lhs != only.symbol or not condition.rhs.is_number:
        return failure
    try:
        seen = sides(found.graph, only.name, {only.name: condition.rhs}, found.ends[0])
        if seen.slope is not None:
            printed = replace_symbols(found.answers[found.ends[0], only.name], {only.symbol: condition.rhs})
            return replace(failure, slopes=(from_sympy(seen.slope),), smooth=certain_sign(printed - seen.slope) == 0)
    except (SymgraphError, KeyError):
        return failure
    return replace(failure, kind="seam", smooth=False) if seen.has_no_slope else failure


def _listed(
    needed: list[Any], failures: Mapping[Failure, tuple[Any, ...]], always: Sequence[Any]
) -> tuple[list[Any], list[Failure]]:
    """What must hold beside what must always hold, and the failures where it does."""
    needed = together([*always, *needed])
    failing_here = [each for each, told in failures.items() if not told or not all(excludes(needed, t) for t in told)]
    return [each for each in needed if each not in always], failing_here


def _few(troubles: Iterable[Trouble]) -> list[Trouble] | None:
    """The troubles; None as soon as there are so many that they will not be listed.

    Conditions that have no name in common do not follow from one another: of so many that it is more than `MOST` both
    of what is needed and of what fails, nothing else can make few.
    """
    found: list[Trouble] = []
    seen: set[Any] = set()
    unlike = 0
    for trouble in troubles:
        found.append(trouble)
        names = {name for condition in trouble.conditions for name in condition.free_symbols}
        if names and seen.isdisjoint(names) and _is_told(trouble):
            seen |= names
            unlike += 1
            if unlike > 2 * MOST:
                return None
    return found


def _is_told(trouble: Trouble) -> bool:
    """Whether it is surely listed, or made needless by something about the same names."""
    if (
        trouble.rule == "power"
        or trouble.guards
        or not all(isinstance(each, Relational) for each in trouble.conditions)
    ):
        return False
    return all(size(from_sympy(each)) <= LONG for each in trouble.conditions)


def _power(trouble: Trouble, found: Found) -> tuple[str, tuple[Any, ...]]:
    """A power's rule, by what its exponent does, and the conditions to be told.

    Where the exponent is no number, a table of single points at which u^v has a value helps nobody: a course takes such
    powers for u > 0. Where it is a number over 1, the slope at the end is 0.
    """
    base, exponent = trouble.piece.arguments  # type: ignore[union-attr]  # a power has two
    names = names_in(exponent)
    if not names:
        ends = trouble.kind == "kink" and construct(exponent) > 1
        return ("ending_power" if ends else "power"), trouble.conditions
    nodes = [find_node(found.graph, name) for name in names]
    below = {each.name for node in nodes for each in (node, *ancestors(found.graph, node))}
    moving = not below.isdisjoint(found.starts)
    if trouble.kind == "domain" and not names_in(base):
        return ("negative_base" if moving and construct(base).is_negative else "power"), trouble.conditions
    if trouble.kind == "domain":
        return "power", ()
    (condition,) = trouble.conditions
    if moving:
        return "moving_power", (condition.negated,)
    return "open_power", (condition.negated, condition.strict)
