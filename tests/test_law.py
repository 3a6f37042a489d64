"""The law: the sum over the paths = forward = reverse = sympy.diff = what a nudge says, for programs made at random."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import programs
from sympy import Expr, Symbol, diff

from symgraph.calculus.balls import Enclosure, Tape, evaluate
from symgraph.calculus.crosscheck import crosscheck, sympy_derivative
from symgraph.calculus.evaluation import evaluate as evaluate_graph
from symgraph.calculus.evaluation import rates
from symgraph.calculus.graph import Grain, Graph, build, find_node
from symgraph.calculus.paths import count_paths, find_paths, path_sum
from symgraph.calculus.points import points
from symgraph.calculus.reals import exact, precision
from symgraph.calculus.substitution import in_inputs, replace_symbols
from symgraph.calculus.sweeps import forward, reverse
from symgraph.errors import DisagreementError, DomainError, LimitExceeded, SymgraphError, TooLargeToShow
from symgraph.language.program import Program

GRAINS = st.sampled_from(["operation", "statement", "textbook"])
SOME = settings(max_examples=60, suppress_health_check=list(HealthCheck))


def agree(values: dict[str, Enclosure]) -> None:
    """Every two are not proved different, and every one is known to at least 20 digits."""
    first, *rest = values
    for name in rest:
        assert not values[first].apart(values[name]), (first, name, values)
    for name, value in values.items():
        assert value.real, (name, value)


def built(program: Program, grain: Grain) -> Graph:
    """The graph; a program that divides by x − x, or nests squares past the limits, is refused and no case here."""
    try:
        graph = build(program, grain)
        assert program.expr is not None
    except (DomainError, LimitExceeded, TooLargeToShow):
        assume(False)
    return graph


@SOME
@given(program=programs(), grain=GRAINS)
def test_the_law(program: Program, grain: Grain) -> None:
    graph = built(program, grain)
    (of,) = graph.graph["outputs"]
    for wrt in graph.graph["inputs"]:
        assume(count_paths(graph, wrt, of) <= 300)
        expr = program.expr
        summed = in_inputs(graph, path_sum(graph, wrt, of), wrt)
        ahead = next(row.value for row in forward(graph, wrt) if row.node is of)
        back = next(row.value for row in reverse(graph, of) if row.node is wrt)
        real = {Symbol(name): Symbol(name, real=True) for name in program.inputs}
        routes: dict[str, Expr] = {
            "paths": summed,
            "forward": in_inputs(graph, ahead, wrt),
            "reverse": in_inputs(graph, back, wrt),
            "diff": diff(replace_symbols(expr, real), real[wrt.symbol]),
            "diff, a term at a time": sympy_derivative(expr, real, wrt.symbol),
        }
        compared = 0
        for point in points(program.inputs, seed=0, count=12):
            values = {name: evaluate(route, point) for name, route in routes.items()}
            if not evaluate(expr, point).real or not all(value.real for value in values.values()):
                continue
            agree(values)
            step = Fraction(1, 10**12)
            around = [evaluate(expr, {**point, wrt.name: point[wrt.name] + sign * step}, bits=160) for sign in (1, -1)]
            if all(side.real for side in around):
                with precision(256):
                    slope = float((around[0].number - around[1].number) / exact(2 * step.numerator, step.denominator))
                assert slope == pytest.approx(float(values["paths"]), rel=1e-6, abs=1e-6)
            compared += 1
            if compared == 2:
                break


@SOME
@given(program=programs(), grain=GRAINS)
def test_crosscheck_agrees_and_a_wrong_answer_is_refused(program: Program, grain: Grain) -> None:
    graph = built(program, grain)
    (of,) = graph.graph["outputs"]
    wrt = graph.graph["inputs"][0]
    assume(count_paths(graph, wrt, of) <= 300)
    right = in_inputs(graph, path_sum(graph, wrt, of), wrt)
    report = crosscheck(graph, [(of, wrt)], lambda *names: right)
    assume(report.points)
    with pytest.raises(DisagreementError, match="answer"):
        crosscheck(graph, [(of, wrt)], lambda *names: right + Fraction(1, 10**18).numerator * Symbol("x") / 10**18)


@SOME
@given(program=programs())
def test_every_grain_tells_the_same_derivative(program: Program) -> None:
    found = []
    for grain in ("operation", "statement", "textbook"):
        graph = built(program, grain)
        at = {name: Fraction(number + 3, 7) for number, name in enumerate(program.inputs)}
        try:
            values = evaluate_graph(graph, at)
        except SymgraphError:
            assume(False)
        (of,) = graph.graph["outputs"]
        found.append([float(rates(reverse(graph, of), values)[node]) for node in graph.graph["inputs"]])
    assert found[0] == pytest.approx(found[1], rel=1e-9, abs=1e-9)
    assert found[0] == pytest.approx(found[2], rel=1e-9, abs=1e-9)


@SOME
@given(program=programs(), grain=GRAINS)
def test_paths_are_counted_as_they_are_listed(program: Program, grain: Grain) -> None:
    graph = built(program, grain)
    for wrt in graph.graph["inputs"]:
        count = count_paths(graph, wrt)
        assume(count < 2000)
        listed = list(find_paths(graph, wrt))
        assert len(listed) == len(set(listed)) == count
        for path in listed:
            assert path.start == wrt and path.nodes[-1] == graph.graph["outputs"][0]
            assert all(one.head == two.tail for one, two in zip(path.edges, path.edges[1:], strict=False))


def test_a_chain_of_thousands_needs_no_recursion() -> None:
    lines = ["u0 = x + 1"] + [f"u{k} = u{k - 1}*x + {k}" for k in range(1, 3000)]
    graph = build("; ".join(lines))
    assert len(graph) == 3001
    assert count_paths(graph) == 3000
    assert len(forward(graph, "x")) == len(reverse(graph)) == 3001
    assert find_node(graph, "u2999").definition is not None


def test_a_graph_with_three_to_the_two_hundred_paths() -> None:
    lines = ["u0 = x"] + [f"u{k} = 2*u{k - 1} + u{k - 1}*y + u{k - 1}" for k in range(1, 201)]
    graph = build("; ".join(lines))
    assert count_paths(graph, "x") == 3**200
    tape = Tape(*(node.formula for node in graph if node.formula is not None))
    assert len(tape) > 0
    with pytest.raises(SymgraphError, match="marked_paths"):
        path_sum(graph, "x")
