"""Problems -> Moodle questions for STACK, which marks formulas with the computer algebra system Maxima.

A question draws one of our own variants; its response tree asks whether an answer is right and then whether it is one
of the mistakes that were foreseen. An answer about a curve may use the curve's equation: it is compared at points of
the curve, which were found and proved here.

>>> prefix_beside(["x", "y"]), prefix_beside(["sg1"])
('sg', 'sgg')
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from symgraph.homework.packages import Facts, Failures, Question, category, put, refusal, start, titled, xml
from symgraph.homework.problems import Homework, Problem

__all__ = ["prefix_beside", "stack", "stack_variables"]

_PENALTY = "0.1"  # of each try that is not right; STACK expects it in the tests of such tries
_NEAR = "1.0e-7"  # how far apart, of their size, two formulas may be at a point of a curve and count as one


def stack(homework: Homework, questions: Sequence[Question], failures: Failures) -> dict[str, bytes]:
    """Moodle XML with STACK questions."""
    root = start("quiz")
    category(root, homework.title)
    for problem, facts in questions:
        refused = refusal(facts, "maxima", "answer")
        if refused:
            failures.append((problem.id, refused))
        else:
            _StackQuestion(problem, facts).put_into(root)
    return {"stack.xml": xml(root)}


def prefix_beside(names: Sequence[str]) -> str:
    """What the question's own variables begin with: no name of the students' does."""
    prefix = "sg"
    while any(name.startswith(prefix) for name in names):
        prefix += "g"
    return prefix


# STACK reads blocks, [[if]], and values, {@…@}, in texts: what only looks like one is taken apart.
def _castext(text: str) -> str:
    return text.replace("[[", "[ [").replace("]]", "] ]").replace("{@", "{ @").replace("{#", "{ #")


def _mistakes(facts: Sequence[Facts]) -> list[str]:
    """The mistakes that every variant has: the nodes of the response tree, in the order of the first."""
    found = [[wrong["mistake"] for wrong in each["wrong"] if "maxima" in wrong] for each in facts]
    return list(dict.fromkeys(name for name in found[0] if all(name in here for here in found)))


def _of_mistake(facts: Facts, mistake: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(
        wrong for wrong in facts["wrong"] if wrong["mistake"] == mistake and "maxima" in wrong
    )
    return found


def stack_variables(facts: Sequence[Facts]) -> str:
    """The question's variables: which variant it is, its answer, what each mistake gives, and points of its curve.

    For a curve there is a function besides: how far two formulas are apart at those points, of their size.
    """
    own = prefix_beside(facts[0]["names"])
    count = len(facts)

    def chosen(name: str, values: Sequence[str]) -> str:
        return f"{own}{name}:[{','.join(values)}][{own}k];"

    lines = [f"{own}k:{'1' if count == 1 else f'rand({count})+1'};"]
    lines.append(chosen("a", [each["answer"]["maxima"] for each in facts]))
    for number, mistake in enumerate(_mistakes(facts), 1):
        lines.append(chosen(f"w{number}", [_of_mistake(each, mistake)["maxima"] for each in facts]))
    if facts[0]["curve"]:
        points = [
            "[" + ",".join("[" + ",".join(f"{x}={v}" for x, v in point.items()) + "]" for point in each["curve"]) + "]"
            for each in facts
        ]
        lines.append(chosen("p", points))
        if all("maxima" in each["equation"] for each in facts):
            lines.append(chosen("f", [each["equation"]["maxima"] for each in facts]))
        lines.append(
            f"{own}d({own}s,{own}t):=apply(max,maplist(lambda([{own}q],"
            f"abs(float(subst({own}q,{own}s)-subst({own}q,{own}t)))/(1+abs(float(subst({own}q,{own}t))))),{own}p));"
        )
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


class _StackQuestion:
    """One question while it is written."""

    def __init__(self, problem: Problem, facts: Sequence[Facts]) -> None:
        self.problem, self.facts = problem, facts
        self.own, self.mistakes = prefix_beside(facts[0]["names"]), _mistakes(facts)
        self.on_curve = bool(facts[0]["curve"])

    def _by_variant(self, texts: Sequence[str]) -> str:
        """A text that differs from variant to variant."""
        safe = [_castext(text) for text in texts]
        if len(set(safe)) == 1:
            return safe[0]
        return "".join(f"[[if test='{self.own}k={number}']]{text}[[/if]]" for number, text in enumerate(safe, 1))

    def put_into(self, root: Any) -> None:
        question = put(root, "question", type="stack")
        titled(question, "name", self.problem.title)
        ask = self._by_variant([each["statement"] for each in self.facts])
        parts = self.facts[0]["parts"]
        label = f"\\({parts[0]['label']} =\\) " if len(parts) == 1 and parts[0]["label"] else ""
        titled(question, "questiontext", f"{ask}<p>{label}[[input:ans1]] [[validation:ans1]]</p>", "html")
        titled(question, "generalfeedback", self._by_variant([each["worked"] for each in self.facts]), "html")
        for tag, value in (("defaultgrade", f"{self.problem.points:g}"), ("penalty", _PENALTY), ("hidden", "0"),
                           ("idnumber", self.problem.id)):  # fmt: skip
            put(question, tag, value)
        titled(question, "stackversion", "")
        titled(question, "questionvariables", stack_variables(self.facts))
        titled(question, "specificfeedback", "[[feedback:prt1]]", "html")
        titled(question, "questionnote", f"Variant {{@{self.own}k@}}")
        for tag, value in _SETTINGS:
            put(question, tag, value)
        for tag, told in (("prtcorrect", "Right."), ("prtpartiallycorrect", "Partly right."),
                          ("prtincorrect", "Not right.")):  # fmt: skip
            titled(question, tag, told, "html")
        for tag, value in _LOOK:
            put(question, tag, value)
        self._put_input(question)
        self._put_tree(question)
        for number in range(1, 3 * len(self.facts) + 1 if len(self.facts) > 1 else 1):
            put(question, "deployedseed", str(number))
        self._put_tests(question)

    def _put_input(self, question: Any) -> None:
        entry, answer = put(question, "input"), self.facts[0]["answer"]["maxima"]
        kind = "matrix" if answer.startswith("matrix(") else "algebraic"
        hint = "[" + ",".join("?" * len(self.facts[0]["parts"])) + "]" if answer.startswith("[") else ""
        filled = {"syntaxhint": hint, "syntaxattribute": "1" if hint else "0"}  # shown until something is typed
        for tag, value in (("name", "ans1"), ("type", kind), ("tans", f"{self.own}a"), *_INPUT):
            put(entry, tag, filled.get(tag, value))

    def _asked(self, target: str) -> tuple[str, str]:
        """What a node compares: the answer with a formula, or, on a curve, whether the two agree at its points."""
        if self.on_curve:
            return f"is({self.own}d(ans1,{target})<{_NEAR})", "true"
        return "ans1", target

    def _put_tree(self, question: Any) -> None:
        """Right? Then each mistake in turn; what none of them explains scores nothing."""
        tree = put(question, "prt")
        for tag, value in (("name", "prt1"), ("value", "1"), ("autosimplify", "1"), ("feedbackstyle", "1")):
            put(tree, tag, value)
        titled(tree, "feedbackvariables", "")
        rows = [(f"{self.own}a", 1.0, "")]
        for number, mistake in enumerate(self.mistakes, 1):
            found = [_of_mistake(each, mistake) for each in self.facts]
            say = self._by_variant([_paragraph(each["say"]) for each in found])
            rows.append((f"{self.own}w{number}", found[0]["score"], say))
        for place, (target, score, say) in enumerate(rows):
            node, (given, wanted) = put(tree, "node"), self._asked(target)
            following = str(place + 1) if place + 1 < len(rows) else "-1"
            for tag, value in (("name", str(place)), ("description", ""), ("answertest", "AlgEquiv"), ("sans", given),
                               ("tans", wanted), ("testoptions", ""), ("quiet", "1")):  # fmt: skip
                put(node, tag, value)
            for side, points, after, told in (("true", score, "-1", say), ("false", 0.0, following, "")):
                for tag, value in (("scoremode", "="), ("score", f"{points:g}"), ("penalty", ""), ("nextnode", after),
                                   ("answernote", f"prt1-{place + 1}-{side[0].upper()}")):  # fmt: skip
                    put(node, side + tag, value)
                titled(node, f"{side}feedback", told, "html")

    def _put_tests(self, question: Any) -> None:
        """The answer and each mistake; on a curve also the answer written with the help of the equation."""
        cases = [(f"{self.own}a", 1.0, 1)]
        if self.on_curve and all("maxima" in each["equation"] for each in self.facts):
            cases.append((f"{self.own}a+{self.own}f", 1.0, 1))
        for number, mistake in enumerate(self.mistakes, 1):
            cases.append((f"{self.own}w{number}", _of_mistake(self.facts[0], mistake)["score"], number + 1))
        for number, (value, score, node) in enumerate(cases, 1):
            test = put(question, "qtest")
            put(test, "testcase", str(number))
            put(test, "description", "")
            entry = put(test, "testinput")
            put(entry, "name", "ans1")
            put(entry, "value", value)
            expected = put(test, "expected")
            penalty = "0.0000000" if score == 1 else f"{float(_PENALTY):.7f}"
            for tag, told in (("name", "prt1"), ("expectedscore", f"{score:.7f}"), ("expectedpenalty", penalty),
                              ("expectedanswernote", f"prt1-{node}-T")):  # fmt: skip
                put(expected, tag, told)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>" if text else ""
