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

from dataclasses import dataclass, field
from functools import cached_property
from typing import NoReturn

from symgraph.errors import SymgraphError
from symgraph.explanation import renderer
from symgraph.language.tree import Tree
from symgraph.marking import credit
from symgraph.marking.answers import Answer
from symgraph.marking.outcomes import Diagnosis, Evidence, Outcome
from symgraph.marking.tasks import Task
from symgraph.marking.views import VerdictView

__all__ = ["Diagnosis", "Evidence", "Outcome", "Verdict"]


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

    @cached_property
    def score(self) -> float | None:
        """The part of the points by default; None: that is for a person.

        1 if right; if wrong, what the likeliest mistake is worth, or the paths that are right, whichever is more.

        >>> from symgraph.marking.checker import check
        >>> check("x^2 + x^3 + sin(x)", "2x + cos(x)").score
        0.6666666666666666
        """
        return credit.worth(self)

    @cached_property
    def right_terms(self) -> tuple[Tree, ...]:
        """The terms that are right in a wrong answer that nothing explains."""
        return tuple(credit.right_terms(self))

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
        return renderer.compose("verdict", VerdictView(self, reader), to)

    def __str__(self) -> str:
        return self.render("txt")

    def _repr_html_(self) -> str:
        return self.render("html")
