"""Partial credit: points for each path and each edge, and the witness for each part that is earned.

>>> from symgraph.marking.checker import check
>>> credit = award(check("(a+b)*(b+1)", "b+1", wrt="b"), total=4)
>>> credit.earned
Fraction(2, 1)
>>> for part in credit.parts:
...     print(part.path, "|", part.edge, "|", part.earned, "of", part.points)
b → c → e | c → e | 2 of 2
b → d → e | d → e | 0 of 2

A path is worth its share of the points, an edge its share of its path. Edges that pass a change on as it is (those of
sums) are worth nothing unless a teacher says otherwise. What is earned rests on the explanation that was proved: the
edges that it changes, and the paths that it leaves out, earn nothing; where nothing explains the answer, a term of it
that is proved to be a path's product earns that path, and terms that are too many make all of them worth less. A number
that no mistake gives earns nothing: a term of it can be met by chance. Of a tangent the slope is one half, shared out
so, and the point that the line goes through the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sympy import Expr

from symgraph.calculus.equality import Outcome as Equality
from symgraph.calculus.equality import equal
from symgraph.calculus.graph import Edge, Source
from symgraph.calculus.paths import Path
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer
from symgraph.language.constructors import construct
from symgraph.language.tree import Apply, Tree, names_in
from symgraph.marking.candidates import candidates
from symgraph.marking.mistakes import MISTAKES
from symgraph.marking.outcomes import Diagnosis, Outcome
from symgraph.marking.question import Question, ask

if TYPE_CHECKING:
    from symgraph.marking.lines import Tangent
    from symgraph.marking.verdicts import Verdict

__all__ = ["Credit", "Part", "award", "right_terms", "scheme", "worth"]

PATHS = 64  # a marking scheme with more rows is of no use
Weights = Mapping[Any, float | int | Fraction]
_EXTRA = frozenset({"constant_kept", "constant_as_variable"})  # the paths are right, and something is added
_PASSING = frozenset({"add", "subtract", "negate", "identity"})


@dataclass(frozen=True)
class Part:
    """One row of a marking scheme.

    Args:
        path: the path that it belongs to; None: the point of a tangent.
        edge: the edge; None for a path without edges of its own.
        points: what it is worth.
        earned: what this answer earns.
        witness: why, in one sentence; "" where nothing is earned.
    """

    path: Path | None
    edge: Edge | None
    points: Fraction
    earned: Fraction = Fraction(0)
    witness: str = ""


@dataclass(frozen=True)
class Credit:
    """The points of one answer: never more than `total`.

    Args:
        decided: False where the answer is for a person to look at; then nothing is earned yet.
    """

    total: Fraction
    parts: tuple[Part, ...]
    decided: bool = True

    @property
    def earned(self) -> Fraction:
        """The points earned, all parts together."""
        return min(self.total, sum((part.earned for part in self.parts), Fraction(0)))

    def __str__(self) -> str:
        return f"{self.earned} of {self.total}"


def scheme(
    source: Source | Question,
    wrt: str | None = None,
    *,
    of: str | None = None,
    total: Any = 1,
    weights: Weights | None = None,
) -> tuple[Part, ...]:
    """The marking scheme of a derivative: what each edge of each path is worth.

    Args:
        weights: how much a path or an edge counts beside the others (1 by default, edges of sums 0): by Path or Edge,
            or as text, "b → d → e" or "b -> d -> e".

    Raises:
        SymgraphError: there are too many paths, or a weight is negative or for what is not there.

    >>> [(str(part.edge), str(part.points)) for part in scheme("sin(x^2)", total=3, weights={"x -> u": 2})]
    [('x → u', '2'), ('u → y', '1')]
    """
    question = source if isinstance(source, Question) else ask(source, wrt, of)
    if question.path_count > PATHS:
        raise SymgraphError(f"there are {question.path_count} paths: a marking scheme has {PATHS} at most")
    given = _weights(question, weights or {})
    whole = Fraction(str(total)) if isinstance(total, float) else Fraction(total)
    paths = [(path, given.get(str(path), Fraction(1))) for path in question.paths]
    shares = _shares([weight for _, weight in paths])
    parts: list[Part] = []
    for (path, _), share in zip(paths, shares, strict=True):
        if not path.edges:
            parts.append(Part(path, None, whole * share))
            continue
        edges = [given.get(str(edge), Fraction(edge.rule not in _PASSING)) for edge in path.edges]
        for edge, part in zip(path.edges, _shares(edges), strict=True):
            if part:
                parts.append(Part(path, edge, whole * share * part))
    return tuple(parts)


def _weights(question: Question, weights: Weights) -> dict[str, Fraction]:
    """Weights by the text of a path or an edge."""
    known = {str(path) for path in question.paths} | {str(edge) for edge in question.edges}
    found: dict[str, Fraction] = {}
    for key, value in weights.items():
        text = str(key).replace("->", "→")
        text = " → ".join(part.strip() for part in text.split("→"))
        if text not in known:
            raise SymgraphError(f"{text} is no path or edge here: there are {', '.join(sorted(known))}")
        found[text] = Fraction(str(value)) if isinstance(value, float) else Fraction(value)
        if found[text] < 0:
            raise SymgraphError(f"the weight of {text} is negative")
    return found


def _shares(weights: Sequence[Fraction]) -> list[Fraction]:
    """Parts of 1 in proportion to weights; equal ones where all weigh nothing."""
    total = sum(weights, Fraction(0))
    return [weight / total for weight in weights] if total else [Fraction(1, len(weights)) for _ in weights]


def award(verdict: Verdict, total: Any = 1, weights: Weights | None = None) -> Credit:
    """The points that an answer earns, part by part.

    A gradient or Jacobian has an equal share for each entry. WRONG_FORM earns what its value is worth: how much the
    form counts is for the teacher to say.
    """
    if not isinstance(getattr(verdict, "outcome", None), Outcome):
        raise SymgraphError(f"points are awarded to a verdict, of `check`, not to a {type(verdict).__name__}")
    whole = Fraction(str(total)) if isinstance(total, float) else Fraction(total)
    if verdict.parts:
        each = [award(part, whole / len(verdict.parts), weights) for part in verdict.parts]
        return Credit(
            whole, tuple(row for credit in each for row in credit.parts), all(credit.decided for credit in each)
        )
    if verdict.task is None or verdict.outcome in (Outcome.UNDECIDED, Outcome.UNREADABLE):
        return Credit(whole, (), decided=False)
    if verdict.task.tangent is not None:
        return _of_tangent(verdict, verdict.task.tangent, whole, weights)
    slope = verdict.task.slope
    questions = [verdict.task.questions[0]] if slope is None else [slope.top, slope.bottom]
    each_total = whole / len(questions)
    rows = {question: scheme(question, total=each_total, weights=weights) for question in questions}
    everything = tuple(part for parts in rows.values() for part in parts)
    if verdict.outcome is not Outcome.WRONG:
        witness = renderer.say("witness_right", verdict.evidence)
        return Credit(whole, tuple(replace(part, earned=part.points, witness=witness) for part in everything))
    if not verdict.diagnoses:
        plain = slope is not None or _is_number(verdict)
        return Credit(whole, everything if plain else _matched(verdict, questions[0], everything))
    first = verdict.diagnoses[0]
    found: list[Part] = []
    for question, parts in rows.items():
        found.extend(_explained(first, question, parts) if question is first.question else _beside(first, parts))
    return Credit(whole, tuple(found))


# What an answer with this mistake earns of the slope's points, and of those of the point.
_OF_TANGENT: Mapping[str, tuple[Fraction, Fraction]] = {
    "tangent_point": (Fraction(1), Fraction(0)),
    "tangent_normal": (Fraction(0), Fraction(1)),
    "slope_not_evaluated": (Fraction(1, 2), Fraction(1, 2)),
    "slope_alone": (Fraction(1), Fraction(0)),
    "rounded": (Fraction(1, 2), Fraction(1, 2)),
}


def _of_tangent(verdict: Verdict, tangent: Tangent, whole: Fraction, weights: Weights | None) -> Credit:
    """Half of the points for the slope, path by path and edge by edge, and half for the point that it goes through.

    >>> from symgraph.marking.checker import check
    >>> [str(part.earned) for part in award(check("sin(2x)", "y = x", at="x=0", tangent=True), 4).parts]
    ['0', '1', '2']
    """
    slope = tangent.slope
    questions = list(tangent.questions) if slope is None else [slope.top, slope.bottom]
    share = whole / 2 / len(questions)
    rows = {question: scheme(question, total=share, weights=weights) for question in questions}
    point = Part(None, None, whole / 2)
    everything = (*(part for parts in rows.values() for part in parts), point)
    if verdict.outcome is not Outcome.WRONG:
        witness = renderer.say("witness_right", verdict.evidence)
        return Credit(whole, tuple(replace(part, earned=part.points, witness=witness) for part in everything))
    if not verdict.diagnoses:
        return Credit(whole, everything)
    first = verdict.diagnoses[0]
    assert first.fit is not None
    if first.mistake == "tangent_slope":
        found = [replace(point, earned=point.points, witness=renderer.say("witness_point", first))]
        behind = first.fit.edit.detail.behind
        if behind is None:
            return Credit(whole, (*everything[:-1], *found))
        told = Diagnosis(behind.edit.mistake, behind.edit.where, behind.proof, None, (), first.question, behind)
        parts = [
            _explained(told, question, rows[question]) if question is first.question else _beside(told, rows[question])
            for question in questions
        ]
        return Credit(whole, (*(part for row in parts for part in row), *found))
    steep, meets = _OF_TANGENT.get(first.mistake, (Fraction(0), Fraction(0)))
    if first.fit.edit.kind == "derivative":  # the point was not put in
        steep /= 2
    shares = [(part, steep, "witness_slope") for part in everything[:-1]] + [(point, meets, "witness_point")]
    return Credit(
        whole,
        tuple(
            replace(part, earned=part.points * much, witness=renderer.say(told, first) if much else "")
            for part, much, told in shares
        ),
    )


def worth(verdict: Verdict) -> float | None:
    """The part of the points where a teacher gives no weights; None: that is for a person.

    A wrong answer is worth what its likeliest mistake is worth, or the paths that are right, whichever is more.
    """
    if verdict.parts and verdict.diagnoses:  # one mistake explains them all
        return verdict.diagnoses[0].score
    if verdict.parts:
        scores = [part.score for part in verdict.parts]
        return None if None in scores else sum(score for score in scores if score is not None) / len(scores)
    if verdict.outcome is not Outcome.WRONG:
        return _WORTH.get(verdict.outcome)
    default = verdict.diagnoses[0].score if verdict.diagnoses else 0.0
    try:
        parts = award(verdict).parts
    except SymgraphError:  # more paths than a marking scheme has rows
        return default
    if not verdict.diagnoses or (verdict.task is not None and verdict.task.tangent is not None):
        return float(sum(part.earned for part in parts))
    wrong = {part.path for part in parts if part.earned < part.points}
    return max(default, float(sum(part.points for part in parts if part.path not in wrong)))


_WORTH = {Outcome.RIGHT: 1.0, Outcome.WRONG_FORM: 0.5}  # how much a smaller domain is worth is for a person


def _beside(first: Diagnosis, parts: Sequence[Part]) -> list[Part]:
    """The other part of a slope: it is as it should be, unless the quotient itself went wrong."""
    assert first.fit is not None
    if first.fit.edit.mistake == "unfinished":
        return list(parts)
    of_both = first.where is None or first.fit.edit.kind.startswith("quotient") or first.fit.edit.asked is not None
    share = Fraction(MISTAKES[first.mistake].score) if of_both else Fraction(1)
    witness = renderer.say("witness_slip", first)
    return [replace(part, earned=part.points * share, witness=witness if share else "") for part in parts]


def _is_number(verdict: Verdict) -> bool:
    """Whether a value at a point was asked for and given: such an answer can be met by chance."""
    asked = verdict.task is not None and verdict.task.at is not None
    return asked and verdict.answer is not None and not names_in(verdict.answer.trees[0])


def _explained(first: Diagnosis, question: Question, parts: Sequence[Part]) -> tuple[Part, ...]:
    """What the likeliest explanation leaves whole."""
    assert first.fit is not None
    edit = first.fit.edit
    if edit.kind in ("top", "bottom"):  # one part of a slope, and nothing of the other
        witness = renderer.say("witness_slip", first)
        return tuple(replace(part, earned=part.points, witness=witness) for part in parts)
    whole = edit.kind.startswith("quotient") or (edit.mistake == "slip" and edit.kind != "term")
    if edit.mistake in _EXTRA or whole:
        share = Fraction(MISTAKES[edit.mistake].score)
        witness = renderer.say("witness_slip", first) if share else ""
        return tuple(replace(part, earned=part.points * share, witness=witness) for part in parts)
    if edit.touched is None:
        return tuple(parts)
    counted = {(part.path, part.edge) for part in parts}
    lost_paths = set(edit.paths)
    for path in question.paths:
        touched = [edge for edge in path.edges if edge in edit.touched]
        if touched and not any((path, edge) in counted for edge in touched):
            lost_paths.add(path)  # it is wrong at an edge that has no points of its own
    found = []
    for part in parts:
        lost = part.path in lost_paths or part.edge in edit.touched
        witness = "" if lost else renderer.say("witness_kept", first, part)
        found.append(replace(part, earned=Fraction(0) if lost else part.points, witness=witness))
    return tuple(found)


def _matched(verdict: Verdict, question: Question, parts: Sequence[Part]) -> tuple[Part, ...]:
    """Terms of an answer that nothing explains, each matched with one path's product at most.

    Terms that are too many cost as much as paths that are missing: else a right answer with something added to it,
    which is wrong, would earn everything.
    """
    assert verdict.answer is not None
    earned = _right_terms(verdict, question)
    paths = question.path_count
    share = Fraction(paths, max(paths, len(_terms(verdict.answer.trees[0]))))
    return tuple(
        replace(part, earned=part.points * share, witness=renderer.say("witness_term", earned[part.path], part))
        if part.path in earned
        else part
        for part in parts
    )


def right_terms(verdict: Verdict) -> list[Tree]:
    """The terms that are right in a wrong answer that nothing explains, as they were written.

    >>> from symgraph.explanation.typesetting import text
    >>> from symgraph.marking.checker import check
    >>> [text(term) for term in right_terms(check("x^3 + sin(2x)", "3x^2 + 2cos(x)/x"))]
    ['3x²']
    """
    if verdict.outcome is not Outcome.WRONG or verdict.diagnoses or verdict.parts or _is_number(verdict):
        return []
    task = verdict.task
    if task is None or task.slope is not None or task.tangent is not None or task.questions[0].path_count > PATHS:
        return []
    return list(_right_terms(verdict, task.questions[0]).values())


def _right_terms(verdict: Verdict, question: Question) -> dict[Path, Tree]:
    """The terms that are a path's product, in the order of the paths."""
    assert verdict.answer is not None and verdict.task is not None
    formulas = candidates(question).formulas
    free: list[tuple[Expr, Tree]] = []
    for tree, sign in _terms(verdict.answer.trees[0]):
        term = construct(tree, verdict.task.definitions, question.limits) * sign
        if term.free_symbols:  # a number can be met by chance
            free.append((term, tree if sign == 1 else Apply("negate", (tree,))))
    earned: dict[Path, Tree] = {}
    for path in question.paths:
        product = formulas.product(path)
        for place, (term, tree) in enumerate(free):
            if equal(term, product, verdict.task.known, heavy=False).outcome is Equality.PROVED:
                earned[path] = tree
                del free[place]
                break
    return earned


def _terms(tree: Tree) -> list[tuple[Tree, int]]:
    """The terms of a sum, with their signs."""
    found: list[tuple[Tree, int]] = []
    stack = [(tree, 1)]
    while stack:
        piece, sign = stack.pop()
        if isinstance(piece, Apply) and piece.operator in ("add", "subtract"):
            left, right = piece.arguments
            stack += [(right, sign if piece.operator == "add" else -sign), (left, sign)]
        elif isinstance(piece, Apply) and piece.operator == "negate":
            stack.append((piece.arguments[0], -sign))
        else:
            found.append((piece, sign))
    return found
