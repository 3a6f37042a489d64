"""Derivatives as short programs: right at every point, small by every bound, and readable again."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import given, settings

from symgraph.calculus.arena import ONE, TWO, ZERO, Arena, Reference
from symgraph.calculus.compact import compact, entered
from symgraph.calculus.derivatives import differentiate
from symgraph.calculus.elimination import Net, forward, linearize, reverse
from symgraph.calculus.elimination import eliminate as try_to_eliminate
from symgraph.calculus.expansion import expanded
from symgraph.calculus.quantities import Model, Quantity, functions
from symgraph.calculus.shortening import count, reachable, shorten
from symgraph.errors import DisagreementError, DomainError, NameProblem, ProgramError, SymgraphError
from symgraph.language.primitives import PRIMITIVES
from symgraph.language.program import Program
from symgraph.parsing.text import parse
from tests.strategies import programs


def eliminate(arena: Arena, net: Net, order: Sequence[int] | None = None, *, late: bool = True) -> list[Reference]:
    found = try_to_eliminate(arena, net, order, late=late)
    assert found is not None
    return found


def values(arena: Arena, references: Sequence[Reference], point: dict[str, Any]) -> list[Any]:
    """What references are worth at a point, by balls; a ball that is not finite says nothing."""
    known: dict[int, Any] = {}
    for place in reachable(arena, references):
        row, *arguments = arena.operations[place]
        if row == "input":
            known[place] = point[arguments[0]]
        elif row == "number":
            known[place] = arb(fmpq(arguments[0].numerator, arguments[0].denominator))
        else:
            parts = [-known[each >> 1] if each & 1 else known[each >> 1] for each in arguments]
            ball = PRIMITIVES[row].ball
            assert ball is not None
            known[place] = ball(*parts)
    return [-known[each >> 1] if each & 1 else known[each >> 1] for each in references]


# The arena


def test_equal_operations_are_one_and_trivial_ones_none() -> None:
    arena = Arena()
    x, y = arena.input("x"), arena.input("y")
    assert arena.add(x, y) == arena.add(y, x) and arena.multiply(x, y) == arena.multiply(y, x)
    assert arena.add(x, ZERO) == x and arena.multiply(x, ONE) == x and arena.multiply(x, ZERO) == ZERO
    assert arena.add(x, arena.negative(x)) == ZERO and arena.add(x, x) == arena.multiply(TWO, x)
    assert arena.negative(ZERO) == ZERO and arena.negative(arena.negative(x)) == x
    assert arena.multiply(arena.negative(x), arena.negative(y)) == arena.multiply(x, y)
    assert arena.divide(x, TWO) == arena.multiply(arena.number(Fraction(1, 2)), x)
    assert arena.multiply(TWO, arena.multiply(arena.number(3), x)) == arena.multiply(arena.number(6), x)
    assert arena.multiply(x, arena.divide(ONE, y)) == arena.divide(x, y)
    assert arena.power(x, TWO) == arena.multiply(x, x) and arena.power(x, ZERO) == ONE
    assert arena.apply("sine", [arena.negative(x)]) == arena.negative(arena.apply("sine", [x]))
    assert arena.apply("cosine", [arena.negative(x)]) == arena.apply("cosine", [x])
    assert arena.value(arena.number(-3)) == -3


def test_a_long_number_is_not_multiplied_out() -> None:
    arena = Arena()
    number = arena.number(3**2000)
    product = arena.multiply(number, arena.multiply(number, arena.input("x")))
    assert arena.value(product) is None and count(arena, [product]) >= 1
    assert all(arena.value(2 * place) is None or arena.value(2 * place) <= 3**2000 for place in range(len(arena)))  # type: ignore[operator] # None is gone


def test_elimination_stops_where_it_would_grow() -> None:
    arena, places = entered(parse("sin(x*y)*cos(x*y)*x"))
    net = linearize(arena, [places[""]], [places["x"], places["y"]])
    assert try_to_eliminate(arena, net, most=0) is None
    assert try_to_eliminate(arena, net, most=100) == try_to_eliminate(arena, net)


def test_residues_tell_what_is_not_equal() -> None:
    arena = Arena()
    x, y = arena.input("x"), arena.input("y")
    difference = arena.add(x, arena.negative(y))
    sine = arena.apply("sine", [difference])
    both = arena.add(sine, arena.apply("sine", [arena.add(y, arena.negative(x))]))
    assert both == ZERO
    cube = arena.power(x, arena.number(3))
    product = arena.multiply(arena.multiply(x, x), x)
    assert cube != product and arena.residues([cube]) == arena.residues([product])
    assert arena.residues([arena.divide(x, ZERO), arena.add(x, arena.divide(y, ZERO))]) == [None, None]
    residues = arena.residues([x, y, cube, sine, difference, arena.negative(difference)])
    assert len(set(residues)) == 6
    third = arena.number(Fraction(1, 3))
    assert arena.residues([arena.add(third, arena.add(third, third))]) == [1]


def test_two_ways_that_differ_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that forgets an edge: nothing is given out."""

    def wrong(arena: Arena, references: Sequence[Reference]) -> list[Reference]:
        return [ONE for _ in references]

    monkeypatch.setattr("symgraph.calculus.compact.shorten", wrong)
    with pytest.raises(DisagreementError):
        compact("x^2*sin(x)")


# Right


@settings(max_examples=60)
@given(programs())
def test_every_way_gives_the_same_numbers(program: Program) -> None:
    arena, places = entered(program)
    starts, ends = [places[name] for name in program.inputs], [places[program.outputs[0]]]
    net = linearize(arena, ends, starts)
    found = [reverse(arena, net), forward(arena, net), eliminate(arena, net), eliminate(arena, net, late=False)]
    found += [change(arena, each) for each in found for change in (shorten, expanded)]
    point = {name: arb(fmpq(7 + 3 * number, 10)) for number, name in enumerate(program.inputs)}
    with ctx.workprec(300):
        several = [values(arena, each, point) for each in found]
    for each in several[1:]:
        for ours, expected in zip(each, several[0], strict=True):
            assert ours.overlaps(expected) or not (ours.is_finite() and expected.is_finite())


@pytest.mark.parametrize(
    "text",
    [
        "(a+b)*(b+1)",
        "x^2*y/(x-y)",
        "sin(x*y)/y + exp(-x^2/2)",
        "sqrt(x^2+y^2)*ln(x)",
        "sigmoid(w*x+b)^2",
        "x^y*tanh(x)",
        "arctan(y/x) - cbrt(x)",
        "softplus(x*y) + cosh(x)/sinh(y)",
        "max(x, y)*abs(x - 3)",
        "1/(x^3+2) - x^(-2)*y",
    ],
)
def test_the_written_program_has_the_derivatives_that_sympy_finds(text: str) -> None:
    found = compact(text)
    program = parse(text)
    real = {sympy.Symbol(name): sympy.Symbol(name, real=True) for name in program.inputs}
    point = {name: sympy.Rational(7 + 3 * number, 10) for number, name in enumerate(real.values())}
    for (_, wrt), name in found.names.items():
        ours = found.program.expression_of(name).subs(real).subs(point).evalf(30)
        expected = program.expr.subs(real).diff(sympy.Symbol(wrt, real=True)).subs(point).evalf(30)
        assert abs(ours - expected) < 1e-20


DIFFERENTIABLE = sorted(
    name for name, row in PRIMITIVES.items() if row.arity == (1, 1) and row.spellings and row.ball is not None
)


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_every_function_has_the_derivative_of_the_table(name: str) -> None:
    """At a point where most functions have a value, and one where the others have."""
    x = sympy.Symbol("x")
    row = PRIMITIVES[name]
    model = Model()
    result = model.compact({"f": getattr(functions, row.spellings[0])(model.input("x"))}, value=False)
    (expected,) = row.partials(x)
    ours = result.program.expression_of("f_x")
    for at in (sympy.Rational(2, 5), sympy.Rational(12, 5)):
        theirs = sympy.N(expected.subs(x, at), 30)
        if theirs.is_finite and theirs.is_real:
            assert abs(sympy.N(ours.subs(x, at), 30) - theirs) < 1e-15


def test_several_outputs_vectors_and_chosen_names() -> None:
    found = compact("u = x*y; v = x + y", wrt="y")
    assert list(found.names) == [("u", "y"), ("v", "y")]
    assert str(found) == "u = x*y\nv = x + y\nu_y = x\nv_y = 1"
    assert compact("w*x", shapes={"x": (3,), "w": (3,)}, wrt="w").names
    assert compact("y = 2*x; z = y^2", of="y", value=False).operations == 0


def test_names_that_are_taken() -> None:
    found = compact("y_x = x + 1; y = y_x*x*t1; dy_dx = 3*x", of="y")
    assert found.names["y", "x"] == "dy_dx" or found.names["y", "x"] not in ("y_x", "t1", "x", "y")
    names = [assignment.name for assignment in found.program.assignments]
    assert len(names) == len(set(names)) and not set(names) & set(found.program.inputs)


def test_what_cannot_be_done_is_said() -> None:
    with pytest.raises(NameProblem, match="not an input"):
        compact("y = 2*x; z = y^2", wrt="y")
    with pytest.raises(DomainError, match="argument 1 is not known"):
        compact("besselj(n, x)", "n")
    with pytest.raises(SymgraphError, match="with limits"):
        compact("sum(k*x, k, 1, n)", "x")
    with pytest.raises(SymgraphError, match="nothing varies"):
        compact("1 + 2")


def test_functions_of_which_nothing_is_known_keep_their_derivatives() -> None:
    assert str(compact("f(x)*x", value=False)) == "y_x = f(x) + x*f'(x)"
    assert "∂2g(x, y)" in str(compact("g(x, y)", "y"))


# Small


def random_graph(generator: random.Random, elementary: Sequence[str]) -> tuple[Arena, Reference, list[Reference]]:
    """A function of a few inputs: operations on whatever is there already, the last ones on what nothing uses yet."""
    arena = Arena()
    inputs = [arena.input(f"x{place}") for place in range(generator.randint(1, 4))]
    there = list(inputs)
    for _ in range(generator.randint(1, 14)):
        u, v = generator.choice(there), generator.choice(there[-4:])
        row = generator.choice(["add", "subtract", "multiply", "multiply", "divide", *elementary])
        made = arena.apply(row, (v,) if row in elementary else (u, v))
        if not arena.is_leaf(made >> 1):
            there.append(made & -2)
    return arena, there[-1], inputs


ELEMENTARY = ("square_root", "exponential", "logarithm", "sine", "cosine", "hyperbolic_tangent", "sigmoid")
NONSCALAR = ("multiply", "divide")


def nonscalar(arena: Arena, references: Sequence[Reference]) -> int:
    """Multiplications and divisions, but not by numbers."""
    return sum(
        arena.operations[place][0] in NONSCALAR
        and all(arena.value(argument) is None for argument in arena.operations[place][1:])
        for place in reachable(arena, references)
    )


@pytest.mark.parametrize(("elementary", "bound"), [((), 4), (ELEMENTARY, 5)], ids=["rational", "elementary"])
def test_the_cheap_gradient_principle(elementary: Sequence[str], bound: int) -> None:
    """f with its gradient: at most 4 times f, 5 times with elementary functions, 3 times the nonscalar operations."""
    generator = random.Random(20_260)
    worst = worst_nonscalar = 0.0
    for _ in range(5_000):
        arena, end, starts = random_graph(generator, elementary)
        if arena.is_leaf(end >> 1):
            continue
        own = count(arena, [end])
        products = nonscalar(arena, [end])
        both = [end, *reverse(arena, linearize(arena, [end], starts))]
        worst = max(worst, count(arena, both) / own)
        if not elementary and products:
            worst_nonscalar = max(worst_nonscalar, nonscalar(arena, both) / products)
    assert 2 < worst <= bound
    assert worst_nonscalar <= 3


@pytest.mark.parametrize("elementary", [(), ELEMENTARY], ids=["rational", "elementary"])
def test_what_is_shortened_has_the_same_residues(elementary: Sequence[str]) -> None:
    """The residues found what numbers at a point had not: a factor taken out of what two sums use."""
    generator = random.Random(7)
    shorter = 0
    for _ in range(120):
        arena, end, starts = random_graph(generator, elementary)
        net = linearize(arena, [end], starts)
        swept = [end, *reverse(arena, net)]
        expected = arena.residues(swept)
        for found in (swept, [end, *forward(arena, net)], [end, *eliminate(arena, net)]):
            made = shorten(arena, found)
            assert count(arena, made) <= count(arena, found)
            shorter += count(arena, made) < count(arena, found)
            for either in (made, expanded(arena, found)):
                for ours, theirs in zip(arena.residues(either), expected, strict=True):
                    assert ours == theirs or ours is None or theirs is None
    assert shorter > 20


def test_multiplied_out_like_terms_meet() -> None:
    assert str(compact("x*(1-x)*(1+x)", value=False)) == "y_x = 1 - 3*(x*x)"
    assert compact("(a+b)*(b+1)").operations == 4  # multiplied out it would be longer


def test_what_is_too_long_multiplied_out_stays_a_product() -> None:
    arena = Arena()
    numbers = [arena.add(arena.input(f"x{place}"), arena.input(f"y{place}")) for place in range(12)]
    product = ONE
    for each in numbers:
        product = arena.multiply(product, each)
    assert count(arena, expanded(arena, [product])) < 200  # 4,096 terms
    power = arena.input("x")
    for _ in range(64):
        power = arena.multiply(power, power)
    assert count(arena, expanded(arena, [power])) < 400  # x^(2^64)
    third = arena.number(Fraction(1, 3**400))
    scaled = [arena.multiply(third, arena.add(arena.multiply(third, number), ONE)) for number in numbers]
    assert arena.residues(expanded(arena, scaled)) == arena.residues(scaled)


def test_results_that_are_minus_the_same_are_computed_once() -> None:
    written = str(compact("a = -sin(x)*y; b = -sin(x)*z", "y, z", value=False))
    assert written.count("sin(x)") == 1


SMALL = [
    "(a+b)*(b+1)",
    "x*sin(x)",
    "x^2*exp(x)*cos(x)",
    "sin(x)^2 + cos(x)^2*x",
    "exp(sin(x*y))",
    "(x+y)/(x-y)",
    "x*y*z*sin(x*y)",
    "ln(x^2+1)*sqrt(x)",
    "exp(-x^2/2)*x",
    "sigmoid(w*x+b)*w",
    "tanh(a*x)*tanh(b*x)",
    "(x+1)^3*(x-2)^2",
    "x/(1+exp(-x))",
    "sin(x)*y + cos(x)*y^2",
    "sqrt(x^2+y^2)",
    "u = x*y; v = sin(u); w = v*u + x",
]


@pytest.mark.parametrize("text", SMALL)
def test_small_graphs_meet_the_best_order_of_elimination(text: str) -> None:
    program = parse(text)
    arena, places = entered(program)
    starts, ends = [places[name] for name in program.inputs], [places[program.outputs[0]]]
    net = linearize(arena, ends, starts)
    inner = [vertex for vertex in range(len(net.before)) if vertex not in net.starts]
    assert len(inner) <= 7, "too many orders"
    best = min(count(arena, eliminate(arena, net, order)) for order in itertools.permutations(inner))
    assert compact(text, value=False).operations <= best


def test_a_long_chain_stays_short() -> None:
    steps = ["f1 = sin(x)*x + x", *(f"f{k} = sin(f{k - 1})*f{k - 1} + x" for k in range(2, 1001))]
    found = compact("; ".join(steps), thorough=False)
    assert found.operations == 9 * 1000 - 2
    assert found.own == 3000
    lines = str(found).splitlines()
    assert max(map(len, lines)) < 80


def test_a_result_is_a_program_like_any_other() -> None:
    found = compact("(a+b)*(b+1)")
    again = parse(str(found), of=list(found.program.outputs))
    assert again.outputs == found.program.outputs
    assert again.expression_of("y_b").expand() == differentiate("(a+b)*(b+1)", "b").expand()
    assert differentiate(found.program, "a", of="y_b") == 1


# Models that code makes


def test_quantities_are_numbers_that_are_written_down() -> None:
    model = Model()
    x, y = model.input("x"), model.input("y")
    assert isinstance(x, Quantity) and model.input("x") is x
    value = 2 / (1 - x) + (x - 0.5) ** 3 - (-y) / 4 + 2**x - 1
    found = model.compact({"z": value}, ["x"])
    point = {sympy.Symbol("x"): sympy.Rational(1, 3), sympy.Symbol("y"): sympy.Rational(2, 7)}
    x_, y_ = sympy.symbols("x y")
    expected = 2 / (1 - x_) + (x_ - sympy.Rational(1, 2)) ** 3 + y_ / 4 + 2**x_ - 1
    assert abs((found.program.expression_of("z_x") - expected.diff(x_)).subs(point).evalf()) < 1e-12
    assert abs((found.program.expression_of("z") - expected).subs(point).evalf()) < 1e-12


def test_quantities_refuse_what_is_no_number() -> None:
    model = Model()
    x = model.input("x")
    with pytest.raises(TypeError, match="str"):
        x + "1"  # type: ignore[operator] # what is tested
    with pytest.raises(ProgramError, match="different models"):
        x + Model().input("x")
    with pytest.raises(AttributeError, match="no function"):
        functions.sinus(x)
    with pytest.raises(NameProblem):
        model.compact({"x": x * x})
    with pytest.raises(NameProblem, match="not an input"):
        model.compact({"z": x * x}, ["z"])
