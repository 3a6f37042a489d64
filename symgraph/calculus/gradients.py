"""Torch's gradients beside ours, node by node.

    with symgraph.record() as notebook:
        e = (a + b) * (b + 1)
        e.backward()
    symgraph.compare_gradients(notebook)

Torch adds up what each call of `backward` brings, and so do we: the rates of a reverse sweep from each node that it was
called on, times the rate with which it was started.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Rational, S

from symgraph.calculus.evaluation import evaluate, rates
from symgraph.calculus.graph import build, find_node, outputs
from symgraph.calculus.sweeps import reverse
from symgraph.errors import DisagreementError, ProgramError
from symgraph.parsing.pytorch import Recording

__all__ = ["GradientPair", "compare_gradients"]

_ROUNDINGS = 1000  # relative errors of one operation that may add up in a program


@dataclass(frozen=True, slots=True)
class GradientPair:
    """How fast the output moves with a node: as we have it, exactly, and as torch has it (`theirs`)."""

    node: str
    ours: Expr
    theirs: float


def compare_gradients(recording: Recording) -> tuple[GradientPair, ...]:
    """Torch's `.grad` of every node that has one, inner nodes with `retain_grad` included, with ours beside it.

    Raises:
        ProgramError: there is no `.grad`: `backward` was not called; or it was called outside the recording on what
            has several elements, so that nobody knows with which rates it started.
        DisagreementError: two of them differ by more than rounding can.
    """
    found = recording.gradients
    if not found:
        raise ProgramError("torch has no gradients yet", hint="call backward() on the result")
    graph = build(recording, "statement")
    values = evaluate(graph, dict(recording.point))
    ours = dict.fromkeys(found, S.Zero)
    for end, seed in _seeds(recording, [node.name for node in outputs(graph)]):
        for node, rate in rates(reverse(graph, find_node(graph, end)), values).items():
            if node.name in ours:
                ours[node.name] += seed * rate
    pairs = tuple(GradientPair(name, ours[name], found[name]) for name in found)
    for pair in pairs:
        size = max(1.0, abs(float(pair.ours)))
        if not abs(float(pair.ours) - pair.theirs) <= _ROUNDINGS * recording.precision * size:
            raise DisagreementError(
                f"the derivative by {pair.node} is {pair.ours} here and {pair.theirs} in torch "
                "(were gradients there before the recording began?)"
            )
    return pairs


def _seeds(recording: Recording, ends: list[str]) -> list[tuple[str, Expr]]:
    """Where torch's sweeps began, each with its rate; a sweep that was not seen began at the only output, with 1."""
    sweeps = recording.sweeps
    if not sweeps and len(ends) > 1:
        raise ProgramError(
            f"backward was called outside the recording, and there are several outputs ({', '.join(ends)})",
            hint="call it inside the with statement",
        )
    if not sweeps:
        return [(ends[0], S.One)]
    return [
        (name, Rational(rate.numerator, rate.denominator)) for sweep in sweeps for name, rate in sweep.seeds.items()
    ]
