r"""LaTeX -> Program: the same grammar and the same checks as calculator notation, with the commands of `commands.py`.

>>> parse(r"\frac{x^{2}}{2} \sin x").expr
x**2*sin(x)/2
>>> parse_expression(r"\sqrt[3]{x}")
Apply('cube_root', (Name('x'),))

`text.parse` hands on what has a backslash in it, since people paste; here a text without one is LaTeX, too.
"""

from __future__ import annotations

from collections.abc import Iterable

from symgraph.language.program import Program
from symgraph.language.tree import Tree
from symgraph.limits import DEFAULT, Limits
from symgraph.parsing import text as door

__all__ = ["parse", "parse_expression"]


def parse(
    text: str,
    *,
    inputs: Iterable[str] | None = None,
    of: str | Iterable[str] | None = None,
    declared: Iterable[str] = (),
    lenient: bool = False,
    logarithm: str = "natural",
    limits: Limits = DEFAULT,
) -> Program:
    r"""Read LaTeX as `text.parse` reads calculator notation; the arguments and the errors are the same.

    >>> parse(r"f(x) = \begin{cases} x^2 & \text{if } x < 0 \\ x & \text{otherwise} \end{cases}").outputs
    ('f',)
    """
    return door.parse(
        text,
        inputs=inputs,
        of=of,
        declared=declared,
        lenient=lenient,
        logarithm=logarithm,
        limits=limits,
        notation="latex",
    )


def parse_expression(
    text: str,
    *,
    inputs: Iterable[str] | None = None,
    declared: Iterable[str] = (),
    lenient: bool = False,
    logarithm: str = "natural",
    limits: Limits = DEFAULT,
) -> Tree:
    r"""Read one LaTeX expression as a syntax tree.

    >>> parse_expression(r"2\pi r")
    Apply('multiply', (Apply('multiply', (Number('2'), Constant('pi'))), Name('r')))
    """
    return door.parse_expression(
        text, inputs=inputs, declared=declared, lenient=lenient, logarithm=logarithm, limits=limits, notation="latex"
    )
