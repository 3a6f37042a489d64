"""What an explanation is made of: data, no words.

Every step is a frozen dataclass of facts: names, syntax trees to show, numbers. `templates/words.j2` has one macro for
each class here, and each format dresses what they say. Add a kind of step: one class here, one macro there.

A formula that a reader sees is a `Chain`: what it is about, and the lines that equal it, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from symgraph.calculus.factoring import Count
from symgraph.calculus.graph import Edge, Node
from symgraph.calculus.paths import Path
from symgraph.explanation.typesetting import Shown
from symgraph.language.tree import Rate, Tree

__all__ = [
    "Answer",
    "Chain",
    "Checks",
    "EdgeFact",
    "Evaluate",
    "FactorPaths",
    "FollowPaths",
    "Ledger",
    "LocalDerivatives",
    "ManyPaths",
    "NameNodes",
    "NoPath",
    "Nudge",
    "PathFact",
    "Quantity",
    "Readings",
    "RuleGroup",
    "Step",
    "SubstituteBack",
    "SumPaths",
    "SweepRow",
    "SweepTable",
    "TooLarge",
]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A node with what was written for it (None: an input) and its value at the point (None: no point)."""

    node: Node
    formula: Tree | None
    value: Tree | None


@dataclass(frozen=True, slots=True)
class EdgeFact:
    """An edge: its symbol (∂e/∂c, or ∂₁y beside another path), its local derivative, its value at the point."""

    edge: Edge
    rate: Rate
    partial: Tree
    value: Tree | None
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathFact:
    """A path with its letter, and how fast each node on it moves: a product that grows by a factor an edge."""

    letter: str
    path: Path
    edges: tuple[EdgeFact, ...]

    @property
    def label(self) -> tuple[str, ...]:
        """The names along it, to be printed with arrows between."""
        return tuple(node.name for node in self.path.nodes)


@dataclass(frozen=True, slots=True)
class Chain:
    """left = lines[0] = lines[1] = …, each shown as it stands."""

    left: Shown
    lines: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Readings:
    """The guesses made while reading."""

    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameNodes:
    """Every operation gets a name."""

    quantities: tuple[Quantity, ...]
    chain: bool  # one thing inside another, and no more


@dataclass(frozen=True, slots=True)
class Evaluate:
    """The values at the point, from the inputs up."""

    point: tuple[Quantity, ...]
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Edges that one rule of the table gives; for a linear inside, what the table gives and the inside's slope."""

    rule: str
    edges: tuple[EdgeFact, ...]
    argument: Tree | None = None  # sin(3x + 1)
    formula: Tree | None = None  # cos(3x + 1)
    slope: Tree | None = None  # 3


@dataclass(frozen=True, slots=True)
class LocalDerivatives:
    """The derivative on each edge, grouped by the rule that gives it."""

    groups: tuple[RuleGroup, ...]
    moved_too: str | None  # an input that moves several arguments of one operation


@dataclass(frozen=True, slots=True)
class FollowPaths:
    """Each path in rates: move the input at speed 1, then …."""

    wrt: Node
    of: Node
    paths: tuple[PathFact, ...]
    with_numbers: bool


@dataclass(frozen=True, slots=True)
class SumPaths:
    """The sum over the paths: shown unevaluated first, then its value."""

    wrt: Node
    of: Node
    paths: tuple[PathFact, ...]
    chain: Chain
    at_point: bool


@dataclass(frozen=True, slots=True)
class ManyPaths:
    """Too many paths to list: their number, the largest terms at the point, and the sweep that merges them."""

    wrt: Node
    of: Node
    count: int
    limit: int
    largest: tuple[tuple[Path, Tree], ...]


@dataclass(frozen=True, slots=True)
class FactorPaths:
    """Paths that meet share their way on: the node at which each bracket appears, and what that saves."""

    wrt: Node
    of: Node
    brackets: tuple[SweepRow, ...]
    chain: Chain | None  # the factored form; None where it is too long to show
    expanded: Count
    merged: Count


@dataclass(frozen=True, slots=True)
class NoPath:
    """No path leads from the input to the output: the derivative is 0."""

    wrt: Node
    of: Node
    rate: Rate


@dataclass(frozen=True, slots=True)
class SubstituteBack:
    """The sum in the symbols of nodes, written in the inputs."""

    chain: Chain


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The answer written in the inputs would be too large to print."""

    rate: Rate
    message: str


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One line of a sweep: its symbol, its terms unevaluated, its value (a number, or merged symbols)."""

    node: Node
    rate: Rate
    chain: Chain


@dataclass(frozen=True, slots=True)
class SweepTable:
    """Forward or reverse mode, node by node."""

    mode: str  # "forward" or "reverse"
    start: Node
    rows: tuple[SweepRow, ...]
    edges: int
    left_out: int = 0  # rows of a long table's middle


@dataclass(frozen=True, slots=True)
class Ledger:
    """What both modes cost for every derivative of this graph: edges touched."""

    inputs: int
    outputs: int
    edges: int
    forward: int
    reverse: int


@dataclass(frozen=True, slots=True)
class Nudge:
    """The check by a small push: what the output does when the input moves by a thousandth."""

    wrt: Node
    of: Node
    start: Tree
    end: Tree
    before: Tree
    after: Tree
    ratio: Tree


@dataclass(frozen=True, slots=True)
class Answer:
    """The derivative, in the form a textbook would print, and its value at the point."""

    wrt: Node
    of: Node
    rate: Rate
    result: Tree | None
    value: Tree | None


@dataclass(frozen=True, slots=True)
class Checks:
    """The routes by which the answers were compared before anything was printed."""

    routes: tuple[str, ...]
    points: int


Step = (
    Readings
    | NameNodes
    | Evaluate
    | LocalDerivatives
    | FollowPaths
    | SumPaths
    | ManyPaths
    | FactorPaths
    | NoPath
    | SubstituteBack
    | TooLarge
    | SweepTable
    | Ledger
    | Nudge
    | Answer
    | Checks
)
