"""What marking an answer comes to: an outcome, what it rests on, and the mistakes that explain it.

>>> from symgraph.marking.checker import check
>>> verdict = check("(a+b)*(b+1)", "b+1", wrt="b")
>>> verdict.outcome
<Outcome.WRONG: 'wrong'>
>>> print(verdict.evidence)
at a = 4/3 and b = −19/24 the answer is 5/24, the derivative 3/4
>>> print(verdict.diagnoses[0])
Consistent with leaving out the path b → d → e.
>>> bool(verdict)
Traceback (most recent call last):
    ...
TypeError: a verdict is neither true nor false: compare its outcome, verdict.outcome is Outcome.RIGHT

Why no truth value: an object without one counts as true, and `if check(…)` would pass every wrong answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from sympy import Expr

from symgraph.calculus.balls import Enclosure
from symgraph.calculus.graph import Edge
from symgraph.calculus.paths import Path
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer
from symgraph.language.tree import Tree
from symgraph.marking import telling
from symgraph.marking.answers import Answer
from symgraph.marking.candidates import Fit
from symgraph.marking.forms import Fault
from symgraph.marking.mistakes import MISTAKES
from symgraph.marking.question import Question

if TYPE_CHECKING:
    from symgraph.marking.checker import Task

__all__ = ["Diagnosis", "Evidence", "Outcome", "Verdict"]


class Outcome(Enum):
    """What an answer is."""

    RIGHT = "right"
    RIGHT_ON = "right-on"  # right on a smaller domain, which is stated
    WRONG = "wrong"  # with a certificate
    WRONG_FORM = "wrong-form"  # the right value, not in the form asked for
    UNDECIDED = "undecided"  # for a person to look at
    UNREADABLE = "unreadable"  # never called wrong


@dataclass(frozen=True)
class Evidence:
    """What an outcome rests on; it prints as one sentence.

    Args:
        method: RIGHT: how it was proved.
        point, answer, derivative: WRONG: the certificate, a rational point and both values, enclosed.
        domain: RIGHT_ON: where the answer has values, as a condition; None: it could not be written down.
        fault: WRONG_FORM: the part that breaks the form, and the rule.
        form: WRONG_FORM: the form that was asked for.
        error: UNREADABLE: position and hint.
        reason: UNDECIDED: why.
        nearly: WRONG: how many leading digits are right, where the answer has decimals and no tolerance was declared.
    """

    method: str = ""
    point: Mapping[str, Fraction] = field(default_factory=lambda: MappingProxyType({}))
    answer: Enclosure | None = None
    derivative: Enclosure | None = None
    domain: Tree | None = None
    fault: Fault | None = None
    form: str = "any"
    error: SymgraphError | None = None
    reason: str = ""
    nearly: int = 0

    def __str__(self) -> str:
        return telling.evidence(self)


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that gives this answer; it prints as its sentence.

    Args:
        mistake: the name of its row in the table.
        where: the edge or path that it is about; None: the whole. An edge that spans several is drawn nowhere.
        elsewhere: other places at which the same mistake gives the same answer.
        proof: how it was proved that it gives this answer.
        expression: what it gives, in the inputs.
    """

    mistake: str
    where: Edge | Path | None
    proof: str = ""
    expression: Expr | None = field(default=None, repr=False)
    elsewhere: tuple[Edge | Path | None, ...] = ()
    question: Question | None = field(default=None, repr=False, compare=False)
    fit: Fit | None = field(default=None, repr=False, compare=False)

    @property
    def sentence(self) -> str:
        """Its words, without the answer or any value of it."""
        return telling.sentence(self)

    @property
    def score(self) -> float:
        """The part of the points that such an answer is worth by default."""
        return MISTAKES[self.mistake].score

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Verdict:
    """What an answer is, and why.

    Args:
        outcome: compare it: `verdict.outcome is Outcome.RIGHT`.
        evidence: what it rests on.
        diagnoses: every mistake that explains a wrong answer, the likeliest first; none when none does.
        answer: what was read; None when it could not be.
        task: what was asked.
        parts: for a gradient or Jacobian, the verdict on each entry, row by row.
    """

    outcome: Outcome
    evidence: Evidence
    diagnoses: tuple[Diagnosis, ...] = ()
    answer: Answer | None = None
    task: Task | None = field(default=None, repr=False, compare=False)
    parts: tuple[Verdict, ...] = ()

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is neither true nor false: compare its outcome, verdict.outcome is Outcome.RIGHT")

    @property
    def score(self) -> float | None:
        """The part of the points by default: 1 if right, that of the likeliest mistake if wrong; None: not decided."""
        if self.parts:
            scores = [part.score for part in self.parts]
            return None if None in scores else sum(score for score in scores if score is not None) / len(scores)
        match self.outcome:
            case Outcome.RIGHT:
                return 1.0
            case Outcome.RIGHT_ON | Outcome.WRONG_FORM:
                return 0.5
            case Outcome.WRONG:
                return self.diagnoses[0].score if self.diagnoses else 0.0
        return None

    def render(self, to: str = "txt", reader: str = "student") -> str:
        """The verdict as a document.

        Args:
            to: "txt", "html", "tex", "md" or "json".
            reader: "student" (it never contains the answer or its value) or "teacher".

        Raises:
            SymgraphError: there is no such format, or no such reader.
        """
        if reader not in ("student", "teacher"):
            raise SymgraphError(f"a verdict is for a student or a teacher, not for {reader!r}")
        return renderer.compose("verdict", telling.VerdictView(self, reader), to)

    def __str__(self) -> str:
        return self.render("txt")

    def _repr_html_(self) -> str:
        return self.render("html")
