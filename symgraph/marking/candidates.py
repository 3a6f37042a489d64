"""Which edits of the graph give this answer: all are screened in numbers, and those that fit are proved.

>>> from sympy import Symbol
>>> from symgraph.marking.question import ask
>>> b = Symbol("b")
>>> for fit in fitting(ask("(a+b)*(b+1)", "b"), b + 1):
...     print(fit.edit.mistake, "|", fit.edit.where)
missing_path | b → d → e
variable_as_constant | b → d
other_input | a → e

The edits of a question and their numbers at its points are kept for the next answer to it: of ninety answers, each
costs a look into a table. Nothing that only agrees at some points comes out of here: every fit carries its proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import combinations, islice
from typing import Any

from sympy import Expr, Integer, diff, pi

from symgraph.calculus import reals
from symgraph.calculus.balls import Tape
from symgraph.calculus.equality import Outcome, equal
from symgraph.calculus.paths import Path
from symgraph.calculus.substitution import replace_symbols
from symgraph.errors import SymgraphError
from symgraph.marking.edits import BITS, Edit, Finish, Sweep, Unusable, in_formulas, numbers_of
from symgraph.marking.mistakes import MISTAKES, edits
from symgraph.marking.question import Question, ask
from symgraph.marking.whole_edits import slope

Ball = Any  # a ball, or None where there is no value

__all__ = ["Candidates", "Fit", "candidates", "fitting", "fitting_value"]

SHARP = 40  # bits that a number must have to say anything
PAIRED = 80  # edits of which every pair is tried
LARGEST = 400  # operations of a function in which a mistake is looked for
MET = 4  # points at which an answer is compared
NEARER = 64  # by which a point is drawn to 0, where too few others say anything
TWO_EDITS = 3  # pairs that are reported at most
VALUES = 3  # explanations of a bare number that are reported at most
# What a bare number meets by chance: it is said only where nothing that is common gives the number, too.
_RARE = frozenset(
    [
        *("wrong_elementary", "exponential_rule_on_power", "exponent_lowered", "integrated", "wrong_order"),
        *("reciprocal", "split_over_sum", "slip"),
    ]
)
CARRIED = 60  # operations of a function in whose first derivative a slip is looked for, where the second is asked for
TWICE = 4  # places at which the chain rule may have been forgotten in both
FIRST = 2  # such slips that are reported at most
TERMS = 64  # paths and terms of which one may be wrong by a factor


@dataclass(frozen=True, eq=False)
class Fit:
    """An edit that gives the answer.

    Args:
        edit: the most likely one with its name.
        expression: what it gives, in the inputs.
        proof: how the ladder proved that this is the answer.
        elsewhere: other places at which the same mistake gives the same answer.
    """

    edit: Edit
    expression: Expr
    proof: str
    elsewhere: tuple[Edit, ...] = ()


Met = Sequence[tuple[int, Any]]  # places among the question's points, and an answer's values there


class Candidates:
    """The edits of one question, with their numbers at its points."""

    def __init__(self, question: Question) -> None:
        self.question = question
        # Those near 0 are for answers that have values on a smaller domain, 1/√(1 − 25x²) for the slope of arctan 5x.
        near = [{name: value / NEARER for name, value in point.items()} for point in question.points[: 2 * MET]]
        self._points = [*question.points, *near]
        self._algebra = numbers_of(question)
        self._sweeps: dict[int, Sweep | None] = {}
        self._singles: dict[int, list[tuple[Edit, Ball]]] = {}

    def sweep(self, place: int) -> Sweep | None:
        """The sweep at one of the question's points; None where something is too large for numbers."""
        if place not in self._sweeps:
            with reals.precision(BITS):
                try:
                    self._sweeps[place] = self._algebra.sweep(self._points[place])
                except Unusable:
                    self._sweeps[place] = None
        return self._sweeps[place]

    @cached_property
    def sweeps(self) -> list[Sweep]:
        """The sweeps at the first points."""
        found = (self.sweep(place) for place in range(len(self.question.points)))
        return list(islice((sweep for sweep in found if sweep is not None), MET))

    @cached_property
    def derivative(self) -> list[Ball]:
        """The derivative at the points of `sweeps`."""
        with reals.precision(BITS):
            return [reals.lift(sweep.derivative) for sweep in self.sweeps]

    def at(self, point: Mapping[str, Any]) -> Sweep:
        """The sweep at any point."""
        return self._algebra.sweep(point)

    @cached_property
    def all_edits(self) -> list[Edit]:
        """Every single edit, and every one made at all its places."""
        found = list(edits(self.question))
        return [*found, *_everywhere(found)]

    @cached_property
    def formulas(self) -> Sweep:
        """The sweep in formulas."""
        return in_formulas(self.question)

    def met(self, answer: Expr) -> Met:
        """The first points at which an answer has a value, with the values."""
        tape = Tape(answer)
        found = []
        with reals.precision(BITS):
            for place in range(len(self._points)):
                sweep = self.sweep(place)
                value = None if sweep is None else _value(tape, sweep)
                if value is not None:
                    found.append((place, value))
                if len(found) == MET:
                    break
        return found

    def singles(self, place: int) -> list[tuple[Edit, Ball]]:
        """Every edit with what it gives at a point; those that change nothing there are left out."""
        if place not in self._singles:
            sweep = self.sweep(place)
            assert sweep is not None
            with reals.precision(BITS):
                right = reals.lift(sweep.derivative)
                rows = [(edit, _number(sweep, edit)) for edit in self.all_edits]
            self._singles[place] = [(edit, value) for edit, value in rows if not _close(value, right)]
        return self._singles[place]

    def fits(self, edits: Sequence[Edit], met: Met) -> bool:
        """Whether edits may give these values: at two points at least, if there are two, and nowhere certainly not."""
        both = 0
        with reals.precision(BITS):
            for place, value in met:
                sweep = self.sweep(place)
                found = None if sweep is None else _number(sweep, *edits)
                if found is not None:
                    if not _close(found, value):
                        return False
                    both += 1
        return both >= min(2, len(met)) > 0

    def is_right(self, met: Met) -> bool:
        """Whether these may be the derivative's own values: then there is nothing to explain."""
        with reals.precision(BITS):
            sweeps = [(self.sweep(place), value) for place, value in met]
            return all(sweep is not None and _close(reals.lift(sweep.derivative), value) for sweep, value in sweeps)

    def telling(self, met: Met) -> Met:
        """The points at which an answer differs from the derivative first: cases may be right in part."""
        with reals.precision(BITS):
            sweeps = [self.sweep(place) for place, _ in met]
            same = [
                sweep is not None and _close(reals.lift(sweep.derivative), value)
                for sweep, (_, value) in zip(sweeps, met, strict=True)
            ]
        return [entry for _, entry in sorted(zip(same, met, strict=True), key=lambda pair: pair[0])]

    def matching(self, met: Met) -> list[Edit]:
        """The single edits that may give these values."""
        place, first = met[0]
        near = [edit for edit, value in self.singles(place) if value is None or _close(value, first)]
        return [edit for edit in near if self.fits((edit,), met)]

    def pairs(self, met: Met) -> Iterator[Edit]:
        """Two edits at once that may give these values."""
        place, wanted = met[0]
        sweep = self.sweep(place)
        assert sweep is not None
        likely = [edit for edit, _ in self.singles(place) if edit.is_local and not edit.values]
        likely = sorted(likely, key=lambda edit: -edit.likelihood)[:PAIRED]
        with reals.precision(BITS):
            for one, other in combinations(likely, 2):
                if not one.meets(other) and _close(_number(sweep, one, other), wanted):
                    joined = one.joined(other, one.likelihood + other.likelihood - 200)
                    if joined is not None and self.fits((joined,), met):
                        yield joined

    def expression(self, edit: Edit) -> Expr:
        """What an edit gives, in the inputs."""
        return _expression(edit.formula() if edit.formula is not None else self.formulas.total(edit))


@lru_cache(maxsize=128)
def candidates(question: Question) -> Candidates:
    """The candidates of a question, kept for its next answer."""
    return Candidates(question)


def _value(tape: Tape, sweep: Sweep) -> Ball:
    """An expression's value at a sweep's point; None where it has none."""
    (value,) = tape.execute({name: sweep.values[name] for name in tape.names})
    return None if isinstance(value, reals.NotReal) else _sharp(reals.lift(value))


def _number(sweep: Sweep, *edits: Edit) -> Ball:
    """What edits give at a sweep's point; None where that has no value."""
    edit = edits[0]
    try:
        if edit.rough is not None:
            return edit.rough(sweep)
        if edit.formula is not None:
            return _value(Tape(edit.formula()), sweep)
        return _sharp(reals.lift(sweep.total(*edits)))
    except (Unusable, ZeroDivisionError, SymgraphError):
        return None


def _sharp(value: Ball) -> Ball:
    """A ball that is small enough to say something, or None."""
    if not value.is_finite():
        return None
    sharp = value.rel_accuracy_bits() >= SHARP or bool(value.rad() < 2.0**-SHARP)
    return value if sharp else None


def _close(one: Ball, other: Ball) -> bool:
    return one is not None and other is not None and bool(one.overlaps(other))


_ONCE = frozenset({"edge_sign", "missing_path", "variable_as_constant", "constant_kept", "sum_along_path"})


# All factors of a product at once are no misconception.
_ALONE = frozenset(
    {"factor", "numerator", *(f"{kind} {place}" for kind in ("outside", "input", "cofactor") for place in (0, 1))}
)


def _everywhere(found: Sequence[Edit]) -> Iterator[Edit]:
    """The same misconception at all its places: sin′ = −cos in both terms."""
    groups: dict[tuple[str, str], list[Edit]] = {}
    for edit in found:
        if edit.is_local and not edit.values and edit.mistake not in _ONCE and edit.kind not in _ALONE:
            groups.setdefault((edit.mistake, edit.kind), []).append(edit)
    for (mistake, _), members in groups.items():
        joined: Edit | None = members[0]
        for member in members[1:]:
            joined = None if joined is None else joined.joined(member, 0)
        if len(members) > 1 and joined is not None:
            likelihood = max(member.likelihood for member in members) - 6
            yield Edit(
                mistake,
                None,
                likelihood,
                joined.outer,
                joined.inner,
                joined.rates,
                touched=joined.touched,
                kind="everywhere",
                detail=tuple(members),
            )


def fitting(question: Question, answer: Expr) -> list[Fit]:
    """The explanations of an answer that are proved, the most likely first."""
    if len(question.operations) > LARGEST:
        return []
    table = candidates(question)
    met = table.met(answer)
    if not met or table.is_right(met):
        return []
    met = table.telling(met)
    found = [*table.matching(met), *_integrals(question, answer), *_slips(table, met)]
    fits = _proved(table, found, answer)
    if question.before is not None and all(fit.edit.mistake == "slip" for fit in fits):
        fits = [*(carried(question, answer) or _twice(question, answer)), *fits]
    if answer.free_symbols and all(fit.edit.mistake == "slip" and fit.edit.kind == "term" for fit in fits):
        ranked = sorted(table.pairs(met), key=lambda edit: -edit.likelihood)[:TWO_EDITS]
        fits += _proved(table, ranked, answer, apart=True)
    return fits


def carried(question: Question, answer: Expr) -> list[Fit]:
    """The slips in the derivative before from which a derivative of higher order follows, with all after them right.

    >>> from symgraph.marking.question import ask
    >>> question = ask("(x^2 + 1)^3", order=2)
    >>> x = question.wrt.symbol
    >>> [(fit.edit.mistake, str(fit.edit.where)) for fit in carried(question, 12*x*(x**2 + 1))]
    [('missing_edge', 'x → v')]
    """
    before = question.before
    if before is None or len(before.operations) > CARRIED or not answer.free_symbols:
        return []
    table, tape, start = candidates(before), Tape(answer), question.wrt.name
    near: list[Edit] | None = None
    with reals.precision(4 * BITS):
        step = reals.lift(reals.exact(1, 1 << BITS))
        for sweep in table.sweeps[:2]:
            try:
                wanted = _value(tape, sweep)
                here = {name: sweep.values[name] for name in before.names}
                ends = [table.at({**here, start: reals.lift(here[start]) + by}) for by in (step, -step)]
            except (KeyError, Unusable):
                continue
            tried = [edit for edit in table.all_edits if edit.formula is None] if near is None else near
            near = [edit for edit in tried if _close(_slope_of(edit, ends, step), wanted)]
    fits: dict[str, Fit] = {}
    for edit in sorted(near or (), key=lambda edit: -edit.likelihood):
        if edit.mistake in fits or len(fits) == FIRST:
            continue
        try:
            wrong = diff(table.expression(edit), question.wrt.symbol)
            result = equal(wrong, answer, seed=question.seed, heavy=False)
        except (SymgraphError, ZeroDivisionError, TypeError, ValueError):
            continue
        if result.outcome is Outcome.PROVED:
            fits[edit.mistake] = Fit(replace(edit, asked=question), wrong, result.method)
    return list(fits.values())


def _twice(question: Question, answer: Expr) -> list[Fit]:
    """The inner derivative left out of a derivative, and of the derivative of that one again: −sin 2x for (sin 2x)″."""
    before = question.before
    if before is None or len(before.operations) > CARRIED or not answer.free_symbols:
        return []
    for edit in _inner_lost(before):
        try:
            wrong = ask(candidates(before).expression(edit), question.wrt.name)
            for other in _inner_lost(wrong):
                expression = candidates(wrong).expression(other)
                result = equal(expression, answer, seed=question.seed, heavy=False)
                if result.outcome is Outcome.PROVED:
                    both = Edit("missing_edge", None, edit.likelihood - 6, kind="everywhere", detail=(edit, other))
                    return [Fit(both, expression, result.method)]
        except (SymgraphError, ZeroDivisionError, TypeError, ValueError):
            continue
    return []


def _inner_lost(question: Question) -> list[Edit]:
    """The chain rule forgotten, at one place or everywhere; the first few."""
    lost = [edit for edit in candidates(question).all_edits if edit.mistake == "missing_edge"]
    everywhere = [edit for edit in lost if edit.kind == "everywhere" and edit.detail[0].kind == "inside"]
    return [*everywhere, *(edit for edit in lost if edit.kind == "inside")][:TWICE]


def _slope_of(edit: Edit, ends: Sequence[Sweep], step: Any) -> Ball:
    """How fast what an edit gives moves between two points very near to each other: a rough ball."""
    values = [_number(sweep, edit) for sweep in ends]
    if None in values:
        return None
    quotient = (values[0] - values[1]) / (2 * step)
    return quotient + (abs(quotient) + 1) * reals.BALL(0, 2.0**-60)


def _proved(table: Candidates, found: Sequence[Edit], answer: Expr, *, apart: bool = False) -> list[Fit]:
    """One fit for each mistake, at its likeliest place that can be proved; with `apart`, one for each edit."""
    rank = {name: place for place, name in enumerate(MISTAKES)}
    ordered = sorted(found, key=lambda edit: (-edit.likelihood, rank[edit.mistake], str(edit.where)))
    groups: dict[object, list[Edit]] = {}
    for edit in ordered:
        groups.setdefault(edit if apart else edit.mistake, []).append(edit)
    fits = []
    for members in groups.values():
        for place, edit in enumerate(members):
            proof = _proof(table, edit, answer)
            if proof is not None:
                expression, method = proof
                fits.append(Fit(edit, expression, method, tuple(members[place + 1 :])))
                break
    return fits


def _proof(table: Candidates, edit: Edit, answer: Expr) -> tuple[Expr, str] | None:
    """What an edit gives, and the ladder's proof that it is the answer."""
    try:
        if edit.kind == "antiderivative":
            expression, right = edit.detail, table.question.earlier[-1]
        else:
            expression, right = table.expression(edit), answer
        result = equal(expression, right, seed=table.question.seed, heavy=False)
    except (SymgraphError, ZeroDivisionError, TypeError, ValueError):  # SymPy: of cases inside a condition
        return None
    return (answer, result.method) if result.outcome is Outcome.PROVED else None


def _is_rare(edit: Edit) -> bool:
    return edit.mistake in _RARE or (edit.mistake == "not_differentiated" and edit.where is not None)


def fitting_value(question: Question, point: Mapping[str, Any], value: Expr, off: Fraction = Fraction(0)) -> list[Fit]:
    """The explanations of a number that was given for the derivative's value at a point, the most likely first.

    A number is met by chance more often than a formula: only single edits are looked at, and the likeliest are kept.

    Args:
        off: how far the number may be from what an edit gives: half a unit of its last decimal.
    """
    if len(question.operations) > LARGEST:
        return []
    table = candidates(question)
    with reals.precision(BITS):
        try:
            sweep = table.at(point)
            wanted = reals.lift(sweep.algebra.number(value))
        except Unusable:
            return []
        reach = reals.lift(reals.exact(off.numerator, off.denominator))
        wanted = (wanted - reach).union(wanted + reach) if off else wanted
        if _close(reals.lift(sweep.derivative), wanted):
            return []  # it may be the right value itself
        near = [edit for edit in (*table.all_edits, _OPPOSITE) if _close(_number(sweep, edit), wanted)]
    exact = {sweep.question.graph.graph["program"].symbol(name): number for name, number in point.items()}
    rank = {name: place for place, name in enumerate(MISTAKES)}
    fits: dict[str, Fit] = {}
    for edit in sorted(near, key=lambda edit: (_is_rare(edit), -edit.likelihood, rank[edit.mistake], str(edit.where))):
        if edit.mistake in fits or len(fits) == VALUES or (fits and _is_rare(edit)):
            continue
        try:
            expression = table.expression(edit)
            result = None if off else equal(replace_symbols(expression, exact), value, heavy=False)
        except (SymgraphError, ZeroDivisionError):
            continue
        if result is None:
            fits[edit.mistake] = Fit(edit, expression, "all its decimals are right")
        elif result.outcome is Outcome.PROVED:
            fits[edit.mistake] = Fit(edit, expression, result.method)
    return list(fits.values())


def _expression(value: Any) -> Expr:
    return value if isinstance(value, Expr) else Integer(value)


# Found in the answer itself ------------------------------------------------------------------------------------------


def _integrals(question: Question, answer: Expr) -> Iterator[Edit]:
    """The answer's own derivative is the function: it was integrated."""
    table = candidates(question)
    wrt, tape = question.wrt.name, Tape(answer)
    if wrt not in tape.names or not table.sweeps:
        return
    function = Tape(question.earlier[-1])
    for sweep in table.sweeps:
        try:
            with reals.precision(BITS):
                if not _close(slope(tape, sweep), _value(function, sweep)):
                    return
            derivative = ask(answer, wrt).answer
            break
        except (SymgraphError, Unusable):  # ln x has no value here, while 1/x has one
            continue
    else:
        return
    yield Edit("integrated", None, 73, formula=lambda: answer, kind="antiderivative", detail=derivative)


def _slips(table: Candidates, met: Met) -> Iterator[Edit]:
    """Right but for a constant factor, a constant term, or a factor of one term."""
    known = []
    with reals.precision(BITS):
        for place, value in met:
            sweep = table.sweep(place)
            if sweep is not None:
                known.append((value, reals.lift(sweep.derivative), sweep))
    if len(known) < 3 or all(_close(value, right) for value, right, _ in known):
        return
    with reals.precision(BITS):
        if all(_close(right, known[0][1]) for _, right, _ in known):
            return  # of a number every other is a multiple
        factor = _constant([value / right for value, right, _ in known])
        if factor is not None and factor != 0:
            likelihood = 25 if factor == -1 else 20
            yield Edit("slip", None, likelihood, finish=_times(factor), kind="factor", detail=factor)
        rest = [value - right for value, right, _ in known]
        term = _constant(rest)
        if term is not None:
            yield Edit("slip", None, 18, finish=_plus(term), kind="constant", detail=term)
        if len(table.question.paths) > 1:
            yield from _term_slips(table, rest, [sweep for _, _, sweep in known])


def _times(factor: Any) -> Finish:
    return lambda sweep: sweep.derivative * sweep.algebra.number(factor)


def _plus(term: Any) -> Finish:
    return lambda sweep: sweep.derivative + sweep.algebra.number(term)


def _term_slips(table: Candidates, rest: Sequence[Ball], sweeps: Sequence[Sweep]) -> Iterator[Edit]:
    """One path's product with a wrong constant factor."""
    for path in table.question.paths[:TERMS]:
        factor = _constant([left / sweep.product(path) for left, sweep in zip(rest, sweeps, strict=True)])
        if factor is None or factor in (0, 1, -1):
            continue
        yield Edit(
            "slip",
            path,
            24 if factor == -2 else 19,
            finish=_with_term(path, factor),
            touched=frozenset(),
            paths=(path,),
            kind="term",
            detail=factor,
        )


def _with_term(path: Path, factor: Any) -> Finish:
    return lambda sweep: sweep.derivative + sweep.product(path) * sweep.algebra.number(factor)


_OPPOSITE = Edit("slip", None, 75, finish=_times(Fraction(-1)), kind="factor", detail=Fraction(-1))
_KNOWN = tuple(sign * value for value in (pi / 180, 180 / pi, pi, 1 / pi) for sign in (1, -1))


def _constant(ratios: Sequence[Ball]) -> Fraction | Expr | None:
    """The short rational number (or π, π/180) that all these numbers are; None if they are not one."""
    if not ratios or not all(ratio.is_finite() and ratio.overlaps(ratios[0]) for ratio in ratios):
        return None
    number = Fraction(float(ratios[0])).limit_denominator(64)
    near = reals.lift(reals.exact(number.numerator, number.denominator))
    if abs(number.numerator) <= 10_000 and ratios[0].overlaps(near):
        return number
    for value in _KNOWN:
        (known,) = Tape(value).execute({})
        if ratios[0].overlaps(known):
            return value
    return None
