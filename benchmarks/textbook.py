"""Textbook problems of ten kinds, as many as are wanted and the same ones every time.

>>> [problem.text for problem in problems(10)][:3]
['4*x^3 - 5*x^2 + 3*x - 6', '(x^2 + 5)*(4*x - 3)', '(4*x + 3)/(x^2 + 5)']
>>> known = problems(250)
>>> len(known), len({problem.text for problem in known}), len({problem.kind for problem in known})
(250, 250, 10)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["SHAPES", "Problem", "homework", "problems"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: a function, or with the kind "implicit" an equation of x and y whose dy/dx is asked for.

    `wrt` are the names to differentiate by, each on its own.
    """

    kind: str
    text: str
    wrt: tuple[str, ...] = ("x",)


# What stands in braces is a whole number: a, b, c, d are small and positive, n is an exponent above 2.
SHAPES: dict[str, tuple[str, ...]] = {
    "polynomial": (
        "{a}*x^3 - {b}*x^2 + {c}*x - {d}",
        "x^{n} + {a}*x^2 - {b}",
        "{a}*x^4 - {b}*x^3 + {c}*x^2",
        "({a}*x - {b})*(x + {c})",
        "x^3/{a} - {b}*x",
        "{b} - {a}*x^2",
        "(x^2 + {a})^2 - {b}*x",
        "{a}*x^{n} - {b}*x^3 + x",
        "x*({a}*x^2 - {b})",
        "{a}*(x - {b})^3",
        "x^6/{a} + x^4/{b} - {c}*x^2",
        "(x + {a})*(x - {b})*(x + {c})",
        "{a}*x^2 + {b}*x + {c}",
    ),
    "product": (
        "(x^2 + {b})*({a}*x - {c})",
        "x^{n}*e^x",
        "x^2*sin({a}*x)",
        "x*ln({a}*x)",
        "({a}*x + {b})*e^({c}*x)",
        "sqrt(x)*({a}*x^2 - {b})",
        "e^({a}*x)*cos({b}*x)",
        "x^2*e^x*sin({a}*x)",
        "(x^3 - {a})*(x^2 + {b}*x)",
        "x^{n}*ln x",
        "({a}*x + {b})*sqrt(x + {c})",
        "sin({a}*x)*cos({b}*x)",
        "x^2*(x + {a})^{n}",
    ),
    "quotient": (
        "({a}*x + {c})/(x^2 + {b})",
        "(x^2 - {a})/(x + {b})",
        "x/(x^2 + {a})",
        "sin({a}*x)/x",
        "e^({a}*x)/(x + {b})",
        "ln(x)/x^{n}",
        "(x^2 + {a}*x)/({b}*x - {c})",
        "{a}/(x^2 + {b})",
        "x^2/({a} - x)",
        "(e^x - {a})/(e^x + {b})",
        "cos(x)/({a} + sin x)",
        "(sqrt(x) + {a})/x",
        "({a}*x - {b})/(x^2 - {c})",
    ),
    "chain": (
        "({a}*x + {b})^{n}",
        "sqrt({a}*x^2 + {b})",
        "sin({a}*x^2 + {b})",
        "e^(-{a}*x^2)",
        "ln(x^2 + {a}*x + {b})",
        "(x^2 + {a}*x)^{n}",
        "cos(x^{n})",
        "1/(x^3 + {a})^2",
        "sqrt({a} + sqrt(x))",
        "e^(sin({a}*x))",
        "(sin({a}*x) + {b})^{n}",
        "ln(cos({a}*x))",
        "tan(sqrt({a}*x))",
    ),
    "trigonometric": (
        "{a}*sin({b}*x) - cos({c}*x)",
        "tan({a}*x)",
        "sin(x)^{n}",
        "sin({a}*x)^2*cos(x)",
        "sec({a}*x)",
        "x*cos({a}*x) - sin({a}*x)",
        "cos({a}*x)^2 - sin({a}*x)^2",
        "cot(x) + {a}*x",
        "sin(x)/({a} + cos x)",
        "tan({a}*x)^2",
        "csc({a}*x)*cot({a}*x)",
        "sin(cos({a}*x))",
        "x^2*tan({a}*x)",
    ),
    "exponential": (
        "{a}*e^({b}*x) + {c}*x",
        "ln({a}*x + {b})",
        "{a}^x",
        "e^x/({a} + e^x)",
        "x*e^(-{a}*x)",
        "ln(x)^{n}",
        "ln(({a}*x + {b})/(x + {c}))",
        "ln(sqrt(x^2 + {a}))",
        "x^2*{a}^x",
        "(e^({a}*x) - e^(-{a}*x))/2",
        "log_{a}(x)",
        "e^({a}*x)*ln(x)",
        "x*ln(x) - {a}*x",
    ),
    "inverse_trigonometric": (
        "arctan({a}*x)",
        "arcsin(x/{a})",
        "x*arctan({a}*x)",
        "arccos({a}*x)",
        "arctan(x^{n})",
        "arctan(sqrt({a}*x))",
        "arcsin({a}*x)^2",
        "x*arcsin({a}*x)",
        "arctan(e^({a}*x))",
        "(x^2 + {a})*arctan(x)",
        "arctan({a}/x)",
        "ln(arctan({a}*x))",
        "sqrt(1 - {a}*x^2)*arcsin(x)",
    ),
    "powers": (
        "{a}*x^({p}/3) + {b}*sqrt(x)",
        "{a}/x^{n}",
        "cbrt({a}*x + {b})",
        "{a}*sqrt(x) - {b}/x",
        "x*sqrt({a}*x + {b})",
        "({a}*x + {b})^(-{n})",
        "1/sqrt(x^2 + {a})",
        "x^(x + {a})",
        "x^(1/{n}) - {a}*x",
        "(x^2 - {a})^(3/2)",
        "x/sqrt({a} - x)",
        "sqrt((x + {a})/(x + {b}))",
        "(x + 1/x)^{n}",
    ),
    "implicit": (
        "x^2 + {a}*y^2 = {b}",
        "x*y = {a}",
        "x^3 + y^3 = {a}*x*y",
        "x^2 + {a}*x*y - y^2 = {b}",
        "{a}*x = sin(y)",
        "e^y = x^2 + {a}",
        "y^2 = x^3 - {a}*x",
        "sqrt(x) + sqrt(y) = {a}",
        "{a}*x^2*y + y^3 = {b}",
        "ln(y) + {a}*y = x",
        "x*e^y = {a}*x + y",
        "cos(x + {a}*y) = y",
        "x^2/{a} + y^2/{b} = 1",
    ),
    "gradient": (
        "{a}*x^2*y - {b}*y^3",
        "x^2 + {a}*x*y + {b}*y^2",
        "e^({a}*x)*sin({b}*y)",
        "ln(x^2 + {a}*y^2)",
        "sqrt(x^2 + y^2 + {a})",
        "x/(x + {a}*y)",
        "{a}*x*y - x^3 - y^{n}",
        "sin({a}*x*y)",
        "x*e^({a}*x*y)",
        "arctan(y/({a}*x))",
        "(x - {a})^2 + (y - {b})^2",
        "x^{n}*y^2/{a}",
        "(x + {a}*y)^{n}",
    ),
}


def problems(count: int = 250) -> list[Problem]:
    """So many problems, no two of them the same, the kinds in turn.

    Raises:
        ValueError: there are not so many.
    """
    rounds = zip(*(_of_kind(kind) for kind in SHAPES), strict=False)
    found = list(itertools.islice(itertools.chain.from_iterable(rounds), count))
    if len(found) < count:
        raise ValueError(f"there are {len(found)} problems, not {count}")
    return found


def homework(count: int = 500) -> str:
    """A problem-set file of so many problems."""
    lines = ["schema = 1", 'title = "Textbook problems"']
    for number, problem in enumerate(problems(count), 1):
        asked = f"{problem.kind}-{number}"
        wrt = ", ".join(f'"{name}"' for name in problem.wrt)
        lines += ["", "[[problem]]", f'id = "{asked}"', f'f = "{problem.text}"', f"wrt = [{wrt}]"]
        if problem.kind == "implicit":
            lines += ['question = "implicit"', 'text = "Find the slope of ${{f}}$."']
    return "\n".join(lines) + "\n"


def _of_kind(kind: str) -> Iterator[Problem]:
    """The problems of a kind: its shapes with one set of numbers, then with the next."""
    wrt = ("x", "y") if kind == "gradient" else ("x",)
    seen: set[str] = set()
    for turn in range(60):
        for place, shape in enumerate(SHAPES[kind]):
            text = shape.format(**_numbers(5 * turn + place))
            if text not in seen:
                seen.add(text)
                yield Problem(kind, text, wrt)


def _numbers(number: int) -> dict[str, int]:
    """The numbers to put in, stepped so that they come in all mixtures."""
    return {
        "a": 2 + (2 + 3 * number) % 8,
        "b": 2 + (3 + 5 * number) % 7,
        "c": 2 + (1 + 7 * number) % 5,
        "d": 2 + (4 + 2 * number) % 9,
        "n": 3 + number % 4,
        "p": (2, 4, 5)[number % 3],
    }
