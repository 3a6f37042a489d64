"""What templates look at: the facts of a verdict, worked out for printing, for one reader.

A student's copy never contains the answer or its value.

>>> from symgraph.marking.checker import check
>>> print(check("sin(x^3)", "cos(x^3)").render("txt"), end="")
Your answer cos(x³) is not the derivative dy/dx of y = sin(x³).
<BLANKLINE>
Does the inside move, too? The derivative of u = x³, the edge x → u, is a
factor of its own.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from symgraph.calculus.graph import Edge, edges_into
from symgraph.calculus.paths import Path
from symgraph.calculus.simplifier import simplest
from symgraph.errors import SymgraphError
from symgraph.explanation import drawing, renderer
from symgraph.explanation.drawing import Picture, PictureEdge, PictureNode
from symgraph.explanation.formulas import edge_rate, slotted
from symgraph.explanation.pictures import PICTURE_NODES, DrawnPicture
from symgraph.explanation.shown import Chain, Shown
from symgraph.explanation.sizes import size
from symgraph.explanation.typesetting import latex, text
from symgraph.language.notation import from_sympy, number_tree
from symgraph.language.tree import Name, Rate, Tree
from symgraph.language.tree import size as tree_size
from symgraph.marking.candidates import candidates
from symgraph.marking.edits import At, Edit, Sweep
from symgraph.marking.formulas import SHORT, derivative_shown, named_in, rate_asked, route
from symgraph.marking.grounds import EvidenceView
from symgraph.marking.lines import Tangent
from symgraph.marking.question import Question
from symgraph.marking.spoilers import Guard
from symgraph.marking.telling import Telling

if TYPE_CHECKING:
    from symgraph.marking.verdicts import Verdict

__all__ = ["VerdictView"]

_HAS_IT = frozenset({"right", "right-on", "wrong-form"})  # whoever gave the answer may see it
_TOLD = 2  # explanations that a student is told


class VerdictView:
    """A verdict as templates see it, for one reader."""

    def __init__(self, verdict: Verdict, reader: str, label: Shown | None = None) -> None:
        self.verdict, self.reader, self.label = verdict, reader, label
        self.mirror: Shown | None = None  # ∂²z/∂x∂y of ∂²z/∂y∂x, where that is right
        self.full = reader == "teacher"
        self.task = verdict.task

    @property
    def outcome(self) -> str:
        return self.verdict.outcome.value

    @property
    def question(self) -> Question | None:
        """The only question, or None where there are several."""
        return self.task.questions[0] if self.task is not None and len(self.task.questions) == 1 else None

    @property
    def tangent(self) -> Tangent | None:
        """The tangent, where an equation of it is asked for: its equation is for a teacher."""
        return None if self.task is None else self.task.tangent

    @property
    def rates(self) -> list[Shown]:
        """What was asked for."""
        if self.task is not None and self.task.slope is not None:
            slope = self.task.slope
            return [Rate(slope.of, slope.wrt, straight=True, order=slope.order)]
        return [] if self.task is None else [rate_asked(question) for question in self.task.questions]

    @property
    def formulas(self) -> list[Shown]:
        """The functions, as they were given."""
        if self.task is None:
            return []
        if self.task.slope is not None and self.task.slope.sides:
            return [Chain(self.task.slope.sides)]
        program = self.task.program
        if self.tangent is None and not self._shows(*(each.tree for each in program.assignments)):
            return []
        nodes = list(dict.fromkeys(question.of for question in self.task.questions))
        if program.is_expression:
            return [Chain((Name(nodes[0].name), program.assignments[0].tree))]
        if len(program.assignments) > SHORT:
            return [Name(node.name) for node in nodes]
        return [Chain((Name(each.name or nodes[0].name), each.tree)) for each in program.assignments]

    @property
    def answer(self) -> Tree | None:
        """The answer, while it is one formula and not too long."""
        answer = self.verdict.answer
        if answer is None or len(answer.trees) != 1 or tree_size(answer.trees[0]) > SHORT:
            return None
        if self.tangent is not None:  # no equation that is wrong gives the tangent away
            return answer.trees[0]
        return answer.trees[0] if self.outcome in _HAS_IT or self._shows(answer.trees[0]) else None

    @cached_property
    def _guard(self) -> Guard:
        return Guard(None if self.full else self.question, None if self.full or self.task is None else self.task.value)

    def _shows(self, *trees: Tree) -> bool:
        """Whether this reader may see these formulas."""
        return self.full or all(self._guard.lets(tree) for tree in trees)

    @property
    def left_sides(self) -> tuple[str, ...]:
        return () if self.verdict.answer is None else self.verdict.answer.left_sides

    @property
    def readings(self) -> tuple[str, ...]:
        return () if self.verdict.answer is None else self.verdict.answer.readings

    @property
    def evidence(self) -> EvidenceView:
        return EvidenceView(self.verdict.evidence)

    @property
    def certified(self) -> bool:
        """Whether there is a point at which the answer and the derivative can be compared; not for several at once."""
        return self.evidence.kind == "certificate" and (len(self.rates) == 1 or self.tangent is not None)

    @property
    def form(self) -> str:
        return self.verdict.evidence.form

    @cached_property
    def tellings(self) -> list[Telling]:
        """The explanations, the likeliest first, none in other words; a student is told the first ones."""
        names = {each.mistake for each in self.verdict.diagnoses}
        about_curve = self.task is not None and self.task.slope is not None  # there a quotient is what is unfinished
        found = [each for each in self.verdict.diagnoses if about_curve or not _said_already(each.mistake, names)]
        pairs = [each for each in found if each.mistake == "two_edits"]
        found = [each for each in found if each not in pairs[1:]]  # one guess at two slips is enough
        if not self.full:
            found = [*found[:1], *(one for one in found[1:] if one.mistake == "other_input")][:_TOLD]
        told = [Telling(each, self.reader, self.answer, curve=about_curve) for each in found]
        for telling in told[1:]:
            telling.leads = False
        return told

    @property
    def right_terms(self) -> list[Shown]:
        """What is right already in an answer that nothing explains; nothing that is the whole derivative."""
        return [term for term in self.verdict.right_terms if self._shows(term)]

    @cached_property
    def derivative(self) -> Shown | None:
        """The derivative itself: for a teacher."""
        question = self.question
        if not self.full or question is None:
            return None
        try:
            if self.task is not None and self.task.slope is not None:
                return from_sympy(simplest(self.task.slope.answer, limits=question.limits))
            return derivative_shown(question)
        except SymgraphError:
            return None

    @property
    def value(self) -> Shown | None:
        """The derivative's value at the point asked for: for a teacher."""
        if not self.full or self.task is None or self.task.value is None:
            return None
        return from_sympy(self.task.value)

    @property
    def at(self) -> list[Shown]:
        """The point asked for."""
        if self.task is None or not self.task.at:
            return []
        return [Chain((Name(name), from_sympy(value))) for name, value in self.task.at.items()]

    @property
    def lost(self) -> tuple[int, int] | None:
        """How many of how many paths are missing: one of two is half the points."""
        first = self.verdict.diagnoses[0] if self.verdict.diagnoses else None
        if first is None or first.mistake != "missing_path" or first.question is None or first.fit is None:
            return None
        return len(first.fit.edit.paths), first.question.path_count

    @property
    def score(self) -> Shown | None:
        """The part of the points that it is worth by default."""
        score = self.verdict.score
        return None if score is None else number_tree(Fraction(score).limit_denominator(100))

    @cached_property
    def parts(self) -> list[VerdictView]:
        """The verdicts on the entries of a gradient or Jacobian; none where one mistake explains them all."""
        if self.verdict.diagnoses:
            return []
        views = [
            VerdictView(part, self.reader, label) for part, label in zip(self.verdict.parts, self.rates, strict=False)
        ]
        if self.task is not None and len(self.task.shape) == 2 and self.task.questions[0].order == 2:
            across = self.task.shape[1]
            for place, view in enumerate(views):
                other = views[place % across * across + place // across]
                view.mirror = other.label if other.outcome == "right" else None
        return views

    # The picture

    @property
    def _pictured(self) -> Question | None:
        """The graph in which the likeliest mistake was made: of a slope or of a second derivative it may be a part."""
        return self.tellings[0].question if self.question is not None and self.tellings else self.question

    @cached_property
    def lit(self) -> list[Edge]:
        """The edges to be lit: the missing ones for a teacher; for a student those to look at, or that are right."""
        question, tellings = self._pictured, self.tellings
        if question is None or not tellings:
            return []
        edit = tellings[0].edit
        if edit.paths and not self.full:
            kept = [path for path in question.paths if path not in edit.paths]
            return list(kept[0].edges) if len(kept) == 1 else []
        if edit.paths:
            return list(dict.fromkeys(edge for path in edit.paths for edge in path.edges))
        if isinstance(edit.where, Path):
            return list(edit.where.edges)
        if edit.where is None:
            return []
        if edit.where in question.edges:
            return [edit.where]
        return list(question.between(edit.where.tail, edit.where.head))

    @property
    def lit_kind(self) -> str:
        """What the lit edges are: missing, kept, counted twice, or a place to look at."""
        mistake = self.tellings[0].mistake if self.tellings else ""
        if mistake == "missing_path":
            return "missing" if self.full else "kept"
        if mistake == "repeated_path":
            return "twice"
        return "missing" if mistake in ("missing_edge", "unfinished") else "place"

    @cached_property
    def contrast(self) -> list[tuple[Shown, Shown | None, Shown]]:
        """For a teacher: what the answer has on an edge or path (None: nothing), and what the derivative has there."""
        question, tellings = self._pictured, self.tellings
        if not self.full or question is None or not tellings:
            return []
        edit = tellings[0].edit
        if edit.paths and edit.mistake == "missing_path":
            formulas = candidates(question).formulas
            return [
                (route(path.nodes, question), None if path in edit.paths else product, product)
                for path in question.paths[:SHORT]
                if (product := _in_inputs(formulas.product(path))) is not None
            ]
        edges = [*edit.outer, *edit.inner]
        if not edges or len(edges) > SHORT or edit.values:
            return []
        rows: list[tuple[Shown, Shown | None, Shown]] = []
        for edge in edit.outer:
            theirs = self._replaced(question, edit, edge)
            if theirs is not None:
                rows.append((route((edge.tail, edge.head), question), theirs, from_sympy(edge.partial)))
        where = edit.where
        if edit.mistake == "missing_edge" and isinstance(where, Edge) and not edit.outer:
            rows.append((route((where.tail, where.head), question), None, from_sympy(where.partial)))
        return rows

    @staticmethod
    def _replaced(question: Question, edit: Edit, edge: Edge) -> Tree | None:
        """What an edit has in the place of an edge's local derivative, in the symbols of nodes."""
        formulas = candidates(question).formulas
        plain = Sweep(question, formulas.algebra, {node.name: node.symbol for node in question.graph})
        operation = next(each for each in question.operations if each.node is edge.head)
        try:
            found = edit.outer[edge](At(plain, operation, {}))
        except KeyError:
            return None  # it is made of rates, which have no symbols
        return from_sympy(found)

    @cached_property
    def picture(self) -> DrawnPicture | None:
        """The graph with the lit edges; a student's has no local derivatives on it."""
        question = self._pictured
        if question is None or not self.lit or len(question.graph) > PICTURE_NODES:
            return None
        lines: dict[str, tuple[Shown, ...]] = {}
        for node in question.graph:
            hidden = node.formula is None or not self._shows(node.formula)
            name = named_in(question, node)
            lines[node.name] = (name if hidden or node.formula is None else Chain((name, node.formula)),)
        slots = slotted(question.graph)
        lit = set(self.lit)
        edges, labels = [], {}
        for edge in (edge for node in question.graph for edge in edges_into(question.graph, node)):
            key = (edge.tail.name, edge.head.name, edge.key)
            if self.full:
                labels[key] = Chain((edge_rate(edge, slots, question.graph), from_sympy(edge.partial)))
            letters = ("A",) if edge in lit else ()
            edges.append(PictureEdge(*key, size(labels[key])[:2] if self.full else None, letters))
        nodes = tuple(PictureNode(name, (size(line)[:2],)) for name, (line,) in lines.items())
        return DrawnPicture("verdict", drawing.draw(Picture(nodes, tuple(edges))), lines, labels)

    @property
    def described(self) -> str:
        """What the picture shows, for those who cannot see it."""
        picture = self.picture
        return "" if picture is None else "; ".join(text(lines[0]) for lines in picture.nodes.values())

    # Data

    def data(self) -> dict[str, Any]:
        """The verdict as plain data, for JSON; a student's holds nothing of the answer."""
        found: dict[str, Any] = {
            "schema": 1,
            "outcome": self.outcome,
            "reader": self.reader,
            "asked": [_formula(rate) for rate in self.rates],
            "answer": _formula(self.answer) if self.answer is not None else None,
            "left_sides": list(self.left_sides),
            "readings": list(self.readings),
            "diagnoses": [self._diagnosis(each) for each in self.tellings],
        }
        view = self.evidence
        if view.kind in ("unreadable", "form"):
            found["evidence"] = renderer.say("evidence", view)
        if self.full:
            found["evidence"] = renderer.say("evidence", view)
            found["score"] = self.verdict.score
            found["derivative"] = None if self.derivative is None else _formula(self.derivative)
            if self.tangent is not None:
                found["tangent"] = _formula(self.tangent.equation)
            if view.kind == "certificate":
                found["certificate"] = {
                    "point": {name: str(value) for name, value in sorted(self.verdict.evidence.point.items())},
                    "answer": str(self.verdict.evidence.answer),
                    "derivative": str(self.verdict.evidence.derivative),
                }
        if self.parts:
            found["parts"] = [part.data() for part in self.parts]
        return found

    def _diagnosis(self, telling: Telling) -> dict[str, Any]:
        spoils = telling.mistake == "missing_path" and not self.full  # it would name the path that is missing
        where = None if spoils else telling.edit.where
        macro = "consistent_with" if self.full else "advice"
        return {
            "mistake": telling.mistake,
            "where": None if where is None else str(where),
            "sentence": renderer.say(macro, telling),
        }


_OTHER_WORDS = {
    "variable_as_constant": {"missing_path"},
    "coefficient_lost": {"missing_edge"},
    "integrated": {"wrong_elementary"},
    "edge_sign": {"wrong_elementary", "quotient_sign", "quotient_order"},
    "unfinished": {"missing_edge"},
}


def _said_already(mistake: str, names: set[str]) -> bool:
    """Whether another explanation says the same in other words, or a slip stands beside something definite."""
    if mistake == "slip":
        return not names <= {"slip", "two_edits"}
    return bool(_OTHER_WORDS.get(mistake, set()) & names)


def _in_inputs(value: Any) -> Tree | None:
    """A product along a path as a formula; None where it is too long to stand in a table."""
    tree: Tree = from_sympy(value)
    return tree if tree_size(tree) <= SHORT else None


def _formula(shown: Shown) -> dict[str, str]:
    """A formula as data."""
    return {"text": text(shown), "latex": latex(shown)}
