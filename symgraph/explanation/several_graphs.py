"""Questions that need more than one graph: second derivatives, curves, logarithms, quantities held still.

Each telling explains a derivative, then another one on the derivative's own graph (or on a changed graph), as parts of
one document, and puts them together. No words and no markup here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Expr

from symgraph.calculus.agreement import agree
from symgraph.calculus.bounds import never_zero, smallest_at_zero
from symgraph.calculus.curves import (
    Equation,
    check_on_curve,
    curve_of,
    implicit_of,
    named_equation,
    value_along,
    value_on_curve,
)
from symgraph.calculus.derivatives import given_point, several, value_at
from symgraph.calculus.graph import Graph, as_program, build, find_node
from symgraph.calculus.holding import hold_still, values_of_held
from symgraph.calculus.logarithms import by_logarithms
from symgraph.calculus.paths import count_paths, find_paths
from symgraph.calculus.questions import hessian_of
from symgraph.calculus.simplifier import simplest
from symgraph.errors import SymgraphError
from symgraph.explanation.asking import (
    Asking,
    Telling,
    chain_of,
    found_in,
    fresh,
    matrix,
    number_at,
    program_named,
    rate_of,
    told,
    with_names,
)
from symgraph.explanation.formulas import live, numeral, product, shown, total, total_rate
from symgraph.explanation.steps import (
    AlongTheCurve,
    Chain,
    Failure,
    HeldStill,
    HessianMatrix,
    HigherDerivative,
    ImplicitSlope,
    LogarithmicSlope,
    NameNodes,
    ParametricSlope,
    Quantity,
    Readings,
    SlopeAlongTheCurve,
    Step,
    TakeLogarithms,
    WhereItFails,
)
from symgraph.explanation.typesetting import Chain as Sides
from symgraph.explanation.typesetting import Shown
from symgraph.language.components import spread
from symgraph.language.program import Program
from symgraph.language.tree import Apply, Name, Number, Rate, Tree, names_in

__all__ = ["held", "hessian", "higher", "implicit", "logarithmic", "mixed", "parametric"]

LETTERS = ("p", "q", "r", "m", "n", "k")  # for derivatives that are differentiated again
MANY = 100  # paths of a form that nobody would differentiate
MOST = 4  # inputs of a Hessian whose second derivatives are all told


# Derivatives of derivatives -----------------------------------------------------------------------------------------


def higher(asking: Asking) -> Telling:
    """The derivative of a derivative, so often: each on the graph of the one before."""
    order = asking.given["order"]
    if not isinstance(order, int) or order < 1:
        raise SymgraphError("the order of a derivative is 1, 2, 3, …")
    if order == 1:
        return asking.explained()
    base = asking.explained(role="first")
    found = found_in(base)
    if len(found.pairs) != 1:
        raise SymgraphError(f"there are {len(found.pairs)} derivatives here: say which, with wrt= and of=")
    return _again(asking, base, [base.wrt[0].name] * order, "higher")


def mixed(asking: Asking) -> Telling:
    """The derivative by one name after the other."""
    names = several(asking.wrt or ())
    if len(names) < 2:
        raise SymgraphError("a mixed derivative is by two names or more, one after the other: wrt='x, y'")
    base = asking.explained(wrt=names[:1], role="first")
    found_in(base).only_end()
    return _again(asking, base, names, "mixed")


def _again(asking: Asking, base: Telling, names: list[str], question: str) -> Telling:
    """A part for every name after the first, then what they make together."""
    of, program = base.of[0], base.program
    parts, rate = [base], rate_of(base, of, base.wrt[0])
    expr = _easier(base, of.name, names[0])
    used = {node.name for node in base.graph}
    for place, name in enumerate(names[1:]):
        letter = next(each for each in (*LETTERS, *(f"p{k}" for k in range(1, 40))) if each not in used)
        used.add(letter)
        parts.append(_part(asking, program_named(letter, expr, program, [name]), program, name, letter, rate))
        expr = _easier(parts[-1], letter, name)
        rate = _higher_rate(of.name, names[: place + 2], straight=len(program.inputs) == 1)
    last = parts[-1]
    expr = last.answers[last.of[0].name, last.wrt[0].name]
    value = None if asking.at is None else value_at(expr, program, asking.at)
    chain = chain_of(
        rate,
        total_rate(last.of[0], last.wrt[0], last.graph),
        shown(expr, last.graph),
        None if value is None else live(value, expr),
    )
    step = HigherDerivative(of, tuple(names), len(set(names)) > 1, (chain,))
    return told(base, question, [step], expr if value is None else value, parts)


def _easier(part: Telling, of: str, wrt: str) -> Expr:
    """A derivative in the form that is less work to differentiate again: simplified, or as the paths give it."""
    forms = [part.answers.summed(of, wrt), part.answers[of, wrt]]
    return min(forms, key=lambda form: _work(build(as_program(form, inputs=part.program.inputs)), wrt))


def _work(graph: Graph, wrt: str) -> tuple[int, int]:
    """The longest path, and the edges of all paths together."""
    start, (end,) = find_node(graph, wrt), graph.graph["outputs"]
    if count_paths(graph, start, end) > MANY:
        return MANY, MANY
    lengths = [len(path.edges) for path in find_paths(graph, start, end)]
    return max(lengths, default=0), sum(lengths)


def _part(asking: Asking, program: Program, whole: Program, wrt: Any, letter: str, meaning: Shown) -> Telling:
    """The derivative of a derivative that was given a name, explained on a graph of its own."""
    at = None
    if asking.at is not None:
        point = spread(whole, given_point(asking.at) or {})
        at = {name: value for name, value in point.items() if name in program.inputs}
    part = asking.derive(source=program, wrt=wrt, of=letter, at=at, role="again")
    return replace(part, meaning=Sides((Name(letter), meaning)))


def _higher_rate(of: str, names: list[str], *, straight: bool) -> Rate:
    """∂²f/∂y∂x for by x first and then by y; d³y/dx³ for three times by x."""
    last, *before = list(reversed(names))
    counts = {name: names.count(name) for name in dict.fromkeys([last, *before])}
    (first, order), *rest = counts.items()
    also = tuple(name for name, count in rest for _ in range(count))
    return Rate(of, first, straight=straight, order=order, also=also)


def hessian(asking: Asking) -> Telling:
    """All second derivatives, each on the graph of a first derivative, as a matrix."""
    base = asking.explained(role="first")
    of, program = base.of[0], base.program
    made = hessian_of(found_in(base))
    parts = [base]
    used = {node.name for node in base.graph}
    names = [wrt.name for wrt in base.wrt]
    if len(names) <= MOST:
        for wrt in base.wrt:
            letter = next(each for each in (*LETTERS, "p1", "p2", "p3", "p4") if each not in used)
            used.add(letter)
            expr = _easier(base, of.name, wrt.name)
            again = program_named(letter, expr, program, names)
            parts.append(_part(asking, again, program, names, letter, rate_of(base, of, wrt)))
    straight = len(program.inputs) == 1
    rates = [[_higher_rate(of.name, [first, second], straight=straight) for second in names] for first in names]
    exprs = [[shown(made[row, column], base.graph) for column in range(len(names))] for row in range(len(names))]
    numbers = None
    result = made
    if asking.at is not None:
        result = made.applyfunc(lambda entry: value_at(entry, program, asking.at))
        numbers = matrix(
            [live(result[row, column], exprs[row][column]) for column in range(len(names))] for row in range(len(names))
        )
    left = Name(fresh(base.graph, "H", "D", "M"))
    step = HessianMatrix(of, base.wrt, (chain_of(left, matrix(rates), matrix(exprs), numbers),))
    return told(base, "hessian", [step], result, parts)


# Held still ---------------------------------------------------------------------------------------------------------


def held(asking: Asking) -> Telling:
    """A derivative with some quantities held still, and the total derivative beside it."""
    options = {name: asking.options[name] for name in ("shapes", "extra") if name in asking.options}
    program = with_names(build(as_program(asking.source, at=asking.at, **options)))
    freed = hold_still(program, asking.given["hold"], asking.of if asking.of is None else str(asking.of))
    names = [name for name in freed.inputs if name not in program.inputs]
    whole = asking.explained(source=program, role="total")
    if len(whole.of) * len(whole.wrt) != 1:
        raise SymgraphError("one derivative at a time is taken with something held still: say which, with wrt= and of=")
    of, wrt = whole.of[0], whole.wrt[0]
    at = None if asking.at is None else values_of_held(program, freed, asking.at)
    part = asking.derive(source=freed, wrt=wrt.name, of=of.name, at=at, role="held")
    part = replace(part, meaning=tuple(names))
    still = tuple(name for name in freed.inputs if name != wrt.name)
    partial = Rate(of.name, wrt.name, held=still)
    expr, full = part.answers[of.name, wrt.name], whole.answers[of.name, wrt.name]
    numbers: tuple[Tree | None, Tree | None] = (None, None)
    result: Expr = expr
    if at is not None:
        result = part.numbers[of.name, wrt.name]
        numbers = (live(result, expr), number_at(whole, of, wrt))
    chains = (
        chain_of(partial, shown(expr, part.graph), numbers[0]),
        chain_of(rate_of(whole, of, wrt), shown(full, whole.graph), numbers[1]),
    )
    same = simplest(full - expr) == 0
    step = HeldStill(of, wrt, tuple(names), same, chains)
    return told(whole, "held", [step], result, [part, whole])


# Curves -------------------------------------------------------------------------------------------------------------


def _with_its_name(base: Telling) -> Telling:
    """A curve's F is told even where it is the only operation: everything that follows speaks of it."""
    if any(isinstance(step, NameNodes) for step in base.steps):
        return base
    node = find_node(base.graph, base.of[0].name)
    place = sum(isinstance(step, Readings) for step in base.steps[:1])
    name = NameNodes((Quantity(node, node.formula, None),), chain=False)
    return replace(base, steps=(*base.steps[:place], name, *base.steps[place:]))


def implicit(asking: Asking) -> Telling:
    """dy/dx on the curve F = 0, from the two partial derivatives of F; once more for the second derivative."""
    equation, wrt, of = named_equation(asking.source, _one(asking.wrt), _one(asking.of))
    if asking.at is not None:
        check_on_curve(equation, asking.at, asking.options.get("extra"))
    order = asking.given.get("order", 1)
    base = asking.derive(source=equation.program, wrt=[wrt, of], of=equation.name, at=asking.at, role="curve")
    base = _with_its_name(replace(base, meaning=Sides((equation.left, equation.right))))
    made = implicit_of(found_in(base), equation, wrt, of, order)
    straight = len(equation.program.inputs) == 2
    slope, along = Rate(of, wrt, straight=straight), {node.name: rate_of(base, base.of[0], node) for node in base.wrt}
    answers = {name: shown(base.answers[equation.name, name], base.graph) for name in (wrt, of)}
    value = None if asking.at is None else value_on_curve(made.slope, made, equation, asking.at)
    balance = total([along[wrt], product([along[of], slope])])
    chain = chain_of(
        slope,
        _minus_quotient(along[wrt], along[of]),
        _minus_quotient(answers[wrt], answers[of]),
        shown(made.slope, base.graph),
        None if value is None else numeral(value),
    )
    steps: list[Step] = [
        AlongTheCurve(equation.name, wrt, of, (Chain(balance, (Number(0),)),)),
        ImplicitSlope(equation.name, wrt, of, (chain,)),
    ]
    steps.extend(_without_a_curve(equation) if asking.at is None else ())
    result = made.slope if value is None else value
    if made.second is None or made.through is None:
        base = replace(base, role="")
        return told(base, "implicit", steps, result)
    letter = fresh(base.graph, *LETTERS)
    again = program_named(letter, made.slope, equation.program, [wrt, of])
    part = _part(asking, again, equation.program, [wrt, of], letter, slope)
    rates = {node.name: rate_of(part, part.of[0], node) for node in part.wrt}
    second = made.shorter if made.shorter is not None else made.second
    figure = None if asking.at is None else value_on_curve(second, made, equation, asking.at)
    chain = chain_of(
        Rate(of, wrt, straight=straight, order=2),
        total([rates[wrt], product([rates[of], slope])]),
        total(
            [
                shown(made.through[0], part.graph),
                product([shown(made.through[1], part.graph), shown(made.slope, part.graph)]),
            ]
        ),
        shown(made.second, part.graph),
        None if made.shorter is None else shown(made.shorter, part.graph),
        None if figure is None else numeral(figure),
    )
    shorter = None if made.shorter is None else Sides((equation.left, equation.right))
    last = SlopeAlongTheCurve(letter, wrt, of, shorter, (chain,))
    first = replace(base, steps=(*base.steps, *steps))
    return told(base, "implicit", [last], second if figure is None else figure, [first, part])


def _without_a_curve(equation: Equation) -> list[Step]:
    """That no point satisfies an equation, or that F changes nowhere on the curve, where that is proved."""
    (assignment,) = equation.program.assignments
    if never_zero(assignment.tree):
        written = Sides((equation.left, equation.right))
        return [WhereItFails((), (Failure(written, "curve", "empty", (), None),))]
    if smallest_at_zero(assignment.tree):
        names = tuple(names_in(assignment.tree).values())
        return [WhereItFails((), (Failure(Name(equation.name), "curve", "flat", names, None),))]
    return []


def _minus_quotient(top: Tree, bottom: Tree) -> Tree:
    return Apply("negate", (Apply("divide", (top, bottom)),))


def _one(names: Any) -> str | None:
    found = several(names or ())
    return found[0] if found else None


def parametric(asking: Asking) -> Telling:
    """dy/dx on a curve x(t), y(t): the quotient of the rates; once more for the second derivative."""
    wrt, of = _one(asking.wrt) or "x", _one(asking.of) or "y"
    order = asking.given.get("order", 1)
    base = asking.explained(wrt=None, of=[wrt, of], role="curve")
    made = curve_of(found_in(base), wrt, of, order)
    program = base.program
    nodes = {node.name: node for node in base.of}
    rates = {name: rate_of(base, node, base.wrt[0]) for name, node in nodes.items()}
    answers = {name: shown(base.answers[name, made.parameter], base.graph) for name in nodes}
    slope = Rate(of, wrt, straight=True)
    value = None if asking.at is None else value_along(made.slope, made, program, asking.at)
    chain = chain_of(
        slope,
        Apply("divide", (rates[of], rates[wrt])),
        Apply("divide", (answers[of], answers[wrt])),
        shown(made.slope, base.graph),
        None if value is None else live(value, made.slope),
    )
    step = ParametricSlope(made.parameter, wrt, of, False, (chain,))
    if made.second is None or made.slope_rate is None:
        return told(replace(base, role=""), "parametric", [step], made.slope if value is None else value)
    letter = fresh(base.graph, *LETTERS)
    part = _part(asking, program_named(letter, made.slope, program, [made.parameter]), program, None, letter, slope)
    figure = None if asking.at is None else value_along(made.second, made, program, asking.at)
    chain = chain_of(
        Rate(of, wrt, straight=True, order=2),
        Apply("divide", (rate_of(part, part.of[0], part.wrt[0]), rates[wrt])),
        Apply("divide", (shown(made.slope_rate, part.graph), answers[wrt])),
        shown(made.second, part.graph),
        None if figure is None else live(figure, made.second),
    )
    last = ParametricSlope(made.parameter, wrt, of, True, (chain,))
    first = replace(base, steps=(*base.steps, step))
    return told(base, "parametric", [last], made.second if figure is None else figure, [first, part])


# Logarithms ---------------------------------------------------------------------------------------------------------


def logarithmic(asking: Asking) -> Telling:
    """The logarithm taken apart and differentiated; then y' = y · (ln y)'."""
    extra = asking.options.get("extra")
    whole = as_program(asking.source, extra=extra)
    direct = asking.explained(detail="answer")
    if len(direct.of) * len(direct.wrt) != 1:
        raise SymgraphError("logarithms are taken of one expression, and it is differentiated by one name: wrt=")
    program, name, tree = by_logarithms(asking.source, extra)
    of, wrt = direct.of[0].name, direct.wrt[0].name
    base = asking.derive(source=program, wrt=wrt, of=name, at=asking.at)
    rate, again = rate_of(direct, direct.of[0], direct.wrt[0]), rate_of(base, base.of[0], base.wrt[0])
    log = Apply("logarithm", (Name(of),))
    first = TakeLogarithms(of, name, (chain_of(Name(name), log, program.assignments[0].tree),))
    value = whole.expression_of(whole.outputs[0])
    result = value * base.answers[name, wrt]
    agree({"by logarithms": result, "directly": direct.answers[of, wrt]})
    figure = None if asking.at is None else value_at(result, whole, asking.at)
    chains = (
        chain_of(Apply("divide", (rate, Name(of))), again),
        chain_of(
            rate,
            product([Name(of), again]),
            product([tree, shown(base.answers[name, wrt], base.graph)]),
            None if figure is None else live(figure, result),
        ),
    )
    last = LogarithmicSlope(of, name, wrt, chains)
    steps = tuple(_said_of(name, step) if isinstance(step, WhereItFails) else step for step in base.steps)
    base = replace(base, subject=(direct.of[0], tree), steps=steps)
    return told(base, "logarithmic", [first, last], result if figure is None else figure, before=1)


def _said_of(name: str, step: WhereItFails) -> WhereItFails:
    """What is needed, said of a logarithm: the function itself may have values elsewhere."""
    needed = (Failure(Name(name), "logarithm", "needed", step.needed, None),) if step.needed else ()
    return WhereItFails((), (*needed, *step.failures), step.whole)
