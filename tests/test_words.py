"""Words are in one place: a second language is a second file of words, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import html5lib
import pytest

import symgraph
from symgraph.errors import SymgraphError
from symgraph.explanation.explainer import explain
from symgraph.gallery import read_examples
from symgraph.homework.items import parts_of, work_out
from symgraph.homework.problems import read_text
from symgraph.marking.checker import check
from symgraph.marking.decomposition import check_steps
from symgraph.marking.hints import hint
from symgraph.marking.mistakes import MISTAKES

TEMPLATES = Path(__file__).parent.parent / "templates"
EXAMPLES = read_examples()
MACRO = re.compile(r"macro (\w+)(\([^)]*\))")
# Words that no English sentence does without, and that German does not have.
ENGLISH = re.compile(
    r"\b(?:the|and|each|with|there|of|is|are|by|that|this|these|its|it|to|from|for|which|where|when|how|not|"
    r"one|two|three|change|path|paths|edge|edges|node|nodes|speed|answer|number|points?|otherwise|if|no|on|only)\b"
)


@pytest.mark.parametrize("name", ["words", "words_homework"])
def test_german_has_the_same_macros_with_the_same_parameters(name: str) -> None:
    english, german = (dict(MACRO.findall((TEMPLATES / f"{name}{end}.j2").read_text("utf-8"))) for end in ("", ".de"))
    assert len(english) > 30
    assert german == english


def without_markup(document: str) -> str:
    """The words of a page: no styles, scripts, tags, formulas, and no formula that waits to be copied."""
    return re.sub(r"<(script|style|math|svg)[^>]*>.*?</\1>|<[^>]*>", " ", document, flags=re.DOTALL)


@pytest.mark.parametrize("place", range(len(EXAMPLES)), ids=[example.name for example in EXAMPLES])
def test_no_example_told_in_german_holds_an_english_sentence(place: int) -> None:
    with symgraph.speaking("de"):
        told = explain(EXAMPLES[place].source, **EXAMPLES[place].options)  # its title is English
    assert not ENGLISH.findall(told.render("txt"))
    if place % 6 == 0:
        assert not ENGLISH.findall(without_markup(told.render("html")))


@pytest.mark.parametrize("to", ["html", "tex", "md", "ipynb"])
def test_a_german_document_in_every_format(to: str) -> None:
    document = explain("(a+b)*(b+1)", "b", at="a=2, b=1", lang="de").render(to)
    assert "Zwei Pfade durch ein Produkt: das ist die Produktregel." in document
    if to == "html":
        html5lib.HTMLParser(strict=True).parse(document)
        assert '<html lang="de">' in document and "Andere Zahlen ausprobieren" in document


def test_cases_are_german_and_read_back() -> None:
    told = explain("{x^2 if x < 1, 2x - 1 otherwise}", lang="de")
    assert "y = {x² falls x < 1, 2x − 1 sonst}" in told.render("txt")
    assert r"\text{falls }" in told.render("tex") and r"\text{sonst}" in told.render("tex")
    typed = symgraph.parse("{x^2 if x < 1, 2x - 1 otherwise}")
    assert symgraph.parse("{x² falls x < 1, 2x − 1 sonst}").expr == typed.expr
    assert symgraph.parse(r"\begin{cases}x^2 & \text{falls } x<1 \\ 2x-1 & \text{sonst}\end{cases}").expr == typed.expr


ANSWERS = [
    ("(a+b)*(b+1)", "b", "b+1"),
    ("(a+b)*(b+1)", "b", "a + 2b + 1"),
    ("(a+b)*(b+1)", "b", "(a+b) + (b+1) + (b+1)"),
    ("sin(x^2)", "x", "cos(x^2)"),
    ("sin(x^2)", "x", "cos(2x)"),
    ("sin(x^2)", "x", "cos(x)*2x"),
    ("x^3", "x", "3x^3"),
    ("x^3", "x", "x^2"),
    ("x^3", "x", "3x^4"),
    ("x^3", "x", "x^4/4"),
    ("x^2*sin(x)", "x", "2x*cos(x)"),
    ("x/(x+1)", "x", "1"),
    ("x/(x+1)", "x", "-1/(x+1)^2"),
    ("exp(3x)", "x", "3x*exp(3x-1)"),
    ("ln(2x)", "x", "1/(2x)"),
    ("ln(x)", "x", "1/(x"),
    ("x^2*y", "x", "x^2"),
    ("x^2 + 5", "x", "2x + 5"),
    ("cos(x)", "x", "sin(x)"),
    ("x^2", "x", "x^2"),
    ("x^2", "x", "x + blue"),
    ("x^2*sin(x)", "x", "41x"),
]


@pytest.mark.parametrize(("source", "wrt", "answer"), ANSWERS)
@pytest.mark.parametrize("reader", ["student", "teacher"])
def test_verdicts_are_german(source: str, wrt: str, answer: str, reader: str) -> None:
    verdict = check(source, answer, wrt=wrt)
    with symgraph.speaking("de"):
        said = verdict.render("txt", reader)
        page = verdict.render("html", reader)
    if verdict.outcome is symgraph.Outcome.UNREADABLE:
        assert "konnte nicht gelesen werden" in said  # what is wrong with the text, the parser says in English
        return
    assert not ENGLISH.findall(re.sub(r"\(bewiesen: [^)]*\)+", "", said))
    assert '<html lang="de">' in page
    assert verdict.render("txt", reader) != said


def test_every_mistake_has_words_in_both_languages() -> None:
    for end in ("", ".de"):
        known = dict(MACRO.findall((TEMPLATES / f"words{end}.j2").read_text("utf-8")))
        for mistake in MISTAKES:
            assert {mistake, f"{mistake}_advice"} <= set(known)


def test_hints_and_steps_are_german() -> None:
    with symgraph.speaking("de"):
        for given in range(6):
            assert not ENGLISH.findall(hint("(a+b)*(b+1)", wrt="b", given=given).render("txt"))
        lines = check_steps("(a+b)*(b+1)", "c = a+b\nd = b+1\n(a+b) + b", wrt="b")
        assert not ENGLISH.findall(lines.render("txt"))


def test_homework_is_german() -> None:
    homework = read_text(
        'schema = 1\nseed = "7"\ntitle = "Blatt 1"\n'
        '[[problem]]\nid = "kette"\ntext = "Man leite ${{f}}$ ab."\nf = "sin(3*x^2)"\nwrt = "x"\n'
        '[[problem]]\nid = "kreis"\ntext = "Welche Steigung?"\nquestion = "implicit"\n'
        'f = "x^2 + y^2 = 25"\nwrt = "x"\nof = "y"\n'
        '[[problem]]\nid = "beruehren"\nquestion = "tangent"\nf = "x^2 + y^2 = 25"\nat = "x = 3, y = 4"\n'
        '[[problem]]\nid = "aufrecht"\nquestion = "tangent"\nf = "x^2 + y^2 = 25"\nat = "x = 5, y = 0"\n'
    )
    makes = ["worked", "scheme", "fill-in"]
    for problem in homework.problems:
        item = work_out(problem.data(), homework.seed, "1", parts_of(makes, ["md", "html"]), lang="de")
        told = re.sub(r"\$[^$]*\$", "", item["worked:md"]["text"])
        assert not ENGLISH.findall(told) and not ENGLISH.findall(without_markup(item["worked:html"]["text"]))
        assert "Man leitet" in item["worked:md"]["text"] or "Pfad" in item["worked:md"]["text"]


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(SymgraphError, match="the language is en or de"):
        explain("x^3", lang="fr")
    with pytest.raises(SymgraphError, match="the language is en or de"), symgraph.speaking("fr"):
        pass


def test_outside_the_block_it_is_english_again() -> None:
    with symgraph.speaking("de"):
        assert explain("x^3").lang == "de"
    assert explain("x^3").lang == "en"
