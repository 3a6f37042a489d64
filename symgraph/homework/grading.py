"""One variant's answers, judged: the verdict on each, what the student is told, and which answers are equal.

It is a task of `worker.py`. Equal answers are found by value, not by text: 2x·cos x² and 2x cos(x^2) are one answer.

>>> from symgraph.homework.problems import read_text
>>> homework = read_text('schema = 1\\n[[problem]]\\nid = "p"\\nf = "sin(x^2)"')
>>> marks = mark_answers(homework.problems[0].data(), "", "1", ["2x cos(x^2)", "cos(x^2)*2*x", "cos(x^2)"])
>>> [(mark["outcome"], mark["score"], mark["mistake"]) for mark in marks]
[('right', 1.0, ''), ('right', 1.0, ''), ('wrong', 0.5, 'missing_edge')]
>>> marks[0]["group"] == marks[1]["group"] != marks[2]["group"]
True
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from symgraph.calculus.balls import Tape
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer, typesetting
from symgraph.homework.items import judge, proved_answer, reply_to, scored
from symgraph.homework.problems import Problem, Variant, vary
from symgraph.language.constructors import construct
from symgraph.language.tree import Tree
from symgraph.marking import telling
from symgraph.marking.grounds import EvidenceView
from symgraph.marking.lines import Tangent
from symgraph.marking.verdicts import Outcome, Verdict

__all__ = ["group_by_text", "mark_answers"]

_WORDS = re.compile(r"(?=.*[^\W\d_]{3})(?:[^\W\d_]|[ ,.!?'’])+")  # idk; "I don't know."
DIGITS = 12  # in which two answers that are one agree


def mark_answers(
    problem: Mapping[str, Any], seed: str, label: str, answers: Sequence[str], lang: str = "en"
) -> list[dict[str, Any]]:
    """Judge the answers to one variant.

    Returns:
        For each answer its outcome, score (None: a person decides), mistake, sentence (for a report), feedback (for the
        student: never the answer itself), detail (for the teacher), what was read, and the group of equal answers.
    """
    with typesetting.speaking(lang):
        variant = vary(Problem(MappingProxyType(dict(problem))), seed, label)
        key = typesetting.text(proved_answer(variant)[0])
        return [{**_marked(variant, answer), "key": key} for answer in answers]


def _marked(variant: Variant, answer: str) -> dict[str, Any]:
    """One answer; what goes wrong with it is for a person, and never the others' harm."""
    try:
        verdict = judge(variant, answer)
        return _facts(variant, answer, verdict)
    except (SymgraphError, RecursionError, ArithmeticError, ValueError) as problem:
        told = " ".join(str(problem).split())
        return {
            "outcome": "undecided",
            "score": None,
            "mistake": "",
            "sentence": "",
            "feedback": "",
            "detail": told,
            "read": "",
            "group": group_by_text(variant.problem.id, answer),
        }


def _facts(variant: Variant, answer: str, verdict: Verdict) -> dict[str, Any]:
    score, _ = scored(variant, answer, verdict)
    said = reply_to(variant, verdict)
    told = verdict.diagnoses or tuple(found for part in verdict.parts for found in part.diagnoses)
    mistake = told[0].mistake if told else ""
    sentence = said.say if said is not None else telling.placed(told[0]) if told else ""
    outcome = verdict.outcome.value
    return {
        "outcome": outcome,
        "score": score,
        "mistake": "said" if said is not None else mistake,
        "sentence": sentence,
        "feedback": _feedback(verdict, said.say if said is not None else ""),
        "detail": " ".join(str(verdict.evidence).split()),
        "read": _read(verdict),
        "group": _group(variant, answer, verdict),
    }


def _feedback(verdict: Verdict, said: str) -> str:
    """What the student reads."""
    if said:
        return said
    if verdict.outcome is Outcome.UNREADABLE:  # why, without the caret that points at it
        return " ".join(renderer.say("unreadable", EvidenceView(verdict.evidence)).split())
    return " ".join(verdict.render("txt").split())


def _read(verdict: Verdict) -> str:
    """How the answer was read."""
    if verdict.answer is None:
        return ""
    return ", ".join(typesetting.text(tree) for tree in verdict.answer.trees)


def group_by_text(problem: str, answer: str) -> str:
    """The group of an answer of which nothing but its text is known."""
    return _hash(problem, " ".join(answer.split()))


def _group(variant: Variant, answer: str, verdict: Verdict) -> str:
    """The same for answers of one value to one variant; for what cannot be read, its text; words for all alike."""
    values = [] if verdict.answer is None else _values(variant, verdict)
    what: Any = values or re.sub(r"\s+", "", answer)
    anyone = not variant.values or (verdict.outcome is Outcome.UNREADABLE and _WORDS.fullmatch(answer.strip()))
    return _hash(variant.problem.id, variant.seed, "" if anyone else variant.label, what)


def _values(variant: Variant, verdict: Verdict) -> list[str]:
    """An answer's values at the question's points, in so many digits; none where it has no values."""
    assert verdict.answer is not None
    task, found = variant.task, list[str]()
    try:
        if variant.tangent is not None:
            return _values_of_line(variant.tangent, verdict.answer.trees[0])
        for tree in verdict.answer.trees:
            tape = Tape(construct(tree, task.definitions, task.limits))
            for point in task.questions[0].points or [{}]:
                (value,) = tape.run({name: point[name] for name in tape.names}, 192)
                found.append(f"{float(value):.{DIGITS}g}" if value.real else "-")
    except (SymgraphError, KeyError, OverflowError, ValueError):
        return []
    return found if any(value != "-" for value in found) else []


def _values_of_line(tangent: Tangent, tree: Tree) -> list[str]:
    """The heights of an equation, solved, at two points; none where it cannot be solved."""
    right = tangent.solved(tree)
    if right is None:
        return []
    tape = Tape(right)
    values = [tape.run({name: Fraction(step) for name in tape.names}, 192)[0] for step in (Fraction(1, 3), 2)]
    return [f"{float(value):.{DIGITS}g}" if value.real else "-" for value in values]


def _hash(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()[:10]
