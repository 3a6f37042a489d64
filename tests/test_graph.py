"""Graphs: nodes and edges as written, the three grains, and the names that nodes get."""

from __future__ import annotations

import networkx
import pytest
from sympy import Expr, Symbol, cos, exp, symbols

from symgraph.calculus.graph import Grain, build, edges_into, find_node
from symgraph.errors import NameProblem, SymgraphError
from symgraph.explanation.typesetting import text

a, b, c, d, x, y = symbols("a b c d x y")


def formulas(source: str | Expr, grain: Grain | None = None) -> list[str]:
    return [f"{node.name} = {text(node.formula)}" for node in build(source, grain) if node.formula is not None]


def partials(source: str, grain: Grain | None = None) -> list[tuple[str, str, int, Expr]]:
    graph = build(source, grain)
    return [
        (edge.tail.name, edge.head.name, edge.key, edge.partial) for node in graph for edge in edges_into(graph, node)
    ]


def test_the_graph_is_frozen_and_in_an_order_of_computation() -> None:
    graph = build("(a+b)*(b+1)")
    assert networkx.is_frozen(graph) and isinstance(graph, networkx.MultiDiGraph)
    place = {node: number for number, node in enumerate(graph)}
    assert all(place[tail] < place[head] for tail, head in graph.edges())
    assert [node.name for node in graph.graph["inputs"]] == ["a", "b"]
    assert [node.name for node in graph.graph["outputs"]] == ["e"]


def test_parallel_edges_are_kept_apart() -> None:
    assert partials("a*a", "operation") == [("a", "b", 0, a), ("a", "b", 1, a)]
    x_power = partials("x^x", "operation")
    assert [key for _, _, key, _ in x_power] == [0, 1]


def test_what_was_written_is_kept() -> None:
    assert formulas("a*a") == ["b = a·a"]
    assert formulas("b+1", "operation") == ["u = b + 1"] or formulas("b+1", "operation") == ["y = b + 1"]
    assert formulas("a/b", "operation") == ["c = a/b"]
    assert formulas("a-b", "operation") == ["c = a − b"]
    assert formulas("1*x*2", "operation")[0] == "u = 1·x"
    assert str(find_node(build("a*a"), "b").definition) == "a*a"


def test_equal_subexpressions_are_one_node_and_named_ones_stay() -> None:
    assert formulas("sin(x*y) + cos(x*y)", "operation") == ["u = x·y", "v = sin u", "w = cos u", "z = v + w"]
    assert formulas("c = a+b; d = a+b; e = c*d", "operation") == ["c = a + b", "d = a + b", "e = c·d"]
    assert formulas("e = (a+b)*2; c = a+b", "operation") == ["e = c·2", "c = a + b"][::-1] or formulas(
        "e = (a+b)*2; c = a+b", "operation"
    ) == ["c = a + b", "e = c·2"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("(a+b)*(b+1)", ["c", "d", "e"]),
        ("x*sin(x)", ["u", "y"]),
        ("x*y*sin(x+u)", ["v", "w", "p", "z"]),
        ("a*b*e^a", ["c", "d", "f"]),
    ],
)
def test_names_continue_the_alphabet_or_begin_with_u(source: str, expected: list[str]) -> None:
    assert [node.name for node in build(source, "operation") if node.formula is not None] == expected


def test_statement_grain_has_an_edge_for_every_occurrence() -> None:
    found = partials("Y = alpha*X + beta*X + gamma*X")
    assert [str(partial) for tail, _, _, partial in found if tail == "X"] == [
        str(x) for x in symbols("alpha beta gamma")
    ]
    assert [node.name for node in build("c = (a+b)*(a+b); e = c*c")] == ["a", "b", "c", "e"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("sin(3x+1)", ["y = sin(3x + 1)"]),
        ("3x^2 + 5x - 7", ["y = 3x² + 5x − 7"]),
        ("sin(x^2)", ["u = x²", "y = sin u"]),
        ("x^2*sin(x)", ["u = x²", "v = sin x", "y = u·v"]),
        ("5*e^(2x)", ["y = 5e^(2x)"]),
        ("(2x+1)^5", ["y = (2x + 1)⁵"]),
        ("(a+b)*(b+1)", ["c = a + b", "d = b + 1", "e = c·d"]),
        ("sin(x)/x", ["u = sin x", "y = u/x"]),
        ("sigmoid(w*t + b)", ["v = w·t + b", "y = sigmoid(v)"]),
        ("x^2 + sin(x)", ["y = x² + sin x"]),
        ("-x*sin(x)", None),
    ],
)
def test_textbook_grain_names_what_a_teacher_would(source: str, expected: list[str] | None) -> None:
    if expected is not None:
        assert formulas(source) == expected
    assert len(formulas(source)) <= len(formulas(source, "operation"))


def test_local_derivatives_are_in_the_symbols_of_nodes() -> None:
    u, v = symbols("u v")
    found = {(tail, head): partial for tail, head, _, partial in partials("exp(sin(x^2))")}
    assert found == {("x", "u"): 2 * x, ("u", "v"): cos(u), ("v", "y"): exp(v)}


def test_a_sympy_expression_is_taken_as_it_stands_with_its_own_symbols() -> None:
    t = Symbol("t", positive=True)
    graph = build(t**2 * cos(t))
    assert find_node(graph, "t").symbol is t
    assert all(
        edge.partial.free_symbols <= {node.symbol for node in graph} for n in graph for edge in edges_into(graph, n)
    )


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(SymgraphError, match="a function is text, a Program, a SymPy expression"):
        build(3.5)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(NameProblem, match="its nodes are"):
        find_node(build("x^2"), "q")
    with pytest.raises(SymgraphError):
        build(Symbol(r"x}\input{/etc/passwd}") ** 2)


def test_a_piecewise_passes_change_on_through_the_formula_that_holds() -> None:
    graph = build("piecewise(x^2, x < 1, 2x - 1)")
    (end,) = graph.graph["outputs"]
    total = sum(edge.partial for edge in edges_into(graph, end) if edge.tail.name == "x")
    assert [total.subs(x, value) for value in (-3, 5)] in ([-6, 2], [0, 2])
