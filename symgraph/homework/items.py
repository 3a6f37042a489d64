"""One variant of one problem, worked out: what every sheet, key and export is put together from.

It is a task of `worker.py`: what goes in and what comes out is JSON, so that it runs in a process that can be killed,
on this machine or on another, and is kept between runs.

>>> from symgraph.homework.problems import read_text
>>> homework = read_text('schema = 1\\n[[problem]]\\nid = "p"\\nf = "a*x^2"\\nparams = { a = "2..5" }')
>>> item = work_out(homework.problems[0].data(), "", "1", parts_of(["sheet", "key"], ["txt"]))
>>> item["statement:txt"], item["answer:txt"]
('Differentiate 2x².', '4x')

Why the answer is read back: what is printed is parsed again and proved to be the derivative. A key that cannot be
proved is not printed without saying so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

from sympy import Expr

from symgraph.calculus import equality
from symgraph.calculus.equality import equal
from symgraph.calculus.graph import edges_into
from symgraph.calculus.paths import find_paths
from symgraph.calculus.simplifier import simplest
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer, typesetting
from symgraph.explanation.explainer import Explanation, explain
from symgraph.explanation.views import View
from symgraph.homework import options
from symgraph.homework.problems import Problem, Reply, Variant, vary
from symgraph.language.constructors import construct
from symgraph.language.notation import from_sympy
from symgraph.language.tree import Apply, Name, Tree
from symgraph.marking.checker import mark
from symgraph.marking.verdicts import Outcome, Verdict

__all__ = [
    "FORMATS",
    "MAKES",
    "PLAIN",
    "answer_of",
    "claims_of",
    "closing",
    "judge",
    "parts_of",
    "proved_answer",
    "reply_to",
    "scored",
    "tellings",
    "work_out",
]

MAKES = ("sheet", "key", "worked", "scheme", "booklets", "choice", "fill-in")
FORMATS = ("html", "tex", "md", "txt")
PLAIN = "worked-plain"  # worked solutions without pictures
_TOLD = ("worked", PLAIN, "scheme", "fill-in")  # parts that need an explanation
_ALONE = ("worked", "scheme", "choice", "fill-in")  # parts that only the document of that name needs
LISTED_PATHS = 64


def parts_of(makes: Sequence[str], formats: Sequence[str], *, pictures: bool = True) -> tuple[str, ...]:
    """The parts of an item that documents are put together from.

    Args:
        makes: of `MAKES`; what none of them needs is left out.
        formats: of `FORMATS`.
        pictures: whether the worked solutions have them.

    >>> parts_of(["sheet", "key"], ["html"])
    ('facts', 'statement:html', 'proof', 'answer:html')
    """
    named = ["statement", *(["answer"] if set(makes) - {"sheet"} else []), *(name for name in _ALONE if name in makes)]
    if not pictures:
        named = [PLAIN if name == "worked" else name for name in named]
    proof = ["proof"] if "answer" in named else []
    parts = [f"{name}:{to}" for name in named for to in formats if not (name == "fill-in" and to == "txt")]
    return ("facts", *parts[: len(formats)], *proof, *parts[len(formats) :])


def work_out(
    problem: Mapping[str, Any],
    seed: str,
    label: str,
    parts: Sequence[str],
    known: Mapping[str, Any] = MappingProxyType({}),
    lang: str = "en",
) -> dict[str, Any]:
    """What the documents of a run need of one variant, by the name of the part.

    Args:
        problem: the fields of a `Problem`.
        parts: of `parts_of`.
        known: "proof", if it was made before: nothing is proved again.
        lang: the language of its words.

    Raises:
        SymgraphError: it cannot be drawn, read or differentiated.
    """
    found: dict[str, Any] = {}
    with renderer.speaking(lang):
        wanted = [part.partition(":") for part in parts]
        telling = any(name in _TOLD for name, _, _ in wanted)
        item = _Item(vary(Problem(MappingProxyType(dict(problem))), seed, label), known.get("proof"), telling)
        for part, (name, _, to) in zip(parts, wanted, strict=True):
            found[part] = item.facts() if name == "facts" else item.proof if name == "proof" else _PARTS[name](item, to)
    return found


class _Item:
    """One variant, whose answer is found and proved once, whoever asks for it.

    Args:
        proof: the one made before.
        telling: whether something that is wanted is told: then the answer of a curve is what the telling finds.
    """

    def __init__(self, variant: Variant, proof: dict[str, Any] | None, telling: bool) -> None:
        self.variant, self._proof, self._telling = variant, proof, telling

    def facts(self) -> dict[str, Any]:
        values = {name: typesetting.text(value, ascii=True) for name, value in self.variant.values.items()}
        return {"drawn": self.variant.drawn, "values": values}

    @cached_property
    def told(self) -> list[Explanation]:
        return tellings(self.variant)

    @cached_property
    def _ours(self) -> Tree:
        return answer_of(self.variant, self.told if self._telling else ())

    @cached_property
    def _proved(self) -> tuple[Tree, list[dict[str, str]]]:
        return proved_answer(self.variant, self._ours)

    @cached_property
    def answer(self) -> Tree:
        """What the key prints."""
        if self._proof is None:
            return self._proved[0]
        key = self.variant.key_tree if self._proof["teachers"] else None
        return self._ours if key is None else key

    @cached_property
    def proof(self) -> dict[str, Any]:
        """The answer in a line of text, whether it is the teacher's own, and what was proved."""
        answer, claims = self._proved
        return {
            "ascii": typesetting.text(answer, ascii=True),
            "teachers": answer is self.variant.key_tree,
            "claims": [*claims, *claims_of(self.variant)],
        }


# The answer, and what is claimed -------------------------------------------------------------------------------------


def answer_of(variant: Variant, told: Sequence[Explanation] = ()) -> Tree:
    """The answer as we print it; `told` are its `tellings`, if they are made."""
    if variant.tangent is not None:
        return variant.tangent.equation
    if variant.problem.question != "derivative":
        return from_sympy(told[0].answer if told else variant.slope)
    task = variant.task
    found = [from_sympy(simplest(q.answer) if task.at is None else task.worth(q)) for q in task.questions]
    if not task.shape:
        return found[0]
    return options.shaped(found, task.shape)


def proved_answer(variant: Variant, ours: Tree | None = None) -> tuple[Tree, list[dict[str, str]]]:
    """What the key prints, the teacher's own where it is right, and what was proved about it.

    Args:
        ours: what `answer_of` says, if it was asked.
    """
    ours = answer_of(variant) if ours is None else ours
    claims = [_claim("answer", judge(variant, typesetting.text(ours, ascii=True)), ours)]
    key = variant.key_tree
    if key is None:
        return ours, claims
    verdict = judge(variant, typesetting.text(key, ascii=True))
    claims.append(_claim("key", verdict, key))
    return (key if verdict.outcome in (Outcome.RIGHT, Outcome.WRONG_FORM) else ours), claims


def claims_of(variant: Variant) -> list[dict[str, str]]:
    """The teacher's own cases and sayings, each tried."""
    found = []
    for number, reply in enumerate(variant.replies("test"), 1):
        score, why = scored(variant, reply.answer)
        name = f"test {number}"
        if score is None:
            found.append({"claim": name, "outcome": "undecided", "detail": f"{reply.answer}: {why}"})
        elif abs(score - reply.score) > 1e-9:
            told = f"{reply.answer} scores {score:g}, not {reply.score:g}: {why}"
            found.append({"claim": name, "outcome": "refuted", "detail": told})
        else:
            found.append({"claim": name, "outcome": "proved", "detail": f"{reply.answer} scores {score:g}"})
    for number, reply in enumerate(variant.replies("feedback"), 1):
        verdict = judge(variant, reply.answer)
        right = verdict.outcome in (Outcome.RIGHT, Outcome.RIGHT_ON)
        outcome = (
            "refuted" if right and reply.score < 1 else "proved" if verdict.outcome is Outcome.WRONG else "undecided"
        )
        detail = f"{reply.answer} is {verdict.outcome.value}"
        found.append({"claim": f"feedback {number}", "outcome": outcome, "detail": detail})
    return found


def _claim(name: str, verdict: Verdict, tree: Tree) -> dict[str, str]:
    written = typesetting.text(tree)
    match verdict.outcome:
        case Outcome.RIGHT:
            method = verdict.evidence.method or "; ".join(dict.fromkeys(part.evidence.method for part in verdict.parts))
            return {"claim": name, "outcome": "proved", "detail": f"{written}: {method}"}
        case Outcome.WRONG_FORM:
            return {"claim": name, "outcome": "proved", "detail": f"{written}: the value, not the form asked for"}
        case Outcome.RIGHT_ON:
            told = f"{written}: right, but not wherever the function has a derivative; {verdict.evidence}"
            return {"claim": name, "outcome": "undecided", "detail": told}
        case Outcome.WRONG:
            return {"claim": name, "outcome": "refuted", "detail": f"{written} is wrong: {verdict.evidence}"}
    return {"claim": name, "outcome": "undecided", "detail": f"{written}: {verdict.evidence}"}


def judge(variant: Variant, answer: str) -> Verdict:
    """The verdict on an answer to any kind of question."""
    return mark(variant.task, answer)


def scored(variant: Variant, answer: str, verdict: Verdict | None = None) -> tuple[float | None, str]:
    """The part of the points that an answer is worth, and why; None: a person must look at it."""
    verdict = judge(variant, answer) if verdict is None else verdict
    said = reply_to(variant, verdict)
    if said is not None:
        return said.score, said.say
    why = str(verdict.diagnoses[0]) if verdict.diagnoses else str(verdict.evidence)
    return verdict.score, why


def reply_to(variant: Variant, verdict: Verdict) -> Reply | None:
    """What the teacher says to this answer, if it is one that was foreseen and is not right."""
    if verdict.outcome not in (Outcome.WRONG, Outcome.UNDECIDED, Outcome.RIGHT_ON) or verdict.answer is None:
        return None
    if len(verdict.answer.trees) != 1:
        return None
    for reply in variant.replies("feedback"):
        try:
            foreseen, given = (
                _right_side(variant, tree) for tree in (variant.read(reply.answer), verdict.answer.trees[0])
            )
        except SymgraphError:
            continue
        if foreseen is None or given is None:
            continue
        if equal(foreseen, given, heavy=False).outcome is equality.Outcome.PROVED:
            return reply
    return None


def _right_side(variant: Variant, tree: Tree) -> Expr | None:
    """What an answer is worth; of an equation its right side, solved as the tangent's."""
    tangent = variant.tangent
    return construct(tree) if tangent is None else tangent.solved(tree)


# Worked solutions ----------------------------------------------------------------------------------------------------


def tellings(variant: Variant) -> list[Explanation]:
    """The explanations that a worked solution is made of, in order."""
    problem, order, tangent = variant.problem, variant.order, variant.tangent
    if problem.question != "derivative":
        by, of = variant.curve
        source = variant.equation or variant.program
        at = None if tangent is not None and tangent.is_upright else variant.at  # there the slope has no value
        return [explain(source, by, of, at=at, question=problem.question, order=order)]
    program, of_, at, wrt = variant.program, problem.fields.get("of"), variant.at, list(variant.wrt)
    if tangent is not None:
        return [explain(program, wrt, of_, at, question="tangent")]
    if order == 1:
        return [explain(program, wrt, of_, at)]
    if order == 2 and len(wrt) > 1:
        return [explain(program, wrt, of_, at, question="hessian")]
    return [explain(program, each, of_, at, question="higher", order=order) for each in wrt]


def _worked(item: _Item, to: str, *, drawn: bool = True) -> dict[str, Any]:
    """A worked solution, and the pictures that it refers to."""
    variant, told = item.variant, item.told
    stem = f"{variant.problem.id}-{variant.label}".replace(" ", "-")
    stem = "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in stem)
    parts = [renderer.steps(each, to, f"{stem}-{place}", pictures=drawn) for place, each in enumerate(told)]
    parts += closing(variant, to)
    pictures: dict[str, str] = {}
    if to == "md" and drawn:
        for place, each in enumerate(told):
            pictures.update(renderer.companions(each, f"{stem}-{place}"))
    return {"text": "\n".join(parts), "pictures": pictures}


def closing(variant: Variant, to: str) -> list[str]:
    """What is said behind the slope of a curve whose tangent is asked for; nothing elsewhere."""
    if variant.tangent is None or variant.problem.question == "derivative":
        return []
    return [renderer.compose("closing", variant.tangent, to)]


# Marking schemes and fill-in sheets ----------------------------------------------------------------------------------


def _scheme(item: _Item, to: str) -> dict[str, Any]:
    """What the nodes are; edges and paths, each with its part of the points."""
    edges: list[tuple[list[str], Tree]] = []
    paths: list[tuple[list[str], Tree]] = []
    nodes: list[Tree] = []
    for told in item.told[:1]:
        for node in told.graph:
            if node.formula is not None:
                nodes.append(Apply("equals", (Name(node.name), node.formula)))
            for edge in edges_into(told.graph, node):
                edges.append(([edge.tail.name, edge.head.name], from_sympy(edge.partial)))
        for of in told.of:
            for wrt in told.wrt:
                for path in find_paths(told.graph, wrt, of):
                    if len(paths) == LISTED_PATHS:
                        break
                    paths.append(([node.name for node in path.nodes], from_sympy(path.product)))
    points = item.variant.problem.points
    formula = renderer.FORMATS[to].formula
    touching: list[dict[str, Any]] = []
    if (tangent := item.variant.tangent) is not None:
        points /= 2  # the slope is one half, and the point the other
        touch = ", ".join(str(formula(each)) for each in tangent.touched)
        touching = [{"route": touch, "formula": str(formula(tangent.equation)), "points": _short(points)}]
    return {
        "touching": touching,
        "nodes": [str(formula(each)) for each in nodes[:LISTED_PATHS]],
        "edges": [_row(route, tree, points / 2 / len(edges), to) for route, tree in edges],
        "paths": [_row(route, tree, points / 2 / len(paths), to) for route, tree in paths],
    }


def _row(route: Sequence[str], tree: Tree, points: float, to: str) -> dict[str, Any]:
    formula = renderer.FORMATS[to].formula
    arrow = r" $\to$ " if to == "tex" else " → "
    named = arrow.join(str(formula(Name(name))) for name in route)
    return {"route": named, "formula": str(formula(tree)), "points": _short(points)}


def _short(points: float) -> str:
    return f"{points:.3f}".rstrip("0").rstrip(".")


class _Blank:
    """The picture with the labels of its edges left blank, as its template sees it."""

    def __init__(self, told: Explanation, name: str) -> None:
        self.drawn = View(told).picture("blank")
        self.edges = [
            f"{edge.tail.name} → {edge.head.name}" for node in told.graph for edge in edges_into(told.graph, node)
        ]
        self.name = name


def _fill_in(item: _Item, to: str) -> str:
    stem = f"{item.variant.problem.id}-{item.variant.label}-blank"
    name = "".join(letter if letter.isalnum() else "-" for letter in stem)
    return renderer.compose("fill_in", _Blank(item.told[0], name), to)


_PARTS: Mapping[str, Callable[[_Item, str], Any]] = MappingProxyType(
    {
        "statement": lambda item, to: item.variant.statement(to),
        "answer": lambda item, to: renderer.displayed(item.answer, to),
        "worked": _worked,
        PLAIN: partial(_worked, drawn=False),
        "scheme": _scheme,
        "fill-in": _fill_in,
        "choice": lambda item, to: options.choices(item.variant, item.answer, [to]),
    }
)
