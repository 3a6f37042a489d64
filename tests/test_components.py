"""Vectors and matrices: taken apart into components, put together again, and told folded."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix, Rational

import symgraph
from symgraph.calculus.derivatives import find
from symgraph.calculus.graph import as_program, build
from symgraph.errors import InputError, NameProblem, ProgramError
from symgraph.explanation.explainer import explain
from symgraph.explanation.layers import law_of
from symgraph.explanation.steps import LayerDerivative, NameLayers, UnitsOff
from symgraph.explanation.typesetting import text
from symgraph.language.components import Shape, component_name, components_of, expand, shapes_of, spread
from symgraph.language.program import Program


def written(source: str, shapes: dict[str, Shape] | None = None) -> dict[str, str]:
    """The assignments of an expanded program, as text."""
    program = as_program(source, shapes=shapes)
    return {assignment.name or "": text(assignment.tree) for assignment in program.assignments}


def program_of(source: str, shapes: dict[str, Shape] | None = None) -> Program:
    return as_program(source, shapes=shapes)


# Names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "index", "shape", "expected"),
    [
        ("x", (3,), (5,), "x_3"),
        ("x", (12,), (20,), "x_12"),
        ("w", (1, 2), (5, 3), "w_12"),
        ("w", (1, 12), (5, 30), "w_1c12"),
        ("h_1", (2,), (4,), "h1_2"),
        ("a_prev", (2,), (4,), "a_prev2"),
        ("w", ("i", "j"), (5, 3), "w_ij"),
    ],
)
def test_components_have_readable_names(name: str, index: tuple[int | str, ...], shape: Shape, expected: str) -> None:
    assert component_name(name, index, shape) == expected


def test_every_component_of_a_large_matrix_has_a_name_of_its_own() -> None:
    names = [component_name("w", (row, column), (30, 30)) for row in range(1, 31) for column in range(1, 31)]
    assert len(set(names)) == 900


def test_a_component_may_be_used_by_its_name() -> None:
    assert written("y = x_1 + sum(x)", {"x": (2,)}) == {"y": "x₁ + (x₁ + x₂)"}


def test_a_name_that_is_assigned_cannot_be_a_component_too() -> None:
    with pytest.raises(NameProblem, match="x_1 is a name already, and a component of x"):
        program_of("x_1 = 2; y = x_1 + sum(x)", {"x": (2,)})


def test_a_shape_for_what_is_no_input() -> None:
    with pytest.raises(NameProblem, match="v is given a shape and is no input"):
        program_of("x*y", {"v": (2,)})


# Operations ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "shapes", "expected"),
    [
        ("y = 2x + 1", {"x": (2,)}, {"y_1": "2x₁ + 1", "y_2": "2x₂ + 1"}),
        ("y = W@x", {"W": (1, 2), "x": (2,)}, {"y_1": "W₁₁·x₁ + W₁₂·x₂"}),
        ("y = x@W", {"W": (2, 1), "x": (2,)}, {"y_1": "x₁·W₁₁ + x₂·W₂₁"}),
        ("y = x@z", {"x": (2,), "z": (2,)}, {"y": "x₁·z₁ + x₂·z₂"}),
        ("y = xᵀ@z", {"x": (2,), "z": (2,)}, {"y": "x₁·z₁ + x₂·z₂"}),
        ("y = dot(x, z)", {"x": (2,), "z": (2,)}, {"y": "x₁·z₁ + x₂·z₂"}),
        ("y = x@zᵀ", {"x": (1,), "z": (2,)}, {"y_11": "x₁·z₁", "y_12": "x₁·z₂"}),
        ("y = Wᵀ", {"W": (1, 2)}, {"y_11": "W₁₁", "y_21": "W₁₂"}),
        ("y = W + b", {"W": (2, 1), "b": (1,)}, {"y_11": "W₁₁ + b₁", "y_21": "W₂₁ + b₁"}),
        ("y = sum(x)", {"x": (3,)}, {"y": "x₁ + x₂ + x₃"}),
        ("y = mean(x)", {"x": (2,)}, {"y": "mean(x₁, x₂)"}),
        ("y = max(x)", {"x": (2,)}, {"y": "max(x₁, x₂)"}),
        ("y = max(x, 0)", {"x": (2,)}, {"y_1": "max(x₁, 0)", "y_2": "max(x₂, 0)"}),
        ("y = [a, 2b]", None, {"y_1": "a", "y_2": "2b"}),
        ("y = f(x)", {"x": (2,)}, {"y": "f(x₁, x₂)"}),
        ("y = sin(x)", {"x": (1,)}, {"y_1": "sin x₁"}),
        ("y = [[1, 2], [3, 4]]@x", {"x": (2,)}, {"y_1": "1·x₁ + 2x₂", "y_2": "3x₁ + 4x₂"}),
    ],
)
def test_operations(source: str, shapes: dict[str, Shape] | None, expected: dict[str, str]) -> None:
    assert written(source, shapes) == expected


def test_what_stands_in_a_functions_brackets_is_a_layer_of_its_own() -> None:
    assert written("h = relu(W@x + b)", {"W": (1, 2), "x": (2,), "b": (1,)}) == {
        "z_1": "W₁₁·x₁ + W₁₂·x₂ + b₁",
        "h_1": "ReLU(z₁)",
    }


@pytest.mark.parametrize(
    ("source", "shapes", "message", "hint"),
    [
        ("W x", {"W": (2, 2), "x": (2,)}, "a matrix times a vector", "W@x"),
        ("W@x", {"W": (2, 2), "x": (3,)}, "a matrix of 2 by 2 and a vector of 3", ""),
        ("x + z", {"x": (2,), "z": (3,)}, "a vector of 3 and a vector of 2|a vector of 2 and a vector of 3", ""),
        ("|x|", {"x": (2,)}, "its length, or entry by entry", "sqrt"),
        ("xᵀ + z", {"x": (2,), "z": (2,)}, "a row beside a column", "@"),
        ("2@x", {"x": (2,)}, "one side is a number", "write \\*"),
        ("mean(x) + y", None, "one number is given where a vector is wanted", "shape"),
    ],
)
def test_what_does_not_fit_or_could_be_meant_in_two_ways_is_refused(
    source: str, shapes: dict[str, Shape] | None, message: str, hint: str
) -> None:
    with pytest.raises(ProgramError, match=message) as error:
        program_of(source, shapes)
    assert isinstance(error.value, InputError)
    assert re.search(hint, error.value.hint)


def test_a_square_matrix_to_a_power_is_read_entry_by_entry_and_said() -> None:
    program = program_of("A^2", {"A": (2, 2)})
    assert program.readings == ("read A^2 entry by entry, not as A@A",)


def test_a_product_with_too_many_entries_is_refused_before_it_is_made() -> None:
    with pytest.raises(symgraph.SymgraphError, match=r"limits\.nodes"):
        program_of("A@B", {"A": (300, 300), "B": (300, 300)})


def test_a_program_without_vectors_stays_as_it_is() -> None:
    program = program_of("c = a + b; d = c^2")
    assert expand(program) is program
    assert program.layers == ()


# Points -------------------------------------------------------------------------------------------------------------


def test_shapes_and_values_from_a_point() -> None:
    point = {"a": [2, 3], "w": [[1, 2], [3, 4]], "m": sympy.Matrix([[1], [2]]), "c": 5}
    assert shapes_of(point) == {"a": (2,), "w": (2, 2), "m": (2,)}
    program = program_of("sum(a) + c + sum(w)", {"a": (2,), "w": (2, 2)})
    assert spread(program, {"a": [2, 3], "w": [[1, 2], [3, 4]], "c": 5}) == {
        "a_1": 2,
        "a_2": 3,
        "w_11": 1,
        "w_12": 2,
        "w_21": 3,
        "w_22": 4,
        "c": 5,
    }
    assert components_of(program, "w") == ("w_11", "w_12", "w_21", "w_22")


def test_a_value_of_another_shape_is_refused() -> None:
    program = program_of("sum(a)", {"a": (2,)})
    with pytest.raises(ProgramError, match="a is a vector of 2, and is given a vector of 3"):
        spread(program, {"a": [1, 2, 3]})
    with pytest.raises(ProgramError, match="a is a vector of 2, and is given one number"):
        spread(program, {"a": 1})
    with pytest.raises(ProgramError, match="the rows of w differ in length"):
        shapes_of({"w": [[1, 2], [3]]})


def test_a_point_in_text_has_vectors() -> None:
    found = find("Q = 3a^3 - b^2", at="a=[2, 3], b=[6, 4]")
    assert [found.values.nodes[node] for node in found.graph.graph["outputs"]] == [-12, 65]  # type: ignore[union-attr]


# The law: components say what matrices say -------------------------------------------------------------------------

numbers = st.fractions(min_value=-3, max_value=3, max_denominator=4)


@settings(max_examples=20)
@given(st.lists(numbers, min_size=12, max_size=12), st.lists(numbers, min_size=3, max_size=3))
def test_a_matrix_product_is_sympys(entries: list[Fraction], vector: list[Fraction]) -> None:
    w, x = [entries[k : k + 3] for k in range(0, 12, 3)], vector
    jacobian = symgraph.jacobian("y = W@x", wrt="x", at={"W": w, "x": x})
    assert jacobian == Matrix([[Rational(each.numerator, each.denominator) for each in row] for row in w])


def test_a_quadratic_form_has_the_gradient_of_the_textbook() -> None:
    a, x = [[2, 1, 0], [5, 3, -1], [0, 4, 1]], [1, -2, 3]
    gradient = symgraph.gradient("q = xᵀ@A@x", "x", at={"A": a, "x": x})
    assert gradient == (Matrix(a) + Matrix(a).T) * Matrix(x)


# PyTorch's and Karpathy's examples ----------------------------------------------------------------------------------


def test_c1_elementwise_with_a_vector() -> None:
    at = {"a": [2, 3], "b": [6, 4]}
    assert symgraph.vjp("Q = 3a^3 - b^2", [1, 1], at=at) == {"a": Matrix([36, 81]), "b": Matrix([-12, -8])}
    assert symgraph.jacobian("Q = 3a^3 - b^2", at=at) == Matrix([[36, 0, -12, 0], [0, 81, 0, -8]])


def test_c4_mean_of_a_matrix() -> None:
    source, ones = "z = 3*(x+2)^2; out = mean(z)", {"x": [[1, 1], [1, 1]]}
    explanation = explain(source, at=ones)
    assert explanation.values is not None
    values = {node.name: value for node, value in explanation.values.nodes.items()}
    assert [values[name] for name in ("z_11", "z_12", "z_21", "z_22", "out")] == [27] * 5
    assert symgraph.gradient(source, "x", at=ones) == Matrix([[Rational(9, 2)] * 2] * 2)


def test_d1_a_layer_with_logits() -> None:
    source = "z = x@w + b; L = mean(softplus(z) - y*z)"
    w = [[Fraction(row * column - 4, 3) for column in range(3)] for row in range(5)]
    at = {"x": [1] * 5, "y": [0] * 3, "w": w, "b": [0, 1, -1]}
    by_w, by_b, by_z = (symgraph.gradient(source, name, at=at) for name in ("w", "b", "z"))
    assert by_w.shape == (5, 3)
    for row in range(5):
        assert [value.evalf(25) for value in by_w[row, :]] == [value.evalf(25) for value in by_b]
    explanation = explain(source, wrt="w, b", at=at)
    assert explanation.values is not None
    values = {node.name: value for node, value in explanation.values.nodes.items()}
    for place in range(3):
        expected = 1 / (1 + sympy.exp(-values[f"z_{place + 1}"])) / 3
        assert abs((by_z[place] - expected).evalf(30)) < 1e-25
        assert abs((by_b[place] - expected).evalf(30)) < 1e-25
    laws = {step.wrt: text(step.chains[0].lines[0]) for step in explanation.steps if isinstance(step, LayerDerivative)}
    assert laws == {"w": "x_i·(sigmoid(z_j) − y_j)/3", "b": "(sigmoid(z_i) − y_i)/3"}


def test_d2_a_transposed_square_accumulated_twice() -> None:
    eye = [[int(row == column) for column in range(5)] for row in range(4)]
    once = symgraph.vjp("out = ((inp + 1)^2)ᵀ", 1, at={"inp": eye})["inp"]
    assert once == Matrix(4, 5, lambda row, column: 4 if row == column else 2)
    assert symgraph.vjp("out = ((inp + 1)^2)ᵀ", 2, at={"inp": eye})["inp"] == 2 * once


def test_e12_and_e14_scores_and_the_loss() -> None:
    for point, score in (((Fraction(6, 5), Fraction(7, 10)), "-6/5"), ((Fraction(-3, 10), Fraction(1, 2)), "-23/10")):
        found = find("a*x + b*y + c", at={"a": 1, "b": -2, "c": -1, "x": point[0], "y": point[1]})
        assert str(found.values.nodes[found.graph.graph["outputs"][0]]) == score  # type: ignore[union-attr]
    source = "score = a*p + b*q + c; cost = max(0, 1 - y*score); reg = alpha*(a^2 + b^2); C = sum(cost) + reg"
    at = {
        "a": "0.1",
        "b": "0.2",
        "c": "0.3",
        "p": ["1.2", "-0.3", "3"],
        "q": ["0.7", "0.5", "2.5"],
        "y": [1, -1, 1],
        "alpha": "0.1",
    }
    found = find(source, "a, b, c", at=at)
    assert found.values is not None
    values = {node.name: value for node, value in found.values.nodes.items()}
    assert [values[f"score_{k}"] for k in (1, 2, 3)] == [Rational(14, 25), Rational(37, 100), Rational(11, 10)]
    assert [values[f"cost_{k}"] for k in (1, 2, 3)] == [Rational(11, 25), Rational(137, 100), 0]
    assert (values["reg"], values["C"]) == (Rational(1, 200), Rational(363, 200))


NET = "h = relu(W@x + b); f = v@h + c"
NET_AT = {"x": [1, 2], "W": [[1, -1], ["0.5", 1], [-1, 2]], "b": [0, 0, 1], "v": [1, 2, -1], "c": "0.5"}


def test_e15_a_unit_that_is_off_passes_nothing() -> None:
    explanation = explain(NET, at=NET_AT)
    (off,) = [step for step in explanation.steps if isinstance(step, UnitsOff)]
    assert [node.name for node in off.nodes] == ["h_1"]
    assert symgraph.gradient(NET, "W", at=NET_AT) == Matrix([[0, 0], [2, 4], [-1, -2]])
    assert "every path through it counts 0" in " ".join(explanation.render("txt").split())


def test_f5_one_term_for_each_neuron_and_the_sum_over_them() -> None:
    explanation = explain(
        "z = w@p + b; a = sigmoid(z); C = sum((a-y)^2)",
        wrt="p",
        shapes={"p": (3,), "w": (2, 3), "b": (2,), "y": (2,)},
    )
    (step,) = [each for each in explanation.steps if isinstance(each, LayerDerivative)]
    assert step.law
    assert text(step.chains[0].left) == "∂C/∂p_i"
    assert text(step.chains[0].lines[0]) == "sum(2w_ji·sigmoid(z_j)(a_j − y_j)(1 − sigmoid(z_j)), j, 1, 2)"


def test_f6_the_derivative_of_a_mean_is_the_mean_of_the_derivatives() -> None:
    shapes: dict[str, Shape] = {"x": (3,), "y": (3,)}
    whole = find("z = w*x + b; a = sigmoid(z); c = (a-y)^2; C = mean(c)", "w", shapes=shapes)
    parts = find("z = w*x + b; a = sigmoid(z); c = (a-y)^2; C = mean(c)", "w", "c", shapes=shapes)
    mean = sum(parts.answers[f"c_{k}", "w"] for k in (1, 2, 3)) / 3
    assert sympy.simplify(whole.answers["C", "w"] - mean) == 0


# Told folded --------------------------------------------------------------------------------------------------------


def test_layers_are_named_once_and_their_components_folded() -> None:
    explanation = explain(NET, at=NET_AT)
    (step,) = [each for each in explanation.steps if isinstance(each, NameLayers)]
    assert [(layer.name, layer.shape) for layer in step.layers] == [
        ("W", (3, 2)),
        ("x", (2,)),
        ("b", (3,)),
        ("v", (3,)),
        ("z", (3,)),
        ("h", (3,)),
    ]
    page = explanation.render("html")
    assert page.count("<details>") == 1 + sum(isinstance(each, LayerDerivative) for each in explanation.steps)
    assert "The derivatives of f = v @ h + c with respect to W, x, b, v and c" in " ".join(
        explanation.render("txt").split()
    )


def test_a_formula_that_does_not_hold_for_every_component_is_not_printed() -> None:
    found = find("y = x_1^2 + 3*sum(x)", "x", shapes={"x": (3,)})
    assert law_of(found, "y", found.program.layers[0]) is None


def test_every_derivative_is_in_the_folded_part() -> None:
    found = find("y = sum(a*x^2)", "x", shapes={"a": (4,), "x": (4,)})
    explanation = explain("y = sum(a*x^2)", "x", shapes={"a": (4,), "x": (4,)})
    (step,) = [each for each in explanation.steps if isinstance(each, LayerDerivative)]
    assert [text(chain.left) for chain in step.folded] == [f"∂y/∂{text_name}" for text_name in ("x₁", "x₂", "x₃", "x₄")]
    assert [found.answers["y", f"x_{k}"] for k in (1, 2)] == [
        2 * sympy.Symbol("a_1") * sympy.Symbol("x_1"),
        2 * sympy.Symbol("a_2") * sympy.Symbol("x_2"),
    ]


def test_the_picture_of_the_layers() -> None:
    from symgraph.explanation.views import View

    drawn = View(explain(NET, at=NET_AT)).picture("layers")
    assert drawn is not None
    assert set(drawn.nodes) == {"W", "x", "b", "v", "c", "z", "h", "f"}
    assert {(edge.tail, edge.head) for edge in drawn.drawing.edges} == {
        ("W", "z"),
        ("x", "z"),
        ("b", "z"),
        ("z", "h"),
        ("v", "f"),
        ("h", "f"),
        ("c", "f"),
    }


def test_a_sympy_matrix_is_a_program() -> None:
    x, y = sympy.symbols("x y")
    assert symgraph.jacobian(sympy.Matrix([x * y, x + y])) == Matrix([[y, x], [1, 1]])
    assert [node.name for node in build(sympy.Matrix([x * y, x + y])).graph["outputs"]] == ["z_1", "z_2"]
