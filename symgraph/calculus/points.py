"""Points at which expressions are looked at: names with numbers, the same ones in every run.

>>> [str(number) for number in next(points(["x", "y"], seed="demo")).values()]
['10/3', '-13/40']
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import sympy

from symgraph.calculus.reals import exact
from symgraph.errors import NameProblem

__all__ = ["Point", "given", "name_of", "points"]

Point = Mapping[str, Any]  # name -> int, Fraction or a ball

_RANGES = (((1, 1), 3), ((1, 8), 1), ((1, 1), 3), ((1, 8), 1), ((4, 1), 8))  # the least, a fraction, and how much more
_DENOMINATORS = (3, 5, 7, 11, 13)
_SCALES = (1, 1, 1, 10, Fraction(1, 10), 100, Fraction(1, 100), 1000, 10**6, 10**9, Fraction(1, 10**6))
_ATTEMPTS = 25  # for each point wanted


def name_of(symbol: sympy.Symbol) -> str:
    """The name under which a point gives a symbol's value; a Dummy's tells it from its namesakes."""
    return f"{symbol.name}#{symbol.dummy_index}" if isinstance(symbol, sympy.Dummy) else str(symbol.name)


def given(point: Point, name: str) -> Any:
    """What a point gives for a name, as a number that rules take."""
    try:
        value = point[name]
    except KeyError:
        raise NameProblem(f"no value is given for {name}") from None
    kind = type(value)  # `isinstance` of a Fraction is a call
    if kind is Fraction or issubclass(kind, int):
        return exact(value.numerator, value.denominator)
    return value


def points(
    names: Sequence[str],
    seed: object = 0,
    count: int = 12,
    domain: Callable[[dict[str, Fraction]], bool] | None = None,
    signs: Mapping[str, str] | None = None,
    bounds: Mapping[str, tuple[Fraction | None, Fraction | None]] | None = None,
    whole: Collection[str] = (),
) -> Iterator[dict[str, Fraction]]:
    """Different points of small fractions inside a domain, the same ones for the same seed.

    Args:
        names: the inputs.
        seed: anything that prints the same in every run (a problem's id).
        count: how many at most; there are fewer where the domain is rarely met.
        domain: whether a point will do (called for each candidate).
        signs: per name one of "positive", "negative", "nonnegative", "nonpositive", "integer", "real", or several
            of them with spaces between.
        bounds: per name the least and the greatest value (None: none).
        whole: names that are whole numbers in every other point (exponents: x^n is real for x < 0 only then).

    >>> [str(point["x"]) for point in points(["x"], seed="demo", count=3, signs={"x": "positive"})]
    ['10/3', '13/40', '15/7']
    """
    generator = random.Random(f"symgraph {seed!r}")
    order, seen, found = sorted(names), set(), 0
    words = {name: tuple((signs or {}).get(name, "").split()) for name in order}
    for attempt in range(_ATTEMPTS * count):
        if found == count:
            return
        scale = 1 if attempt < 2 * count else _SCALES[attempt % len(_SCALES)]
        point = {
            name: _coordinate(
                generator,
                attempt + place,
                scale,
                (*words[name], "integer") if name in whole and attempt % 2 else words[name],
                (bounds or {}).get(name, (None, None)),
            )
            for place, name in enumerate(order)
        }
        key = tuple(point.values())
        if key not in seen and (domain is None or domain(point)):
            found += 1
            yield point
            if not order:
                return
        seen.add(key)


def _coordinate(
    generator: random.Random,
    turn: int,
    scale: Fraction | int,
    signs: Collection[str],
    bounds: tuple[Fraction | None, Fraction | None],
) -> Fraction:
    """One small fraction of a size that changes from turn to turn."""
    (top, bottom), width = _RANGES[turn % len(_RANGES)]
    denominator = generator.choice(_DENOMINATORS)
    numerator = generator.randrange(1, width * denominator)
    numerator += numerator % denominator == 0  # functions turn at whole numbers more often than elsewhere
    negative = generator.random() < 0.4
    size = Fraction(top * denominator + numerator * bottom, bottom * denominator)
    size = size if scale == 1 else size * scale
    low, high = bounds
    if low is not None and high is not None:
        value = low + (high - low) * Fraction(numerator, width * denominator)
    elif low is not None:
        value = low + size
    elif high is not None:
        value = high - size
    elif "negative" in signs or "nonpositive" in signs:
        value = -size
    elif "positive" in signs or "nonnegative" in signs:
        value = size
    else:
        value = -size if negative else size
    if "integer" not in signs:
        return value
    return Fraction(round(value) or (1 if value > 0 else -1))
