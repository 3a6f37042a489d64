"""What gives the answer away: formulas that are worth what the answer is worth, and that no student may see.

>>> from symgraph.marking.checker import pose
>>> from symgraph.parsing.text import parse_expression
>>> (question,) = pose("sin(x^2)").questions
>>> guard = Guard(question, None)
>>> [guard.lets(parse_expression(shown)) for shown in ("cos(x^2)", "cos(x^2)*2x", "1 - 2x cos(x^2)")]
[True, False, False]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Expr

from symgraph.calculus import reals
from symgraph.calculus.balls import Tape
from symgraph.errors import SymgraphError
from symgraph.language.tree import Apply, Name, Number, Tree, postorder
from symgraph.marking.candidates import candidates
from symgraph.marking.edits import BITS
from symgraph.marking.question import Question

__all__ = ["Guard"]


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
