"""Where an explanation does not hold: the facts of the step that says so.

>>> from symgraph.calculus.derivatives import find
>>> failing(find("sqrt(x)")).failures[0].rule
'square_root'
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from networkx import ancestors

from symgraph.calculus.derivatives import Found
from symgraph.calculus.domains import troubles
from symgraph.calculus.graph import find_node
from symgraph.explanation.steps import Failure, WhereItFails
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Number, size

__all__ = ["failing"]

CORNERS: Mapping[str, tuple[int, int]] = MappingProxyType({"absolute_value": (-1, 1), "relu": (0, 1)})
MOST = 8  # conditions that are still listed
LONG = 25  # pieces of a condition that is still read


def failing(found: Found) -> WhereItFails | None:
    """What is computed on the way to the outputs and fails somewhere; None where nothing does."""
    concerned = {node.name for end in found.ends for node in (*ancestors(found.graph, find_node(found.graph, end)),)}
    concerned.update(found.ends)
    needed: dict[str, object] = {}
    failures = []
    for trouble in troubles(found.graph):
        if trouble.node.name not in concerned:
            continue
        conditions = tuple(from_sympy(condition) for condition in trouble.conditions)
        if any(size(condition) > LONG for condition in conditions):
            continue
        if trouble.kind == "domain":
            needed.update((repr(condition), condition) for condition in conditions)
        else:
            slopes = tuple(Number(slope) for slope in CORNERS.get(trouble.rule, ()))
            failures.append(Failure(trouble.piece, trouble.rule, trouble.kind, conditions, trouble.smooth, slopes))
    if not (needed or failures) or len(needed) > MOST or len(failures) > MOST:
        return None
    return WhereItFails(tuple(needed.values()), tuple(dict.fromkeys(failures)))  # type: ignore[arg-type]  # they are trees
