"""What errors say in another language: a line for every sentence that a teacher meets."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from symgraph.explanation.renderer import speaking, told
from symgraph.explanation.sentences import Sentences
from symgraph.gallery import read_examples
from symgraph.marking.mistakes import MISTAKES
from symgraph.parsing.signs import CONFUSABLES, HINTS, describe

PACKAGE = Path(__file__).parent.parent / "symgraph"
# What a teacher meets who types functions, answers and homework; programs that are traced or recorded speak English.
ROOMS = re.findall(
    r"\S+",
    """
    parsing/brackets parsing/calls parsing/commands parsing/cursor parsing/definitions parsing/grammar parsing/resolver
    parsing/statements parsing/text parsing/tokens parsing/words language/components language/guards language/program
    calculus/curves calculus/directions calculus/evaluation calculus/given calculus/holding calculus/logarithms
    calculus/tangents explanation/inquiries explanation/one_graph explanation/several_graphs marking/answers
    marking/credit marking/decomposition marking/equations marking/forms marking/hints marking/lines marking/slopes
    marking/tasks marking/line_verdicts marking/value_verdicts marking/curve_verdicts marking/formula_verdicts
    homework/bank homework/draws homework/faults homework/marker homework/problems homework/statements homework/tables
    files
""",
)
RAISED = ("fail", "_fail", "fault", "_fault", "add", "UsageError")
# Not typed: what only a Python program can hand over.
OF_PROGRAMS = (
    "text is wanted here",
    "log is natural or decimal",
    "an equation is text or a SymPy",
    "x^2 + y^2 = 25",
    "a point is text",
    "an answer is text",
    "points are awarded",
    "inside its with statement",
    "half a character",
)
# What is worked out before it is put into a sentence.
HOLES = {
    "a comma inside a number‹…›": ": is it 1.234 or 1234?",
    "‹…› is ‹…› and cannot be assigned": "a function",
    "a negative number has no real power like this‹…›": ": for the real root write cbrt(x) or root(x, n)",
    "‹…› cannot be an id: ‹…›": "letters without accents, digits, - and _, 60 at most, a letter or digit first",
}


def wording(node: ast.expr) -> Iterator[str]:
    """What a message may be, with ‹name› for what differs."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            found = [""]
            for part in values:
                if isinstance(part, ast.Constant):
                    found = [each + str(part.value) for each in found]
                elif isinstance(part, ast.FormattedValue):
                    ways = list(wording(part.value)) if isinstance(part.value, ast.IfExp) else ["‹…›"]
                    found = [each + way for each in found for way in ways]
            yield from found
        case ast.IfExp(body=body, orelse=otherwise):
            yield from wording(body)
            yield from wording(otherwise)


def _filled(text: str) -> str:
    """A sentence with what is worked out for its last hole."""
    last = HOLES.get(text, "‹…›")
    return last.join(text.rsplit("‹…›", 1))


def said_in(room: str) -> Iterator[tuple[int, str]]:
    """Every sentence that a room's errors are made of, and its line."""
    for node in ast.walk(ast.parse((PACKAGE / f"{room}.py").read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in RAISED or called.endswith(("Error", "Problem", "Part", "ToShow")):
                for argument in (*node.args, *(each.value for each in node.keywords if each.arg == "hint")):
                    for text in wording(argument):
                        if " " in text.strip() and any(letter.isalpha() for letter in text.replace("‹…›", "")):
                            yield node.lineno, text


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_of_an_error_is_said_in_german(room: str) -> None:
    with speaking("de"):
        missing = [
            (line, text)
            for line, text in said_in(room)
            if told(_filled(text)) == _filled(text) and not any(part in text for part in OF_PROGRAMS)
        ]
    assert not missing


def test_what_is_wrong_with_a_character_is_said_in_german() -> None:
    said = {
        text for letter in (*CONFUSABLES, *HINTS, "\u202e", "\u0301", "①", "ß") for text in describe(letter) if text
    }
    with speaking("de"):
        assert not [text for text in sorted(said) if told(text) == text]


def test_names_of_mistakes_and_titles_of_examples_are_german() -> None:
    names = {name.replace("_", " ") for name in MISTAKES}
    titles = {text for example in read_examples() for text in (example.title, example.chapter)}
    with speaking("de"):
        assert not [text for text in sorted(names | titles) if told(text) == text]


def test_a_sentence_without_a_line_stays_whole() -> None:
    german = Sentences("hint: {A} ⇒ Hinweis: {A}\n\n{a} or {b} is wanted ⇒ gefragt ist {a} oder {b}")
    assert german.say("this or that") == "this or that"
    assert (
        german.say("hint: x or y is wanted\n  x or y is wanted") == "Hinweis: gefragt ist x oder y\n  x or y is wanted"
    )
