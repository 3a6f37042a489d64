"""Derivatives told as a graph: local derivatives on the edges, products along the paths, and their sum.

What people write becomes a Program, a Program a graph, a graph an Explanation, an Explanation a document:

    what people write ─ parsing ─→ Program ─ calculus ─→ graph, paths, sweeps ─ explanation ─→ document

Nothing flows back. The rooms, in that order; a module imports only from modules above it in this map:

    errors.py                   the tree of exceptions, drawn in its docstring
    limits.py                   what one problem may cost: characters, depth, digits, nodes, paths, seconds, memory
    files.py                    the only reader and writer of the user's files: safe names, whole files, locks
    language/                   what a formula is
        tree.py                     the syntax tree: as written, every piece with its span
        rows.py                     what a row of the table of functions is
        table.py                    a table of rows: by name, by spelling, by SymPy class
        elementary_functions.py     rows: arithmetic, powers, roots, exponentials, trigonometric, hyperbolic
        special_functions.py        rows: steps, gamma, error, integral and Bessel functions, lists of terms
        structures.py               rows: conditions, cases, vectors, matrices
        binders.py                  rows: sums, products and integrals with limits
        unknowns.py                 functions about which nothing is known, and their derivatives, in SymPy
        primitives.py               the table: name, spellings, arity, constructor, local derivatives, domain, kinks
        numerals.py                 numbers -> trees: exact where that is short, else to so many digits
        notation.py                 SymPy -> tree, in the order in which a textbook would print it
        program.py                  Program: inputs and named assignments; where everything starts
        components.py               vectors and matrices -> their components
    parsing/                    what people write -> Program
        signs.py                    the characters that people type, one explicit table each
        tokens.py                   text -> tokens: numbers, words and signs
        words.py                    what a run of letters means: a name, a product, a function, a constant
    calculus/                   Program -> graph -> derivatives; all the mathematics
        grains.py                   which pieces of an expression a teacher would give a name to
        graph.py                    Program -> frozen MultiDiGraph; Node; the three grains
        paths.py                    Path; count, find, product, sum
        sweeps.py                   forward and reverse: the same sum, merged at every node, as Rows
        substitution.py             back into the inputs: a memoised rebuild, lazy, guarded by an exact size count
        rough.py                    numbers with estimated errors, for where balls are not to be had
        reals.py                    real functions on exact rational numbers and on balls
        balls.py                    certified numbers: what an expression is at an exact rational point
        standins.py                 a concrete function in the place of one about which nothing is known
        evaluation.py               values of every node and edge at a point
        crosscheck.py               the same answer by every route that the size allows
    explanation/                graph -> document
        letters.py                  how names, constants, functions and signs are spelled
        pens.py                     how LaTeX and text write the parts of a formula
        mathml.py                   how MathML writes them
        shown.py                    what can be shown: trees, and trees put together
        page.py                     the machine that writes a formula, and where brackets go
        products.py                 sums, products, quotients: signs, brackets, dots
        shapes.py                   how each operator is written: the table
        typesetting.py              formulas -> LaTeX, MathML and text
        sizes.py                    how much room a formula takes; its outlines
        steps.py                    what an explanation is made of: data, no words
        formulas.py                 the formulas that steps show: rates, products, sums, nothing worked out
        layering.py                 which row, and which place in it, each part of a picture has
        placing.py                  how far across each part of a picture stands
        routing.py                  how each edge of a picture runs
        drawing.py                  graph -> where each node, edge and label goes: numbers only
        story.py                    graph -> the steps that tell it
        explainer.py                graph -> Explanation; which steps, in which order

Importing this package loads none of them; a public name loads its room when it is first used:

>>> import symgraph
>>> symgraph.SymgraphError.__module__
'symgraph.errors'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from symgraph.calculus.graph import Node, build
    from symgraph.calculus.paths import Path, count_paths, find_paths, path_sum
    from symgraph.calculus.sweeps import Row, forward, reverse
    from symgraph.errors import SymgraphError
    from symgraph.language.primitives import Primitive
    from symgraph.language.program import Program
    from symgraph.limits import Limits

__version__ = "0.1.0"

__all__ = [
    "Limits",
    "Node",
    "Path",
    "Primitive",
    "Program",
    "Row",
    "SymgraphError",
    "build",
    "count_paths",
    "find_paths",
    "forward",
    "path_sum",
    "reverse",
]

_HOMES = {
    "Limits": "limits",
    "Node": "calculus.graph",
    "Path": "calculus.paths",
    "Primitive": "language.primitives",
    "Program": "language.program",
    "Row": "calculus.sweeps",
    "SymgraphError": "errors",
    "build": "calculus.graph",
    "count_paths": "calculus.paths",
    "find_paths": "calculus.paths",
    "forward": "calculus.sweeps",
    "path_sum": "calculus.paths",
    "reverse": "calculus.sweeps",
}


if not TYPE_CHECKING:  # to a type checker the names above are all there are

    def __getattr__(name: str) -> object:
        """The public name, from the room where it lives (PEP 562)."""
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module 'symgraph' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"symgraph.{home}"), name)
        return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
