"""Certified numbers: they hold the true value, know what has none, and never walk an expression as a tree."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Piecewise, Rational, Symbol, sqrt

from symgraph.calculus import heads, reals
from symgraph.calculus.balls import Enclosure, Tape, evaluate
from symgraph.calculus.circuits import Circuit
from symgraph.calculus.points import points
from symgraph.calculus.reals import RULES, NotReal, exact
from symgraph.errors import NameProblem
from symgraph.language.constructors import construct
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.tree import Apply, Constant, Name, Number, Undefined

ROOT = Path(__file__).parent.parent
x, y, n, k = sympy.symbols("x y n k")

certified = pytest.mark.skipif(not reals.CERTIFIED, reason="needs python-flint")

PLACES = [Fraction(p) for p in ("1/3", "-1/3", "7/3", "-7/3", "0", "1", "-1", "5", "-5/2", "1/7", "10")]
ONE_ARGUMENT = [
    head
    for head in heads.HEADS
    if isinstance(getattr(head, "nargs", None), sympy.Set) and 1 in head.nargs and issubclass(head, sympy.Expr)
]


def sympy_value(expression: sympy.Expr, point: Fraction) -> float | None:
    """SymPy's own number at a point; None where it is not real."""
    there = expression.subs(x, Rational(point.numerator, point.denominator))
    if there.has(sympy.DiracDelta) or there.has(sympy.zoo, sympy.nan):
        return None
    value = complex(there.evalf(30))
    real = abs(value.imag) < 1e-20 and value == value and abs(value) < 1e300
    return value.real if real else None


# Every function


@pytest.mark.parametrize("head", ONE_ARGUMENT, ids=lambda head: head.__name__)
def test_every_head_of_one_argument_agrees_with_sympy(head: type) -> None:
    for point in PLACES:
        expression = head(x)
        found, wanted = evaluate(expression, {"x": point}), sympy_value(expression, point)
        assert found.real == (wanted is not None), (point, found)
        if wanted is not None:
            assert float(found) == pytest.approx(wanted, rel=1e-12, abs=1e-12)
        else:
            assert found.undefined, (point, found)


@pytest.mark.parametrize(
    ("head", "orders"),
    [
        (sympy.atan2, (0, 1, -2)),
        (sympy.besselj, (0, 1, 2, Rational(1, 2))),
        (sympy.bessely, (0, 1, 2)),
        (sympy.besseli, (0, 1, 2)),
        (sympy.besselk, (0, 1, 2)),
        (sympy.polygamma, (0, 1, 2, 3)),
        (sympy.beta, (1, 2, Rational(1, 2))),
        (sympy.binomial, (5, 7, Rational(1, 2))),
        (sympy.lowergamma, (1, 2, Rational(1, 2))),
        (sympy.uppergamma, (1, 2, Rational(1, 2))),
        (sympy.Mod, (5, 7)),
    ],
)
def test_functions_of_two_arguments_agree_with_sympy(head: type, orders: tuple[object, ...]) -> None:
    for order in orders:
        for point in (Fraction(1, 3), Fraction(7, 3), Fraction(-7, 3)):
            expression = head(order, x)
            found, wanted = evaluate(expression, {"x": point}), sympy_value(expression, point)
            assert found.real == (wanted is not None), (order, point, found)
            if wanted is not None:
                assert float(found) == pytest.approx(wanted, rel=1e-12)


SHAPES = {
    "vector",
    "matrix",
    "transpose",
    "matrix_multiply",
    "sum",
    "product",
    "integral",
    "piecewise",
    "and",
    "or",
    "not",
}


@pytest.mark.parametrize("name", sorted(set(PRIMITIVES) - SHAPES))
def test_a_tree_of_every_row_has_the_value_of_its_sympy_form(name: str) -> None:
    fewest = max(1, PRIMITIVES[name].arity[0])
    arguments = [Name("x"), Name("y"), Name("z"), Name("x")][:fewest]
    if name == "real_root":
        arguments = [Name("x"), Number(3)]
    elif name in ("bessel_j", "bessel_y", "bessel_i", "bessel_k", "polygamma"):
        arguments = [Number(2), Name("x")]
    tree = Apply(name, tuple(arguments))
    for first, second in (("1/3", "5/7"), ("-7/3", "5/7"), ("7/3", "-5/7")):
        point = {"x": Fraction(first), "y": Fraction(second), "z": Fraction(2)}
        written, computed = evaluate(tree, point), evaluate(construct(tree), point)
        assert written.real == computed.real
        assert written.real or written.undefined
        assert not written.apart(computed)


# What an enclosure promises


@certified
@given(st.sampled_from(ONE_ARGUMENT), st.fractions(-9, 9, max_denominator=50), st.integers(20, 90))
@settings(max_examples=150)
def test_a_ball_of_few_bits_holds_the_value_of_many(head: type, place: Fraction, bits: int) -> None:
    expression = head(x / 3 + Rational(1, 7)) + head(x)
    tape = Tape(expression)
    (coarse,), (fine,) = tape.run({"x": place}, bits), tape.run({"x": place}, 1_000)
    if coarse.real and fine.real:
        assert not coarse.apart(fine)
        assert coarse.exact == fine.exact if coarse.exact is not None else coarse.number.contains(fine.number)
    if coarse.undefined or fine.undefined:
        assert not (coarse.real or fine.real)


def test_rational_arithmetic_is_exact() -> None:
    found = evaluate((x**2 - Rational(1, 9)) / (x + 1), {"x": Fraction(1, 2)})
    assert found.exact == Fraction(5, 54)
    assert evaluate(sqrt(x), {"x": Fraction(9, 4)}).exact == Fraction(3, 2)
    assert evaluate(x ** Rational(-2, 3), {"x": Fraction(8, 27)}).exact == Fraction(9, 4)
    assert evaluate(sympy.cos(x - 1) + sympy.log(x), {"x": 1}).exact == 1
    assert evaluate(x, {"x": 5}).digits() == "5"


def test_an_exact_number_that_grows_too_long_goes_on_as_a_ball() -> None:
    found = evaluate((x + 1) ** 9_999, {"x": Fraction(1, 3)})
    assert found.exact is None and found.real
    with mpmath.workdps(40):
        wanted = (mpmath.mpf(4) / 3) ** 9_999
        assert mpmath.almosteq(mpmath.mpf(found.digits(18)), wanted, rel_eps=mpmath.mpf(10) ** -15)


@pytest.mark.parametrize(
    ("expression", "point", "reason"),
    [
        (sqrt(x), -1, "the square root of a negative number"),
        (x ** Rational(1, 3), -8, "a fractional power of a negative number"),
        (sympy.log(x), 0, "the logarithm of a number that is not positive"),
        (1 / (x - 2), 2, "a division by zero"),
        (sympy.asin(x), 2, "the inverse sine of a number outside [−1, 1]"),
        (sympy.acosh(x), Fraction(1, 2), "the inverse hyperbolic cosine of a number below 1"),
        (sympy.gamma(x), -3, "the gamma function at 0, −1, −2, …"),
        (sympy.I * x, 1, "a number that is not real"),
        (Piecewise((x, x > 3)), 1, "a point that no case covers"),
        (sympy.cot(x), 0, "the cotangent at 0"),
    ],
)
def test_where_there_is_no_real_value_that_is_certain_and_says_why(
    expression: sympy.Expr, point: Fraction, reason: str
) -> None:
    found = evaluate(expression, {"x": point})
    assert (found.undefined, found.reason) == (True, reason)
    assert str(found) == f"undefined: {reason}"
    assert not found.apart(found)


def test_what_more_digits_might_settle_is_not_called_undefined() -> None:
    zero = sympy.sin(x) ** 2 + sympy.cos(x) ** 2 - 1
    for expression in (1 / zero, sqrt(zero), sympy.log(zero), sympy.sign(zero), Piecewise((1, zero > 0), (2, True))):
        found = evaluate(expression, {"x": 2}, most=512)
        assert not found.real and not found.undefined
        assert str(found).startswith("unknown: ")


def test_a_fault_in_a_case_that_is_not_taken_does_not_count() -> None:
    piecewise = Piecewise((sympy.log(x), x > 0), (1 / x, x < 0), (7, True))
    assert evaluate(piecewise, {"x": -2}).exact == Fraction(-1, 2)
    assert evaluate(piecewise, {"x": 0}).exact == 7
    assert evaluate(piecewise, {"x": 1}).exact == 0
    assert evaluate(Piecewise((x, sqrt(x) > 1), (0, True)), {"x": -1}).undefined


def test_conditions_are_true_false_or_unsettled() -> None:
    point = {"x": Fraction(1, 2), "y": Fraction(-1)}
    tape = Tape(x > y, sympy.And(x > 0, y > 0), sympy.Or(x > 0, sympy.log(y) > 0), sympy.Not(x < 1), sympy.Ne(x, y))
    assert [value.number for value in tape.run(point)] == [True, False, True, False, True]


def test_sums_and_products_with_limits() -> None:
    assert evaluate(sympy.Sum(x**k, (k, 0, 5)), {"x": 2}).exact == 63
    assert evaluate(sympy.Product(k, (k, 1, n)), {"n": 5}).exact == 120
    assert evaluate(sympy.Sum(n * k, (k, 1, n), (n, 1, 3)), {}).exact == 1 + 6 + 18
    assert evaluate(sympy.Sum(k, (k, 1, n)), {"n": 0}).exact == 0
    assert not evaluate(sympy.Sum(k, (k, 1, n)), {"n": -3}).real  # conventions differ
    assert not evaluate(sympy.Sum(k, (k, 1, n)), {"n": Fraction(1, 2)}).real
    assert not evaluate(sympy.Sum(1 / k**2, (k, 1, sympy.oo)), {}).real


@certified
def test_integrals_of_smooth_functions() -> None:
    t = Symbol("t")
    assert float(evaluate(sympy.Integral(sympy.exp(-(t**2)), (t, 0, x)), {"x": 2})) == pytest.approx(0.882081390762422)
    assert float(evaluate(sympy.Integral(sqrt(t), (t, 0, x)), {"x": 4})) == pytest.approx(16 / 3)
    assert float(evaluate(sympy.Integral(t**y, (t, 1, x)), {"x": 3, "y": 2})) == pytest.approx(26 / 3)
    assert evaluate(sympy.Integral(t, (t, x, x)), {"x": 3}).exact == 0
    jumping = evaluate(sympy.Integral(sympy.sign(t - 1) * sympy.exp(t), (t, 0, x)), {"x": 2})
    assert float(jumping) == pytest.approx((math.e - 1) ** 2)
    for turning, worth in ((sympy.Abs(t), 1), (sympy.Max(t, 0), 0.5), (sympy.floor(t), -1), (sympy.Min(t, -t), -1)):
        found = evaluate(sympy.Integral(turning, (t, -1, x)), {"x": 1})
        assert found.real and float(found) == pytest.approx(worth, rel=1e-12)
    found = evaluate(sympy.Integral(sympy.Abs(sympy.sin(t)), (t, 0, x)), {"x": 5})
    assert float(found) == pytest.approx(3 + math.cos(5), rel=1e-12)  # SymPy itself finds 3.28363
    for risky in (1 / t, sqrt(t)):
        assert not evaluate(sympy.Integral(risky, (t, -1, x)), {"x": 1}, most=200).real
    # each root is imaginary: their product is real and has no real value
    hidden = sqrt(-t - 1) * sqrt(-t - 2)
    assert not evaluate(sympy.Integral(hidden, (t, 1, x)), {"x": 2}, most=200).real


@certified
def test_an_integral_that_has_no_numbers_is_left_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    t, runs, execute = Symbol("t"), [], Tape.execute
    monkeypatch.setattr(Tape, "execute", lambda tape, point: runs.append(tape) or execute(tape, point))
    twice = sympy.Integral(sympy.Integral(sympy.exp(t * y), (y, 0, t)), (t, 0, x))
    for hopeless in (twice, sympy.Integral(sympy.log(t), (t, 0, x)), sympy.Integral(sympy.sin(t) / t, (t, 0, x))):
        assert not evaluate(hopeless, {"x": 1}, most=200).real
    assert len(runs) < 40


def test_a_name_without_a_value_is_named() -> None:
    with pytest.raises(NameProblem, match="no value is given for y"):
        evaluate(x + y, {"x": 1})


def test_unknown_functions_have_no_numbers_but_can_be_given_some() -> None:
    f = sympy.Function("f")
    expression = f(x) * 2
    assert not evaluate(expression, {"x": 1}, most=96).real
    tape = Tape(expression, stand_ins={id(expression.args[1]): "value of f"})
    assert tape.run({"value of f": 3})[0].exact == 6
    assert not evaluate(Undefined("f", (Name("x"),)), {"x": 1}, most=96).real


def test_dummies_are_told_from_their_namesakes() -> None:
    dummy = sympy.Dummy("x")
    tape = Tape(dummy - x)
    assert len(tape.names) == 2 and "x" in tape.names


def test_constants_and_trees() -> None:
    tree = Apply("multiply", (Constant("pi"), Apply("power", (Constant("e"), Number(2)))))
    assert float(evaluate(tree, {})) == pytest.approx(3.141592653589793 * 2.718281828459045**2)
    assert evaluate(Constant("i"), {}).undefined and evaluate(Constant("infinity"), {}).undefined
    assert evaluate(Apply("divide", (Apply("power", (Name("x"), Number(2))), Name("x"))), {"x": 0}).undefined


# Size


def test_a_shared_expression_costs_what_it_has_pieces() -> None:
    grown = x
    for _ in range(400):
        grown = sympy.Add(sympy.Mul(sympy.sin(grown, evaluate=False), grown, evaluate=False), x, evaluate=False)
    began = time.process_time()
    tape = Tape(grown)
    assert len(tape) < 1_300
    assert tape.run({"x": Fraction(1, 3)})[0].real
    assert time.process_time() - began < 2


def test_a_deep_tree_is_no_trouble() -> None:
    tree: object = Name("x")
    for _ in range(5_000):
        tree = Apply("sine", (tree,))  # type: ignore[arg-type] # it is a tree
    assert evaluate(tree, {"x": 1}, most=96).real  # type: ignore[arg-type] # it is a tree


@pytest.mark.parametrize(
    "hostile",
    [
        Apply("power", (Number(9), Apply("power", (Number(9), Apply("power", (Number(9), Number(9))))))),
        Apply("factorial", (Apply("factorial", (Number(50),)),)),
        Apply("exponential", (Apply("exponential", (Apply("exponential", (Number(1_000),)),)),)),
        Apply("gamma", (Apply("power", (Number(10), Number(40))),)),
        Apply("sine", (Apply("power", (Number(10), Apply("power", (Number(10), Number(9))))),)),
        Apply("binomial", (Apply("power", (Number(10), Number(50))), Apply("power", (Number(10), Number(49))))),
        Apply("bessel_j", (Number(10**9), Number(3))),
        Apply("polygamma", (Number(10**7), Number(3))),
        Apply("sum", (Name("k"), Name("k"), Number(1), Number(10**12))),
        Apply("floor", (Apply("power", (Number(10), Number(10**7))),)),
    ],
)
def test_large_numbers_end_quickly(hostile: Apply) -> None:
    began = time.process_time()
    evaluate(hostile, {}, most=1_024)
    assert time.process_time() - began < 2


# Points


def test_points_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    first = list(points(["x", "y"], seed="problem 7"))
    assert first == list(points(["y", "x"], seed="problem 7")) != list(points(["x", "y"], seed="problem 8"))
    assert len(first) == 12 == len({tuple(point.values()) for point in first})


def test_points_respect_signs_bounds_and_the_domain() -> None:
    signs = {"x": "positive", "y": "negative", "n": "integer positive"}
    for point in points(["n", "x", "y"], count=30, signs=signs):
        assert point["x"] > 0 > point["y"] and point["n"] > 0 and point["n"].denominator == 1
    for point in points(["x"], count=30, bounds={"x": (Fraction(2), Fraction(3))}):
        assert 2 < point["x"] < 3
    assert all(point["x"] > 50 for point in points(["x"], domain=lambda point: point["x"] > 50))
    assert list(points(["x"], domain=lambda point: False)) == []
    assert list(points([], count=5)) == [{}]


def test_points_are_spread_and_not_whole() -> None:
    places = [point["x"] for point in points(["x"], count=40)]
    assert any(place < 0 for place in places) and any(place > 4 for place in places)
    assert any(abs(place) < 1 for place in places)
    assert not any(place.denominator == 1 for place in places)


# Without python-flint


def test_without_flint_numbers_are_estimates_and_say_so() -> None:
    code = """
import sys
sys.modules["flint"] = None
import sympy
from symgraph.calculus.balls import Tape, evaluate
from symgraph.calculus.reals import CERTIFIED
x = sympy.Symbol("x")
print(CERTIFIED)
print(evaluate(sympy.sin(x) * sympy.sqrt(x) + sympy.erf(x), {"x": 2}))
print(evaluate(x / 3, {"x": 2}).exact, evaluate(sympy.sqrt(x), {"x": -2}).undefined)
left, right = Tape(sympy.pi * x, sympy.Rational(3142, 1000) * x).run({"x": 2})
print(left.apart(right), left.apart(left))
small = Tape(sympy.cos(x), sympy.cos(x) + sympy.Rational(1, 10**60)).run({"x": 2}, 320)
print(small[0].apart(small[1]))
for head in (sympy.gamma, sympy.Si, sympy.LambertW, sympy.airyai, sympy.zeta, sympy.fresnels):
    print(head.__name__, abs(float(evaluate(head(x), {"x": 2})) - float(head(2).evalf())) < 1e-12)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert lines[0] == "False"
    assert float(lines[1]) == pytest.approx(0.9092974268256817 * 2**0.5 + 0.9953222650189527)
    assert lines[2:5] == ["2/3 True", "True False", "True"]
    assert [line.split()[1] for line in lines[5:]] == ["True"] * 6


# The pieces


def test_rules_raise_only_their_own_fault() -> None:
    values = [exact(0), exact(1), exact(-1), exact(5, 2), exact(-5, 2), reals.BALL(2).sqrt(), reals.BALL(0)]
    for name, rule in RULES.items():
        for first in values:
            for arguments in ((first,), (first, exact(1, 2)), (exact(2), first)):
                try:
                    rule(*arguments)
                except (NotReal, TypeError):  # TypeError: the wrong number of arguments
                    continue
                except ValueError:
                    assert name == "dot" and len(arguments) % 2  # two lists of one length are checked before
                    continue
                except Exception as problem:  # pragma: no cover - the test has failed
                    pytest.fail(f"{name}{arguments}: {problem!r}")


def test_an_enclosure_prints_well() -> None:
    assert str(evaluate(sympy.pi, {})).startswith("3.14159265358979")
    assert Enclosure(None, "a reason").digits() == "unknown: a reason"
    assert evaluate(Integer(3) / 7, {}).digits() == "3/7"


def test_of_a_node_that_moves_only_the_derivatives_asked_for_are_worked_out_again() -> None:
    one, two, three = map(Name, "xyz")
    product = Apply("multiply", (Apply("multiply", (one, two)), three))
    partials = [Apply("multiply", pair) for pair in ((two, three), (one, three), (one, two))]
    circuit = Circuit([("x", None, ()), ("y", None, ()), ("z", None, ()), ("w", product, partials)])
    with reals.precision(64):
        before = circuit.at({"x": 2, "y": 3, "z": 5})
        assert before is not None
        every = circuit.moved(before, (0, 3), reals.exact(7))
        asked = circuit.moved(before, (0, 3), reals.exact(7), only={3: [0]})
    assert every is not None and asked is not None
    value, slots = circuit.values[3], circuit.partials[3]
    assert [every[slot] for slot in (value, *slots)] == [105, 15, 35, 21]
    assert [asked[slot] for slot in (value, *slots)] == [105, 15, 10, 21]  # y·z, x·z as before, x·y as the value has it
