"""An outcome, what it rests on, and the mistakes that explain it: the parts of a verdict.

>>> print(Evidence("the same expression"))
proved: the same expression
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from types import MappingProxyType

from sympy import Expr

from symgraph.calculus.balls import Enclosure
from symgraph.calculus.graph import Edge
from symgraph.calculus.paths import Path
from symgraph.errors import SymgraphError
from symgraph.language.tree import Tree
from symgraph.marking import grounds, telling
from symgraph.marking.candidates import Fit
from symgraph.marking.forms import Fault
from symgraph.marking.mistakes import MISTAKES
from symgraph.marking.question import Question

__all__ = ["Diagnosis", "Evidence", "Outcome"]


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
        domain: RIGHT_ON: where the answer has values, as a condition, or the part of a curve, y = …, on which it is
            right; None: it could not be written down.
        fault: WRONG_FORM: the part that breaks the form, and the rule.
        form: WRONG_FORM: the form that was asked for.
        error: UNREADABLE: position and hint.
        reason: UNDECIDED: why.
        corners: RIGHT: points at which the answer has a value, and the function no derivative.
        nearly: WRONG: how many leading digits are right, where the answer has decimals and no tolerance was declared.
        of: what `derivative` is a value of: "derivative", "tangent", or "sides": both values are the answer's, its left
            and its right side at a point of the tangent.
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
    corners: tuple[Mapping[str, Fraction], ...] = ()
    of: str = "derivative"

    def __str__(self) -> str:
        return grounds.evidence(self)


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
        return MISTAKES[self.mistake].worth(self.where)

    def __str__(self) -> str:
        return self.sentence
