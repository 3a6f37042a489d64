"""A mistake as its sentence sees it: what was done where, in formulas that its reader may see.

The sentences themselves are macros of `words.j2`, one for a teacher and one for a student for each mistake. A student's
never contains the answer or its value: every formula is looked at first, and one that is worth what the answer is
worth is left out.

>>> from symgraph.marking.checker import check
>>> (diagnosis,) = check("sin(x^3)", "cos(x^3)").diagnoses
>>> print(sentence(diagnosis))
Consistent with leaving out the inner derivative, the edge x → u.
>>> print(placed(diagnosis))
Consistent with leaving out the inner derivative, the edge x → u (u = x³).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sympy import Symbol

from symgraph.calculus.graph import Edge, Node
from symgraph.calculus.paths import Path
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer
from symgraph.explanation.shown import Chain, Shown, Terms
from symgraph.explanation.typesetting import text
from symgraph.language.notation import from_sympy, number_tree
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Name, Rate, Tree
from symgraph.language.tree import size as tree_size
from symgraph.marking.bends import AGAIN
from symgraph.marking.candidates import candidates
from symgraph.marking.edits import Edit
from symgraph.marking.formulas import SHORT, named_in, rate_asked, rate_before, route, unfolded
from symgraph.marking.lines import Aim
from symgraph.marking.question import Question
from symgraph.marking.spoilers import Guard

if TYPE_CHECKING:
    from symgraph.marking.outcomes import Diagnosis

__all__ = ["Telling", "placed", "sentence"]


def sentence(diagnosis: Diagnosis) -> str:
    """A diagnosis in words, without the answer or any value of it."""
    return renderer.say("consistent_with", Telling(diagnosis, "student"))


def placed(diagnosis: Diagnosis) -> str:
    """The same, with what the nodes are that it names: for a list of many, where no picture stands beside it."""
    telling, said = Telling(diagnosis, "student"), sentence(diagnosis)
    return renderer.say("placed", telling, [each for each in telling.named if _is_only_named(each, said)])


def _is_only_named(definition: Shown, said: str) -> bool:
    """Whether a sentence names a node and does not say what it is."""
    name, _, _ = text(definition).partition(" ")
    return text(definition) not in said and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said) is not None


class Telling:
    """One diagnosis as its macro sees it."""

    leads = True  # nothing is told before it

    def __init__(self, diagnosis: Diagnosis, reader: str, answer: Tree | None = None, *, curve: bool = False) -> None:
        assert diagnosis.question is not None and diagnosis.fit is not None
        self.question: Question = diagnosis.question
        self.edit: Edit = diagnosis.fit.edit
        self.full = reader == "teacher"
        self._answer, self._curve = answer, curve
        asked = dict.fromkeys(each for each in (self.question, self.edit.asked) if each is not None)
        self._guards = [] if self.full else [Guard(each, None) for each in asked]

    def _lets(self, tree: Tree) -> bool:
        """Whether the reader may see a formula."""
        return all(guard.lets(tree) for guard in self._guards)

    @property
    def carried(self) -> bool:
        """Whether it was made in the derivative before the one that was asked for."""
        return self.edit.asked is not None

    @property
    def macro(self) -> str:
        """Which macro says it: those of a slope that is differentiated once more have words of their own."""
        return f"{self.mistake}_again" if self.edit.kind == AGAIN else self.mistake

    @property
    def mistake(self) -> str:
        return self.edit.mistake

    @property
    def kind(self) -> str:
        return str(self.edit.detail[0].kind) if self.everywhere else self.edit.kind

    @property
    def everywhere(self) -> bool:
        """Whether the same was done at every place."""
        return self.edit.kind == "everywhere"

    @property
    def answer(self) -> Shown | None:
        """The student's own answer, while it is short."""
        return None if self._answer is None or tree_size(self._answer) > SHORT else self._answer

    # Places

    @property
    def route(self) -> Shown | None:
        """b → c → e, or x → u."""
        where = self.edit.where
        if where is None:
            return None
        return route(where.nodes if isinstance(where, Path) else (where.tail, where.head), self.question)

    def _named(self, node: Node) -> Name | Rate:
        """A node's name; of the graph of dy/dx the output is dy/dx, and not y."""
        return named_in(self.question, node)

    @property
    def is_path(self) -> bool:
        return isinstance(self.edit.where, Path)

    @property
    def tail(self) -> Shown:
        return self._named(self._edge.tail)

    @property
    def head(self) -> Shown:
        return self._named(self._edge.head)

    @property
    def _edge(self) -> Edge:
        where = self.edit.where
        if isinstance(where, Path):
            return where.edges[-1]
        if where is None:
            raise SymgraphError(f"{self.mistake} is about no edge")
        return where

    @property
    def at(self) -> Shown:
        """u = x³: the node at whose operation it happened."""
        return self.defined(self._edge.head)

    @property
    def inside(self) -> Shown:
        """u = x³: the node from which the edge comes."""
        return self.defined(self._edge.tail)

    def defined(self, node: Node) -> Shown:
        """A node with its formula; the name alone for an input, or where the formula is the answer."""
        if node.formula is None:
            return Name(node.name)
        plain = unfolded(node.formula, self.question.graph)
        if not (self._lets(plain) and self._lets(node.formula)):
            return self._named(node)
        return Chain((self._named(node), plain))

    @property
    def named(self) -> list[Shown]:
        """u = x², v = x²·y: what a reader has not been told of the nodes on the edge or path that it is about."""
        where = self.edit.where
        nodes = [node for path in self.edit.paths for node in path.nodes] if self.mistake == "missing_path" else []
        if where is not None:
            nodes += where.nodes if isinstance(where, Path) else (where.tail, where.head)
        return self._introduced(dict.fromkeys(nodes))

    @property
    def kept_named(self) -> list[Shown]:
        """The same for the one path that is right."""
        kept = [path for path in self.question.paths if path not in self.edit.paths]
        return self._introduced(kept[0].nodes) if len(kept) == 1 else []

    def _introduced(self, nodes: Iterable[Node]) -> list[Shown]:
        """The nodes with their formulas: none that the question itself names, or whose formula gives it away."""
        known = set() if self._curve else {*self.question.graph.graph["program"].assigned, self.question.of.name}
        found = [self.defined(node) for node in nodes if node.name not in known]
        return [each for each in found if isinstance(each, Chain)]

    @property
    def curve(self) -> list[Shown]:
        """F = x² + y² − 25, where what is marked is the slope of a curve; empty elsewhere."""
        return [self.defined(self.question.of)] if self._curve else []

    @property
    def further(self) -> bool:
        """Whether the graph is that of a derivative, whose nodes nobody has met."""
        return self.question.order > 1

    @property
    def wrt(self) -> Shown:
        return Name(self.question.wrt.name)

    @property
    def of(self) -> Shown:
        return Name(self.question.of.name)

    @property
    def before(self) -> Rate:
        """dy/dx, whose graph it is, where the second derivative is asked for."""
        return rate_before(self.question)

    @property
    def rate(self) -> Rate:
        """∂e/∂b, what was asked for."""
        return rate_asked(self.question)

    # Paths

    @property
    def missing(self) -> int:
        """How many paths it is about."""
        return len(self.edit.paths)

    @cached_property
    def kept(self) -> list[Shown]:
        """The paths that are right, while all can be listed."""
        question = self.question
        if question.path_count != len(question.paths):
            return []
        return [route(path.nodes, self.question) for path in question.paths if path not in self.edit.paths]

    @property
    def routes(self) -> list[Shown]:
        """The paths that it is about."""
        return [route(path.nodes, self.question) for path in self.edit.paths]

    # Formulas

    @property
    def partial(self) -> Shown | None:
        """The local derivative of the edge: for a teacher."""
        return from_sympy(self._edge.partial) if self.full and self.edit.where is not None else None

    @property
    def product(self) -> Shown | None:
        """The sum of the products along the paths, written in the inputs: for a teacher."""
        if not self.full or not self.edit.paths or len(self.edit.paths) > 3:
            return None
        sweep = candidates(self.question).formulas
        terms = [from_sympy(sweep.product(path)) for path in self.edit.paths]
        return terms[0] if len(terms) == 1 else Terms(tuple(terms))

    @property
    def function(self) -> Shown | None:
        """The function whose derivative it was: sin u."""
        formula = self._edge.head.formula
        return formula if formula is not None and self._lets(formula) else None

    @property
    def taken(self) -> Shown | None:
        """What was taken for its derivative: −cos u."""
        rule = self.edit.detail
        if not callable(rule):
            return None
        tree: Tree = from_sympy(rule(_Rows(), Symbol(self._edge.tail.name)))
        return tree if self._lets(tree) else None

    @property
    def other_base(self) -> bool:
        """Whether it is about 2^x or log₂ x, whose base is not e."""
        return bool(self.edit.detail == "base")

    @property
    def replaced(self) -> Shown:
        """What stands in the place of the inside."""
        name = str(self.edit.detail)
        return next((self.defined(node) for node in self.question.graph if node.name == name), Name(name))

    @property
    def name(self) -> Shown:
        """The other input, or the node at which it stopped."""
        return Name(str(self.edit.detail))

    @property
    def other_rate(self) -> Rate:
        """∂e/∂a."""
        question = self.question
        if self.edit.kind in ("top", "bottom"):  # of a quotient that was not worked out
            return rate_asked(question)
        if self.edit.kind == "before":
            return Rate(str(self.edit.detail), question.wrt.name)
        return Rate(question.of.name, str(self.edit.detail))

    @property
    def reciprocal_rate(self) -> Rate:
        """dx/dy."""
        if isinstance(self.edit.detail, tuple):
            of, wrt = self.edit.detail
            return Rate(of, wrt, straight=True)
        return Rate(self.question.wrt.name, self.question.of.name, straight=True)

    @property
    def curve_rate(self) -> Rate:
        """dy/dx, the slope of the curve itself."""
        wrt, of = self.edit.detail
        return Rate(of, wrt, straight=True)

    @property
    def coordinates(self) -> list[Shown]:
        """y and x, where the slope is a quotient of their derivatives."""
        wrt, of = self.edit.detail
        return [Name(of), Name(wrt)]

    @property
    def parts(self) -> list[Rate]:
        """dy/dt and dx/dt, where the slope is their quotient."""
        return self._by_parameter(1)

    @property
    def second_parts(self) -> list[Rate]:
        """d²y/dt² and d²x/dt²."""
        return self._by_parameter(2)

    def _by_parameter(self, order: int) -> list[Rate]:
        (start,) = self.question.names
        return [Rate(of, start, straight=True, order=order) for of in reversed(self.edit.detail)]

    @property
    def bend(self) -> Rate:
        """d²y/dx², of a curve."""
        wrt, of = self.edit.detail
        return Rate(of, wrt, straight=True, order=2)

    @property
    def constant(self) -> Shown | None:
        """The constant that was not left out."""
        if self.everywhere:
            return None
        tree = unfolded(self.edit.detail, self.question.graph)
        return tree if self._lets(tree) else None

    @property
    def factor(self) -> Shown:
        """The number by which it is off."""
        value = self.edit.detail
        return number_tree(value, exact=True) if isinstance(value, Fraction) else from_sympy(value)

    @property
    def negative(self) -> bool:
        return bool(self.edit.detail == -1)

    @property
    def order(self) -> int:
        return int(self.edit.detail)

    @property
    def both(self) -> list[Telling]:
        """The two mistakes of a pair."""
        return [self._of_edit(edit, self._answer) for edit in self.edit.detail]

    def _of_edit(self, edit: Edit, answer: Tree | None) -> Telling:
        """Another mistake in the same words."""
        part = Telling.__new__(Telling)
        part.question, part.edit, part.full = self.question, edit, self.full
        part._answer, part._guards, part._curve = answer, self._guards, self._curve
        return part

    # Tangents

    @property
    def plane(self) -> bool:
        return isinstance(self.edit.detail, Aim) and self.edit.detail.is_plane

    @property
    def shape(self) -> str:
        """What touches."""
        return "plane" if self.plane else "line"

    @property
    def behind(self) -> Telling | None:
        """What lies behind the wrong slope of a line."""
        fit, slope = self.edit.detail.behind, self.edit.detail.slope
        return None if fit is None else self._of_edit(fit.edit, from_sympy(slope))


class _Rows:
    """The functions of the table, for the wrong rules."""

    @staticmethod
    def apply(row: str, *arguments: Any) -> Any:
        return PRIMITIVES[row].construct(*arguments)
