"""The worked examples that the product reproduces, number for number, and a document of every file in examples/.

Facts are exact and taken on the operation grain; where a source prints a rounded number, rounding ours gives it.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from sympy import Rational, Symbol, symbols
from sympy.core.expr import Expr

import symgraph
from symgraph.calculus.evaluation import evaluate, rates
from symgraph.calculus.graph import build, edges_into, find_node
from symgraph.calculus.paths import count_paths, find_paths, path_sum
from symgraph.calculus.sweeps import forward, reverse
from symgraph.explanation.explainer import Explanation, explain
from symgraph.explanation.steps import Answer, FactorPaths, SubstituteBack, SumPaths, SweepTable
from symgraph.explanation.typesetting import text
from symgraph.gallery import Example, read_examples
from symgraph.language.constructors import construct
from symgraph.language.tree import Undefined
from symgraph.parsing.text import parse_expression

EXAMPLES = Path(__file__).parent.parent / "examples"
READ = read_examples(EXAMPLES)
OLAH = "c = a + b; d = b + 1; e = c*d"


def example(name: str) -> dict[str, str]:
    (file,) = EXAMPLES.glob(f"{name}-*.toml")
    return tomllib.loads(file.read_text("utf-8"))


def numbers(source: str, at: str, grain: str = "operation") -> tuple[dict[str, Expr], dict[str, Expr], dict[str, Expr]]:
    """Values of nodes, values of edges, and the only output's rate with every node."""
    graph = build(source, grain)
    values = evaluate(graph, at)
    nodes = {node.name: value for node, value in values.nodes.items()}
    edges = {f"{edge.head.name}/{edge.tail.name}": value for edge, value in values.edges.items()}
    backward = {node.name: value for node, value in rates(reverse(graph), values).items()}
    return nodes, edges, backward


def sums(source: str, wrt: str, at: str | None = None) -> list[str]:
    """What the document shows as the sum over the paths, unevaluated."""
    explanation = explain(source, wrt=wrt, at=at, grain="operation")
    return [text(line) for step in explanation.steps if isinstance(step, SumPaths) for line in step.chain.lines]


@pytest.mark.parametrize("example", READ, ids=lambda example: example.name)
@pytest.mark.parametrize("to", ["html", "tex", "txt", "json"])
def test_every_example_makes_a_document(example: Example, to: str) -> None:
    explanation = example.explain()
    document = explanation.render(to)
    assert len(document) > 200
    for each in (explanation, *explanation.parts):
        assert each.report.points == 3
        assert {"forward", "reverse", "nudge", "paths", "answer"} <= set(each.report.routes)


# A. The notebook


@pytest.mark.parametrize(
    ("at", "nodes", "edges", "gradients"),
    [
        ("a=3, b=1", {"c": 4, "d": 2, "e": 8}, (1, 1, 1, 2, 4), {"a": 2, "b": 6, "c": 2, "d": 4, "e": 1}),
        ("a=2, b=1", {"c": 3, "d": 2, "e": 6}, (1, 1, 1, 2, 3), {"a": 2, "b": 5, "c": 2, "d": 3, "e": 1}),
    ],
    ids=["A1", "A2"],
)
def test_the_notebook(at: str, nodes: dict[str, int], edges: tuple[int, ...], gradients: dict[str, int]) -> None:
    found_nodes, found_edges, found_gradients = numbers(OLAH, at)
    assert {name: found_nodes[name] for name in nodes} == nodes
    assert found_edges == dict(zip(("c/a", "c/b", "d/b", "e/c", "e/d"), edges, strict=True))
    assert found_gradients == gradients


def test_A1h_the_hand_sums() -> None:
    assert sums(OLAH, "a", "a=3, b=1")[:2] == ["1·2", "2"]
    assert sums(OLAH, "b", "a=3, b=1")[:2] == ["1·2 + 1·4", "6"]


# B. Olah


def test_B1_B4_the_graph() -> None:
    graph = build("(a+b)*(b+1)", "operation")
    assert [str(node) for node in graph] == ["a", "b", "c = a + b", "d = b + 1", "e = c*d"]
    assert [text(node.formula) for node in graph if node.formula] == ["a + b", "b + 1", "c·d"]
    partials = {(edge.tail.name, edge.head.name): edge.partial for node in graph for edge in edges_into(graph, node)}
    c, d = symbols("c d")
    assert partials == {("a", "c"): 1, ("b", "c"): 1, ("b", "d"): 1, ("c", "e"): d, ("d", "e"): c}


def test_B5_B6_paths_and_their_sum() -> None:
    explanation = explain("(a+b)*(b+1)", wrt="b", at={"a": 2, "b": 1})
    assert [str(path) for path in explanation.paths] == ["b → c → e", "b → d → e"]
    assert [path.product for path in explanation.paths] == [Symbol("d"), Symbol("c")]
    assert sums("(a+b)*(b+1)", "b", "a=2, b=1") == ["1·2 + 1·3", "5"]
    assert (explanation.value, explanation.answer) == (5, symbols("a") + 2 * symbols("b") + 1)
    (first,) = explain("(a+b)*(b+1)", wrt="a").paths
    assert str(first) == "a → c → e"
    assert sums("(a+b)*(b+1)", "a", "a=2, b=1") == ["1·2", "2"]


def test_B7_B10_nine_paths_and_the_factored_form() -> None:
    source = example("B7")["source"]
    graph = build(source)
    assert count_paths(graph, "X") == 9
    greek = symbols("alpha beta gamma delta epsilon zeta")
    alpha, beta, gamma, delta, epsilon, zeta = greek
    assert [path.product for path in find_paths(graph, "X")] == [p * q for p in greek[:3] for q in greek[3:]]
    factored = (alpha + beta + gamma) * (delta + epsilon + zeta)
    assert path_sum(graph, "X") == factored.expand()
    ahead = {row.node.name: row.value for row in forward(graph, "X")}
    assert (ahead["X"], ahead["Y"], ahead["Z"]) == (1, alpha + beta + gamma, factored)
    back = {row.node.name: row.value for row in reverse(graph)}
    assert (back["Z"], back["Y"], back["X"]) == (1, delta + epsilon + zeta, factored)
    steps = explain(source, wrt="X").steps
    (chain,) = [step.chain for step in steps if isinstance(step, SumPaths)]
    assert text(chain.lines[1]) == "α·δ + α·ε + α·ζ + β·δ + β·ε + β·ζ + γ·δ + γ·ε + γ·ζ"
    assert text(chain.lines[-1]) == "(α + β + γ)(δ + ε + ζ)"
    (factored,) = [step for step in steps if isinstance(step, FactorPaths)]
    assert (factored.expanded, factored.merged) == ((9, 8), (1, 4))
    assert [row.node.name for row in factored.brackets] == ["Y", "Z"]


def test_B11_B12_both_sweeps_with_their_zeros() -> None:
    graph = build(OLAH)
    values = evaluate(graph, "a=2, b=1")
    ahead = {node.name: value for node, value in rates(forward(graph, "b"), values).items()}
    assert ahead == {"b": 1, "a": 0, "c": 1, "d": 1, "e": 5}
    back = {node.name: value for node, value in rates(reverse(graph, "e"), values).items()}
    assert back == {"e": 1, "c": 2, "d": 3, "a": 2, "b": 5}


def test_B13_the_cost_of_both_modes() -> None:
    document = explain("(a+b)*(b+1)", at="a=2, b=1").render("txt")
    flat = " ".join(document.split())
    assert "two forward passes or one reverse pass: 10 edges against 5" in flat


def test_B14_the_jacobian_of_a_linear_graph() -> None:
    explanation = explain(example("B14")["source"])
    found = [[explanation.answers[y, x] for x in ("x1", "x2")] for y in ("y1", "y2")]
    assert found == [[-1, -1], [1, 3]]
    (chain,) = [
        step.chain
        for step in explanation.steps
        if isinstance(step, SumPaths) and (step.of.name, step.wrt.name) == ("y2", "x2")
    ]
    assert [text(line) for line in chain.lines[1:]] == ["1·1 + 2·1", "3"]


# E. Karpathy


def test_E1_a_product() -> None:
    nodes, _, gradient = numbers("f = x*y", "x=-2, y=3")
    assert (nodes["f"], gradient["x"], gradient["y"]) == (-6, 3, -2)
    assert numbers("f = x*y", "x=-1.99, y=2.99")[0]["f"] == Rational("-5.9501")


def test_E6_a_circuit() -> None:
    nodes, _, gradient = numbers("q = x + y; f = q*z", "x=-2, y=5, z=-4")
    assert (nodes["q"], nodes["f"]) == (3, -12)
    assert gradient == {"f": 1, "q": -4, "z": 3, "x": -4, "y": -4}


def test_E10_a_neuron() -> None:
    nodes, _, gradient = numbers("p = a*x; q = b*y; r = p + q; s = r + c; f = sigmoid(s)", "a=1, b=2, c=-3, x=-1, y=3")
    assert [nodes[name] for name in "pqrs"] == [-1, 6, 5, 2]
    assert round(float(nodes["f"]), 4) == 0.8808
    rounded = {name: round(float(gradient[name]), 3) for name in "abcxy"}
    assert rounded == {"a": -0.105, "b": 0.315, "c": 0.105, "x": 0.105, "y": 0.210}
    step = {
        name: value + Rational(1, 100) * gradient[name] for name, value in zip("abcxy", (1, 2, -3, -1, 3), strict=True)
    }
    graph = build("sigmoid(a*x + b*y + c)")
    moved = evaluate(graph, {name: Rational(str(value.evalf(30))) for name, value in step.items()})
    assert round(float(moved.nodes[graph.graph["outputs"][0]]), 5) == 0.88255


@pytest.mark.parametrize(
    ("source", "nodes", "gradient"),
    [
        ("a*b", ["c = a*b"], {"a": "b", "b": "a"}),
        ("a+b", ["c = a + b"], {"a": "1", "b": "1"}),
        ("a+b+c", ["d = a + b", "e = c + d"], {"a": "1", "b": "1", "c": "1"}),
        ("a*b+c", ["d = a*b", "e = c + d"], {"a": "b", "b": "a", "c": "1"}),
        ("a*a", ["b = a*a"], {"a": "2*a"}),
        ("a*a+b*b+c*c", None, {"a": "2*a", "b": "2*b", "c": "2*c"}),
        ("((a*b+c)*d)^2", None, {"a": "2*b*d**2*(a*b+c)", "d": "2*d*(a*b+c)**2"}),
        ("1/a", ["b = 1/a"], {"a": "-1/a**2"}),
        ("(a+b)/(c+d)", None, {"a": "1/(c+d)", "c": "-(a+b)/(c+d)**2"}),
    ],
)
def test_E11_drills(source: str, nodes: list[str] | None, gradient: dict[str, str]) -> None:
    graph = build(source, "operation")
    if nodes is not None:
        assert [f"{node.name} = {text(node.formula, ascii=True)}" for node in graph if node.formula] == [
            each if each != "e = c + d" else "e = d + c" for each in nodes
        ]
    answers = explain(source, grain="operation").answers
    of = graph.graph["outputs"][0].name
    for wrt, wanted in gradient.items():
        expected = construct(parse_expression(wanted))
        assert (answers[of, wrt] - expected).simplify() == 0


def test_E11_a_square_is_two_parallel_edges() -> None:
    graph = build("a*a", "operation")
    a, b = find_node(graph, "a"), find_node(graph, "b")
    assert sorted(graph[a][b]) == [0, 1]
    assert [graph[a][b][key]["partial"] for key in (0, 1)] == [Symbol("a"), Symbol("a")]
    assert [str(path.product) for path in find_paths(graph)] == ["a", "a"]


def test_E11_the_larger_input_of_a_maximum_gets_the_gradient() -> None:
    for at, expected in [("a=3, b=2", (1, 0)), ("a=1, b=2", (0, 1))]:
        _, _, gradient = numbers("max(a,b)", at)
        assert (gradient["a"], gradient["b"]) == expected
    with pytest.raises(symgraph.SymgraphError, match="no derivative"):
        numbers("max(a,b)", "a=2, b=2")
    assert numbers("max(a,0)", "a=2")[2]["a"] == 1
    assert numbers("max(a,0)", "a=-2")[2]["a"] == 0


# F. 3Blue1Brown


def test_F1_F3_a_neuron_and_its_cost() -> None:
    explanation = explain(example("F1")["source"], wrt="w, b, a_prev")
    chains = {step.wrt.name: step.chain for step in explanation.steps if isinstance(step, SumPaths)}
    assert text(chains["w"].lines[0]) == "∂z/∂w · ∂a/∂z · ∂C/∂a"
    assert text(chains["w"].lines[1], ascii=True).replace(" ", "") == "a_prev*sigmoid(z)*(1-sigmoid(z))*2*(a-y)"
    assert text(chains["b"].lines[1]).startswith("1 · ")
    assert text(chains["a_prev"].lines[1]).startswith("w · ")


def test_F4_two_layers_are_one_path_with_five_factors() -> None:
    explanation = explain(example("F4")["source"], wrt="w_prev")
    (path,) = explanation.paths
    assert len(path.edges) == 5
    assert str(path) == "w_prev → z_prev → a_prev → z → a → C"


# Every document


@pytest.mark.parametrize("example", READ, ids=lambda example: example.name)
def test_no_symbol_has_two_values(example: Example) -> None:
    """One symbol, one value: whatever is printed as ∂y/∂x is the same number everywhere in a document."""
    explanation = at_a_point(example).explain()
    for each in explanation.parts or (explanation,):
        if each.values is None:
            continue
        seen = values_of_symbols(each)
        assert seen or each.graph.number_of_edges() == 1 or "question" in example.options


def at_a_point(example: Example) -> Example:
    """The example; where it names no point and asks no question of its own, at one that is made up."""
    if "at" in example.options or not {"question", "order", "shapes"}.isdisjoint(example.options):
        return example
    graph = build(example.source, example.options.get("grain"))
    if any(isinstance(node.formula, Undefined) for node in graph):
        return example  # f(x, y) has no numbers to compare
    point = ", ".join(f"{node.name}={n + 2}/7" for n, node in enumerate(graph.graph["inputs"]))
    return replace(example, options={**example.options, "at": point})


def values_of_symbols(explanation: Explanation) -> dict[str, str]:
    seen: dict[str, str] = {}
    for step in explanation.steps:
        facts: list[tuple[str, str]] = []
        for group in getattr(step, "groups", ()):
            facts += [(text(fact.rate), text(fact.value)) for fact in group.edges]
        if isinstance(step, SweepTable):
            facts += [(text(row.rate), text(row.chain.lines[-1])) for row in step.rows]
        if isinstance(step, SumPaths):
            facts.append((text(step.chain.left), text(step.chain.lines[-1])))
        if isinstance(step, Answer):
            facts.append((text(step.rate), text(step.value)))
        for symbol, value in facts:
            assert seen.setdefault(symbol, value) == value, symbol
    assert not any(isinstance(step, SubstituteBack) and not step.chain.lines for step in explanation.steps)
    return seen
