"""Problems -> course sites: Moodle with STACK, Moodle multiple choice, PrairieLearn, WeBWorK, QTI.

Every site draws one of our own variants, with an answer and mistakes that were proved here; nothing is differentiated
there. What a site cannot hold (a function that Maxima lacks) is refused by name, and the rest goes on.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as place:
...     path = files.write(Path(place) / "hw.toml", 'schema = 1\\n[[problem]]\\nid = "p"\\nf = "sin(x^2)"')
...     export(path, "stack", Path(place) / "out", workers=1).files[0].name
'stack.xml'
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from symgraph import files
from symgraph.errors import SymgraphError
from symgraph.homework import packages
from symgraph.homework import problems as problem_sets
from symgraph.homework.answer_key import Progress, Report
from symgraph.homework.packages import put, start, xml
from symgraph.homework.problems import EACH, Homework, Problem
from symgraph.homework.running import Job, Kept, executor, perform

__all__ = ["PERSONAL", "SITES", "export", "moodle", "prairielearn", "stack", "stack_variables"]

PERSONAL = 20  # variants that a site gets of a problem in which every student has their own
_CHOICES = ("moodle", "qti12", "qti21")  # sites that get a multiple choice
Facts = Mapping[str, Any]


def export(
    path: str | Path,
    site: str,
    out: str | Path | None = None,
    *,
    force: bool = False,
    cluster: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write a problem set for a course site.

    Args:
        site: of `SITES`: stack, moodle, prairielearn, pg, qti12, qti21.
        out: the folder; None: one beside the file, of its name.

    Raises:
        SymgraphError: there is no such site, or the file is at fault.
    """
    if site not in SITES:
        raise SymgraphError(f"there is no site {site!r}: there are {', '.join(SITES)}")
    homework = problem_sets.read(path)
    report = Report()
    chosen = [problem for problem in homework.problems if site in _CHOICES or problem.question != "implicit"]
    for problem in homework.problems:
        if problem not in chosen:  # -x/y may be written with the equation, and these sites cannot know that it is right
            report.failures.append((problem.id, f"{site} cannot judge answers that use the curve's equation"))
    jobs = [_job(homework, problem, label) for problem in chosen for label in _labels(problem)]
    with files.Folder(Path(out) if out is not None else Path(path).with_suffix("")) as folder:
        found: dict[str, Facts] = {}
        with executor(cluster, workers) as where:
            for number, done in enumerate(perform(jobs, where, Kept(folder), force=force), 1):
                if done.error is None:
                    found[done.job.key] = done.value
                    report.kept += done.kept
                    report.done += not done.kept
                else:
                    report.failures.append((done.job.label, " ".join(str(done.error).split())))
                if progress is not None:
                    progress(number, len(jobs))
        report.failures.sort()
        questions = []
        for problem in chosen:
            facts = [found.get(_job(homework, problem, label).key) for label in _labels(problem)]
            known = [each for each in facts if each is not None]
            if known:
                questions.append((problem, known))
        for name, content in SITES[site](homework, questions, report).items():
            report.files.append(folder.write(name, content))
    return report


def _labels(problem: Problem) -> list[str]:
    count = PERSONAL if problem.variants == EACH else int(problem.variants)
    return [str(number) for number in range(1, count + 1)]


def _job(homework: Homework, problem: Problem, label: str) -> Job:
    asked = {"problem": problem.data(), "seed": homework.seed, "label": label}
    return Job("export", asked, f"{problem.id}, variant {label}")


Question = tuple[Problem, list[Facts]]


# Moodle --------------------------------------------------------------------------------------------------------------


def _text(parent: Any, tag: str, text: str, format_: str = "") -> Any:
    """An element whose text stands in a <text> of its own, as Moodle has it."""
    child = put(parent, tag, **({"format": format_} if format_ else {}))
    put(child, "text", text)
    return child


def _category(root: Any, title: str) -> None:
    question = put(root, "question", type="category")
    _text(question, "category", "$course$/" + re.sub(r"[/$]", " ", title))


# STACK reads blocks, [[if]], and values, {@…@}, in texts: what only looks like one is taken apart.
def _castext(text: str) -> str:
    return text.replace("[[", "[ [").replace("]]", "] ]").replace("{@", "{ @").replace("{#", "{ #")


def _by_variant(texts: Sequence[str]) -> str:
    """A text that differs from variant to variant."""
    safe = [_castext(text) for text in texts]
    if len(set(safe)) == 1:
        return safe[0]
    return "".join(f"[[if test='k={number}']]{text}[[/if]]" for number, text in enumerate(safe, 1))


def stack(homework: Homework, questions: Sequence[Question], report: Report) -> dict[str, bytes]:
    """Moodle XML with STACK questions."""
    root = start("quiz")
    _category(root, homework.title)
    for problem, facts in questions:
        _stack_question(root, problem, facts)
    return {"stack.xml": xml(root)}


def _mistakes(facts: Sequence[Facts]) -> list[str]:
    """The mistakes that every variant has: the nodes of the response tree, in the order of the first."""
    common = [wrong["mistake"] for wrong in facts[0]["wrong"]]
    for each in facts[1:]:
        here = {wrong["mistake"] for wrong in each["wrong"]}
        common = [name for name in common if name in here]
    return list(dict.fromkeys(common))


def _of_mistake(facts: Facts, mistake: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(wrong for wrong in facts["wrong"] if wrong["mistake"] == mistake)
    return found


def stack_variables(facts: Sequence[Facts]) -> str:
    """The question's variables: k is the variant, ta its answer, w1, w2, … what each mistake gives."""
    lines = [f"k:{'1' if len(facts) == 1 else f'rand({len(facts)})+1'};"]
    lines.append("ta:[" + ",".join(each["answer"]["maxima"] for each in facts) + "][k];")
    for number, mistake in enumerate(_mistakes(facts), 1):
        lines.append(f"w{number}:[" + ",".join(_of_mistake(each, mistake)["maxima"] for each in facts) + "][k];")
    return "\n".join(lines)


_SETTINGS = (
    ("questionsimplify", "1"),
    ("assumepositive", "0"),
    ("assumereal", "1"),
)
_LOOK = (
    ("multiplicationsign", "dot"),
    ("sqrtsign", "1"),
    ("complexno", "i"),
    ("inversetrig", "cos-1"),
    ("logicsymbol", "lang"),
    ("matrixparens", "["),
    ("variantsselectionseed", ""),
)
_INPUT = (
    ("boxsize", "25"),
    ("strictsyntax", "0"),
    ("insertstars", "1"),
    ("syntaxhint", ""),
    ("syntaxattribute", "0"),
    ("forbidwords", "diff,int,integrate"),
    ("allowwords", ""),
    ("forbidfloat", "0"),
    ("requirelowestterms", "0"),
    ("checkanswertype", "0"),
    ("mustverify", "1"),
    ("showvalidation", "1"),
    ("options", ""),
)


def _stack_question(root: Any, problem: Problem, facts: Sequence[Facts]) -> None:
    question = put(root, "question", type="stack")
    _text(question, "name", problem.title)
    ask = _by_variant([each["statement"] for each in facts])
    _text(question, "questiontext", f"{ask}<p>[[input:ans1]] [[validation:ans1]]</p>", "html")
    _text(question, "generalfeedback", _by_variant([each["worked"] for each in facts]), "html")
    for tag, value in (("defaultgrade", f"{problem.points:g}"), ("penalty", "0.1"), ("hidden", "0"),
                       ("idnumber", problem.id)):  # fmt: skip
        put(question, tag, value)
    _text(question, "stackversion", "")
    _text(question, "questionvariables", stack_variables(facts))
    _text(question, "specificfeedback", "[[feedback:prt1]]", "html")
    _text(question, "questionnote", "Variant {@k@}")
    for tag, value in _SETTINGS:
        put(question, tag, value)
    for tag, told in (
        ("prtcorrect", "Right."),
        ("prtpartiallycorrect", "Partly right."),
        ("prtincorrect", "Not right."),
    ):
        _text(question, tag, told, "html")
    for tag, value in _LOOK:
        put(question, tag, value)
    entry = put(question, "input")
    for tag, value in (("name", "ans1"), ("type", "algebraic"), ("tans", "ta"), *_INPUT):
        put(entry, tag, value)
    mistakes = _mistakes(facts)
    _response_tree(question, facts, mistakes)
    for number in range(1, 3 * len(facts) + 1 if len(facts) > 1 else 1):
        put(question, "deployedseed", str(number))
    _question_tests(question, facts, mistakes)


def _response_tree(question: Any, facts: Sequence[Facts], mistakes: Sequence[str]) -> None:
    """Right? Then each mistake in turn; what none of them explains scores nothing."""
    tree = put(question, "prt")
    for tag, value in (("name", "prt1"), ("value", "1"), ("autosimplify", "1"), ("feedbackstyle", "1")):
        put(tree, tag, value)
    _text(tree, "feedbackvariables", "")
    rows = [("ta", 1.0, "")]
    for number, mistake in enumerate(mistakes, 1):
        found = [_of_mistake(each, mistake) for each in facts]
        rows.append((f"w{number}", found[0]["score"], _by_variant([_paragraph(each["say"]) for each in found])))
    for place, (target, score, say) in enumerate(rows):
        node = put(tree, "node")
        following = str(place + 1) if place + 1 < len(rows) else "-1"
        for tag, value in (("name", str(place)), ("description", ""), ("answertest", "AlgEquiv"), ("sans", "ans1"),
                           ("tans", target), ("testoptions", ""), ("quiet", "1")):  # fmt: skip
            put(node, tag, value)
        for side, points, after, told in (("true", score, "-1", say), ("false", 0.0, following, "")):
            for tag, value in (("scoremode", "="), ("score", f"{points:g}"), ("penalty", ""), ("nextnode", after),
                               ("answernote", f"prt1-{place + 1}-{side[0].upper()}")):  # fmt: skip
                put(node, side + tag, value)
            _text(node, f"{side}feedback", told, "html")


def _paragraph(text: str) -> str:
    from html import escape

    return f"<p>{escape(text)}</p>" if text else ""


def _question_tests(question: Any, facts: Sequence[Facts], mistakes: Sequence[str]) -> None:
    cases = [("ta", 1.0, 1)]
    cases += [
        (f"w{number}", _of_mistake(facts[0], mistake)["score"], number + 1)
        for number, mistake in enumerate(mistakes, 1)
    ]
    for number, (value, score, node) in enumerate(cases, 1):
        test = put(question, "qtest")
        put(test, "testcase", str(number))
        put(test, "description", "")
        entry = put(test, "testinput")
        put(entry, "name", "ans1")
        put(entry, "value", value)
        expected = put(test, "expected")
        for tag, told in (("name", "prt1"), ("expectedscore", f"{score:.7f}"), ("expectedpenalty", "0.0000000"),
                          ("expectedanswernote", f"prt1-{node}-T")):  # fmt: skip
            put(expected, tag, told)


def moodle(homework: Homework, questions: Sequence[Question], report: Report) -> dict[str, bytes]:
    """Plain Moodle XML, multiple choice: a question for each variant."""
    root = start("quiz")
    _category(root, homework.title)
    for problem, facts in questions:
        for each in facts:
            if not each["choice"]:
                told = "no multiple choice: it has too few wrong options that are proved to be different"
                report.failures.append((f"{problem.id}, variant {each['label']}", told))
                continue
            _choice_question(root, problem, each, len(facts) > 1)
    return {"moodle.xml": xml(root)}


def _choice_question(root: Any, problem: Problem, facts: Facts, several: bool) -> None:
    question = put(root, "question", type="multichoice")
    _text(question, "name", f"{problem.title} ({facts['label']})" if several else problem.title)
    _text(question, "questiontext", facts["statement"], "html")
    _text(question, "generalfeedback", facts["worked"], "html")
    for tag, value in (("defaultgrade", f"{problem.points:g}"), ("penalty", "0.3333333"), ("hidden", "0"),
                       ("idnumber", f"{problem.id}-{facts['label']}"), ("single", "true"),
                       ("shuffleanswers", "true"), ("answernumbering", "abc")):  # fmt: skip
        put(question, tag, value)
    for option in facts["choice"]:
        answer = put(question, "answer", fraction="100" if option["right"] else "0", format="html")
        put(answer, "text", f"<p>\\({option['tex'].strip('$')}\\)</p>".replace("&", "&amp;"))
        _text(answer, "feedback", "", "html")


# PrairieLearn --------------------------------------------------------------------------------------------------------

_SERVER = '''"""Draws one of the variants that were made and proved beforehand."""

import json
import pathlib

VARIANTS = json.loads(pathlib.Path(__file__).with_name("variants.json").read_text(encoding="utf-8"))


def generate(data):
    chosen = VARIANTS[int(data.get("variant_seed", 0)) % len(VARIANTS)]
    data["params"]["statement"] = chosen["statement"]
    data["params"]["solution"] = chosen["solution"]
    data["params"]["names"] = chosen["names"]
    data["correct_answers"]["answer"] = chosen["answer"]
'''


def prairielearn(homework: Homework, questions: Sequence[Question], report: Report) -> dict[str, str]:
    """A folder for each question: info.json, question.html, server.py, and the variants."""
    import uuid

    made: dict[str, str] = {}
    for problem, facts in questions:
        if facts[0]["answer"]["ascii"].startswith("["):
            report.failures.append((problem.id, "PrairieLearn's symbolic input takes one formula, not several"))
            continue
        stem = f"prairielearn/{problem.id}"
        identity = uuid.uuid5(uuid.NAMESPACE_URL, f"symgraph:{homework.seed}:{problem.id}")
        info = {"uuid": str(identity), "title": problem.title, "topic": homework.title, "type": "v3"}
        variants = [
            {
                "statement": each["statement"],
                "solution": each["worked"],
                "names": ", ".join(each["names"]),
                "answer": each["answer"]["ascii"].replace("^", "**"),
            }
            for each in facts
        ]
        made[f"{stem}/info.json"] = json.dumps(info, indent=2, ensure_ascii=False) + "\n"
        made[f"{stem}/question.html"] = (
            "<pl-question-panel>{{{params.statement}}}</pl-question-panel>\n"
            '<pl-symbolic-input answers-name="answer" variables="{{params.names}}"></pl-symbolic-input>\n'
            "<pl-answer-panel>{{{params.solution}}}</pl-answer-panel>\n"
        )
        made[f"{stem}/server.py"] = _SERVER
        made[f"{stem}/variants.json"] = json.dumps(variants, indent=1, ensure_ascii=False) + "\n"
    return made


def _package(make: Any) -> Any:
    """A site of `packages.py`, which knows nothing of reports."""
    return lambda homework, questions, report: make(homework, questions, report.failures)


SITES: Mapping[str, Callable[[Homework, Sequence[Question], Report], Mapping[str, str | bytes]]] = {
    "stack": stack,
    "moodle": moodle,
    "prairielearn": prairielearn,
    "pg": _package(packages.pg),
    "qti12": _package(packages.qti12),
    "qti21": _package(packages.qti21),
}
