"""A student's own steps, line by line: the first wrong one is named, and what follows from it is not wrong twice.

>>> found = check_steps("sin(x^2)", "u = x^2; du = 3x; y' = cos(u)*du")
>>> [(line.text, line.outcome.value) for line in found.lines]
[('u = x^2', 'right'), ('du = 3x', 'wrong'), ("y' = cos(u)*du", 'right')]
>>> print(found.first_wrong.sentence)
Line 2, du = 3x, is the first that is wrong.

A line names a quantity (`u = x^2`) or a rate (`du`, `u'`, `du/dx`, `dy/du`, `∂e/∂c`). A rate on the right side stands
for its true value, so that a line which uses an earlier slip rightly is right; one that has the slip's own value put
in is wrong and `follows` from it. A quantity is right when the function's graph has a node of that value; another one
is the student's own, which is no mistake until a rate comes out wrong because of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Integer

from symgraph.calculus import equality
from symgraph.calculus.equality import equal
from symgraph.calculus.graph import Node, Source
from symgraph.calculus.paths import count_paths
from symgraph.calculus.substitution import replace_symbols
from symgraph.calculus.sweeps import reverse
from symgraph.errors import InputError, ReadingError, SymgraphError
from symgraph.explanation import renderer
from symgraph.language.constructors import construct
from symgraph.language.tree import Tree, names_in
from symgraph.marking.candidates import fitting
from symgraph.marking.edits import Edit, in_formulas
from symgraph.marking.question import Question, ask
from symgraph.marking.tasks import Task, pose
from symgraph.marking.verdicts import Diagnosis, Outcome
from symgraph.parsing import text as door

__all__ = ["Decomposition", "Line", "check_steps"]

_NAME = r"[A-Za-zα-ωΑ-Ω](?:[A-Za-z0-9]*_?[A-Za-z0-9]+)?"
_QUOTIENT = re.compile(rf"(?:\\frac\{{\s*)?[d∂]\s*({_NAME})\s*(?:\}}\s*\{{|/)\s*[d∂]\s*({_NAME})(?:\s*\}})?")
_PRIME = re.compile(rf"({_NAME})\s*['’′](?:\s*\(\s*({_NAME})\s*\))?")
_DIFFERENTIAL = re.compile(rf"(?<![A-Za-z0-9_\\])d({_NAME})(?![A-Za-z0-9_(])")


@dataclass(frozen=True)
class Line:
    """One line of a student's work.

    Args:
        number: from 1.
        kind: "quantity" or "rate".
        outcome: RIGHT, WRONG, UNDECIDED (also: a quantity of the student's own), UNREADABLE.
        follows: the number of the earlier wrong line from which a wrong one follows; 0: none.
        built_on: the number of a line with a quantity of the student's own that a wrong one uses; 0: none.
        diagnoses: what explains a wrong rate.
        reason: why it is undecided or unreadable.
        node: the node of the graph that a quantity is.
    """

    number: int
    text: str
    kind: str = "quantity"
    outcome: Outcome = Outcome.RIGHT
    follows: int = 0
    built_on: int = 0
    diagnoses: tuple[Diagnosis, ...] = ()
    reason: str = ""
    node: str = ""

    @property
    def sentence(self) -> str:
        """What is to be said of it."""
        return renderer.say("line_said", self)


@dataclass(frozen=True)
class Decomposition:
    """What a student's steps come to.

    Args:
        outcome: of the whole: RIGHT when a right line states the derivative asked for and no line is wrong.
    """

    lines: tuple[Line, ...]
    outcome: Outcome
    task: Task = field(repr=False, compare=False)

    @property
    def first_wrong(self) -> Line | None:
        """The first wrong line; where it fails because of a quantity of the student's own, that quantity's line."""
        wrong = next((line for line in self.lines if line.outcome is Outcome.WRONG), None)
        if wrong is None:
            return None
        if wrong.built_on and not wrong.diagnoses:
            return replace(self.lines[wrong.built_on - 1], reason="own first")
        return replace(wrong, reason="first")

    @property
    def complete(self) -> bool:
        """Whether the derivative asked for is among the lines."""
        return any(line.node == "answer" for line in self.lines)

    def __str__(self) -> str:
        return self.render("txt")

    def render(self, to: str = "txt") -> str:
        """The lines, each with what is to be said of it, as "txt", "html", "tex", "md" or "json"."""
        return renderer.compose("lines", self, to)

    def data(self) -> dict[str, Any]:
        """The lines as plain data."""
        first = self.first_wrong
        return {
            "schema": 1,
            "outcome": self.outcome.value,
            "first_wrong": None if first is None else first.number,
            "lines": [
                {
                    "number": line.number,
                    "text": line.text,
                    "kind": line.kind,
                    "outcome": line.outcome.value,
                    "follows": line.follows or None,
                    "sentence": line.sentence,
                    "mistakes": [each.mistake for each in line.diagnoses],
                }
                for line in self.lines
            ],
        }


def check_steps(
    source: Source, steps: str | Sequence[str], wrt: str | None = None, *, of: str | None = None
) -> Decomposition:
    """Check a student's own steps against the graph of the function.

    Args:
        steps: lines, or one text with lines or semicolons between.

    Raises:
        SymgraphError: the source cannot be read, or asks for several derivatives.

    >>> check_steps("x*sin(x)", "u = sin(x); y' = u + x*cos(x)").outcome
    <Outcome.RIGHT: 'right'>
    """
    task = pose(source, wrt, of=of)
    if len(task.questions) != 1:
        raise SymgraphError("steps are about one derivative: say which, with wrt= and of=")
    texts = re.split(r"[;\n]", steps) if isinstance(steps, str) else list(steps)
    reader = _Reader(task)
    lines = tuple(reader.read(number, line.strip()) for number, line in enumerate(filter(str.strip, texts), 1))
    if not lines:
        raise ReadingError("there are no steps here", hint="write u = …; du = …; y' = …")
    return Decomposition(lines, _whole(lines), task)


def _whole(lines: Sequence[Line]) -> Outcome:
    """The outcome of all lines together."""
    outcomes = [line.outcome for line in lines]
    if Outcome.WRONG in outcomes:
        return Outcome.WRONG
    if Outcome.UNREADABLE in outcomes:
        return Outcome.UNREADABLE
    return Outcome.RIGHT if any(line.node == "answer" for line in lines) else Outcome.UNDECIDED


@dataclass
class _Rate:
    """A rate that a line names, `of` moving with `wrt`, and its true value in the inputs."""

    of: str
    wrt: str
    true: Expr


class _Reader:
    """Reads line after line, and knows what the names stand for."""

    def __init__(self, task: Task) -> None:
        self.task, self.question = task, task.questions[0]
        self.values: dict[str, Expr] = dict(task.definitions)
        self.own: dict[str, int] = {}  # the student's own quantities that are no nodes, by line
        self.claims: dict[tuple[str, str], tuple[Expr, int]] = {}
        self.rates: dict[str, _Rate] = {}  # placeholder -> rate
        self.aliases = {self.question.of.name, self.question.named_output or "y"} | {"f"}
        for name in list(self.aliases):
            if name in self.values and name != self.question.named_output:
                self.aliases.discard(name)

    def read(self, number: int, text: str) -> Line:
        line = Line(number, text)
        left, sign, right = text.partition("=")
        if not sign or not right.strip():
            return replace(line, outcome=Outcome.UNREADABLE, reason="write name = expression")
        left = left.strip().rstrip(":").strip()
        try:
            rate = self._rate_named(left)
            return self._rate(line, rate, right) if rate else self._quantity(line, left, right)
        except InputError as error:
            return replace(line, outcome=Outcome.UNREADABLE, reason=error.message)
        except SymgraphError as error:
            return replace(line, outcome=Outcome.UNREADABLE, reason=str(error))

    # Quantities

    def _quantity(self, line: Line, left: str, right: str) -> Line:
        name = re.sub(r"\s*\(.*\)$", "", left)
        door.check_name(name)
        if name in self.question.names:
            raise ReadingError(f"{name} is an input: it is given")
        value = self._value(right)
        if name in self.task.definitions or name in self.aliases:
            known = self.task.definitions.get(name)
            wanted = self.question.earlier[0] if known is None else known
            same = self._same(value, wanted)
            self.values[name] = wanted
            return replace(line, outcome=same, node=name)
        self.values[name] = value
        node = self._node_of(value)
        if node is not None:
            return replace(line, node=node.name)
        self.own[name] = line.number
        return replace(line, outcome=Outcome.UNDECIDED, reason="own")

    def _node_of(self, value: Expr) -> Node | None:
        """The node of the graph that is worth this."""
        if value == self.question.wrt.symbol:
            return self.question.wrt
        for operation in self.question.operations:
            if self._same(value, self.question.expression(operation.node)) is Outcome.RIGHT:
                return operation.node
        return None

    def _same(self, value: Expr, wanted: Expr) -> Outcome:
        result = equal(value, wanted, self.task.known, heavy=False).outcome
        if result is equality.Outcome.PROVED:
            return Outcome.RIGHT
        return Outcome.WRONG if result is equality.Outcome.DIFFERENT else Outcome.UNDECIDED

    # Rates

    def _rate_named(self, left: str) -> _Rate | None:
        """The rate that a left side names; None if it names a quantity."""
        quotient = _QUOTIENT.fullmatch(left)
        if quotient:
            return self._true(quotient[1], quotient[2])
        prime = _PRIME.fullmatch(left)
        if prime:
            return self._true(prime[1], self.question.wrt.name)
        differential = _DIFFERENTIAL.fullmatch(left)
        if differential and left not in self.values:
            return self._true(differential[1], self.question.wrt.name)
        return None

    def _true(self, of: str, wrt: str) -> _Rate:
        """A rate with its true value, in the inputs."""
        head = self._expression(of)
        if wrt in self.question.names:
            return _Rate(of, wrt, self._derivative(of, wrt, head))
        node = self._node_of(self._expression(wrt))
        if node is not None and (of in self.aliases or head == self.question.earlier[0]):
            row = next(row for row in reverse(self.question.graph, self.question.of) if row.node is node)
            true = replace_symbols(row.value, {each.symbol: self._expression_of(each) for each in self.question.graph})
            return _Rate(of, wrt, true)
        letter = self.question.wrt.name
        return _Rate(of, wrt, self._derivative(of, letter, head) / self._derivative(wrt, letter, self._expression(wrt)))

    def _expression_of(self, node: Node) -> Expr:
        return node.symbol if node.name in self.question.names else self.question.expression(node)

    def _expression(self, name: str) -> Expr:
        if name in self.values:
            return self.values[name]
        if name in self.aliases:
            return self.question.earlier[0]
        raise ReadingError(f"{name} has not been named yet", hint=f"write {name} = … before it")

    def _derivative(self, name: str, wrt: str, expression: Expr) -> Expr:
        if (name in self.aliases or expression == self.question.earlier[0]) and wrt == self.question.wrt.name:
            return self.question.answer
        symbol = self.task.program.symbol(wrt)
        if expression == symbol:
            return Integer(1)
        return ask(expression, wrt).answer if symbol in expression.free_symbols else Integer(0)

    def _rate(self, line: Line, rate: _Rate, right: str) -> Line:
        line = replace(line, kind="rate")
        is_answer = rate.wrt == self.question.wrt.name and rate.true == self.question.answer
        if is_answer:
            line = replace(line, node="answer")
        tree, used = self._tree(right)
        value = self._worked(tree, used)
        outcome = self._same(value, rate.true)
        if outcome is Outcome.RIGHT:
            self.claims[rate.of, rate.wrt] = (value, 0)
            return line
        self.claims[rate.of, rate.wrt] = (value, line.number)
        if outcome is Outcome.UNDECIDED:
            return replace(line, outcome=outcome, reason="proof")
        follows = self._follows(rate, value, line.number)
        diagnoses = () if follows else self._diagnoses(rate, value)
        named = [*names_in(tree), *(each.of for each in used.values())]
        own = next((self.own[name] for name in named if name in self.own), 0)
        return replace(line, outcome=Outcome.WRONG, follows=follows, built_on=own, diagnoses=diagnoses)

    def _follows(self, rate: _Rate, value: Expr, line: int) -> int:
        """The earlier wrong line whose value, put in, makes this one."""
        if rate.of not in self.aliases and self._expression(rate.of) != self.question.earlier[0]:
            return 0
        for (of, wrt), (claimed, number) in self.claims.items():
            if number and number < line:
                with_it = self._with_claim(of, wrt, claimed)
                if with_it is not None and self._same(value, with_it) is Outcome.RIGHT:
                    return number
        return 0

    def _with_claim(self, of: str, wrt: str, claimed: Expr) -> Expr | None:
        """The derivative with a claimed rate in the place of the true one."""
        letter = self.question.wrt.name
        is_output = of in self.aliases
        if is_output == (wrt == letter):
            return None
        node = self._node_of(self._expression(wrt if is_output else of))
        if node is None:
            return None
        sweep = in_formulas(self.question)
        if is_output:
            return (
                claimed * sweep.rates[node.name]
                if self.question.path_count == _count_through(self.question, node)
                else None
            )
        total: Expr = sweep.total(Edit("follows", rates={node.name: lambda at: claimed}))
        return total

    def _diagnoses(self, rate: _Rate, value: Expr) -> tuple[Diagnosis, ...]:
        """What explains a wrong rate by the input."""
        if rate.wrt != self.question.wrt.name:
            return ()
        expression = self._expression(rate.of)
        question = self.question if rate.true == self.question.answer else ask(expression, rate.wrt)
        return tuple(
            Diagnosis(fit.edit.mistake, fit.edit.where, fit.proof, fit.expression, (), question, fit)
            for fit in fitting(question, value)
        )

    # Right sides

    def _value(self, text: str) -> Expr:
        tree, used = self._tree(text)
        return self._worked(tree, used)

    def _tree(self, text: str) -> tuple[Tree, Mapping[str, _Rate]]:
        """A right side, with names in the places of rates."""
        used: dict[str, _Rate] = {}

        def stand_in(rate: _Rate, width: int) -> str:
            number = 1
            while f"D{number}" in self.values or f"D{number}" in used:
                number += 1
            used[f"D{number}"] = rate
            return f"D{number}".ljust(width)

        def quotient(found: re.Match[str]) -> str:
            return stand_in(self._true(found[1], found[2]), len(found[0]))

        def prime(found: re.Match[str]) -> str:
            return stand_in(self._true(found[1], self.question.wrt.name), len(found[0]))

        def differential(found: re.Match[str]) -> str:
            if found[0] in self.values:
                return found[0]
            if found[1] == self.question.wrt.name:
                return stand_in(_Rate(found[1], found[1], Integer(1)), len(found[0]))
            return stand_in(self._true(found[1], self.question.wrt.name), len(found[0]))

        text = _QUOTIENT.sub(quotient, text)
        text = _PRIME.sub(prime, text)
        text = _DIFFERENTIAL.sub(differential, text)
        names = dict.fromkeys([*self.question.names, *self.values, *used])
        return door.parse_expression(text, inputs=list(names), limits=self.task.limits), used

    def _worked(self, tree: Tree, used: Mapping[str, _Rate]) -> Expr:
        """A right side in the inputs, its rates at their true values."""
        environment: dict[str, Expr] = {name: self.task.program.symbol(name) for name in self.question.names}
        environment |= self.values
        environment |= {name: rate.true for name, rate in used.items()}
        value: Expr = construct(tree, environment, self.task.limits)
        return value


def _count_through(question: Question, node: Node) -> int:
    """How many of the paths lead through a node."""
    return count_paths(question.graph, question.wrt, node) * count_paths(question.graph, node, question.of)
