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
    "RESULTS",
    "AlongTheCurve",
    "Answer",
    "CaseFails",
    "Chain",
    "Checks",
    "CornerFact",
    "CriticalPoints",
    "DirectionalDerivative",
    "EdgeFact",
    "ErrorPropagation",
    "Evaluate",
    "FactorPaths",
    "Failure",
    "FollowPaths",
    "GivenRates",
    "GradientVector",
    "HeldStill",
    "HessianMatrix",
    "HigherDerivative",
    "ImplicitSlope",
    "JacobianMatrix",
    "LayerDerivative",
    "LayerFact",
    "LayerValues",
    "Ledger",
    "LevelFact",
    "LevelPoints",
    "LocalDerivatives",
    "LogarithmicSlope",
    "ManyPaths",
    "NameLayers",
    "NameNodes",
    "NearPoint",
    "NoPath",
    "Nudge",
    "ParametricSlope",
    "PathFact",
    "Quantity",
    "Readings",
    "RelatedRates",
    "RuleGroup",
    "SeedSweep",
    "SlopeAlongTheCurve",
    "SteepestAscent",
    "Step",
    "StepUphill",
    "SubstituteBack",
    "SumPaths",
    "SweepRow",
    "SweepTable",
    "TakeLogarithms",
    "TangentLine",
    "TooLarge",
    "TotalDifferential",
    "UnitDirection",
    "UnitsOff",
    "VectorJacobian",
    "WeightedOutputs",
    "WhereItFails",
]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A node with what was written for it (None: an input) and its value at the point (None: no point)."""

    node: Node
    formula: Tree | None
    value: Shown | None


@dataclass(frozen=True, slots=True)
class EdgeFact:
    """An edge: its symbol (∂e/∂c, or ∂₁y beside another path), its local derivative, its value at the point."""

    edge: Edge
    rate: Rate
    partial: Tree
    value: Shown | None
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
    stays: str = ""  # what stands before a product or a quotient and stays: "minus" or "factor"


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
    """One line of a sweep: its symbol, its terms unevaluated, its value (a number, or merged symbols).

    `rule` is the same sum in rates, ∂c/∂b · ∂e/∂c + …; None where the row has no terms.
    """

    node: Node
    rate: Rate
    chain: Chain
    rule: Chain | None = None


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
    start: Shown
    end: Shown
    before: Shown
    after: Shown
    ratio: Shown


@dataclass(frozen=True, slots=True)
class Answer:
    """The derivative, in the form a textbook would print, and its value at the point."""

    wrt: Node
    of: Node
    rate: Rate
    result: Tree | None
    value: Shown | None


@dataclass(frozen=True, slots=True)
class Checks:
    """The routes by which the answers were compared before anything was printed; with what in unknown places."""

    routes: tuple[str, ...]
    points: int
    stand_ins: tuple[str, ...] = ()


# Questions ------------------------------------------------------------------------------------------------------------
# What is said of the derivatives once they are known. `chains` are the formulas, one after the other, below the words.


@dataclass(frozen=True, slots=True)
class GradientVector:
    """The derivatives of one output by its inputs, as a vector."""

    of: Node
    zero: bool  # at the point
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class JacobianMatrix:
    """The derivatives of all outputs by all inputs."""

    of: tuple[Node, ...]
    wrt: tuple[Node, ...]
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class HessianMatrix:
    """The second derivatives of one output."""

    of: Node
    wrt: tuple[Node, ...]
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class HigherDerivative:
    """A derivative of a derivative: which names, one after the other, and the result."""

    of: Node
    names: tuple[str, ...]
    mixed: bool
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class UnitDirection:
    """A direction made as long as 1."""

    given: Shown
    length: Tree
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class DirectionalDerivative:
    """The gradient's part in a direction."""

    of: Node
    along: str  # the name of the distance
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class GivenRates:
    """How fast the inputs change in time."""

    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class RelatedRates:
    """How fast the output changes with them; or, on a curve, the one that is not given."""

    of: Node
    unknown: str | None
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class SeedSweep:
    """A forward sweep that starts at every input with a speed of its own."""

    along: str
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class WeightedOutputs:
    """The outputs, weighted by a seed and added, as one more node."""

    of: tuple[Node, ...]
    name: str
    ones: bool
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class VectorJacobian:
    """The vector–Jacobian product: the derivatives of the weighted sum."""

    name: str
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class TangentLine:
    """The line, or plane, that touches at the point."""

    of: Node
    name: str
    plane: bool
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class NearPoint:
    """The tangent in the place of the function at another point."""

    of: Node
    name: str
    near: tuple[Shown, ...]
    truth: Tree
    off: Tree
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class TotalDifferential:
    """Slope · change for every input, added."""

    of: Node
    truth: Shown | None  # what the change really is
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class ErrorPropagation:
    """How far the output may be off when the inputs may be."""

    of: Node
    several: bool
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class SteepestAscent:
    """The direction in which the output grows fastest, and how fast."""

    of: Node
    zero: bool
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class StepUphill:
    """Where a step along the gradient leads."""

    of: Node
    step: Tree
    before: Tree
    after: Tree
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class HeldStill:
    """A derivative with some quantities held still, against the total derivative."""

    of: Node
    wrt: Node
    held: tuple[str, ...]  # what would move, too
    same: bool  # nothing of it is on the way
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class AlongTheCurve:
    """On the curve F stays what it is: its change through one name and through the other make 0."""

    name: str
    wrt: str
    of: str
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class ImplicitSlope:
    """dy/dx = −F_x / F_y."""

    name: str
    wrt: str
    of: str
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class SlopeAlongTheCurve:
    """The slope's own rate along the curve: directly, and through what follows."""

    slope: str
    wrt: str
    of: str
    equation: Shown | None  # that makes it shorter
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class ParametricSlope:
    """dy/dx = (dy/dt)/(dx/dt), or the slope's own rate divided by dx/dt."""

    parameter: str
    wrt: str
    of: str
    again: bool
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class TakeLogarithms:
    """ln y, taken apart."""

    of: str
    name: str
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class LogarithmicSlope:
    """y' = y · (ln y)'."""

    of: str
    name: str
    wrt: str
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class LayerFact:
    """A vector or matrix: what was written for it, one of its components, and all of them."""

    name: str
    shape: tuple[int, ...]
    written: Shown | None  # None for an input
    first: Shown
    last: Shown
    components: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class NameLayers:
    """The vectors and matrices of a program, folded."""

    layers: tuple[LayerFact, ...]
    numbers: tuple[Shown, ...]  # what is computed besides


@dataclass(frozen=True, slots=True)
class LayerValues:
    """What they are at the point."""

    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class UnitsOff:
    """Nodes that pass nothing on at the point."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class LayerDerivative:
    """The derivatives by all components of one vector or matrix; `folded` has every one of them."""

    of: str
    wrt: str
    count: int
    law: bool  # one formula holds for all of them
    chains: tuple[Chain, ...]
    folded: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """An operation that fails somewhere: its row, how, and where.

    How: "kink", "seam", "open" (a seam of which little is known), "nowhere" (it never has a value), "needed" (it has
    values only where all conditions hold); "always" (its rule gives no
    derivative anywhere); of an equation "empty" (nothing satisfies it), or "flat" (what must stay 0
    does not change with the names where it is 0).
    """

    piece: Shown
    rule: str
    kind: str
    conditions: tuple[Shown, ...]
    smooth: bool | None
    slopes: tuple[Tree, ...] = ()  # on the two sides of a corner; of an open seam the one that both sides show


@dataclass(frozen=True, slots=True)
class CaseFails:
    """What fails in one of several cases alone: where the conditions hold."""

    where: tuple[Shown, ...]
    needed: tuple[Shown, ...]
    failures: tuple[Failure, ...]
    kind: str = "case"


@dataclass(frozen=True, slots=True)
class WhereItFails:
    """Where there is no value, and where there is a value and no derivative."""

    needed: tuple[Shown, ...]  # conditions that must hold for there to be values
    failures: tuple[Failure | CaseFails, ...]
    whole: tuple[Shown, ...] = ()  # what must be whole numbers: how many terms a sum has


@dataclass(frozen=True, slots=True)
class LevelFact:
    """A point at which all derivatives are zero, the value there, what the second derivatives are, what that makes."""

    point: tuple[Shown, ...]
    value: Shown | None
    tests: tuple[Shown, ...]
    kind: str  # "minimum", "maximum", "saddle", "neither" or "undecided"
    by_sides: bool = False


@dataclass(frozen=True, slots=True)
class CriticalPoints:
    """The equations that say where a function is level."""

    of: Node
    wrt: tuple[Node, ...]
    chains: tuple[Chain, ...]


@dataclass(frozen=True, slots=True)
class CornerFact:
    """A point at which a step has no derivative, seen from both sides."""

    point: tuple[Shown, ...]
    value: Shown
    slopes: tuple[Shown, ...]  # left and right; empty where they are not two numbers
    kind: str  # "minimum", "maximum", "neither" or "undecided"
    how: str  # "level" (the derivative is 0 all the same), "end", "corner", "steep" (a slope without bound) or "jump"


@dataclass(frozen=True, slots=True)
class LevelPoints:
    """Their solutions, or why there is none to show."""

    of: Node
    points: tuple[LevelFact, ...]
    complete: bool  # there are no others
    free: bool  # there are infinitely many
    reason: str  # why they were not solved; empty when they were
    one: bool  # one input
    doubtful: tuple[tuple[Shown, ...], ...] = ()  # solutions at which a step has no derivative
    corners: tuple[CornerFact, ...] = ()
    settled: bool = True  # level at no other point without a derivative of every step, and no doubt is left
    flat: bool = False  # all derivatives are 0


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
    | GradientVector
    | JacobianMatrix
    | HessianMatrix
    | HigherDerivative
    | UnitDirection
    | DirectionalDerivative
    | GivenRates
    | RelatedRates
    | SeedSweep
    | WeightedOutputs
    | VectorJacobian
    | TangentLine
    | NearPoint
    | TotalDifferential
    | ErrorPropagation
    | SteepestAscent
    | StepUphill
    | HeldStill
    | AlongTheCurve
    | ImplicitSlope
    | SlopeAlongTheCurve
    | ParametricSlope
    | TakeLogarithms
    | LogarithmicSlope
    | NameLayers
    | LayerValues
    | UnitsOff
    | LayerDerivative
    | WhereItFails
    | CriticalPoints
    | LevelPoints
)

# The steps that answer a question; in the shortest telling they are all there is.
RESULTS = (
    GradientVector,
    JacobianMatrix,
    HessianMatrix,
    HigherDerivative,
    DirectionalDerivative,
    RelatedRates,
    VectorJacobian,
    TangentLine,
    TotalDifferential,
    ErrorPropagation,
    SteepestAscent,
    HeldStill,
    ImplicitSlope,
    SlopeAlongTheCurve,
    ParametricSlope,
    LogarithmicSlope,
    LevelPoints,
    LayerDerivative,
)
