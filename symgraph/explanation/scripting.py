"""Graph and point -> what the page needs to work every number out again when an input moves, checked.

The page gets data and no generated code: a tape, one operation after the other, each a name from a closed list and the
places of its arguments. The page's script has a function for every name of that list; `OPERATIONS` has its twin in
Python, and a test compares the two.

>>> from symgraph.calculus.evaluation import evaluate
>>> from symgraph.calculus.graph import build
>>> graph = build("(a+b)*(b+1)")
>>> script = write(graph, evaluate(graph, "a=2, b=1"), ["c", "c>e.0", "e/b", "b>c.1*c>e.0"])
>>> values = script.run([2, 5])
>>> [values[script.keys[key]] for key in ("c", "c>e.0", "e/b", "b>c.1*c>e.0")]
[7.0, 6.0, 13.0, 6.0]

Keys, as `formulas.py` writes them: a node's value "c"; an edge's local derivative "c>e.0"; a product along a path
"b>c.1*c>e.0"; a whole derivative "e/b"; after a nudge of the input that is asked about "b+", "e+" and "e+/b+"; what
follows a colon is how many digits are shown. "=…" is a number with a formula of its own; the keys of a document's
part begin with the part's prefix.

Why a tape and no formulas in JavaScript: there is nothing to escape and no code that depends on the reader's input, so
one hash in the page's security policy lets exactly this script run; and equal pieces are computed once.

Before a page gets its tape, every operation is compared with certified numbers (`balls.py`) at points around the given
one. What has no function in the list, or differs, leaves the page without sliders, and it says so.
"""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, isfinite, nan
from types import MappingProxyType
from typing import Any

import mpmath  # type: ignore[import-untyped]
from sympy import Basic

from symgraph.calculus.evaluation import Values
from symgraph.calculus.graph import Graph, Node, edges_into
from symgraph.calculus.sweeps import forward, reverse
from symgraph.errors import LimitExceeded, SymgraphError
from symgraph.explanation.formulas import edge_key
from symgraph.explanation.shown import Live
from symgraph.language.branches import COMPARED, computed, may_fail, row_of
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.structures import seams
from symgraph.language.tree import Apply, Constant, Name, Number, Tree, names_in, postorder

__all__ = ["OPERATIONS", "Part", "Script", "Slider", "Unwritable", "write"]

LONGEST = 4_000  # operations that a page works out in an instant
INPUTS = 12  # sliders that still fit a page
TRIES = 4  # points at which every operation is compared
CLOSE = 1e-9  # relative difference that rounding explains
LEFT = 1e-15  # of two terms: what is less is what rounding left of a difference that is 0


class Unwritable(SymgraphError):
    """A page cannot work these numbers out by itself; the message says what is in the way."""


# The operations -----------------------------------------------------------------------------------------------------


def _sum(left: float, right: float) -> float:
    found = left + right
    return 0.0 if abs(found) < LEFT * (abs(left) + abs(right)) else found


def _root(value: float, index: float) -> float:
    if index % 2 == 1:
        return math.copysign(abs(value) ** (1 / index), value)
    return float(value ** (1 / index)) if value >= 0 else nan


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent == 0:
        return 1.0
    return math.pow(base, exponent)


def _whole(value: float) -> bool:
    return value == math.floor(value)


def _sign(value: float) -> float:
    return float((value > 0) - (value < 0))


def _choose(*parts: float) -> float:
    """The value after the first condition that holds, or the last part."""
    for value, condition in zip(parts[:-1:2], parts[1::2], strict=False):
        if condition:
            return value
    return parts[-1] if len(parts) % 2 else nan


OPERATIONS: Mapping[str, Callable[..., float]] = MappingProxyType(
    {
        "add": _sum,
        "subtract": lambda u, v: _sum(u, -v),
        "multiply": lambda u, v: u * v,
        "divide": lambda u, v: u / v,
        "negate": lambda u: -u,
        "power": _power,
        "square_root": math.sqrt,
        "cube_root": lambda u: _root(u, 3),
        "real_root": _root,
        "exponential": math.exp,
        "logarithm": math.log,
        "logarithm_base": lambda u, b: math.log(u) / math.log(b),
        "sine": math.sin,
        "cosine": math.cos,
        "tangent": math.tan,
        "cotangent": lambda u: 1 / math.tan(u),
        "secant": lambda u: 1 / math.cos(u),
        "cosecant": lambda u: 1 / math.sin(u),
        "inverse_sine": math.asin,
        "inverse_cosine": math.acos,
        "inverse_tangent": math.atan,
        "inverse_cotangent": lambda u: math.atan(1 / u) if u else math.pi / 2,
        "inverse_secant": lambda u: math.acos(1 / u),
        "inverse_cosecant": lambda u: math.asin(1 / u),
        "hyperbolic_sine": math.sinh,
        "hyperbolic_cosine": math.cosh,
        "hyperbolic_tangent": math.tanh,
        "hyperbolic_cotangent": lambda u: 1 / math.tanh(u),
        "hyperbolic_secant": lambda u: 1 / math.cosh(u),
        "hyperbolic_cosecant": lambda u: 1 / math.sinh(u),
        "inverse_hyperbolic_sine": math.asinh,
        "inverse_hyperbolic_cosine": math.acosh,
        "inverse_hyperbolic_tangent": math.atanh,
        "inverse_hyperbolic_cotangent": lambda u: math.atanh(1 / u),
        "inverse_hyperbolic_secant": lambda u: math.acosh(1 / u),
        "inverse_hyperbolic_cosecant": lambda u: math.asinh(1 / u),
        "absolute_value": abs,
        "sign": _sign,
        "maximum": max,
        "minimum": min,
        "sigmoid": lambda u: 1 / (1 + math.exp(-u)) if u > -700 else math.exp(u),
        "softplus": lambda u: max(u, 0.0) + math.log1p(math.exp(-abs(u))),
        "relu": lambda u: max(u, 0.0),
        "heaviside": lambda u: 0.5 if u == 0 else float(u > 0),
        "floor": lambda u: float(math.floor(u)),
        "ceiling": lambda u: float(math.ceil(u)),
        "arctangent2": math.atan2,
        "error_function": math.erf,
        "complementary_error_function": math.erfc,
        "gamma": math.gamma,
        "factorial": lambda u: math.gamma(u + 1),
        "log_gamma": lambda u: math.lgamma(u) if u > 0 else nan,
        "digamma": lambda u: float(mpmath.digamma(u)),
        "polygamma": lambda n, u: float(mpmath.psi(int(n), u)) if _whole(n) and n >= 0 and (u > 0 or n == 0) else nan,
        "beta": lambda u, v: (
            math.exp(math.lgamma(u) + math.lgamma(v) - math.lgamma(u + v))
            if u > 0 and v > 0
            else math.gamma(u) * math.gamma(v) / math.gamma(u + v)
        ),
        "binomial": lambda n, k: math.gamma(n + 1) / math.gamma(k + 1) / math.gamma(n - k + 1),
        "lambert_w": lambda u: float(mpmath.lambertw(u).real) if u >= -1 / math.e else nan,
        "cardinal_sine": lambda u: math.sin(u) / u if u else 1.0,
        "sine_integral": lambda u: float(mpmath.si(u)),
        "cosine_integral": lambda u: float(mpmath.ci(u)) if u > 0 else nan,
        "exponential_integral": lambda u: float(mpmath.ei(u)) if u else nan,
        "bessel_j": lambda n, u: float(mpmath.besselj(int(n), u)) if _whole(n) else nan,
        "bessel_i": lambda n, u: float(mpmath.besseli(int(n), u)) if _whole(n) else nan,
        "bessel_y": lambda n, u: float(mpmath.bessely(int(n), u)) if _whole(n) and u > 0 else nan,
        "bessel_k": lambda n, u: float(mpmath.besselk(n, u)) if u > 0 else nan,
        "less": lambda u, v: float(u < v),
        "less_equal": lambda u, v: float(u <= v),
        "greater": lambda u, v: float(u > v),
        "greater_equal": lambda u, v: float(u >= v),
        "equal": lambda u, v: float(u == v),
        "unequal": lambda u, v: float(u != v),
        "and": lambda *parts: float(all(parts)),
        "or": lambda *parts: float(any(parts)),
        "not": lambda u: float(not u),
        "piecewise": _choose,
        "where": lambda condition, value: value if condition else nan,
        "unless": lambda condition, value: nan if condition else value,
    }
)
_GATHERED = frozenset({"total", "mean"})
_FOLDED = frozenset({"maximum", "minimum", "and", "or"})
_PARTIAL = frozenset({"piecewise", "where", "unless"})  # which may stand without a value beside the one chosen


def _apply(name: str, arguments: Sequence[float]) -> float:
    """One operation; NaN where there is no value, or none that is finite."""
    if name not in _PARTIAL and any(map(math.isnan, arguments)):
        return nan
    try:
        found = OPERATIONS[name](*arguments)
    except (ValueError, OverflowError, ZeroDivisionError, TypeError):  # TypeError: mpmath's answer is complex
        return nan
    return found if isfinite(found) else nan


# The tape -----------------------------------------------------------------------------------------------------------

Instruction = tuple[str, tuple[int, ...]] | float


@dataclass(frozen=True, slots=True)
class Slider:
    """An input as the page offers it: its range has the given value in the middle."""

    name: str
    value: float
    least: float
    most: float
    step: float


@dataclass(frozen=True, slots=True)
class Script:
    """What a page computes with: the first places are the inputs, then one for each instruction.

    Args:
        sliders: the inputs that a reader may move, all of them or the first.
        point: the value of every input.
        tape: an operation with the places of its arguments, or a number.
        keys: the place of every number on the page.
    """

    sliders: tuple[Slider, ...]
    point: tuple[float, ...]
    tape: tuple[Instruction, ...]
    keys: Mapping[str, int]

    def run(self, point: Sequence[float]) -> list[float]:
        """The number at every place, for these inputs: what the page computes, by the twins in Python."""
        values = [float(value) for value in point]
        for each in self.tape:
            if isinstance(each, float):
                values.append(each)
            else:
                values.append(_apply(each[0], [values[place] for place in each[1]]))
        return values

    @property
    def operations(self) -> list[str]:
        """The names of the operations that the page needs."""
        return sorted({each[0] for each in self.tape if not isinstance(each, float)})

    def data(self) -> str:
        """As JSON that may stand in a script element: no "<" in it."""
        whole = {
            "point": self.point,
            "tape": [each if isinstance(each, float) else [each[0], *each[1]] for each in self.tape],
            "keys": dict(self.keys),
        }
        return json.dumps(whole, separators=(",", ":")).replace("<", "\\u003c")


class _Writer:
    """Writes a tape; equal operations are one place."""

    def __init__(self, names: Sequence[str]) -> None:
        self.first = len(names)
        self.tape: list[Instruction] = []
        self._known: dict[Instruction, int] = {}

    def put(self, instruction: Instruction) -> int:
        if instruction not in self._known:
            if len(self.tape) >= LONGEST:
                raise Unwritable(f"there are more than {LONGEST} operations")
            self._known[instruction] = self.first + len(self.tape)
            self.tape.append(instruction)
        return self._known[instruction]

    @staticmethod
    def known(name: str) -> None:
        if name not in OPERATIONS and name not in _GATHERED:
            raise Unwritable(f"the page has no function for {name.replace('_', ' ')}")

    def apply(self, name: str, *places: int) -> int:
        if name in _GATHERED:
            found = self.total(places)
            return found if name == "total" else self.apply("divide", found, self.put(float(len(places))))
        self.known(name)
        if name in _FOLDED and len(places) != 2:
            found = places[0]
            for place in places[1:]:
                found = self.apply(name, found, place)
            return found
        return self.put((name, places))

    def tree(self, tree: Tree, places: Mapping[str, int]) -> int:
        """The place of a formula's value, its names at these places."""
        done: dict[int, int] = {}
        for part in postorder(tree):
            if isinstance(part, Apply):
                self.known(part.operator)  # first of all: a sum or an integral has a name of its own inside
        for part in postorder(tree):
            if id(part) in done:
                continue
            match part:
                case Number():
                    done[id(part)] = self.number(part.value)
                case Constant("pi"):
                    done[id(part)] = self.put(math.pi)
                case Constant("e"):
                    done[id(part)] = self.put(math.e)
                case Name(name):
                    done[id(part)] = places[name]
                case Apply("and" | "or" as operator, arguments) if may_fail(part):
                    done[id(part)] = self.joined(operator, [done[id(argument)] for argument in arguments])
                case Apply(operator, arguments):
                    done[id(part)] = self.apply(operator, *(done[id(argument)] for argument in arguments))
                case _:
                    raise Unwritable("there is a piece in it that has no number")
        return done[id(tree)]

    def joined(self, operator: str, places: Sequence[int]) -> int:
        """And, or or, as cases: what has no value does not count where another decides."""
        found = places[0]
        for place in places[1:]:
            found = (
                self.apply("piecewise", place, found, self.put(0.0))
                if operator == "and"
                else self.apply("piecewise", self.put(1.0), found, place)
            )
        return found

    def number(self, value: Fraction) -> int:
        try:
            return self.put(float(value))
        except OverflowError:
            raise Unwritable("there is a number in it that is too large") from None

    def expression(self, expr: Basic, places: Mapping[str, int]) -> int:
        return self.tree(from_sympy(expr), places)

    def total(self, terms: Sequence[int]) -> int:
        found = self.put(0.0) if not terms else terms[0]
        for term in terms[1:]:
            found = self.apply("add", found, term)
        return found

    def product(self, factors: Sequence[int]) -> int:
        found = factors[0]
        for factor in factors[1:]:
            found = self.apply("multiply", found, factor)
        return found


class _Page:
    """The places of everything that a page may show of one graph."""

    def __init__(self, graph: Graph, asked: str | None, writer: _Writer, starts: Mapping[str, int]) -> None:
        self.graph = graph
        self.inputs: tuple[Node, ...] = graph.graph["inputs"]
        self.asked = asked
        self.writer = writer
        missing = next((node.name for node in self.inputs if node.name not in starts), None)
        if missing is not None:
            raise Unwritable(f"{missing} is no input of the whole")
        self.starts = {node.name: starts[node.name] for node in self.inputs}
        self.nodes = dict(self.starts)
        self.write_nodes(self.nodes)
        self.edges: dict[str, int] = {}
        self.local: list[tuple[Any, int]] = []  # what was written, and its place, to be compared
        for node in graph:
            if node.formula is not None:
                self.local.append((node.formula, self.nodes[node.name]))
                self.write_edges(node)
        self._nudged: dict[str, int] | None = None

    def write_nodes(self, places: dict[str, int]) -> None:
        """Every operation, from the inputs up, undefined outside its domain."""
        for node in self.graph:
            if node.formula is None:
                continue
            place = self.writer.tree(node.formula, places)
            for condition in self.conditions(node, "domain", places):
                place = self.writer.apply("where", condition, place)
            places[node.name] = place

    def conditions(self, node: Node, kind: str, places: Mapping[str, int]) -> Iterator[int]:
        """The places of conditions; those of a case are settled where it is not the one that holds."""
        for condition, guards in _conditions(node, kind):
            place = self.writer.expression(condition, places)
            settled = self.writer.put(0.0 if kind == "kinks" else 1.0) if guards else place
            for guard in reversed(guards):
                place = self.writer.apply("piecewise", place, self.writer.tree(guard, places), settled)
            yield place

    def write_edges(self, node: Node) -> None:
        """The local derivatives into a node, undefined at its kinks."""
        kinks = list(self.conditions(node, "kinks", self.nodes))
        decided = list(self.conditions(node, "deciding", self.nodes))
        for edge in edges_into(self.graph, node):
            place = self.writer.expression(edge.partial, self.nodes)
            for condition in decided:
                place = self.writer.apply("where", condition, place)
            for kink in kinks:
                place = self.writer.apply("unless", kink, place)
            self.edges[edge_key(edge)] = place
            self.local.append((edge.partial, place))

    def rates(self, keys: Iterable[str]) -> dict[str, int]:
        """The places of whole derivatives "e/b", from as few sweeps as hold them all."""
        wanted = {key: tuple(key.split("/")) for key in keys}
        found: dict[str, int] = {}
        while wanted:
            starts = Counter((1, wrt) for _, wrt in wanted.values())
            ends = Counter((0, of) for of, _ in wanted.values())
            (side, name), _ = max((starts + ends).items(), key=lambda item: (item[1], item[0]))
            rows = forward(self.graph, name) if side else reverse(self.graph, name)
            places: dict[Node, int] = {}
            for row in rows:
                terms = [
                    self.writer.apply("multiply", places[term.row.node], self.edges[edge_key(term.edge)])
                    for term in row.terms
                ]
                places[row.node] = self.writer.put(1.0) if row.seed else self.writer.total(terms)
            by_name = {node.name: place for node, place in places.items()}
            for key, pair in list(wanted.items()):
                if pair[side] == name:
                    found[key] = by_name[pair[1 - side]]
                    del wanted[key]
        return found

    def nudged(self) -> dict[str, int]:
        """The places of all values after the nudge: a thousandth of the input, or of 1 where that is more."""
        if self._nudged is None:
            assert self.asked is not None
            put, apply = self.writer.put, self.writer.apply
            start = self.nodes[self.asked]
            size = apply("maximum", put(1.0), apply("absolute_value", start))
            places = dict(self.starts)
            places[self.asked] = apply("add", start, apply("multiply", put(0.001), size))
            self.write_nodes(places)
            self._nudged = places
        return self._nudged

    def place(self, key: str) -> int:
        """Where the number of a key stands (rates are elsewhere)."""
        if "*" in key:
            return self.writer.product([self.edges[part] for part in key.split("*")])
        if key in self.edges:
            return self.edges[key]
        if "+/" in key:
            of, wrt = (part[:-1] for part in key.split("/"))
            moved, apply = self.nudged(), self.writer.apply
            return apply(
                "divide",
                apply("subtract", moved[of], self.nodes[of]),
                apply("subtract", moved[wrt], self.nodes[wrt]),
            )
        return self.nudged()[key[:-1]] if key.endswith("+") else self.nodes[key]

    def keys(self, keys: Iterable[str], formulas: Mapping[str, Live]) -> dict[str, int]:
        """The places of all these keys; `formulas` are those of the numbers that need one."""
        bare = list(dict.fromkeys(key.partition(":")[0] for key in keys))
        told = {key.partition(":")[0]: live.formula for key, live in formulas.items() if live.formula is not None}
        used = {name for key in bare if key in told for name in names_in(told[key])}
        wanted = [key for key in (*bare, *sorted(used)) if "/" in key and "+" not in key]
        rates = self.rates(wanted)
        known = {**self.nodes, **rates}
        found: dict[str, int] = {}
        for key in bare:
            if key in told:
                found[key] = self.writer.tree(told[key], known)
            else:
                found[key] = rates[key] if key in rates else self.place(key)
        return {key: found[key.partition(":")[0]] for key in keys}


def _seams(piece: Tree) -> list[tuple[Basic, tuple[Tree, ...]]]:
    """Where the comparisons of cases turn, and where each is looked at: one of them may have no value elsewhere."""
    compared = [part for part in computed(piece, comparing=True) if part.deciding]
    return [
        (seam, part.guards)
        for part in compared
        if isinstance(part.piece, Apply) and part.piece.operator in COMPARED - {"and", "or", "not"}
        for seam in seams(construct(part.piece))
    ]


def _conditions(node: Node, kind: str) -> list[tuple[Basic, tuple[Tree, ...]]]:
    """Conditions of every operation in a node's formula, in the names that it holds, and the cases that they are for.

    Its domain, or that of what decides between cases alone, or its kinks.
    """
    found: list[tuple[Basic, tuple[Tree, ...]]] = []
    assert node.formula is not None
    for part in computed(node.formula):
        row = row_of(part.piece)
        if row is None or (kind != "domain" and part.deciding != (kind == "deciding")):
            continue
        if kind == "kinks" and row.name == "piecewise" and any(map(may_fail, part.piece.arguments[1::2])):
            found.extend((seam, (*part.guards, *guards)) for seam, guards in _seams(part.piece))
            continue
        try:
            arguments = [construct(argument) for argument in part.piece.arguments]
        except LimitExceeded:
            raise Unwritable("there is a number in it that is too large") from None
        conditions = row.kinks(*arguments) if kind == "kinks" else row.domain(*arguments)
        found.extend((condition, part.guards) for condition in conditions)
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document with a graph of its own, whose keys begin with its prefix."""

    prefix: str
    graph: Graph
    keys: Sequence[str]
    formulas: Mapping[str, Live]


def write(
    graph: Graph,
    values: Values,
    keys: Iterable[str],
    formulas: Mapping[str, Live] = MappingProxyType({}),
    parts: Sequence[Part] = (),
) -> Script:
    """The tape for a page on which the numbers of these keys stand.

    Args:
        formulas: the numbers that are worked out by a formula, by their keys.
        parts: the document's parts; what they begin with are inputs or nodes of the whole.

    Raises:
        Unwritable: something has no function on the page, or was not the same as certified numbers.
    """
    inputs = [node.name for node in graph.graph["inputs"]]
    writer = _Writer(inputs)
    every = Part("", graph, list(dict.fromkeys(keys)), formulas)
    starts: Mapping[str, int] = {name: place for place, name in enumerate(inputs)}
    pages: list[_Page] = []
    places: dict[str, int] = {}
    for part in (every, *parts):
        nudged = next((key for key in part.keys if "+/" in key), None)
        asked = nudged.partition(":")[0].split("/")[1][:-1] if nudged else None
        page = _Page(part.graph, asked, writer, starts)
        places |= {part.prefix + key: place for key, place in page.keys(part.keys, part.formulas).items()}
        starts = pages[0].nodes if pages else page.nodes
        pages.append(page)
    point = tuple(_float(values.point[node]) for node in pages[0].inputs)
    sliders = tuple(_slider(name, value) for name, value in zip(inputs[:INPUTS], point, strict=False))
    script = Script(sliders, point, tuple(writer.tape), places)
    for page in pages:
        _compare(page, script)
    _agree(script, {part.prefix + key: live for part in (every, *parts) for key, live in part.formulas.items()})
    return script


def _agree(script: Script, lives: Mapping[str, Live]) -> None:
    """Refuse formulas that do not give, at the point, the numbers that stand on the page."""
    writer = _Writer([])
    shown = {key: writer.tree(live.body, {}) for key, live in lives.items() if key in script.keys}
    numbers = Script((), (), tuple(writer.tape), {}).run(())
    found = script.run(script.point)
    for key, place in shown.items():
        if not abs(found[script.keys[key]] - numbers[place]) <= CLOSE * max(1.0, abs(numbers[place])):
            raise Unwritable("the page's own arithmetic is not close enough")


def _float(value: Any) -> float:
    found = float(value.evalf(20))
    if not isfinite(found):
        raise Unwritable("an input is too large")
    return found


def _slider(name: str, value: float) -> Slider:
    """A range with the value in its middle, in steps that are 1, 2 or 5 times a power of ten."""
    reach = 2 * abs(value) or 3.0
    power = 10.0 ** math.floor(math.log10(reach / 40))
    step = next(factor * power for factor in (1, 2, 5, 10) if 40 * factor * power >= reach * 0.999)
    return Slider(name, value, _short(value - 40 * step), _short(value + 40 * step), _short(step))


def _short(value: float) -> float:
    return float(f"{value:.12g}")


def _compare(page: _Page, script: Script) -> None:
    """Refuse a tape that is not the same as certified numbers, operation by operation, around the point."""
    from symgraph.calculus import balls  # needs python-flint, which the core does without

    source = random.Random(0)
    certified = balls.Tape(*(what for what, _ in page.local))
    names = [node.name for node in page.graph if node.name in page.nodes]
    for attempt in range(TRIES):
        moves = [0.0 if attempt == 0 else source.uniform(-1, 1) * max(1.0, abs(value)) for value in script.point]
        found = script.run([value + move for value, move in zip(script.point, moves, strict=True)])
        exact = {name: Fraction(found[page.nodes[name]]) for name in names if isfinite(found[page.nodes[name]])}
        if len(exact) < len(names) and attempt == 0:
            raise Unwritable("one of them is too large for the page's own arithmetic")
        if len(exact) < len(names):
            continue  # outside the domain of something: there is nothing to compare beyond
        for (what, place), enclosure in zip(page.local, certified.run(exact), strict=True):
            if enclosure.real and not _close(found[place], float(enclosure), what):
                raise Unwritable("the page's own arithmetic is not close enough")


def _close(found: float, truth: float, what: Any) -> bool:
    if math.isnan(found):
        return abs(truth) == inf or isinstance(what, Basic)  # a derivative at a kink is left out on purpose
    return abs(found - truth) <= CLOSE * max(abs(truth), abs(found), 1e-3)
