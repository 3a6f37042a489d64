"""The rest of the sources' numbers: PyTorch's tutorials, Karpathy's guide, 3Blue1Brown's network."""

from __future__ import annotations

from fractions import Fraction
from math import exp

import pytest
from sympy import Expr, Rational, Symbol, symbols

import symgraph
from symgraph.calculus.evaluation import evaluate, rates
from symgraph.calculus.graph import build, find_node
from symgraph.calculus.paths import count_paths, find_paths
from symgraph.calculus.sweeps import reverse

EXAMPLES = {
    "C1": {"source": "Q1 = 3*a1^3 - b1^2; Q2 = 3*a2^3 - b2^2", "at": "a1=2, a2=3, b1=6, b2=4"},
    "C3": {"source": "p = x + y; q = x + z", "at": ""},
    "C4": {
        "source": "; ".join(
            [
                "z11 = 3*(x11 + 2)^2",
                "z12 = 3*(x12 + 2)^2",
                "z21 = 3*(x21 + 2)^2",
                "z22 = 3*(x22 + 2)^2",
                "out = mean(z11, z12, z21, z22)",
            ]
        ),
        "at": "x11=1, x12=1, x21=1, x22=1",
    },
    "D1": {
        "source": "; ".join(
            [f"z{j} = " + " + ".join(f"x{i}*w{i}{j}" for i in range(1, 6)) + f" + b{j}" for j in (1, 2, 3)]
            + ["L = mean(softplus(z1) - y1*z1, softplus(z2) - y2*z2, softplus(z3) - y3*z3)"]
        ),
        "at": "",
    },
    "E12": {"source": "s = a*x + b*y + c", "at": "a=1, b=-2, c=-1, x=1.2, y=0.7"},
    "E14": {
        "source": "; ".join(
            [
                "s1 = a*1.2 + b*0.7 + c",
                "s2 = a*(-0.3) + b*0.5 + c",
                "s3 = a*3 + b*2.5 + c",
                "l1 = max(0, 1 - s1)",
                "l2 = max(0, 1 + s2)",
                "l3 = max(0, 1 - s3)",
                "R = 0.1*(a^2 + b^2)",
                "L = l1 + l2 + l3 + R",
            ]
        ),
        "at": "a=0.1, b=0.2, c=0.3",
    },
    "E15": {
        "source": "; ".join(
            [
                "n1 = max(0, a1*x + b1*y + c1)",
                "n2 = max(0, a2*x + b2*y + c2)",
                "n3 = max(0, a3*x + b3*y + c3)",
                "s = a4*n1 + b4*n2 + c4*n3 + d4",
            ]
        ),
        "at": "a1=1, b1=1, c1=0, a2=-1, b2=-1, c2=0, a3=2, b3=0, c3=1, x=1, y=1, a4=1, b4=2, c4=3, d4=0",
    },
    "F5": {
        "source": "; ".join(
            [
                "z1 = w1*a_prev + b1",
                "z2 = w2*a_prev + b2",
                "a1 = sigmoid(z1)",
                "a2 = sigmoid(z2)",
                "C = (a1 - y1)^2 + (a2 - y2)^2",
            ]
        ),
        "at": "",
    },
    "F6": {"source": "C1 = (w*a1 - y1)^2; C2 = (w*a2 - y2)^2; C = mean(C1, C2)", "at": ""},
    "F7": {
        "source": "z = w*a_prev + b; a = sigmoid(z); C = (a - y)^2",
        "at": "w=0.913252, b=0.217821, a_prev=0.484335, y=1",
    },
}


def fields(name: str) -> dict[str, str]:
    return EXAMPLES[name]


def numbers(source: str, at: str, of: str | None = None) -> tuple[dict[str, Expr], dict[str, Expr]]:
    """Values of the nodes, and the output's rate with every node, on the operation grain."""
    graph = build(source, "operation")
    values = evaluate(graph, at)
    back = rates(reverse(graph, of), values)
    return {node.name: value for node, value in values.nodes.items()}, {
        node.name: value for node, value in back.items()
    }


def value(source: str, at: str, name: str) -> Expr:
    graph = build(source, "operation")
    return evaluate(graph, at, derivatives=False).nodes[find_node(graph, name)]


# C. PyTorch, gentle introduction


def test_C1_both_losses_and_their_gradients() -> None:
    example = fields("C1")
    nodes, first = numbers(example["source"], example["at"], "Q1")
    _, second = numbers(example["source"], example["at"], "Q2")
    assert (nodes["Q1"], nodes["Q2"]) == (-12, 65)
    assert (first["a1"], second["a2"], first["b1"], second["b2"]) == (36, 81, -12, -8)
    a, b = symbols("a b")
    assert dict(symgraph.explain("Q = 3a^3 - b^2").answers) == {("Q", "a"): 9 * a**2, ("Q", "b"): -2 * b}


def test_C2_vector_jacobian_product() -> None:
    example = fields("C1")
    found = symgraph.vjp(example["source"], {"Q1": 1, "Q2": 1})
    a1, a2, b1, b2 = symbols("a1 a2 b1 b2")
    assert set(found.values()) == {9 * a1**2, 9 * a2**2, -2 * b1, -2 * b2}


def test_C3_what_a_derivative_reaches() -> None:
    graph = build(fields("C3")["source"])
    assert (count_paths(graph, "z", "p"), count_paths(graph, "z", "q")) == (0, 1)


def test_C4_the_mean_of_four_squares() -> None:
    example = fields("C4")
    nodes, back = numbers(example["source"], example["at"])
    assert {nodes[f"z{k}"] for k in (11, 12, 21, 22)} == {27}
    assert nodes["out"] == 27
    assert {back[f"x{k}"] for k in (11, 12, 21, 22)} == {Rational(9, 2)}


# D. PyTorch, automatic differentiation


def test_D1_the_laws_of_the_logits() -> None:
    graph = build(fields("D1")["source"], "operation")
    weights = {f"w{i}{j}": Fraction(i - 2 * j, 7) for i in range(1, 6) for j in (1, 2, 3)}
    at = {f"x{i}": Fraction(i, 3) for i in range(1, 6)} | {f"y{j}": Fraction(j - 1, 2) for j in (1, 2, 3)}
    at |= {f"b{j}": Fraction(1, j) for j in (1, 2, 3)} | weights
    values = evaluate(graph, at)
    back = {node.name: float(rate) for node, rate in rates(reverse(graph), values).items()}
    for j in (1, 2, 3):
        z = float(values.nodes[find_node(graph, f"z{j}")])
        expected = (1 / (1 + exp(-z)) - float(at[f"y{j}"])) / 3
        assert back[f"z{j}"] == pytest.approx(expected)
        assert back[f"b{j}"] == pytest.approx(back[f"z{j}"])
        for i in range(1, 6):
            assert back[f"w{i}{j}"] == pytest.approx(float(at[f"x{i}"]) * back[f"z{j}"])


def test_D2_four_on_the_diagonal_and_two_elsewhere() -> None:
    once = {identity: numbers("o = (i + 1)^2", f"i={identity}")[1]["i"] for identity in (0, 1)}
    assert once == {1: 4, 0: 2}
    twice = {
        identity: numbers("o = (i + 1)^2; p = (i + 1)^2; s = o + p", f"i={identity}")[1]["i"] for identity in (0, 1)
    }
    assert twice == {1: 8, 0: 4}


# E. Karpathy


def test_E3_finite_differences_are_exact_for_a_product() -> None:
    h = Rational(1, 10_000)
    assert (value("f = x*y", "x=-1.9999, y=3", "f") + 6) / h == 3
    assert (value("f = x*y", "x=-2, y=3.0001", "f") + 6) / h == -2


def test_E4_E7_a_step_along_the_gradient() -> None:
    _, slope = numbers("f = x*y", "x=-2, y=3")
    x, y = -2 + slope["x"] / 100, 3 + slope["y"] / 100
    assert (x, y, value("f = x*y", f"x={x}, y={y}", "f")) == (Rational("-1.97"), Rational("2.98"), Rational("-5.8706"))
    _, slope = numbers("q = x + y; f = q*z", "x=-2, y=5, z=-4")
    x, y, z = (start + slope[name] / 100 for name, start in (("x", -2), ("y", 5), ("z", -4)))
    assert (x, y, z) == (Rational("-2.04"), Rational("4.96"), Rational("-3.97"))
    nodes, _ = numbers("q = x + y; f = q*z", f"x={x}, y={y}, z={z}")
    assert (nodes["q"], nodes["f"]) == (Rational("2.92"), Rational("-11.5924"))


@pytest.mark.parametrize(("x", "shown"), [(-5, 0.00669), (0, 0.5), (5, 0.99331)])
def test_E9_the_sigmoid_and_its_derivative(x: int, shown: float) -> None:
    nodes, slope = numbers("s = sigmoid(x)", f"x={x}")
    assert round(float(nodes["s"]), 5) == shown
    assert float(slope["x"]) == pytest.approx(float(nodes["s"]) * (1 - float(nodes["s"])))


def test_E12_scores() -> None:
    source = fields("E12")["source"]
    assert value(source, "a=1, b=-2, c=-1, x=1.2, y=0.7", "s") == Rational("-1.2")
    assert value(source, "a=1, b=-2, c=-1, x=-0.3, y=0.5", "s") == Rational("-2.3")


def test_E14_the_hinge_loss() -> None:
    example = fields("E14")
    nodes, _ = numbers(example["source"], example["at"])
    assert [nodes[name] for name in ("s1", "s2", "s3")] == [Rational("0.56"), Rational("0.37"), Rational("1.1")]
    assert [nodes[name] for name in ("l1", "l2", "l3")] == [Rational("0.44"), Rational("1.37"), 0]
    assert (nodes["R"], nodes["L"]) == (Rational("0.005"), Rational("1.815"))


def test_E15_a_unit_that_is_off_passes_nothing() -> None:
    example = fields("E15")
    nodes, slope = numbers(example["source"], example["at"])
    assert (nodes["n1"], nodes["n2"], nodes["n3"]) == (2, 0, 3)
    assert (slope["a2"], slope["x"], slope["a1"]) == (0, 1 * 1 + 2 * 0 + 3 * 2, 1)


# F. 3Blue1Brown


def test_F5_one_term_for_each_neuron() -> None:
    graph = build(fields("F5")["source"])
    routes = [str(path) for path in find_paths(graph, "a_prev")]
    assert routes == ["a_prev → z1 → a1 → C", "a_prev → z2 → a2 → C"]


def test_F6_the_derivative_of_a_mean_is_the_mean() -> None:
    found = symgraph.differentiate(fields("F6")["source"], "w", "C")
    one, two = (symgraph.differentiate(f"C = (w*a{k} - y{k})^2", "w") for k in (1, 2))
    assert (found - (one + two) / 2).expand() == 0


def test_F7_a_neuron_in_numbers() -> None:
    example = fields("F7")
    nodes, slope = numbers(example["source"], example["at"])
    assert round(float(nodes["a"]), 6) == 0.659292
    rounded = {name: round(float(slope[name]), 6) for name in ("w", "b", "a_prev")}
    assert rounded == {"w": -0.074134, "b": -0.153064, "a_prev": -0.139786}


def test_the_named_exceptions_come_out_as_the_truth() -> None:
    assert value("f = x*y", "x=1, y=1", "f") == 1  # a step of 1.0 from (−2, 3) along (3, −2)
    assert round(float(numbers("s = sigmoid(x)", "x=3")[1]["x"]), 6) == 0.045177
    assert Symbol("x") in build("x^2").graph["inputs"][0].symbol.free_symbols
