"""The formulas that marking shows: paths, symbols of derivatives, names of nodes, and the derivative itself.

>>> from symgraph.explanation.typesetting import text
>>> from symgraph.marking.checker import pose
>>> (question,) = pose("sin(x^2)").questions
>>> print(text(route(question.paths[0].nodes)), text(rate_asked(question)), text(derivative_shown(question)), sep="; ")
x→u→y; dy/dx; 2x cos(x²)
"""

from __future__ import annotations

from collections.abc import Iterable

from symgraph.calculus.graph import Graph, Node
from symgraph.calculus.simplifier import simplest
from symgraph.explanation.formulas import WrittenOut, total_rate
from symgraph.explanation.shown import Chain, Shown
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Name, Rate, Tree
from symgraph.marking.question import Question

__all__ = ["SHORT", "derivative_shown", "named_in", "rate_asked", "rate_before", "route", "unfolded"]

SHORT = 40  # pieces of a formula that is still quoted
_PLAIN = 20  # pieces of a formula that is said in the inputs


def route(nodes: Iterable[Node], question: Question | None = None) -> Shown:
    """b → c → e, as the nodes are called in a question's graph."""
    names = tuple(Name(node.name) if question is None else named_in(question, node) for node in nodes)
    return Chain(names, ("to",) * (len(names) - 1))


def rate_asked(question: Question) -> Rate:
    """The symbol of the derivative that was asked for."""
    first = total_rate(question.of, question.wrt, question.graph)
    of = question.named_output or question.of.name
    also = question.by[1:] if len(set(question.by)) > 1 else ()
    return Rate(of, question.by[0], None, first.straight, question.order - len(also), also)


def rate_before(question: Question) -> Rate:
    """The symbol of the derivative of one order less, dy/dx for d²y/dx²."""
    rate, by = rate_asked(question), question.by
    also = by[1:-1] if len(set(by)) > 1 else ()
    return Rate(rate.of, by[0], None, rate.straight, question.order - 1 - len(also), also)


def named_in(question: Question, node: Node) -> Name | Rate:
    """A node as it is called in a question's graph, whose output is the derivative before where there is one."""
    return rate_before(question) if question.order > 1 and node is question.of else Name(node.name)


def unfolded(formula: Tree, graph: Graph) -> Tree:
    """A node's formula with what nobody has named yet as it was written: not v = u + 1 but v = x² + 1."""
    return WrittenOut(graph, graph.graph["program"].assigned, _PLAIN)(formula) or formula


def derivative_shown(question: Question) -> Tree:
    """The derivative as we print it: the shortest form that is proved equal."""
    tree: Tree = from_sympy(simplest(question.answer, limits=question.limits))
    return tree
