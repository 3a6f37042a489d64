"""assert_derivative: for expressions, Python functions, and code that can only be called."""

from __future__ import annotations

import math

import pytest
import sympy

from symgraph import assert_derivative
from symgraph.errors import SymgraphError

X = sympy.Symbol("x")


def test_expressions() -> None:
    assert_derivative("sin(x^2)", "2*x*cos(x^2)", "x")
    assert_derivative(sympy.sin(X**2), 2 * X * sympy.cos(X**2), X)
    assert_derivative("(a+b)*(b+1)", "a + 2*b + 1", "b")


def test_the_message_shows_certificate_and_diagnosis() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_derivative("sin(x^2)", "cos(x^2)", "x")
    message = str(caught.value)
    assert "cos(x²) is not dy/dx of y = sin(x²)" in message
    assert "the answer is" in message and "the derivative" in message
    assert "leaving out the inner derivative, the edge x → u (2x)" in message
    with pytest.raises(AssertionError, match="could not be shown"):
        assert_derivative("sin(x^2)", "2x+", "x")


def test_python_functions_are_looked_into() -> None:
    def f(x: float) -> float:
        u = x * x
        return math.sin(u)

    assert_derivative(f, lambda x: 2 * x * math.cos(x * x))
    with pytest.raises(AssertionError, match="leaving out the inner derivative"):
        assert_derivative(f, lambda x: math.cos(x * x))
    assert_derivative(lambda x, y: x * y * y, lambda x, y: 2 * x * y, "y")
    assert_derivative("x^3", lambda x: 3 * x**2)
    assert_derivative("x/3", lambda x: 0.3333333333)


class Opaque:
    """A function that can only be called."""

    def __init__(self, slope: float = 1.0) -> None:
        self.slope = slope

    def __call__(self, x: float) -> float:
        return self.slope * math.sin(float(x))


class OpaqueSlope:
    def __call__(self, x: float) -> float:
        return math.cos(float(x))


def test_code_that_can_only_be_called_is_compared_in_numbers() -> None:
    assert_derivative(Opaque(), OpaqueSlope())
    assert_derivative("sin(x)", OpaqueSlope())
    with pytest.raises(AssertionError, match="compared in numbers"):
        assert_derivative(Opaque(2.0), OpaqueSlope())
    with pytest.raises(AssertionError, match="the derivative"):
        assert_derivative("sin(2x)", OpaqueSlope())
    with pytest.raises(AssertionError, match="x = 1/2"):
        assert_derivative("sin(2x)", OpaqueSlope(), at={"x": 0.5})


def test_numpy_functions() -> None:
    numpy = pytest.importorskip("numpy", reason="needs NumPy")

    def f(x: object) -> object:
        return numpy.sum(numpy.exp(numpy.asarray(x) * 2.0))

    assert_derivative(f, lambda x: 2.0 * numpy.exp(numpy.asarray(x) * 2.0), 0)
    with pytest.raises(AssertionError):
        assert_derivative(f, lambda x: numpy.exp(numpy.asarray(x) * 2.0), 0)


def test_torch_functions(torch: object) -> None:
    import torch as library

    def f(x: float) -> object:
        return library.sin(library.as_tensor(float(x), dtype=library.float64))

    assert_derivative(f, lambda x: library.cos(library.as_tensor(float(x), dtype=library.float64)))
    with pytest.raises(AssertionError):
        assert_derivative(f, lambda x: -library.cos(library.as_tensor(float(x), dtype=library.float64)))


def test_where_numbers_say_nothing_it_is_no_pass() -> None:
    def nowhere(x: float) -> float:
        raise ValueError("no value")

    with pytest.raises(AssertionError, match="no point"):
        assert_derivative(nowhere, nowhere)


def test_what_is_no_function() -> None:
    with pytest.raises(SymgraphError):
        assert_derivative(3, 4)  # type: ignore[arg-type] # that it is refused is the point
    with pytest.raises(SymgraphError, match="as a function"):
        assert_derivative(Opaque(), "cos(x)")
    with pytest.raises(SymgraphError, match="say which"):
        assert_derivative(lambda x, y: float(x) * float(y), lambda x, y: float(y))
