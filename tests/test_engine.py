"""What the way from a program to its sweeps costs: calls of Python functions, counted, frozen and bounded; never time.

`python -m tests.test_engine` writes golden/calls.json anew; a count that grew must have a reason.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any

import networkx
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol
from sympy.core.cache import clear_cache

import symgraph
from benchmarks.measure import calls, written
from benchmarks.workloads import WORKLOADS, Row
from symgraph.calculus.crosscheck import crosscheck
from symgraph.calculus.derivatives import Answers, find, pairs
from symgraph.calculus.graph import Graph, all_edges, build, edges_into, find_node
from symgraph.calculus.paths import count_all, count_paths, find_paths
from symgraph.calculus.patterns import Patterns, forget, worked_out
from symgraph.calculus.substitution import tree_size
from symgraph.calculus.sweeps import forward, reverse
from symgraph.calculus.swelling import Swelling
from symgraph.errors import DisagreementError, LimitExceeded, SymgraphError
from symgraph.explanation.steps import ManyPaths
from symgraph.language.program import Assignment, Program, assemble
from symgraph.language.tree import Apply, Name, Number, Tree
from symgraph.limits import Limits
from symgraph.parsing import text

GOLDEN = Path(__file__).parent / "golden" / "calls.json"
MOST = 70  # Python calls an edge
LOOSE = 10  # calls in the whole of a graph that depend on what was loaded and remembered before
SIZES = {
    "Olah": 20,
    "chain": 20,
    "ladder": 15,
    "Speelpenning": 30,
    "network": 4,
    "Ackley": 15,
    "Rosenbrock": 15,
    "mixture": 2,
    "Chebyshev": 20,
    "harmonics": 3,
    "(A+B)(AB)": 1,
    "arm": 12,
    "textbook": 20,
}


@cache
def program(name: str, size: int) -> Program:
    return written(Row(WORKLOADS[name], size))


def swept(source: Program) -> Graph:
    """From the program to both sweeps, with nothing that SymPy still remembers."""
    clear_cache()
    graph = build(source, "operation")
    forward(graph, graph.graph["inputs"][-1])
    reverse(graph, graph.graph["outputs"][-1])
    return graph


@cache
def counted(name: str, size: int) -> tuple[int, int]:
    """Edges of the graph, and calls of Python functions until both sweeps are there (C functions are not counted).

    Local derivatives of patterns that were never met before are made by SymPy, once; that is not in it.
    """
    source = program(name, size)
    edges = swept(source).number_of_edges()
    return edges, calls(lambda: swept(source)) - calls(clear_cache)


def sizes(name: str) -> tuple[int, int, int, int]:
    return SIZES[name], 2 * SIZES[name], 5 * SIZES[name], 10 * SIZES[name]


every_workload = pytest.mark.parametrize("name", SIZES)


def test_every_workload_is_counted() -> None:
    assert set(SIZES) == set(WORKLOADS)


@every_workload
def test_an_edge_costs_few_calls_and_no_more_in_a_large_graph(name: str) -> None:
    found = [counted(name, size) for size in sizes(name)]
    assert all(made <= MOST * edges for edges, made in found)
    small, twice, half, large = found
    slopes = [(two[1] - one[1]) / (two[0] - one[0]) for one, two in ((small, twice), (half, large))]
    assert slopes[1] <= 1.05 * slopes[0]


def versions() -> dict[str, str]:
    """What counts depend on besides ourselves."""
    found = {"python": platform.python_version(), "sympy": sympy.__version__, "networkx": networkx.__version__}
    return {name: ".".join(version.split(".")[:2]) for name, version in found.items()}


@every_workload
def test_the_counts_do_not_grow(name: str) -> None:
    frozen = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert set(frozen["calls"]) == set(SIZES)
    for size in sizes(name):
        edges, made = counted(name, size)
        assert edges == frozen["calls"][name][str(size)]["edges"]
        if frozen["versions"] == versions():
            assert made <= frozen["calls"][name][str(size)]["calls"] + LOOSE


# What is not called


def called(task: Callable[[], Any]) -> set[tuple[str, str]]:
    """The SymPy functions that a task calls: their modules and names."""
    found: set[tuple[str, str]] = set()

    def note(frame: Any, event: str, argument: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("sympy."):
            found.add((module, frame.f_code.co_name))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        task()
    finally:
        sys.setprofile(before)
    return found


DEAR = {"diff", "subs", "xreplace", "simplify", "latex", "free_symbols", "count_ops", "expand"}


def test_nothing_dear_is_called_from_the_source_to_the_sweeps() -> None:
    forget()
    source = "a1 = sin(x)*x + y; a2 = exp(-a1^2/2)/a1; a3 = sqrt(a2) - ln(a2); a4 = max(tanh(a3)^3, y)/a1"

    def task() -> None:
        swept(text.parse(source))

    found = called(task)
    assert {name for _, name in found} & DEAR == set()
    assert {module for module, _ in found if module.startswith(("sympy.simplify", "sympy.printing.latex"))} == set()
    assert any(name == "flatten" for _, name in found)  # SymPy was called, and seen


# Patterns

NAMES = st.sampled_from(["a", "b", "x9", "x10", "Z", "alpha"])
FUNCTIONS = ("sine", "cosine", "exponential", "sigmoid", "hyperbolic_tangent", "relu", "absolute_value", "negate")
OPERATORS = ("add", "subtract", "subtract", "multiply", "divide")


def formulas(leaves: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    unary = st.builds(lambda row, tree: Apply(row, (tree,)), st.sampled_from(FUNCTIONS), leaves)
    binary = st.builds(lambda row, one, two: Apply(row, (one, two)), st.sampled_from(OPERATORS), leaves, leaves)
    power = st.builds(lambda tree, n: Apply("power", (tree, Number(n))), leaves, st.integers(2, 4))
    return st.one_of(unary, binary, power)


LEAVES: st.SearchStrategy[Tree] = st.one_of(
    st.builds(Name, NAMES),
    st.builds(Name, NAMES),
    st.builds(Number, st.fractions(Fraction(1, 3), 5, max_denominator=3)),
)


@settings(max_examples=300)
@given(formula=st.recursive(LEAVES, formulas, max_leaves=6), positive=st.booleans())
def test_a_pattern_with_names_put_in_is_what_sympy_makes_of_the_formula(formula: Tree, positive: bool) -> None:
    own = {"a": Symbol("a", positive=True)} if positive else {}
    symbols = {name: own.get(name, Symbol(name)) for name in ("a", "b", "x9", "x10", "Z", "alpha")}
    try:
        expected = worked_out(formula, symbols)
    except SymgraphError:
        with pytest.raises(SymgraphError):
            Patterns(symbols, own=own).occurrences(formula)
        return
    found = Patterns(symbols, own=own).occurrences(formula)
    assert found == expected
    for one, two in zip(found, expected, strict=True):
        assert hash(one.partial) == hash(two.partial) and str(one.partial) == str(two.partial)
        assert not one.partial.args or one.partial.func(*one.partial.args) == two.partial.func(*two.partial.args)
        assert one.partial.is_commutative and one.partial.assumptions0 == two.partial.assumptions0


# Depth and numbers of paths


def chain(length: int, limits: Limits) -> Program:
    """The sine of the sine of the sine …, an operation an assignment."""
    statements = [Assignment("v0", Apply("sine", (Name("x"),)))]
    statements += [Assignment(f"v{k}", Apply("sine", (Name(f"v{k - 1}"),))) for k in range(1, length)]
    return assemble(statements, limits=limits)


def test_a_hundred_thousand_operations_deep_with_no_recursion() -> None:
    with pytest.raises(LimitExceeded, match=r"limits\.statements"):
        chain(100_000, Limits())
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    try:
        graph = build(chain(100_000, Limits(statements=100_000)))
        assert len(graph) == 100_001
        assert len(forward(graph, "x")) == len(reverse(graph)) == 100_001
        assert count_paths(graph) == 1
    finally:
        sys.setrecursionlimit(before)


def ladder(stages: int) -> Program:
    """Three parallel edges a stage."""
    lines = ["u0 = x", *(f"u{k} = a*u{k - 1} + b*u{k - 1} + c*u{k - 1}" for k in range(1, stages + 1))]
    return text.parse("\n".join(lines))


def test_three_to_the_650_paths_are_counted_exactly_an_addition_for_an_edge() -> None:
    graph = build(ladder(650))
    assert count_paths(graph, "x") == 3**650 > 10**310
    assert calls(lambda: count_paths(graph, "x")) <= 12 * graph.number_of_edges()


def sum_of_pairs(size: int) -> str:
    """One output of many inputs."""
    lines = [f"p{k} = sin(x{k}*z{k})" if k % 2 else f"p{k} = x{k}*z{k}" for k in range(size)]
    return "\n".join([*lines, "y = " + " + ".join(f"p{k}" for k in range(size))])


def sines(size: int) -> str:
    """One path, and it is long."""
    return "\n".join(["s0 = sin(x)", *(f"s{k} = sin(s{k - 1})" for k in range(1, size))])


def table(size: int) -> str:
    """Three outputs of many inputs, several paths to each."""
    lines = [f"h{k} = x{k}*x{(k + 1) % size} + sin(x{k})" for k in range(size)]
    ends = [" + ".join(f"{(j * k) % 7 + 1}*h{k}" for k in range(size)) for j in range(3)]
    return "\n".join([*lines, *(f"y{j} = {end}" for j, end in enumerate(ends))])


def ends(size: int) -> str:
    """Many outputs of two inputs."""
    return "\n".join(f"y{k} = sin({k + 2}*x)*z" for k in range(size))


@pytest.mark.parametrize(("wide", "size"), [(sum_of_pairs, 16), (sines, 250), (table, 10), (ends, 50)])
def test_twice_as_many_inputs_or_steps_are_explained_with_hardly_more_than_twice_the_calls(
    wide: Callable[[int], str], size: int, forget_formulas: Callable[[], None]
) -> None:
    def told(size: int) -> None:
        forget_formulas()
        symgraph.explain(wide(size))

    few, many = (calls(partial(told, each)) for each in (size, 2 * size))
    assert many <= 3 * few  # what is quadratic has 4


def test_many_edges_into_one_node_are_told_apart_without_comparing_them() -> None:
    """A sum of products of names in one statement: an edge for every occurrence of a name."""

    def checked(size: int) -> int:
        graph = build("y = " + " + ".join(f"x{k}*sin(x{(k + 1) % size})" for k in range(size)), "statement")
        asked = pairs(graph)
        answer = Answers(graph, asked, Limits()).summed
        return calls(lambda: crosscheck(graph, asked, answer))

    assert checked(50) <= 2.3 * checked(25)


def test_edges_on_to_an_end_are_looked_for_once() -> None:
    graph = build("u = x*y*z; v = u*x; w = v*u")
    w = find_node(graph, "w")
    first = [str(path) for path in find_paths(graph, "x")]
    kept = graph.graph["onward"]
    assert kept[0] is w and [str(path) for path in find_paths(graph, "y")] == ["y → u → v → w", "y → u → w"]
    assert graph.graph["onward"] is kept
    assert [str(path) for path in find_paths(graph, "x", "v")] == ["x → u → v", "x → v"]
    assert [str(path) for path in find_paths(graph, "x")] == first == ["x → u → v → w", "x → u → w", "x → v → w"]
    assert [str(path) for path in find_paths(graph.copy(), "x")] == first
    assert list(find_paths(graph, "w", "x")) == []


def test_a_product_of_hundreds_of_names_is_told() -> None:
    """Its formula is too deep to be compared with ==."""
    lines = ["p0 = x0", *(f"p{k} = p{k - 1}*x{k}" for k in range(1, 320))]
    told = symgraph.explain("\n".join(lines), "x0", modes=False)
    assert len(told.answer.args) == 319
    assert told.render("txt").count("x₃₁₉") >= 2


def test_paths_of_many_pairs_are_counted_as_those_of_each() -> None:
    for text_of in (table(4), "y = a*b*a; z = y + a; w = y*z"):
        graph = build(text_of)
        every = [(of, wrt) for of in graph for wrt in graph]
        for asked in (every, [pair for pair in every if pair[1].name in ("a", "x1")], every[-len(graph) :]):
            assert count_all(graph, asked) == {pair: count_paths(graph, pair[1], pair[0]) for pair in asked}
            assert all(
                count == len(list(find_paths(graph, wrt, of))) for (of, wrt), count in count_all(graph, asked).items()
            )


LINES = (
    "{0}*{1}",
    "{0} - {1}",
    "{0}/({1} + 7)",
    "sin({0} + {1})",
    "{0}^2*{1}",
    "{0}*{1}*{0} - {0}",
    "2*{0} + 3*{1}",
    "-{0}",
    "3*{0}",
    "ln({0})*{1}",
    "{0}^3 + {1}^2",
    "({0} + {1})^2",
    "1/{0} + {1}",
    "{0}*a + {0}*b",
    "sqrt({0})*{1}",
    "sqrt(2)*{0}",
    "2*(a + b)*{0}",
    "{0}/b",
)
MORE = (*LINES, "exp({0})", "exp({0})*exp({1})", "2^{0}", "{0}^{1}")


@st.composite
def several_lines(draw: st.DrawFn, forms: tuple[str, ...] = LINES) -> Graph:
    """Assignments of those kinds, each made of a few before it; half of the time of the last one alone."""
    names = ["a", "b"]
    strand = draw(st.booleans())
    lines = []
    for place in range(draw(st.integers(2, 10))):
        near = st.sampled_from(names[-1:] if strand else names[-4:])
        lines.append(f"v{place} = " + draw(st.sampled_from(forms)).format(draw(near), draw(near)))
        names.append(f"v{place}")
    return build("\n".join(lines))


@settings(max_examples=60)
@given(several_lines())
def test_the_size_of_a_rate_is_counted_as_it_would_be_if_sympy_made_it(graph: Graph) -> None:
    sizes = {symbol: place + 2 for place, symbol in enumerate(node.symbol for node in graph)}
    for end in graph.graph["outputs"]:
        swelling = Swelling(sizes, longest=10**9)
        for row in reverse(graph, end):
            assert swelling.of(row) == tree_size(row.value, sizes), (row.node.name, row.value)


@settings(max_examples=60)
@given(several_lines(MORE), st.randoms(use_true_random=False))
def test_many_factors_at_once_are_the_product_that_they_are_one_by_one(graph: Graph, turn: Random) -> None:
    for end in graph.graph["outputs"]:
        rows = list(reverse(graph, end))
        made: dict[Any, Any] = {}
        for row in rows:
            bundles: dict[Any, list[Any]] = {}
            for edge, near in row.terms:
                bundles.setdefault(near, []).append(edge.partial)
            terms = (sympy.Mul(made[near], sympy.Add(*partials)) for near, partials in bundles.items())
            made[row] = sympy.Add(*terms) if row.terms else sympy.Integer(row.seed)
        turn.shuffle(rows)  # whichever is asked for first
        assert [row.value for row in rows] == [made[row] for row in rows]


def test_a_rate_is_made_without_those_that_it_does_not_need() -> None:
    """Those by a, b and c are sums of 200 terms each, and that by x is a product of as many equal factors."""
    graph = build(ladder(200))
    a, b, c = (Symbol(name) for name in "abc")
    (y,) = graph.graph["outputs"]
    asked = [(y, find_node(graph, "x"))]
    assert Answers(graph, asked, Limits()).summed("u200", "x") == (a + b + c) ** 200
    edges = graph.number_of_edges()
    assert calls(lambda: (clear_cache(), Answers(graph, asked, Limits()).summed("u200", "x"))) < 60 * edges


def test_a_number_of_fibonacci_is_no_long_formula() -> None:
    """Written out, the rate is a sum of 10^41 ones; a count that does not add them up would call it too large."""
    lines = ["u0 = x", "u1 = 2*x", *(f"u{k} = u{k - 1} + u{k - 2}" for k in range(2, 200))]
    assert symgraph.differentiate("\n".join(lines)) == 453973694165307953197296969697410619233826


def test_nodes_with_the_same_formula_are_pushed_one_by_one() -> None:
    """u and v are x·y both: pushing u moves y by v, and v stays where it is."""
    found = find("u = x*y; v = x*y; w = u; z = u*v*w + x*y", ["u", "v", "x"])
    assert {"forward", "reverse", "paths", "answer", "nudge"} <= set(found.report.routes)
    u, x, y = (Symbol(name) for name in "uxy")
    assert [found.answers["z", name] for name in "uvx"] == [2 * u * x * y, x**2 * y**2, 3 * x**2 * y**3 + y]


def test_deep_functions_are_put_into_a_derivative_without_questions_about_what_is_inside_them() -> None:
    lines = [
        "a = tanh(x + y)",
        "b = sin(a) + x",
        "c = exp(-b^2)*a",
        "d = tanh(b*c)",
        "e = exp(-c^2)*d",
        "f = exp(-d^2)*e",
    ]
    graph = build("\n".join(lines))
    expr = Answers(graph, pairs(graph, "x"), Limits()).summed("f", "x")
    assert calls(lambda: (clear_cache(), Answers(graph, pairs(graph, "x"), Limits()).summed("f", "x"))) < 250_000
    point = {Symbol("x"): Rational(1, 3), Symbol("y"): Rational(1, 7)}
    own = graph.graph["program"].expr.diff(Symbol("x"))
    assert abs((expr - own).evalf(40, subs=point)) < Rational(1, 10**30)


def test_a_wrong_local_derivative_anywhere_in_a_wide_program_is_found_by_pushing_the_input() -> None:
    graph = build(sum_of_pairs(60)).copy()
    (y,) = graph.graph["outputs"]
    for name in ("x0", "z31", "x59"):
        wrong = graph.copy()
        (edge,) = (edge for edge in all_edges(wrong)[find_node(wrong, f"p{name[1:]}")] if edge.tail.name == name)
        wrong.edges[edge[:3]]["partial"] = edge.partial * (1 + Rational(1, 10**9))
        start = find_node(wrong, name)
        with pytest.raises(DisagreementError, match=f"difference quotient .* differ for ∂y/∂{name} "):
            crosscheck(wrong, [(y, start)], Answers(wrong, [(y, start)], Limits()).summed)


@pytest.mark.parametrize("form", ["txt", "md", "tex", "html", "json"])
def test_a_count_that_python_does_not_write_out_is_told_all_the_same(form: str) -> None:
    told = symgraph.explain(ladder(5), wrt="x")
    large = [replace(step, count=10**5000) if isinstance(step, ManyPaths) else step for step in told.steps]
    assert large != list(told.steps)
    assert "10^5000" in replace(told, steps=tuple(large)).render(form).replace("10^{5000}", "10^5000")


def test_an_edge_of_a_changed_copy_is_the_copys_own() -> None:
    graph = build("(a+b)*(b+1)")
    other = graph.copy()
    (e,) = graph.graph["outputs"]
    edge = edges_into(graph, e)[0]
    other.remove_edge(edge.tail, edge.head, edge.key)
    assert [each.key for each in edges_into(other, e)] == [1]
    assert [row.node.name for row in reverse(other) if row.terms] == ["d", "b"]


def frozen_counts() -> dict[str, Any]:
    """The content of the golden file."""
    table: dict[str, Any] = {}
    for name in SIZES:
        table[name] = {}
        for size in sizes(name):
            edges, made = counted(name, size)
            table[name][str(size)] = {"edges": edges, "calls": made}
    return {"versions": versions(), "calls": table}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(frozen_counts(), indent=1) + "\n", encoding="utf-8")
