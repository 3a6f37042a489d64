"""What the words and pictures of a verdict are made of: facts worked out for printing, one reader's at a time.

What a student reads never contains the answer or its value: every formula that goes to a student is looked at here
first, and one that is worth what the answer is worth is left out (`Guard`). The sentences themselves are macros of
`words.j2`, one for a teacher and one for a student for each mistake.

>>> from symgraph.marking.checker import check
>>> print(check("sin(x^3)", "cos(x^3)").render("txt"), end="")
Your answer cos(x³) is not the derivative dy/dx of y = sin(x³).
<BLANKLINE>
Does the inside move, too? The derivative of u = x³, the edge x → u, is a
factor of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sympy import Expr, Float, Symbol

from symgraph.calculus import reals
from symgraph.calculus.balls import Enclosure, Tape
from symgraph.calculus.graph import Edge, Graph, Node, edges_into
from symgraph.calculus.paths import Path
from symgraph.calculus.simplifier import simplest
from symgraph.errors import InputError, SymgraphError
from symgraph.explanation import drawing, renderer
from symgraph.explanation.drawing import Picture, PictureEdge, PictureNode
from symgraph.explanation.formulas import WrittenOut, edge_rate, slotted, total_rate
from symgraph.explanation.pictures import PICTURE_NODES, DrawnPicture
from symgraph.explanation.shown import Chain, Shown, Terms
from symgraph.explanation.sizes import size
from symgraph.explanation.typesetting import latex, text
from symgraph.language.notation import from_sympy, number_tree
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Name, Number, Rate, Tree, postorder
from symgraph.language.tree import size as tree_size
from symgraph.marking.bends import AGAIN
from symgraph.marking.candidates import candidates
from symgraph.marking.edits import BITS, At, Edit, Sweep
from symgraph.marking.lines import Aim, Tangent
from symgraph.marking.question import Question

if TYPE_CHECKING:
    from symgraph.marking.outcomes import Diagnosis, Evidence
    from symgraph.marking.verdicts import Verdict

__all__ = [
    "EvidenceView",
    "Guard",
    "Telling",
    "VerdictView",
    "derivative_shown",
    "evidence",
    "formula",
    "placed",
    "point_of",
    "rate_asked",
    "route",
    "sentence",
    "unfolded",
    "value_tree",
]

_HAS_IT = frozenset({"right", "right-on", "wrong-form"})  # whoever gave the answer may see it
PLAIN = 20  # pieces of a formula that is said in the inputs
SHORT = 40  # pieces of a student's answer that is still quoted
TOLD = 2  # explanations that a student is told


def sentence(diagnosis: Diagnosis) -> str:
    """A diagnosis in words, without the answer or any value of it."""
    return renderer.say("consistent_with", Telling(diagnosis, "student"))


def unfolded(formula: Tree, graph: Graph) -> Tree:
    """A node's formula with what nobody has named yet as it was written: not v = u + 1 but v = x² + 1."""
    return WrittenOut(graph, graph.graph["program"].assigned, PLAIN)(formula) or formula


def placed(diagnosis: Diagnosis) -> str:
    """The same, with what the nodes are that it names: for a list of many, where no picture stands beside it."""
    telling, said = Telling(diagnosis, "student"), sentence(diagnosis)
    return renderer.say("placed", telling, [each for each in telling.named if _is_only_named(each, said)])


def _is_only_named(definition: Shown, said: str) -> bool:
    """Whether a sentence names a node and does not say what it is."""
    name, _, _ = text(definition).partition(" ")
    return text(definition) not in said and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said) is not None


def evidence(found: Evidence) -> str:
    """What an outcome rests on, in words."""
    return renderer.say("evidence", EvidenceView(found))


class Guard:
    """Keeps what is worth the answer away from a student."""

    def __init__(self, question: Question | None, value: Expr | None) -> None:
        self.question = question
        self._values: list[Mapping[str, Any]] = []
        self._forbidden: list[Any] = []
        if question is not None:
            table = candidates(question)
            self._values = [sweep.values for sweep in table.sweeps]
            self._forbidden = list(table.derivative)
        self._number = value

    def lets(self, tree: Tree) -> bool:
        """Whether a formula may be shown: neither it nor an operation in it is worth the answer; a name always may."""
        if isinstance(tree, Name):
            return True
        if isinstance(tree, Number):
            return not self._gives_away(tree)
        return not any(self._gives_away(piece) for piece in postorder(tree) if isinstance(piece, Apply))

    def _gives_away(self, tree: Tree) -> bool:
        """Whether a formula is the answer or minus the answer at every point looked at, or its value, if asked for."""
        try:
            tape = Tape(tree)
            with reals.precision(BITS):
                if (
                    not tape.names
                    and self._number is not None
                    and self._meets(tape, {}, Tape(self._number).execute({})[0])
                ):
                    return True
                points = list(zip(self._values, self._forbidden, strict=True))
                return bool(points) and any(  # −cos x shows cos x, too
                    all(self._meets(tape, values, sign * wanted) for values, wanted in points) for sign in (1, -1)
                )
        except (SymgraphError, KeyError):
            return False

    @staticmethod
    def _meets(tape: Tape, values: Mapping[str, Any], wanted: Any) -> bool:
        """Whether a formula may be worth this."""
        (found,) = tape.execute({name: values[name] for name in tape.names})
        if isinstance(found, reals.NotReal) or isinstance(wanted, reals.NotReal):
            return False
        return bool(reals.lift(found).overlaps(reals.lift(wanted)))


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


def derivative_shown(question: Question) -> Tree:
    """The derivative as we print it: the shortest form that is proved equal."""
    tree: Tree = from_sympy(simplest(question.answer, limits=question.limits))
    return tree


def point_of(point: Mapping[str, Any]) -> list[Shown]:
    """x = 1/2, y = 3; a coordinate that is no rational number is rounded."""
    found: list[Shown] = []
    for name, value in sorted(point.items()):
        if isinstance(value, Fraction):
            found.append(Chain((Name(name), Number(value))))
        elif isinstance(value, Expr):
            found.append(Chain((Name(name), from_sympy(value))))
        else:
            found.append(Chain((Name(name), number_tree(Float(value.mid().str(20, radius=False), 20))), ("about",)))
    return found


class EvidenceView:
    """What an outcome rests on, as its macro sees it."""

    def __init__(self, found: Evidence) -> None:
        self.found = found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.found, name)

    @property
    def kind(self) -> str:
        """Which sentence it is."""
        found = self.found
        if found.error is not None:
            return "unreadable"
        if found.point and found.answer is not None:
            return "certificate"
        if found.fault is not None or found.form != "any":
            return "form"
        if found.reason:
            return "reason"
        return "domain" if found.domain is not None else "proof"

    @property
    def at(self) -> list[Shown]:
        return point_of(self.found.point)

    @property
    def at_corners(self) -> list[Shown]:
        """The points at which the answer says too much."""
        return [each for point in self.found.corners for each in point_of(point)]

    @property
    def is_part(self) -> bool:
        """Whether it is right on one part of a curve."""
        return isinstance(self.found.domain, Apply) and self.found.domain.operator == "equals"

    @property
    def values(self) -> list[Shown]:
        """The answer's value and the derivative's, with so many digits that they can be told apart."""
        found = [each for each in (self.found.answer, self.found.derivative) if each is not None]
        for digits in (12, 25, 50):
            shown = [value_tree(each, digits) for each in found]
            if len(set(map(text, shown))) == len(shown):
                return shown
        return [value_tree(each) for each in found]

    @property
    def difference(self) -> Shown | None:
        """By how much the two values differ, where their digits do not show it."""
        answer, derivative = self.found.answer, self.found.derivative
        if answer is None or derivative is None or len(set(map(text, self.values))) > 1:
            return None
        with reals.precision(max(answer.bits, derivative.bits, BITS)):
            return value_tree(Enclosure(reals.lift(answer.number) - reals.lift(derivative.number)))

    @property
    def message(self) -> str:
        error = self.found.error
        if isinstance(error, InputError):
            return error.message
        return re.sub(r" \(line \d+, column \d+\)\n(?s:.*)", "", str(error))  # its place is shown below, or not at all

    @property
    def hint(self) -> str:
        return error.hint if isinstance(error := self.found.error, InputError) else ""

    @property
    def column(self) -> int | None:
        """Where in the text it is; None where there is no text."""
        error = self.found.error
        return error.column if isinstance(error, InputError) and error.text else None

    @property
    def lines(self) -> list[str]:
        """The text with a caret under the place."""
        return str(self.found.error).split("\n")[1:3] if self.column is not None else []

    @property
    def part(self) -> Shown | None:
        return None if self.found.fault is None else self.found.fault.part


def value_tree(value: Any, digits: int = 12) -> Shown:
    """A value, exact where it is short, else in decimals."""
    exact = value.exact
    if exact is not None:
        return number_tree(exact, digits)
    return number_tree(Float(value.number.mid().str(digits + 8, radius=False), digits + 8), digits)


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
            found = [*found[:1], *(one for one in found[1:] if one.mistake == "other_input")][:TOLD]
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
            "asked": [formula(rate) for rate in self.rates],
            "answer": formula(self.answer) if self.answer is not None else None,
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
            found["derivative"] = None if self.derivative is None else formula(self.derivative)
            if self.tangent is not None:
                found["tangent"] = formula(self.tangent.equation)
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


def formula(shown: Shown) -> dict[str, str]:
    """A formula as data."""
    return {"text": text(shown), "latex": latex(shown)}
