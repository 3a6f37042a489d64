"""Trees written as formulas, for tests: `2 * x + sin(x)` is the tree that the parser would make of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from symgraph.explanation.shown import Chain, Factors, Live, Marked, Shown, Terms
from symgraph.language.tree import Apply, Constant, Name, Number, Rate, Text, Undefined


@dataclass(frozen=True)
class F:
    """A formula under construction: operators make larger ones."""

    tree: Any

    def __add__(self, other: Any) -> F:
        return ap("add", self, other)

    def __radd__(self, other: Any) -> F:
        return ap("add", other, self)

    def __sub__(self, other: Any) -> F:
        return ap("subtract", self, other)

    def __rsub__(self, other: Any) -> F:
        return ap("subtract", other, self)

    def __mul__(self, other: Any) -> F:
        return ap("multiply", self, other)

    def __rmul__(self, other: Any) -> F:
        return ap("multiply", other, self)

    def __truediv__(self, other: Any) -> F:
        return ap("divide", self, other)

    def __rtruediv__(self, other: Any) -> F:
        return ap("divide", other, self)

    def __pow__(self, other: Any) -> F:
        return ap("power", self, other)

    def __rpow__(self, other: Any) -> F:
        return ap("power", other, self)

    def __neg__(self) -> F:
        return ap("negate", self)


def lift(part: Any) -> Any:
    """The tree in a formula; a number as a tree."""
    if isinstance(part, F):
        return part.tree
    return Number(part) if isinstance(part, int | Fraction) else part


def ap(operator: str, *arguments: Any) -> F:
    return F(Apply(operator, tuple(map(lift, arguments))))


def name(text: str) -> F:
    return F(Name(text))


def number(value: int | Fraction, text: str = "") -> F:
    return F(Number(value, text))


def constant(text: str) -> F:
    return F(Constant(text))


def word(text: str) -> F:
    return F(Text(text))


def rate(*arguments: Any, **more: Any) -> F:
    return F(Rate(*arguments, **more))


def unknown(*arguments: Any, orders: tuple[int, ...] = ()) -> F:
    return F(Undefined("f", tuple(map(lift, arguments)), orders))


def factors(parts: tuple[Any, ...]) -> F:
    return F(Factors(tuple(map(lift, parts))))


def terms(parts: tuple[Any, ...]) -> F:
    return F(Terms(tuple(map(lift, parts))))


def chain(parts: tuple[Any, ...], signs: tuple[str, ...] = ()) -> F:
    return F(Chain(tuple(map(lift, parts)), signs))


def marked(part: Any, path: str = "", label: tuple[str, ...] = ()) -> F:
    return F(Marked(lift(part), path, label))


def live(part: Any, key: str) -> F:
    return F(Live(lift(part), key))


def sin(part: Any) -> F:
    return ap("sine", part)


def cos(part: Any) -> F:
    return ap("cosine", part)


def tan(part: Any) -> F:
    return ap("tangent", part)


def exp(part: Any) -> F:
    return ap("exponential", part)


def ln(part: Any) -> F:
    return ap("logarithm", part)


def sqrt(part: Any) -> F:
    return ap("square_root", part)


def cbrt(part: Any) -> F:
    return ap("cube_root", part)


def root(part: Any, index: Any) -> F:
    return ap("real_root", part, index)


def bar(part: Any) -> F:
    return ap("absolute_value", part)


def sigmoid(part: Any) -> F:
    return ap("sigmoid", part)


def f(*arguments: Any) -> F:
    return unknown(*arguments)


def shown(formula: F) -> Shown:
    """What a formula is, for the printer."""
    tree: Shown = formula.tree
    return tree


a, b, c, d, e, k, n, t, u, v, x, y, z = map(name, "abcdekntuvxyz")
mu, sigma, pi, one, two = name("mu"), name("sigma"), constant("pi"), number(1), number(2)
