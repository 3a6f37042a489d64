"""The table of graph edits that make a wrong answer: a row for each mistake that has a name.

>>> list(MISTAKES)[:4]
['missing_path', 'repeated_path', 'missing_edge', 'edge_sign']
>>> MISTAKES["missing_edge"].score
0.5

A row holds the mistake's name, its default score (the part of the points that such an answer is worth, where a teacher
gives no weights), and the edits of a question's graph that it stands for. Its sentences are the macros of its name
in `words.j2`. Add a mistake: one function that yields `Edit`s, one row here, two macros there.

Some rows have no edits: they are found in the answer itself (`candidates.py`, `diagnoses.py`). An answer is a `slip`
when it is right but for a constant factor, a sign or a term; `forgotten_rate` and `taken_for_constant` are slips of
implicit differentiation (`implicit_edits.py`); `integrated` when its derivative is the function; `transposed`
when rows and columns of a matrix are exchanged; `rounded` when it is right but for the decimals that are cut off;
`brackets` when it is right with one pair of brackets more; `slope_multiplied` when dy/dt is multiplied by dx/dt and not
divided (`slopes.py`); and `two_edits` joins two of the others. Where the tangent is asked for (`lines.py`), an equation
may have the right slope and miss the point (`tangent_point`), or go through the point with a wrong one
(`tangent_slope`), or be the normal's, or none of a line; or there is only the slope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from symgraph.marking import local_edits, power_edits, whole_edits
from symgraph.marking.edits import Edit
from symgraph.marking.question import Question

__all__ = ["MISTAKES", "Mistake", "edits"]

Edits = Callable[[Question], Iterator[Edit]]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake with a name.

    Args:
        name: what it is counted by; the macro in `words.j2` that says it.
        score: the part of the points that an answer with this mistake alone is worth, by default.
        edits: the edits of a question's graph that it stands for.
        local: the score where it is made at one operation, and all else is right; None: the same.
    """

    name: str
    score: float
    edits: tuple[Edits, ...] = ()
    local: float | None = None

    def worth(self, where: object) -> float:
        """The score of such an answer, with the edge that it is about; None: the whole."""
        return self.score if where is None or self.local is None else self.local


_ROWS = (
    Mistake("missing_path", 0.5, (whole_edits.missing_path,)),
    Mistake("repeated_path", 0.5, (whole_edits.repeated_path,)),
    Mistake("missing_edge", 0.5, (local_edits.missing_edge,)),
    Mistake("edge_sign", 0.75, (local_edits.edge_sign,)),
    Mistake("outer_at_input", 0.5, (local_edits.outer_at_input,)),
    Mistake("outer_at_derivative", 0.25, (local_edits.outer_at_derivative,)),
    Mistake("inside_differentiated", 0.25, (local_edits.inside_differentiated,)),
    Mistake("sum_along_path", 0.25, (local_edits.sum_along_path,)),
    Mistake("product_of_derivatives", 0.0, (local_edits.product_of_derivatives,)),
    Mistake("sum_of_derivatives", 0.0, (local_edits.sum_of_derivatives,)),
    Mistake("quotient_of_derivatives", 0.0, (local_edits.quotient_of_derivatives,)),
    Mistake("quotient_order", 0.75, (local_edits.quotient_order,)),
    Mistake("quotient_sign", 0.5, (local_edits.quotient_sign,)),
    Mistake("quotient_square", 0.5, (local_edits.quotient_square,)),
    Mistake("product_rule_on_quotient", 0.25, (local_edits.product_rule_on_quotient,)),
    Mistake("exponent_kept", 0.5, (power_edits.exponent_kept,)),
    Mistake("exponent_raised", 0.5, (power_edits.exponent_raised,)),
    Mistake("exponent_lowered", 0.5, (power_edits.exponent_lowered,)),
    Mistake("coefficient_lost", 0.5, (local_edits.coefficient_lost, power_edits.exponent_factor_lost)),
    Mistake("power_rule_on_exponential", 0.0, (power_edits.power_rule_on_exponential,)),
    Mistake("exponential_rule_on_power", 0.0, (power_edits.exponential_rule_on_power,)),
    Mistake("wrong_elementary", 0.5, (local_edits.wrong_elementary,)),
    Mistake("constant_kept", 0.5, (local_edits.constant_kept,)),
    Mistake("constant_as_variable", 0.5, (whole_edits.constant_as_variable,)),
    Mistake("variable_as_constant", 0.25, (whole_edits.variable_as_constant,)),
    Mistake("split_over_sum", 0.0, (local_edits.split_over_sum,)),
    Mistake("other_input", 0.25, (whole_edits.other_input,)),
    Mistake("wrong_order", 0.25, (whole_edits.wrong_order,)),
    Mistake("not_differentiated", 0.0, (whole_edits.not_differentiated, local_edits.term_not_differentiated), 0.25),
    Mistake("integrated", 0.0, (power_edits.locally_integrated,), 0.25),
    Mistake("reciprocal", 0.25, (whole_edits.reciprocal,)),
    Mistake("slope_multiplied", 0.25),
    Mistake("unfinished", 0.5, (whole_edits.unfinished,)),
    Mistake("misread", 0.5, (local_edits.misread,)),
    Mistake("forgotten_rate", 0.5),
    Mistake("taken_for_constant", 0.25),
    Mistake("tangent_point", 0.5),
    Mistake("tangent_slope", 0.5),
    Mistake("tangent_normal", 0.5),
    Mistake("slope_not_evaluated", 0.5),
    Mistake("slope_alone", 0.5),
    Mistake("not_a_line", 0.0),
    Mistake("transposed", 0.5),
    Mistake("rounded", 0.5),
    Mistake("brackets", 0.75),
    Mistake("slip", 0.75),
    Mistake("two_edits", 0.25),
)

MISTAKES: Mapping[str, Mistake] = MappingProxyType({row.name: row for row in _ROWS})


def edits(question: Question) -> Iterator[Edit]:
    """Every single edit of a question's graph that the table knows."""
    for row in _ROWS:
        for find in row.edits:
            yield from find(question)
