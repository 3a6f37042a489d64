"""Problem-set files: what is read, what is refused and where, and what is drawn."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from symgraph.errors import SymgraphError
from symgraph.explanation.typesetting import mathml, speaking, text
from symgraph.homework import statements
from symgraph.homework.draws import draw, put_in, space, text_of_draw
from symgraph.homework.items import judge
from symgraph.homework.problems import START, read_text, vary
from symgraph.language.tree import Number, Text
from symgraph.marking.outcomes import Outcome
from symgraph.parsing.text import parse_expression

ONE = """schema = 1
title = "Week 4"
seed = "S"

[[problem]]
id = "chain-01"
text = '''Differentiate $f(x) = {{f}}$.'''
f = "sin(a*x^n)"
wrt = "x"
params = { a = "2..8", n = [2, 3, 4] }
where = "a != n"
key = "a*n*x^(n-1)*cos(a*x^n)"
"""


def problem_file(*lines: str) -> str:
    return "\n".join(["schema = 1", 'seed = "S"', "[[problem]]", 'id = "p"', 'f = "a*x^2"', *lines])


def test_what_symgraph_new_writes_can_be_read() -> None:
    homework = read_text(START)
    assert [problem.id for problem in homework.problems] == ["chain-01", "product-3"]
    assert homework.points == 4


def test_a_variant_depends_on_seed_problem_and_student_alone() -> None:
    again = ONE + '\n[[problem]]\nid = "first"\nf = "x^b"\nparams = { b = "2..9" }\n'
    head, _, body = again.partition("[[problem]]")
    one, _, other = body.partition("[[problem]]")
    turned = read_text(f"{head}[[problem]]{other}[[problem]]{one}")
    plain = read_text(ONE)
    for student in ("ann", "bob", "1"):
        moved = next(problem for problem in turned.problems if problem.id == "chain-01")
        assert vary(plain.problems[0], "S", student).drawn == vary(moved, "S", student).drawn
    drawn = {vary(plain.problems[0], "S", str(number)).drawn for number in range(40)}
    assert len(drawn) > 8
    assert vary(plain.problems[0], "other", "ann").drawn != vary(plain.problems[0], "S", "ann").drawn


def test_where_holds_for_every_draw() -> None:
    problem = read_text(ONE).problems[0]
    for number in range(60):
        values = vary(problem, "S", str(number)).values
        assert values["a"] != values["n"]


def test_rejection_is_bounded_and_said() -> None:
    with pytest.raises(SymgraphError, match="no draw of a was accepted in 500 tries"):
        vary(read_text(problem_file('params = { a = "1..5" }', 'where = "a > 9"')).problems[0], "S", "1")


@pytest.mark.parametrize(
    ("written", "values", "shown"),
    [
        ("a*x^n", {"a": 1, "n": 1}, "x"),
        ("x + b", {"b": -3}, "x − 3"),
        ("x - b", {"b": -3}, "x + 3"),
        ("x + b*x^2", {"b": -3}, "x − 3x²"),
        ("x + b*x^2", {"b": -1}, "x − x²"),
        ("b*x - c", {"b": -1, "c": 2}, "−x − 2"),
        ("x + b", {"b": 0}, "x"),
        ("a*n*x^(n-1)*cos(a*x^n)", {"a": 3, "n": 2}, "6x cos(3x²)"),
        ("x^n", {"n": -2}, "x⁻²"),
        ("x/a", {"a": 1}, "x"),
        ("sin(x)*1 + a", {"a": 2}, "sin(x) · 1 + 2"),
    ],
)
def test_drawn_numbers_are_tidied_and_nothing_else(written: str, values: dict[str, int], shown: str) -> None:
    tree = put_in(parse_expression(written), {name: Number(value) for name, value in values.items()})
    assert text(tree).replace("sin x", "sin(x)") == shown


@settings(max_examples=60)
@given(st.integers(-4, 4), st.integers(-4, 4), st.integers(0, 4), st.fractions(-3, 3, max_denominator=5))
def test_tidying_never_changes_a_value(a: int, b: int, n: int, at: Fraction) -> None:
    from sympy import Rational, Symbol

    from symgraph.language.constructors import construct

    tree = parse_expression("a*x^n + b*x*2 - (a - b)*x/3 + a*(b*x) - b")
    numbers = {"a": Number(a), "b": Number(b), "n": Number(n)}
    tidied = construct(put_in(tree, numbers))
    plain = construct(tree, {name: construct(value) for name, value in numbers.items()} | {"x": Symbol("x")})
    point = {Symbol("x"): Rational(at.numerator, at.denominator)}
    if at or n:
        assert tidied.subs(point) == plain.subs(point)


@pytest.mark.parametrize("rule", ["integer-value", "small-fractions", "integer-coefficients"])
def test_nice_answers(rule: str) -> None:
    lines = ['params = { a = ["1/17", 2, 3, "5/13"] }', f'nice = "{rule}"', 'at = "x = 1"']
    problem = read_text(problem_file(*lines)).problems[0]
    for number in range(12):
        assert vary(problem, "S", str(number)).drawn in ("a = 2", "a = 3")


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        (['wrt = "z"'], 6, "z is no name of f"),
        (['params = { a = "8..2" }'], 6, "write the smaller number first"),
        (['form = "nicest"'], 6, "is not one of any"),
        (['fomr = "any"'], 6, "is form meant"),
        (['key = "2*a*y"'], 6, "y"),
        (['points = "two"'], 6, "a number is wanted"),
        (["text = '''$\\input{x}$'''"], 6, r"\input is not among"),
        (["text = '''{{b}}'''"], 6, "is no name here"),
        (['params = { q = "1..2" }'], 5, "the parameter q is nowhere in it"),
        (['where = "a !! 2"'], 6, "where"),
        (["[[problem.feedback]]", "score = 2", 'when = "x"'], 7, "from 0 to 1"),
        (['use = "chain/999"'], 6, "the chapter chain has problems"),
    ],
)
def test_a_fault_is_told_with_file_line_and_field(lines: list[str], line: int, told: str) -> None:
    with pytest.raises(SymgraphError) as caught:
        read_text(problem_file(*lines), "hw.toml")
    message = str(caught.value)
    assert f"hw.toml, line {line}" in message and told in message and "field" in message


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SymgraphError) as caught:
        read_text(problem_file('wrt = "z"', 'form = "nicest"', "order = 0"))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("name", ["../x", "a/b", "con", "NUL", "", "x" * 80, "-x", "ü"])
def test_ids_are_file_names(name: str) -> None:
    with pytest.raises(SymgraphError, match="cannot be an id"):
        read_text(f'schema = 1\n[[problem]]\nid = "{name}"\nf = "x"')


def test_ids_that_differ_in_capitals_alone_collide() -> None:
    with pytest.raises(SymgraphError, match="is taken"):
        read_text('schema = 1\n[[problem]]\nid = "A"\nf = "x"\n[[problem]]\nid = "a"\nf = "x"')


@pytest.mark.parametrize("text", ["schema = 2", "x = = 1", "schema = 1\nschema = 1", "a = " + "[" * 5000, ""])
def test_what_is_no_problem_set_is_refused(text: str) -> None:
    with pytest.raises(SymgraphError):
        read_text(text)


@pytest.mark.parametrize("to", ["html", "tex", "md"])
def test_a_hostile_statement_does_no_harm(to: str) -> None:
    hostile = r"<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://a/b.png) \input{x} & % _ #"
    made = statements.write(hostile, {}, to)
    assert "<script" not in made
    if to == "html":
        assert 'href="javascript' not in made and "<img" not in made
    if to == "tex":
        assert r"\input" not in made and r"\%" in made


@pytest.mark.parametrize(
    "maths", [r"^^5cinput{x}", r"\write18{x}", "a % b", r"\href{x}{y}", "{x", "x}{", r"a \\ b", "é"]
)
def test_maths_that_is_not_understood_is_refused(maths: str) -> None:
    with pytest.raises(SymgraphError):
        statements.check(f"${maths}$")


def test_braces_in_what_was_put_in_are_not_read_again() -> None:
    assert statements.write("{{a}}", {"a": Text("{{b}}"), "b": Text("no")}, "txt") == "{{b}}"


def test_spaces_and_draws() -> None:
    assert tuple(space("0..20 by 5")) == tuple(Number(value) for value in (0, 5, 10, 15, 20))
    spaces = {"a": space("2..8"), "n": space([2, 3])}
    turned = dict(reversed(spaces.items()))
    assert text_of_draw(draw(spaces, "s", "p", "x")) == text_of_draw(draw(turned, "s", "p", "x"))
    for bad in ("a..b", [], True, "1..99999999"):
        with pytest.raises(SymgraphError):
            space(bad)


def test_versions_and_students() -> None:
    homework = read_text(problem_file('params = { a = "2..9" }', "variants = 4"))
    problem = homework.problems[0]
    assert {homework.label(problem, f"s{number}") for number in range(60)} == {"1", "2", "3", "4"}
    assert homework.label(problem, "ann", "3") == "3"
    own = read_text(problem_file('params = { a = "2..9" }', 'variants = "each"'))
    assert own.label(own.problems[0], "ann") == "ann" and own.is_personal


def test_a_file_that_is_not_utf_8_is_told_with_line_and_byte(tmp_path: Path) -> None:
    from symgraph.homework.problems import read

    path = tmp_path / "hw.toml"
    path.write_bytes(b'schema = 1\ntitle = "\xfcbung"\n')
    with pytest.raises(SymgraphError, match="line 2, byte"):
        read(path)


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ('f = "x^2"', "Differentiate x²."),
        ('f = "x^2"\nat = "x = 3"', "Differentiate x² at x = 3."),
        ('f = "a*sin(b*x)"\nwrt = "x"', "Differentiate a sin(b·x) with respect to x."),
        ('f = "a*sin(x)"\nwrt = "x"\nparams = { a = [2] }', "Differentiate 2 sin x."),
        ('f = "x^2*y"', "Find the derivatives of x²·y with respect to x, y."),
        ('f = "f(x) = a*x^2"', "Differentiate a·x² with respect to x."),
        ('f = "f(x) = 3*x^2"', "Differentiate 3x²."),
        ('f = "e^x*sinh(x) + pi*x"', "Differentiate e^x · sinh x + πx."),
        ('f = "x^5"\norder = 2', "Differentiate x⁵ twice."),
        ('f = "x^5"\norder = 3', "Differentiate x⁵ 3 times."),
        ('f = "x*y"\nwrt = ["x", "y"]', "Find the derivatives of x·y with respect to x, y."),
        ('f = "x*y"\nwrt = ["x", "y"]\norder = 2', "Find the second derivatives of x·y with respect to x, y."),
        ('f = "x^2 + y^2 = 9"\nquestion = "implicit"\nwrt = "x"', "Find dy/dx for x² + y² = 9."),
        ('f = "x^2 + y^2 = 9"\nquestion = "implicit"\nwrt = "y"\norder = 2', "Find d²x/dy² for x² + y² = 9."),
        ('f = "x = t^2; y = t^3"\nquestion = "parametric"\nat = "t = 1"', "Find dy/dx for x = t², y = t³ at t = 1."),
    ],
)
def test_a_problem_without_words_says_what_is_asked(fields: str, asked: str) -> None:
    problem = read_text(f'schema = 1\n[[problem]]\nid = "p"\n{fields}').problems[0]
    assert vary(problem, "", "1").statement("txt") == asked


def test_a_formula_in_a_statement_is_written_as_everywhere_else() -> None:
    tree = parse_expression("x^2*sin(3x)")
    inside = mathml(tree).removeprefix("<math>").removesuffix("</math>")
    page = statements.write("$f(x) = {{f}}$, $n^{{{f}}}$ or {{f}}", {"f": tree}, "html")
    assert page.count(f"<mrow>{inside}</mrow>") == 3 and "\\" not in page
    with pytest.raises(SymgraphError, match=r"U\+E002"):
        statements.check("\ue002")


def test_primes_and_limits_stand_where_they_do_on_paper() -> None:
    page = statements.write(r"$f'(x)$, $g^{\prime}$ and $$\lim_{x \to 0} x$$", {}, "html")
    assert page.count('<mo lspace="0.1em" rspace="0">&#x02032;</mo>') == 2 and "<munder><mo>lim</mo><mrow>" in page
    assert "<munder>" not in statements.write(r"$\lim_{x \to 0} x$", {}, "html")


def test_functions_on_a_page_keep_their_distance_as_on_paper() -> None:
    page = statements.write(r"$x^5 \ln x + 2 \sin(3x)$", {}, "html")
    thin = '<mspace width="0.167em"></mspace>'
    assert f"</msup>{thin}<mi>ln</mi>{thin}<mi>x</mi>" in page and f"<mn>2</mn>{thin}<mi>sin</mi><mo" in page


def test_a_problem_may_ask_about_a_function_that_is_only_called() -> None:
    homework = read_text(
        'schema = 1\n[[problem]]\nid = "p"\nf = "f(x) = a*x^2; y = f(3t)"\nof = "f"\nparams = { a = [5] }'
    )
    variant = vary(homework.problems[0], "", "1")
    assert judge(variant, "10x").outcome is Outcome.RIGHT
    assert "5x²" in variant.statement("txt")


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ('f = "x^3"', "Gesucht ist die Ableitung von x³."),
        ('f = "x^3"\norder = 2\nat = "x = 1"', "Gesucht ist die zweite Ableitung von x³ an der Stelle x = 1."),
        ('f = "x^7"\norder = 3', "Gesucht ist die 3. Ableitung von x⁷."),
        ('f = "a*x^2"\nwrt = "x"', "Gesucht ist die Ableitung von a·x² nach x."),
        ('f = "x*y"\nwrt = ["x", "y"]', "Gesucht sind die Ableitungen von x·y nach x, y."),
        ('f = "x*y"\nwrt = ["x", "y"]\norder = 2', "Gesucht sind die zweiten Ableitungen von x·y nach x, y."),
        ('f = "x^2+y^2 = 25"\nquestion = "implicit"', "Gesucht ist dy/dx für x² + y² = 25."),
    ],
)
def test_a_problem_without_words_says_what_is_asked_in_german_too(fields: str, asked: str) -> None:
    with speaking("de"):
        problem = read_text(f'schema = 1\n[[problem]]\nid = "p"\n{fields}').problems[0]
        assert vary(problem, "", "1").statement("txt") == asked


def test_a_problem_without_words_is_asked_in_the_language_that_is_spoken() -> None:
    head, asked = (
        "schema = 1\ntitle = 'T'\nseed = 's'\n[[problem]]\nid = 'a'\n",
        "wrt = ['x', 'y']\nat = 'x = 1, y = 2'\n",
    )
    written = f"{head}f = 'x^2*y'\n{asked}"
    with speaking("de"):
        german = read_text(written).problems[0].data()["text"]
    assert german == "Gesucht sind die Ableitungen von ${{f}}$ nach ${{wrt}}$ an der Stelle ${{at}}$."
    assert read_text(written).problems[0].data()["text"].startswith("Find the derivatives of ${{f}}$ with respect to")


def test_long_formulas_in_a_problem_go_on_in_the_next_line() -> None:
    page = statements.write(
        "Let $f(x) = {{f}}$.", {"f": parse_expression("-3x^5 + 4x^4*(-2) + 7x^3*(x + 1)^3 - 12x^2")}, "html"
    )
    assert re.sub("<(?!wbr)[^>]*>|[\u2061\u2062]", "", page).split("<wbr>") == [
        "Let f(x)", "=−3x5", "+4x4⋅(−2)", "+7x3(x+1)3", "−12x2.",
    ]  # fmt: skip
