"""The workloads: functions with one size each, written once for every library.

A workload is a Python function of a module of functions (`sin`, `cos`, `exp`, `log`, `sqrt`, `tanh`) and of its inputs;
it returns its outputs. What the inputs are, quantities, SymPy symbols or tensors, is the library's business.

>>> from symgraph.calculus.quantities import Model, functions
>>> model = Model()
>>> workload = WORKLOADS["chain"]
>>> inputs = [model.input(name) for name in workload.inputs(1)]
>>> print(model.compact({"f": workload.compute(functions, 1, inputs)[0]}))
t1 = sin(x)
f = x + x*t1
f_x = t1 + 1 + x*cos(x)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import factorial, pi, sqrt
from typing import Any

__all__ = ["ROWS", "SMALL", "WORKLOADS", "Row", "Workload", "textbook"]

Value = Any
Compute = Callable[[Any, int, Sequence[Value]], list[Value]]


@dataclass(frozen=True)
class Workload:
    """A function with a size.

    Args:
        inputs: the names of its inputs, for a size.
        compute: its outputs, from the functions to use, the size and the inputs.
        fixed: how many of the inputs, the first ones, are data by which nothing is differentiated.
    """

    name: str
    inputs: Callable[[int], list[str]]
    compute: Compute
    fixed: Callable[[int], int] = lambda size: 0


def _many(size: int) -> list[str]:
    return [f"x{place}" for place in range(1, size + 1)]


def _x(size: int) -> list[str]:
    return ["x"]


def _olah(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    """Olah's example e = (a + b)(b + 1), repeated: the result is the next a."""
    a, b = inputs
    for _ in range(size):
        a = (a + b) * (b + 1)
    return [a]


def _chain(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    (x,) = inputs
    y = x
    for _ in range(size):
        y = f.sin(y) * y + x
    return [y]


def _ladder(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    """Three parallel edges a stage, 3^n paths."""
    (u,) = inputs
    for _ in range(size):
        u = f.sin(u) + f.cos(u) + f.tanh(u)
    return [u]


def _product(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    """Speelpenning's product x₁x₂…xₙ."""
    y = inputs[0]
    for x in inputs[1:]:
        y = y * x
    return [y]


def _network_inputs(size: int) -> list[str]:
    weights = 3 * size + size + size * size + size + size + 1
    return [*_many(3), *(f"w{place}" for place in range(1, weights + 1))]


def _network(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    """A network 3-n-n-1 with tanh, and its squared error."""
    layer, weights = list(inputs[:3]), iter(inputs[3:])
    for width in (size, size, 1):
        sums = []
        for _ in range(width):
            total = next(weights) * layer[0]
            for x in layer[1:]:
                total = total + next(weights) * x
            sums.append(total + next(weights))
        layer = [f.tanh(total) for total in sums] if width > 1 else sums
    error = layer[0] - 0.5
    return [error * error]


def _ackley(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    squares, waves = inputs[0] ** 2, f.cos(2 * pi * inputs[0])
    for x in inputs[1:]:
        squares, waves = squares + x**2, waves + f.cos(2 * pi * x)
    return [-20 * f.exp(-0.2 * f.sqrt(squares / size)) - f.exp(waves / size) + 22.718281828459045]


def _rosenbrock(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    total: Value = None
    for x, following in pairwise(inputs):
        term = 100 * (following - x**2) ** 2 + (1 - x) ** 2
        total = term if total is None else total + term
    return [total]


def _mixture_inputs(size: int) -> list[str]:
    return [f"{letter}{place}" for letter in ("a", "m", "s") for place in (1, 2, 3)]


def _mixture(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    """The log-likelihood of n numbers under a mixture of three normal distributions, the weights by softmax."""
    logits, means, scales = inputs[:3], inputs[3:6], inputs[6:]
    shares = [f.exp(logit) for logit in logits]
    whole = shares[0] + shares[1] + shares[2]
    weights = [share / whole / scale for share, scale in zip(shares, scales, strict=True)]
    likelihood: Value = None
    for place in range(size):
        x = (7 * place % 20) / 4 - 2.1
        density: Value = None
        for weight, mean, scale in zip(weights, means, scales, strict=True):
            distance = (x - mean) / scale
            part = weight * f.exp(-0.5 * (distance * distance))
            density = part if density is None else density + part
        term = f.log(density / sqrt(2 * pi))
        likelihood = term if likelihood is None else likelihood + term
    return [likelihood]


def _chebyshev(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    (x,) = inputs
    before, now = 1, x
    for _ in range(size - 1):
        before, now = now, 2 * x * now - before
    return [now]


def _harmonics(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    """Real spherical harmonics up to a degree, by recursion, as in the benchmarks of FastDifferentiation.jl."""
    x, y, z = inputs

    @cache
    def legendre(degree: int, order: int) -> Value:
        if degree == order:
            return 1 if degree == 0 else float((1 - 2 * order) * legendre(order - 1, order - 1))
        if degree == order + 1:
            return _times(_times(2 * order + 1, legendre(order, order)), z)
        one, other = (2 * degree - 1) / (degree - order), (degree + order - 1) / (degree - order)
        return one * z * legendre(degree - 1, order) - other * legendre(degree - 2, order)

    @cache
    def sine(order: int) -> Value:
        return 0 if order == 0 else _sum(_times(x, cosine(order - 1)), _times(-1 * y, sine(order - 1)))

    @cache
    def cosine(order: int) -> Value:
        return 1 if order == 0 else _sum(_times(x, sine(order - 1)), _times(y, cosine(order - 1)))

    found = []
    for degree in range(size):
        for order in range(-degree, degree + 1):
            m = abs(order)
            whole = 4 * pi if m == 0 else 2 * pi
            norm = sqrt((2 * degree + 1) / whole * factorial(degree - m) / factorial(degree + m))
            angle = sine(m) if order < 0 else cosine(m)
            value = _times(_times(norm, legendre(degree, m)), angle)
            if not isinstance(value, int | float):
                found.append(value)
    return found


def _times(u: Value, v: Value) -> Value:
    """A product that a person would write: without zeros and ones."""
    if isinstance(u, int) and u in (0, 1):
        return v if u else 0
    if isinstance(v, int) and v in (0, 1):
        return u if v else 0
    return u * v


def _sum(u: Value, v: Value) -> Value:
    if isinstance(u, int) and u == 0:
        return v
    return u if isinstance(v, int) and v == 0 else u + v


def _matrices_inputs(size: int) -> list[str]:
    return [f"{letter}{row}_{column}" for letter in "ab" for row in range(size) for column in range(size)]


def _matrices(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    """(A + B)(AB), all of its entries."""
    half = size * size
    first = [list(inputs[size * row : size * (row + 1)]) for row in range(size)]
    second = [list(inputs[half + size * row : half + size * (row + 1)]) for row in range(size)]
    both = [[u + v for u, v in zip(one, other, strict=True)] for one, other in zip(first, second, strict=True)]
    return [entry for row in _matrix_product(both, _matrix_product(first, second)) for entry in row]


def _matrix_product(one: list[list[Value]], other: list[list[Value]]) -> list[list[Value]]:
    result = []
    for row in one:
        entries = []
        for column in zip(*other, strict=True):
            total = row[0] * column[0]
            for u, v in zip(row[1:], column[1:], strict=True):
                total = total + u * v
            entries.append(total)
        result.append(entries)
    return result


def _arm(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    """Where the hand of a robot's arm is: joints that turn about z and y by turns, each with a link."""
    point: list[Value] = [0.3, 0, 0.5]
    for joint in reversed(range(size)):
        cosine, sine = f.cos(inputs[joint]), f.sin(inputs[joint])
        i, j = (0, 1) if joint % 2 else (0, 2)
        u, v = point[i], point[j]
        point[i] = _sum(_times(cosine, u), _times(-1 * sine, v))
        point[j] = _sum(_times(sine, u), _times(cosine, v))
        point[0], point[2] = point[0] + 0.3, point[2] + 0.5
    return point


_TEXTBOOK: dict[str, Callable[[Any, int, Value], Value]] = {
    "polynomial": lambda f, k, x: k * x**3 - (k + 1) * x**2 + 5 * x - 7,
    "product": lambda f, k, x: x**2 * f.sin(k * x),
    "quotient": lambda f, k, x: (x**2 + k) / (k * x - 1),
    "chain rule": lambda f, k, x: f.sin(x**2 + k) ** 3,
    "root": lambda f, k, x: f.sqrt(k * x**2 + 1),
    "exponential": lambda f, k, x: f.exp(-k * x**2) * x,
    "logarithm": lambda f, k, x: f.log(x**2 + k * x + 1),
    "nested": lambda f, k, x: f.exp(f.sin(k * x)),
    "product of three": lambda f, k, x: x * f.exp(k * x) * f.cos(x),
    "quotient of functions": lambda f, k, x: f.sin(k * x) / (1 + f.cos(x)),
}


def textbook(number: int) -> Callable[[Any, Value], Value]:
    """The textbook problem of that number: ten kinds by turns, each with other coefficients."""
    kind = list(_TEXTBOOK.values())[number % len(_TEXTBOOK)]
    return lambda f, x: kind(f, number // len(_TEXTBOOK) + 2, x)


def _problems(f: Any, size: int, inputs: Sequence[Value]) -> list[Value]:
    """Textbook problems, each in an x of its own, added up: the gradient has the derivative of each."""
    total: Value = None
    for number, x in enumerate(inputs):
        value = textbook(number)(f, x)
        total = value if total is None else total + value
    return [total]


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("Olah", lambda size: ["a", "b"], _olah),
        Workload("chain", _x, _chain),
        Workload("ladder", _x, _ladder),
        Workload("Speelpenning", _many, _product),
        Workload("network", _network_inputs, _network, lambda size: 3),
        Workload("Ackley", _many, _ackley),
        Workload("Rosenbrock", _many, _rosenbrock),
        Workload("mixture", _mixture_inputs, _mixture),
        Workload("Chebyshev", _x, _chebyshev),
        Workload("harmonics", lambda size: ["x", "y", "z"], _harmonics),
        Workload("(A+B)(AB)", _matrices_inputs, _matrices),
        Workload("arm", lambda size: [f"q{place}" for place in range(size)], _arm),
        Workload("textbook", _many, _problems),
    )
}


@dataclass(frozen=True)
class Row:
    """A workload at one size: a row of the table."""

    workload: Workload
    size: int

    @property
    def name(self) -> str:
        return f"{self.workload.name} {self.size}"

    @property
    def names(self) -> list[str]:
        return self.workload.inputs(self.size)

    @property
    def varying(self) -> list[str]:
        return self.names[self.workload.fixed(self.size) :]

    def compute(self, functions: Any, inputs: Sequence[Value]) -> list[Value]:
        return self.workload.compute(functions, self.size, inputs)


_SIZES = """Olah 1, chain 10, chain 100, ladder 6, Speelpenning 50, network 10, Ackley 50, Rosenbrock 100, mixture 20,
Chebyshev 30, harmonics 5, harmonics 20, (A+B)(AB) 4, (A+B)(AB) 8, arm 6, arm 12, arm 20, textbook 10, textbook 250"""


def _rows(text: str) -> dict[str, Row]:
    found = {}
    for line in text.replace("\n", " ").split(","):
        name, size = line.strip().rsplit(" ", 1)
        row = Row(WORKLOADS[name], int(size))
        found[row.name] = row
    return found


ROWS = _rows(_SIZES)
SMALL = [name for name in ROWS if name not in ("harmonics 20", "(A+B)(AB) 8", "arm 20", "textbook 250")]
