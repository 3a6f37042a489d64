"""Questions that one graph answers: gradient, Jacobian, directions, rates in time, seeds, tangents, errors.

Each telling explains the derivatives first and then adds its own steps. No words and no markup here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sympy import Abs, Expr, Symbol

from symgraph.calculus.curves import check_on_curve, named_equation
from symgraph.calculus.derivatives import several
from symgraph.calculus.directions import SeedRow, check_weighted, direction_of, slope_of, weighted
from symgraph.calculus.extrema import Corner, LevelPoint, level_of
from symgraph.calculus.given import by_layer, numbers_for
from symgraph.calculus.graph import Node
from symgraph.calculus.questions import gradient_of, jacobian_of
from symgraph.calculus.tangents import differential_of, line_of, propagate_of
from symgraph.errors import DomainError, SymgraphError
from symgraph.explanation.asking import (
    Asking,
    Telling,
    chain_of,
    entries,
    found_in,
    fresh,
    matrix,
    number_at,
    rate_of,
    told,
    vector,
    weighted_sum,
)
from symgraph.explanation.formulas import (
    WrittenOut,
    equated,
    live,
    live_edge,
    live_node,
    live_rate,
    numeral,
    product,
    rate_at,
    shown,
    still,
    summed,
    total,
)
from symgraph.explanation.steps import (
    Answer,
    Chain,
    CornerFact,
    CriticalPoints,
    DirectionalDerivative,
    ErrorPropagation,
    GivenRates,
    GradientVector,
    JacobianMatrix,
    LayerDerivative,
    LevelFact,
    LevelPoints,
    LocalDerivatives,
    NameLayers,
    NearPoint,
    RelatedRates,
    SeedSweep,
    SteepestAscent,
    Step,
    StepUphill,
    SubstituteBack,
    SumPaths,
    TangentLine,
    TotalDifferential,
    UnitDirection,
    VectorJacobian,
    WeightedOutputs,
)
from symgraph.explanation.typesetting import Chain as Sides
from symgraph.explanation.typesetting import Shown
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Apply, Name, Number, Rate, Tree, rebuild

__all__ = [
    "critical",
    "differential",
    "directional",
    "gradient",
    "jacobian",
    "propagate",
    "related_rates",
    "steepest",
    "tangent",
    "vjp",
]


# Several derivatives at once ----------------------------------------------------------------------------------------


def gradient(asking: Asking) -> Telling:
    """The derivatives of one output, as a vector."""
    base = asking.explained()
    found = found_in(base)
    of = found.only_end()
    rates, answers, numbers = entries(base)
    left = Apply("gradient", (Name(of),))
    lines = [vector(rates[0]), vector(answers[0]), None if numbers is None else vector(numbers[0])]
    zero = numbers is not None and all(base.numbers[of, wrt] == 0 for wrt in found.starts)
    step = GradientVector(base.of[0], zero, (chain_of(left, *lines),))
    return told(base, "gradient", [step], gradient_of(found, several(asking.wrt or ())))


def jacobian(asking: Asking) -> Telling:
    """The derivatives of all outputs, as a matrix."""
    base = asking.explained()
    rates, answers, numbers = entries(base)
    left = Name(fresh(base.graph, "J", "D", "M"))
    lines = [matrix(rates), matrix(answers), None if numbers is None else matrix(numbers)]
    step = JacobianMatrix(base.of, base.wrt, (chain_of(left, *lines),))
    return told(base, "jacobian", [step], jacobian_of(found_in(base)))


def critical(asking: Asking) -> Telling:
    """Where all derivatives are zero, as far as it can be solved, and what the second derivatives say there."""
    base = asking.explained(at=None)
    made = level_of(found_in(base))
    of = base.of[0]
    rates, answers, _ = entries(base)
    zero = Number(0)
    equations = tuple(
        Chain(rate, (zero,) if answer == zero else (answer, zero))
        for rate, answer in zip(rates[0], answers[0], strict=True)
    )
    facts = tuple(_level_fact(base, point) for point in made.points)
    steps: list[Step] = [
        CriticalPoints(of, base.wrt, equations),
        LevelPoints(
            of,
            facts,
            made.complete,
            made.free,
            made.reason,
            len(base.wrt) == 1,
            tuple(_place(place) for place in made.doubtful),
            tuple(_corner_fact(of.name, corner) for corner in made.corners),
            made.settled and all(any(place == each.place for each in made.corners) for place in made.doubtful),
            made.flat,
        ),
    ]
    return told(base, "critical", steps, made)


def _place(place: Mapping[str, Expr]) -> tuple[Shown, ...]:
    return tuple(equated((Name(name), numeral(value))) for name, value in place.items())


def _corner_fact(of: str, corner: Corner) -> CornerFact:
    left, right = corner.slopes
    if any(corner.ends):
        how = "end"
    elif corner.level:
        how = "level"
    elif left is None or right is None:
        how = "jump"
    else:
        how = "corner" if left.is_finite and right.is_finite else "steep"
    slopes = (numeral(left), numeral(right)) if how == "corner" and left is not None and right is not None else ()
    return CornerFact(_place(corner.place), equated((Name(of), numeral(corner.value))), slopes, corner.kind, how)


def _level_fact(base: Telling, point: LevelPoint) -> LevelFact:
    of, names = base.of[0].name, list(point.place)
    place = _place(point.place)
    value = None if point.value is None else equated((Name(of), numeral(point.value)))
    first = Rate(of, names[0], straight=len(base.graph.graph["inputs"]) == 1, order=2)
    tests: list[Shown] = [equated((first, numeral(point.second[0, 0])))]
    if len(names) == 2:
        second, both = Rate(of, names[1], order=2), Rate(of, names[0], also=(names[1],))
        left = Apply("subtract", (Apply("multiply", (first, second)), Apply("power", (both, Number(2)))))
        tests.append(equated((left, numeral(point.second.det()))))
    return LevelFact(place, value, tuple(tests) if len(names) <= 2 else (), point.kind, point.by_sides)


# Directions and seeds -----------------------------------------------------------------------------------------------


def directional(asking: Asking) -> Telling:
    """The gradient's part in a direction; with a point, by a forward sweep as well."""
    base = asking.explained(wrt=None)
    made = direction_of(found_in(base), asking.given["direction"], unit=asking.given.get("unit", True))
    along = fresh(base.graph, "s", "r", "s")
    given = vector(numeral(number) for number in made.given.values())
    steps: list[Step] = []
    if made.length != 1 and asking.given.get("unit", True):
        name = fresh(base.graph, "u", "n", "w", "u")
        unit = vector(numeral(number) for number in made.unit.values())
        quotient = Apply("multiply", (Apply("divide", (Number(1), numeral(made.length))), given))
        steps.append(UnitDirection(given, numeral(made.length), (chain_of(Name(name), quotient, unit),)))
    steps.append(DirectionalDerivative(base.of[0], along, (_moved(base, along, made.unit, made.result),)))
    steps.extend(_seed_sweep(base, along, made.rows, made.unit))
    return told(base, "directional", steps, made.result)


def _moved(base: Telling, along: str, speeds: Mapping[str, Expr], result: Expr, named: bool = False) -> Chain:
    """df/ds = ∂f/∂x · (speed of x) + …, with letters, with numbers, worked out."""
    of = base.of[0]
    nodes = {node.name: node for node in base.wrt}
    rates = {name: rate_of(base, of, nodes[name]) for name in speeds}
    numbers = {name: numeral(speed) for name, speed in speeds.items()}
    first = {name: Rate(name, along, straight=True) if named else numbers[name] for name in speeds}
    lines = [weighted_sum((rates[name], first[name]) for name in speeds)]
    slopes = {
        name: number_at(base, of, nodes[name])
        if base.values is not None
        else shown(base.answers[of.name, name], base.graph)
        for name in speeds
    }
    lines.append(weighted_sum((slopes[name], numbers[name]) for name in speeds))
    whole = _speed(of, nodes, speeds)
    lines.append(live(result, whole) if base.values is not None else shown(result, base.graph))
    return chain_of(Rate(of.name, along, straight=True), *lines)


def _speed(of: Node, inputs: Mapping[str, Node], speeds: Mapping[str, Expr]) -> Tree:
    """How fast a node moves when each input does at its own speed: ∂f/∂x · (speed of x) + …"""
    return summed((rate_at(of, inputs[name]), from_sympy(speed)) for name, speed in speeds.items())


def _seed_sweep(base: Telling, along: str, rows: tuple[SeedRow, ...], speeds: Mapping[str, Expr]) -> list[Step]:
    """The same by forward mode, node by node; nothing to add where one edge leads from each input to the output."""
    if sum(node.formula is not None for node in base.graph) < 2 or not rows:
        return []
    chains = []
    inputs = {node.name: node for node in base.wrt}

    def moving(node: Node, value: Expr) -> Any:
        return numeral(value) if node.formula is None else live(value, _speed(node, inputs, speeds))

    for row in rows:
        terms = [(moving(edge.tail, speed), live_edge(edge, base.values.edges[edge])) for speed, edge in row.terms]
        line = weighted_sum(terms) if terms else None
        chains.append(chain_of(Rate(row.node.name, along, straight=True), line, moving(row.node, row.value)))
    return [SeedSweep(along, tuple(chains))]


def related_rates(asking: Asking) -> Telling:
    """How fast the output changes in time, when the inputs change at given rates."""
    if asking.given.get("equation"):
        return _rates_on_a_curve(asking)
    if asking.at is None:
        raise SymgraphError("related rates are asked for at one moment: give the values then, with at=")
    base = asking.explained(wrt=None)
    made = direction_of(found_in(base), asking.given["rates"], unit=False, what="rates")
    time = fresh(base.graph, "t", "T", "t")
    given = tuple(chain_of(Rate(name, time, straight=True), numeral(rate)) for name, rate in made.given.items())
    steps: list[Step] = [
        GivenRates(given),
        RelatedRates(base.of[0], None, (_moved(base, time, made.given, made.result, named=True),)),
        *_seed_sweep(base, time, made.rows, made.given),
    ]
    return told(base, "related_rates", steps, made.result, before=1)


def _rates_on_a_curve(asking: Asking) -> Telling:
    """Rates of what an equation ties together: all but one are given, and F does not change."""
    if asking.at is None:
        raise SymgraphError("related rates are asked for at one moment: give the values then, with at=")
    names = [*several(asking.wrt or ()), *several(asking.of or ())]
    equation, _, of = named_equation(asking.source, names[0] if len(names) > 1 else None, names[-1] if names else None)
    check_on_curve(equation, asking.at, asking.options.get("extra"))
    base = asking.derive(source=equation.program, wrt=None, of=equation.name, at=asking.at)
    others = [name for name in equation.program.inputs if name != of]
    rates = numbers_for(others, asking.given["rates"], equation.program, "rates")
    slopes = {name: base.numbers[equation.name, name] for name in equation.program.inputs}
    if slopes[of] == 0:
        raise DomainError(f"{equation.name} does not change with {of} at this moment: its rate does not follow")
    pushed = sum((slopes[name] * rates[name] for name in others), start=Symbol("x") * 0)
    result = -pushed / slopes[of]
    time = fresh(base.graph, "t", "T", "t")
    moved = {name: Rate(name, time, straight=True) for name in equation.program.inputs}
    nodes = {node.name: node for node in base.wrt}
    zero = Number(0)
    letters = weighted_sum((rate_of(base, base.of[0], nodes[name]), moved[name]) for name in nodes)
    figures = weighted_sum(
        (numeral(slopes[name]), moved[name] if name == of else numeral(rates[name])) for name in nodes
    )
    quotient = Apply("negate", (Apply("divide", (numeral(pushed), numeral(slopes[of]))),))
    solved = chain_of(moved[of], quotient, numeral(result))
    steps: list[Step] = [
        GivenRates(tuple(chain_of(moved[name], numeral(rates[name])) for name in others)),
        RelatedRates(base.of[0], of, (Chain(letters, (zero,)), Chain(figures, (zero,)), solved)),
    ]
    base = replace(base, meaning=Sides((equation.left, equation.right)))
    return told(base, "related_rates", steps, result, before=1)


def vjp(asking: Asking) -> Telling:
    """The outputs weighted by a seed and added: reverse mode from that sum."""
    plain = asking.explained(detail="answer")
    found = found_in(plain)
    program, name, seeds = weighted(found, asking.given["seed"])
    wrt = [node.name for node in plain.wrt] if asking.wrt is None else asking.wrt
    base = asking.derive(source=program, wrt=wrt, of=name, at=asking.at)
    base = replace(base, steps=tuple(_without_number(step, name) for step in base.steps))
    whole = found_in(base)
    check_weighted(found, whole, name, seeds)
    weights = [(numeral(seeds[end.name]), Name(end.name)) for end in plain.of]
    ones = all(seed == 1 for seed in seeds.values())
    summed = total([product(list(pair)) if pair[0] != Number(1) else pair[1] for pair in weights])
    whole_layer = next((layer for layer in program.layers if layer.components == tuple(seeds)), None)
    if ones and whole_layer is not None:
        summed = Apply("total", (Name(whole_layer.name),))
    first = WeightedOutputs(plain.of, name, ones, (chain_of(Name(name), summed),))
    result = by_layer(base.program, {start: whole.value(name, start) for start in whole.starts})
    rates, answers, numbers = entries(base)
    lines = [vector(rates[0]), vector(answers[0]), None if numbers is None else vector(numbers[0])]
    chains: tuple[Chain, ...] = (chain_of(Apply("gradient", (Name(name),)), *lines),)
    if any(isinstance(step, LayerDerivative) for step in base.steps):
        chains = ()  # each layer's part of it has just been told
    last = VectorJacobian(name, chains)
    return told(base, "vjp", [first, last], result, before=1)


def _without_number(step: Step, name: str) -> Step:
    """The layers without the weighted sum, which was told before them."""
    if not isinstance(step, NameLayers):
        return step
    return replace(step, numbers=tuple(each for each in step.numbers if _about(each) != name))


def _about(equation: Shown) -> str:
    """What an equation is about."""
    first = equation.sides[0] if isinstance(equation, Sides) else equation
    return first.name if isinstance(first, Name) else ""


# Straight lines -----------------------------------------------------------------------------------------------------


def tangent(asking: Asking) -> Telling:
    """The tangent line or plane at the point; and, near it, what it says against what is so."""
    if asking.at is None:
        raise SymgraphError("a tangent touches at a point: give it, with at=")
    base = asking.explained()
    made = line_of(found_in(base), asking.given.get("near"))
    name = fresh(base.graph, "L", "T", "L")
    of = base.of[0]
    if len(base.wrt) == 1:
        base = replace(base, steps=tuple(_with_number(step, base) for step in base.steps))
    nodes = {node.name: node for node in base.wrt}
    slopes = {each: live_rate(of, nodes[each], slope) for each, slope in made.slopes.items()}
    terms = [product([slopes[each], _difference(Name(each), value)]) for each, value in made.point.items()]
    start = live_node(of, made.base)
    line = total([start, *terms])
    short = still(shown(made.result, base.graph))
    steps: list[Step] = [TangentLine(of, name, len(made.point) > 1, (chain_of(Name(name), line, short),))]
    if made.near is not None and made.guess is not None and made.truth is not None:
        away = {each: Apply("subtract", (from_sympy(made.near[each]), Name(each))) for each in made.point}
        moved = [
            product([slopes[each], live(made.near[each] - value, away[each], decimal=True)])
            for each, value in made.point.items()
        ]
        formula = Apply("add", (Name(of.name), summed((rate_at(of, nodes[each]), away[each]) for each in made.point)))
        guess = live(made.guess, formula, 8, decimal=True)
        near = tuple(equated((Name(each), numeral(value, 8, decimal=True))) for each, value in made.near.items())
        truth = numeral(made.truth, 8, decimal=True)
        gap = Apply("absolute_value", (Apply("subtract", (from_sympy(made.truth), formula)),))
        off = live(abs(made.truth - made.guess), gap, 2, decimal=True)
        chain = chain_of(Name(name), total([start, *moved]), guess)
        steps.append(NearPoint(of, name, near, truth, off, (chain,)))
    return told(base, "tangent", steps, made.result)


def _with_number(step: Step, base: Telling) -> Step:
    """The derivative of a function that is one edge, with its value at the point beside it."""
    left = step.chain.left if isinstance(step, SubstituteBack) else None
    if not isinstance(left, Rate) or any(isinstance(each, SumPaths | LocalDerivatives) for each in base.steps):
        return step
    of, wrt = base.of[0], base.wrt[0]
    result = shown(base.answers[of.name, wrt.name], base.graph)
    return Answer(wrt, of, left, result, number_at(base, of, wrt))


def _difference(left: Name, value: Expr) -> Any:
    """x − 3; x itself, where the point is 0; x + 1 where it is −1."""
    if value == 0:
        return still(left)
    if value.is_negative:
        return Apply("add", (left, live(-value, Apply("negate", (left,)))))
    return Apply("subtract", (left, live(value, left)))


def differential(asking: Asking) -> Telling:
    """dy as the sum of slope · change, with letters or numbers, beside the change itself."""
    base = asking.explained()
    made = differential_of(found_in(base), asking.given.get("changes"))
    of = base.of[0]
    rates, answers, numbers = entries(base)
    letters = [Apply("differential", (Name(wrt.name),)) for wrt in base.wrt]
    lines: list[Any] = [
        weighted_sum(zip(rates[0], letters, strict=True)),
        weighted_sum(zip(answers[0], letters, strict=True)),
    ]
    truth = None
    if numbers is not None:
        lines.append(weighted_sum(zip(numbers[0], letters, strict=True)))
    if made.changes is not None and made.result is not None and numbers is not None:
        sizes = [numeral(made.changes[wrt.name], decimal=True) for wrt in base.wrt]
        formula = _speed(of, {wrt.name: wrt for wrt in base.wrt}, made.changes)
        result = live(made.result, formula, decimal=True)
        lines += [weighted_sum(zip(numbers[0], sizes, strict=True)), result]
        if made.truth is not None:
            steps = {wrt.name: from_sympy(made.changes[wrt.name]) for wrt in base.wrt}
            gone = Apply("subtract", (_moved_value(base, of, steps), Name(of.name)))
            truth = equated((Apply("change", (Name(of.name),)), live(made.truth, gone, decimal=True)))
    step = TotalDifferential(of, truth, (chain_of(Apply("differential", (Name(of.name),)), *lines),))
    return told(base, "differential", [step], made.result)


def propagate(asking: Asking) -> Telling:
    """The largest error to first order, and what independent errors make."""
    if asking.at is None:
        raise SymgraphError("errors pass on at a point: give it, with at=")
    base = asking.explained()
    made = propagate_of(found_in(base), asking.given["errors"])
    of = base.of[0]
    rates, _, _ = entries(base)
    letters = [Apply("change", (Name(wrt.name),)) for wrt in base.wrt]
    assert made.changes is not None and made.result is not None and made.independent is not None
    sides = [Apply("absolute_value", (rate_at(of, wrt),)) for wrt in base.wrt]
    slopes = [live(Abs(made.slopes[wrt.name]), side) for wrt, side in zip(base.wrt, sides, strict=True)]
    sizes = [numeral(made.changes[wrt.name], decimal=True) for wrt in base.wrt]
    exact = [from_sympy(made.changes[wrt.name]) for wrt in base.wrt]
    left = Apply("change", (Name(of.name),))
    bars = [Apply("absolute_value", (rate,)) for rate in rates[0]]
    chains = [
        chain_of(
            left,
            weighted_sum(zip(bars, letters, strict=True)),
            weighted_sum(zip(slopes, sizes, strict=True)),
            live(made.result, summed(zip(sides, exact, strict=True)), decimal=True),
        )
    ]
    if len(base.wrt) > 1:
        whole = _length([Apply("multiply", pair) for pair in zip(sides, exact, strict=True)])
        products = [Apply("multiply", pair) for pair in zip(slopes, sizes, strict=True)]
        named = [Apply("multiply", pair) for pair in zip(rates[0], letters, strict=True)]
        chains.append(chain_of(_length(named), _length(products), live(made.independent, whole, decimal=True)))
    step = ErrorPropagation(of, len(base.wrt) > 1, tuple(chains))
    return told(base, "propagate", [step], made.result)


def _moved_value(base: Telling, of: Node, steps: Mapping[str, Tree]) -> Tree:
    """The output's value where every input has moved by its step, as the formula of a number that moves."""

    def moved(part: Tree) -> Tree | None:
        return Apply("add", (part, steps[part.name])) if isinstance(part, Name) and part.name in steps else None

    written = WrittenOut(base.graph)(Name(of.name))
    expr = written if written is not None else from_sympy(base.program.expression_of(of.name))
    return rebuild(expr, moved)


def _length(parts: Sequence[Tree]) -> Tree:
    """√(a² + b² + …); |a| of one alone."""
    if len(parts) == 1:
        return Apply("absolute_value", (parts[0],))
    summed: Tree = Apply("power", (parts[0], Number(2)))
    for part in parts[1:]:
        summed = Apply("add", (summed, Apply("power", (part, Number(2)))))
    return Apply("square_root", (summed,))


def steepest(asking: Asking) -> Telling:
    """The gradient as a direction, its length as the rate in it, and a step along it."""
    if asking.at is None:
        raise SymgraphError("the direction of steepest ascent is asked for at a point: give it, with at=")
    base = asking.explained()
    made = slope_of(found_in(base), asking.given.get("step"))
    of = base.of[0]
    arrow = Apply("gradient", (Name(of.name),))
    rates, _, numbers = entries(base)
    assert numbers is not None
    length = live(made.length, _length([rate_at(of, wrt) for wrt in base.wrt]))
    chains = [chain_of(arrow, vector(rates[0]), vector(numbers[0]))]
    zero = made.length == 0
    if not zero:
        chains.append(chain_of(Apply("absolute_value", (arrow,)), _length(numbers[0]), length))
    steps: list[Step] = [SteepestAscent(of, zero, tuple(chains))]
    if made.step is not None and made.moved is not None and made.after is not None and made.before is not None:
        size = numeral(made.step, decimal=True)
        pace = from_sympy(made.step)
        steps_on = {wrt.name: Apply("multiply", (pace, rate_at(of, wrt))) for wrt in base.wrt}
        moves = []
        for wrt, number in zip(base.wrt, numbers[0], strict=True):
            start = live(base.values.point[wrt], Name(wrt.name), decimal=True)
            goal = Apply("add", (Name(wrt.name), steps_on[wrt.name]))
            arrived = live(made.moved[wrt.name], goal, decimal=True)
            letters = total([Name(wrt.name), product([size, rate_of(base, of, wrt)])])
            moves.append(chain_of(letters, total([start, product([size, number])]), arrived))
        before = live(made.before, Name(of.name), decimal=True)
        after = live(made.after, _moved_value(base, of, steps_on), decimal=True)
        steps.append(StepUphill(of, size, before, after, tuple(moves)))
    return told(base, "steepest", steps, (made.gradient, made.length))
