"""Python functions, traced: what is read off is what they compute, with the names in their source."""

from __future__ import annotations

import functools
import importlib.util
import inspect
import math
import statistics
import sys
from collections.abc import Callable
from fractions import Fraction
from math import exp, sqrt
from pathlib import Path
from typing import Any

import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from symgraph.errors import DomainError, LimitExceeded, NameProblem, ProgramError, SymgraphError
from symgraph.language.program import Program
from symgraph.limits import Limits
from symgraph.parsing import function
from symgraph.parsing.echo import echo
from symgraph.parsing.function import trace
from symgraph.parsing.recording import functions

# mypy: disable-error-code="no-untyped-def,no-untyped-call" # the functions traced here are written as a teacher would


def told(program: Program) -> list[str]:
    return [f"{each.name} = {echo(each.tree)}" if each.name else echo(each.tree) for each in program.assignments]


# Names


def olah(a, b):
    c = a + b
    d = b + 1
    e = c * d
    return e


def test_local_variables_keep_their_names() -> None:
    program = trace(olah)
    assert told(program) == ["c = a + b", "d = b + 1", "e = c·d"]
    assert (program.inputs, program.outputs) == (("a", "b"), ("e",))


def test_an_expression_is_kept_as_written() -> None:
    assert told(trace(lambda x: x * x)) == ["x·x"]
    assert told(trace(lambda x: 3 * (x + 1))) == ["3·(x + 1)"]
    assert told(trace(lambda a, b: a - b / 2)) == ["a - b/2"]
    assert told(trace(lambda x: -(x**2) * 0.1)) == ["(-x^2)·0.1"]
    assert told(trace(lambda x: 2**x + math.e**x + x**0.5)) == ["2^x + e^x + x^0.5"]
    assert told(trace(lambda x: x * math.pi - math.e)) == ["x·pi - e"]
    assert told(trace(lambda x: x * Fraction(1, 3) + sympy.sqrt(2) + sympy.pi * x)) == ["x·(1/3) + sqrt(2) + pi·x"]


def test_the_output_is_named_after_the_variable_else_after_the_function() -> None:
    def square(x):
        return x**2

    assert trace(square).outputs == ("square",)
    assert trace(lambda x: x**2).outputs == ("",)
    assert trace(olah).outputs == ("e",)


def test_loops_are_unrolled_and_say_which_turn() -> None:
    def series(x):
        s = 0
        for k in range(4):
            s += x**k / math.factorial(k)
        return s

    assert told(trace(series)) == ["s = 1 + x", "s_1 = s + x^2/2", "s_2 = s_1 + x^3/6"]


def test_a_parameter_that_is_bound_again_does_not_lose_the_input() -> None:
    def newton(x):
        for _ in range(2):
            x = x - (x**2 - 2) / (2 * x)
        return x

    assert told(trace(newton)) == ["x_1 = x - (x^2 - 2)/(2·x)", "x_2 = x_1 - (x_1^2 - 2)/(2·x_1)"]


def test_names_of_a_called_function_are_kept_and_told_apart() -> None:
    def logistic(t):
        u = math.exp(-t)
        return 1 / (1 + u)

    def f(x):
        return logistic(x) * logistic(2 * x)

    assert told(trace(f)) == ["u = e^(-x)", "t = 2·x", "u_1 = e^(-t)", "f = 1/(1 + u)·(1/(1 + u_1))"]


def test_elements_of_lists_have_their_place() -> None:
    def layer(x, y):
        h = [x + y, x * y]
        w = [[x - y, 2 * x], [3 * x, 4 * x]]
        return h[0] * h[1] + w[0][1] + w[1][0]

    assert told(trace(layer)) == [
        "h_1 = x + y",
        "h_2 = x·y",
        "w_12 = 2·x",
        "w_21 = 3·x",
        "layer = h_1·h_2 + w_12 + w_21",
    ]


def test_names_are_made_legal() -> None:
    def f(learning_rate, α):
        hidden_layer_sum = learning_rate * α
        _private = hidden_layer_sum + 1
        return _private

    program = trace(f)
    assert program.inputs == ("learning_rate", "alpha")
    assert told(program) == ["hiddenLayer_sum = learning_rate·alpha", "f = hiddenLayer_sum + 1"]


def test_several_outputs() -> None:
    def polar(r, t):
        x = r * math.cos(t)
        return x, r * math.sin(t), r, 3

    program = trace(polar)
    assert program.outputs == ("x", "polar_2", "polar_3", "polar_4")
    assert told(program) == ["x = r·cos(t)", "polar_2 = r·sin(t)", "polar_3 = r", "polar_4 = 3"]
    assert trace(lambda x: {"double": 2 * x, "half": x / 2}).outputs == ("double", "half")
    assert trace(lambda x: [x + 1, x + 2]).outputs == ("y_1", "y_2")
    assert trace(lambda x: (lambda u: (u, u))(x + 1)).outputs == ("u",)


def test_a_long_formula_that_is_used_twice_gets_a_name() -> None:
    def twice(make: Callable[[Any], Any], x: Any) -> Any:
        held = {"it": x}  # a place that has no name for what is in it
        for _ in range(60):
            held["it"] = make(held["it"])
        return held["it"]

    program = trace(lambda x: twice(lambda _v: _v * _v + 1, x))
    assert len(program.assignments) < 61
    assert max(len(line) for line in told(program)) < 120
    assert program.assignments[-1].name is None


def test_what_the_result_does_not_need_is_left_out() -> None:
    def f(x, y):
        unused = x * y  # noqa: F841 # that it is not used is the point
        return x + 1

    program = trace(f)
    assert told(program) == ["f = x + 1"]
    assert program.inputs == ("x", "y")


# Values: the function itself is the oracle


def gaussian(x, mu, sigma):
    z = (x - mu) / sigma
    return exp(-(z**2) / 2) / (sigma * sqrt(2 * math.pi))


def many(x, y):
    u = math.sin(x) + math.cos(y) * math.tan(x / 5) + math.atan2(y, x) + math.hypot(x, y, 1)
    v = math.log(x, 3) + math.log2(y) + math.log10(x) + math.log1p(y) + math.expm1(x / 3)
    w = math.fabs(-x) + abs(-y) + math.pow(x, y) + math.cbrt(x) + math.erf(x) + math.gamma(y) + math.lgamma(x)
    p = max(x, y) * min(x, 1, y) + math.floor(x) + math.ceil(y) + x // y + x % y
    q = math.degrees(x) + math.radians(y) + math.asinh(x) + math.tanh(y) + 2**x + (+x) - (-y)
    r = (
        math.fsum([x, y, x * y])
        + math.prod([x, y, 2])
        + statistics.mean([x, y])
        + statistics.fmean(k * x for k in (1, 2))
    )
    return u + v + w + p + q + r


def horner(x):
    result = 0
    for k in (3, -1, 0, 0.5):
        result = result * x + k
    return result


def power_sums(x, y=3, *, n=2):
    return sum(k * x**k for k in range(1, 2 * n)) + y


@pytest.mark.parametrize("source", [olah, gaussian, many, horner, power_sums])
@given(st.lists(st.floats(0.3, 4.0), min_size=3, max_size=3))
def test_the_program_computes_what_the_function_computes(source: Callable[..., float], point: list[float]) -> None:
    assume(abs(point[0] / point[1] - round(point[0] / point[1])) > 1e-6)  # both sides round a step their own way
    program = traced(source)
    values = dict(zip(program.inputs, point, strict=False))
    expected = source(*values.values())
    there = {sympy.Symbol(name): sympy.Float(value, 40) for name, value in values.items()}
    assert float(program.expr.xreplace(there).evalf(20)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@functools.cache
def traced(source: Callable[..., Any]) -> Program:
    return trace(source)


@pytest.mark.parametrize("name", [name for name in dir(math) if name in dir(functions)])
def test_our_functions_give_what_maths_give(name: str) -> None:
    plain = getattr(math, name)
    arguments: tuple[Any, ...] = {"comb": (7, 3), "factorial": (5,), "fsum": ([0.5, 0.25],), "prod": ([2, 3],),
                                  "sumprod": ([1, 2], [3, 4])}.get(name, (0.75, 0.5))  # fmt: skip
    if len(arguments) == 2 and name not in ("atan2", "hypot", "pow", "comb", "sumprod", "log"):
        arguments = (0.75,) if name != "acosh" else (1.75,)
    assert getattr(functions, name)(*arguments) == pytest.approx(plain(*arguments), rel=1e-14)


def test_functions_of_numbers_alone() -> None:
    assert functions.max(2, 3) == 3
    assert functions.clip(5, 0, 1) == 1
    assert functions.where(1 < 0, 1, 2) == 2
    assert functions.less(1, 2) is True
    assert functions.mean([1, 2]) == 1.5
    assert functions.heaviside(2) == 1
    with pytest.raises(DomainError, match="logarithm has no value at 0"):
        functions.log(0)
    with pytest.raises(DomainError):
        functions.sqrt(-1)
    with pytest.raises(AttributeError, match="no function 'sinus'"):
        functions.sinus(1)


# NumPy


def test_numpys_functions_and_arrays() -> None:
    numpy = pytest.importorskip("numpy", reason="needs numpy: pip install '.[test]'")

    def network(x, y):
        weights = numpy.array([[0.5, -1.0], [2.0, 0.25]])
        z = weights @ numpy.array([x, y])
        h = numpy.tanh(z)
        return numpy.sum(h * numpy.array([1, 3])) + numpy.exp(-x) * numpy.maximum(x, y) + numpy.float64(2) * x

    program = trace(network)
    assert told(program)[:2] == ["z_1 = 0.5·x + -1·y", "z_2 = 2·x + 0.25·y"]
    assert program.assignments[2].name == "h_1"
    there = {sympy.Symbol("x"): sympy.Rational(1, 3), sympy.Symbol("y"): sympy.Rational(3, 4)}
    assert float(program.expr.xreplace(there)) == pytest.approx(float(network(1 / 3, 0.75)))


def test_numpy_element_by_element_and_by_condition() -> None:
    numpy = pytest.importorskip("numpy", reason="needs numpy: pip install '.[test]'")
    assert told(trace(lambda x: numpy.where(x < 0, -x, x**2))) == ["{-x if x < 0, x^2 otherwise}"]
    assert told(trace(lambda x: numpy.clip(x, 0, 1))) == ["min(max(x, 0), 1)"]
    assert told(trace(lambda x: functions.sin(numpy.array([x, 2 * x])))) == ["y_1 = sin(x)", "y_2 = sin(2·x)"]
    assert told(trace(lambda x: x + numpy.array([1, 2]))) == ["y_1 = x + 1", "y_2 = x + 2"]
    with pytest.raises(ProgramError, match="numpy's nextafter cannot be recorded"):
        trace(lambda x: numpy.nextafter(x, 1))


# Points


def test_a_point_with_lists_has_an_input_for_each_element() -> None:
    def net(x, w, b):
        return sum(wi * xi for wi, xi in zip(w, x, strict=True)) + b

    program = trace(net, at={"x": [1, 2], "w": [0.5, 0.25], "b": 1})
    assert program.inputs == ("x_1", "x_2", "w_1", "w_2", "b")
    assert told(program) == ["net = w_1·x_1 + w_2·x_2 + b"]
    matrix = trace(lambda w: w[0][0] * w[1][1] - w[0][1] * w[1][0], at={"w": [[1, 2], [3, 4]]})
    assert told(matrix) == ["w_11·w_22 - w_12·w_21"]
    assert [(layer.name, layer.shape, layer.components) for layer in matrix.layers] == [
        ("w", (2, 2), ("w_11", "w_12", "w_21", "w_22"))
    ]
    assert trace(lambda x: x[0] * x[2], shapes={"x": (3,)}).inputs == ("x_1", "x_2", "x_3")
    numpy = pytest.importorskip("numpy", reason="needs numpy: pip install '.[test]'")
    assert told(trace(lambda x: sum(x), at={"x": numpy.array([1.0, 2.0])})) == ["x_1 + x_2"]


def magnitude(x):
    y = x
    if x < 0:
        y = -x
    return 2 * y


def test_a_branch_is_refused_without_a_point_and_shown() -> None:
    with pytest.raises(ProgramError, match="depends on whether x < 0") as caught:
        trace(magnitude)
    text = str(caught.value)
    line = inspect.getsourcelines(magnitude)[1] + 2
    assert f"(line {line}, column 8)" in text
    assert "\n      if x < 0:\n         ^^^^^\n" in text
    assert "give a point" in text


def test_a_branch_is_followed_at_a_point_and_said() -> None:
    program = trace(magnitude, at={"x": 3})
    assert told(program) == ["magnitude = 2·x"]
    assert program.readings == ("the branch where x < 0 is false, because the point is there",)
    program = trace(magnitude, at="x = -pi/6")
    assert told(program) == ["y = -x", "magnitude = 2·y"]
    assert program.readings == ("the branch where x < 0 is true, because the point is there",)


@pytest.mark.parametrize("point", [{"x": 0}, {"x": Fraction(0)}, {"x": "sin(pi)"}, {"x": 1e-25}])
def test_where_two_branches_meet_there_is_no_one_formula(point: dict[str, Any]) -> None:
    with pytest.raises(DomainError, match="two branches meet"):
        trace(magnitude, at=point)


def test_conditions_of_many_kinds_at_a_point() -> None:
    def f(x, y):
        a = 1 if x < y <= 2 else 0
        b = 10 if (x > y) | (y < 3) else 0
        c = 100 if x != y else 0
        d = 1000 if x else 0
        e = 10000 if (x < y) & ~(x > 5) and x != y else 0
        return a + b + c + d + e + x

    assert told(trace(f, at={"x": 1, "y": 2.5})) == ["f = 11110 + x"]
    assert told(trace(f, at={"x": 1, "y": "sqrt(3)"})) == ["f = 11111 + x"]


# What cannot be recorded


def in_another_module(x):
    import math as real

    return 2 * real.cos(x)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (in_another_module, "a plain number is wanted"),
        (lambda x: float(x), "a plain number is wanted"),
        (lambda x: int(x), "a plain number is wanted"),
        (lambda x: round(x, 2), "a plain number is wanted"),
        (lambda n: sum(range(n)), "it counts something"),
        (lambda x: [1, 2, 3][x], "it counts something"),
        (lambda x: sympy.sin(x), "no SymPy object"),
        (lambda x: x if x else 0, "depends on whether x != 0"),
        (lambda x: max([x, 2], key=abs), "depends on whether"),
        (lambda x: x * float("inf"), "no number that a formula can hold"),
        (lambda x: functions.atan2(x), "does not take 1 values"),
        (lambda x: functions.heaviside(x, 0), "1/2 at 0"),
        (lambda x: None, "returns nothing"),
        (lambda x: "x", "returns a str"),
        (lambda x: [x, None], "returns nothing"),
        (lambda x: (x for _ in range(2)), "returns a generator"),
        (lambda x: x > 0, "a condition, not a number"),
        (lambda *x: 1, "any number of values"),
        (lambda: 1, "nothing that varies"),
        (lambda x=1: x, "nothing that varies"),
        (print, "any number of values"),
    ],
)
def test_what_cannot_be_recorded_says_why(source: Callable[..., Any], message: str) -> None:
    with pytest.raises(SymgraphError, match=message):
        trace(source)


def test_errors_of_the_function_itself_come_through() -> None:
    with pytest.raises(TypeError, match="subscriptable") as caught:
        trace(lambda x: x[0])
    assert "recording objects" in caught.value.__notes__[0]
    with pytest.raises(AttributeError, match="no 'backward'"):
        trace(lambda x: x.backward())
    with pytest.raises(ZeroDivisionError):
        trace(lambda x: x + 1 / 0)


def test_points_are_checked() -> None:
    with pytest.raises(NameProblem, match="z is no parameter of olah"):
        trace(olah, at={"z": 1})


def test_values_do_not_leak_from_one_recording_into_the_next() -> None:
    kept: list[Any] = []

    def leaky(x):
        kept.append(x)
        return kept[0] + x

    trace(leaky)
    with pytest.raises(ProgramError, match="earlier recording"):
        trace(leaky)


def test_an_endless_program_is_stopped_by_its_limit() -> None:
    def endless(x):
        while True:
            x = x + 1

    with pytest.raises(LimitExceeded, match=r"limits\.nodes"):
        trace(endless, limits=Limits(nodes=500))


# What functions look like


scale = 3


class Model:
    def __init__(self, rate: float) -> None:
        self.rate = rate

    def loss(self, w):
        r = math.sqrt(w) * self.rate
        return r**2

    def __call__(self, w):
        c = w * self.rate
        return c**scale


@functools.lru_cache
def cached(x):
    return math.sin(x)


def uses_cached(x):
    return cached(x) * cached(x)


def counted(steps: list[int]) -> Callable[[Any], Any]:
    calls = 0

    def even(x, n=4):
        nonlocal calls
        calls += 1
        steps.append(calls)
        return x if n == 0 else odd(math.sin(x), n - 1)

    def odd(x, n):
        return even(math.cos(x), n - 1)

    return even


def test_methods_partials_objects_closures_and_caches() -> None:
    assert told(trace(Model(2).loss)) == ["r = sqrt(w)·2", "loss = r^2"]
    assert told(trace(functools.partial(gaussian, mu=1, sigma=2)))[0] == "z = (x - 1)/2"
    assert told(trace(Model(2))) == ["c = w·2", "c^3"]
    assert told(trace(uses_cached)) == ["uses_cached = sin(x)·sin(x)"]
    steps: list[int] = []
    assert trace(counted(steps)).expr == sympy.cos(sympy.sin(sympy.cos(sympy.sin(sympy.Symbol("x")))))
    assert steps == [1, 2, 3], "the function's own variables live on"


def test_nothing_outside_is_changed() -> None:
    before = dict(vars(math))
    tracer = sys.gettrace()
    trace(many)
    with pytest.raises(ProgramError):
        trace(in_another_module)
    assert dict(vars(math)) == before
    assert many.__globals__["exp"] is math.exp
    assert "max" not in many.__globals__
    assert sys.gettrace() is tracer
    assert cached(0.5) == math.sin(0.5)


def test_a_function_from_a_notebook_cell_shows_its_own_line(tmp_path: Path) -> None:
    path = tmp_path / "cell.py"
    path.write_text("# ∂ first\ndef f(β):\n    '''é''' ; y = 2 * (β if β < 1 else 0)\n    return y\n", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("cell", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(ProgramError) as caught:
        function.trace(module.f)
    shown = str(caught.value).splitlines()
    assert "(line 3," in shown[0]
    assert shown[1][len(shown[2]) - len("^^^^^") :].startswith("β < 1")


def test_the_same_function_gives_the_same_program() -> None:
    assert trace(many) == trace(many)
    assert told(trace(many)) == told(trace(many))
