"""Course sites: what is written is read back, and run by what will run it where that can be had."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import program
from lxml import etree
from structures import MANIFEST, MOODLE, QTI12, QTI21, faults
from sympy import lambdify, symbols

from symgraph import files
from symgraph.calculus.equality import Outcome, equal
from symgraph.errors import SymgraphError
from symgraph.homework import exporter
from symgraph.homework.exporter import export
from symgraph.homework.exports import facts_of
from symgraph.homework.notations import MAXIMA, PRAIRIELEARN, WEBWORK, Notation
from symgraph.homework.problems import read_text
from symgraph.language.constructors import construct
from symgraph.parsing.text import parse_expression

SET = """schema = 1
title = "Week $4$ / <rules>"
seed = "S"
[[problem]]
id = "chain"
f = "sin(a*x^n)"
params = { a = "2..8", n = [2, 3] }
variants = 3
points = 2
  [[problem.feedback]]
  when = "x*cos(a*x^n)"
  score = 0.25
  say = "Look <again> [[x]] {@1@}"
[[problem]]
id = "1-quotient"
text = "It's ~~easy~~, [*this*](https://example.org/?a=1&b=2) `x < 1`:\\n\\n3. ${{f}}$\\n\\nEND_PGML\\nENDDOCUMENT();"
f = "e^x/(x^2+1)"
[[problem]]
id = "circle"
f = "x^2 + y^2 = r"
params = { r = [9, 16, 25] }
question = "implicit"
wrt = "x"
variants = 2
[[problem]]
id = "bend"
f = "x^2 + x*y + y^2 = 7"
question = "implicit"
wrt = "x"
order = 2
[[problem]]
id = "cycloid"
f = "x = a*t - sin(t); y = 1 - cos(t)"
params = { a = [2, 3] }
question = "parametric"
wrt = "x"
[[problem]]
id = "gradient"
f = "ln(k) + a*k*y^2"
wrt = ["k", "y"]
params = { a = "2..900" }
variants = 2
[[problem]]
id = "jacobian"
f = "u = x*y; v = artanh(x) - y^2"
wrt = ["x", "y"]
of = ["u", "v"]
[[problem]]
id = "touching"
f = "x^2 - a*x"
question = "tangent"
at = "x = 1"
params = { a = [3, 4] }
variants = 2
"""
MEANT_FOR_ALL = ["chain", "1-quotient", "circle", "bend", "cycloid", "gradient", "jacobian", "touching"]


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "executor", lambda *_: ThreadPoolExecutor(1))


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    return files.write(tmp_path / "hw.toml", SET)


def questions(path: Path, kind: str) -> list[Any]:
    root = etree.fromstring(path.read_bytes())
    return [question for question in root.findall("question") if question.get("type") == kind]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set of all kinds of questions, written for every site."""
    place = tmp_path_factory.mktemp("exports")
    path = files.write(place / "hw.toml", SET)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exporter, "executor", lambda *_: ThreadPoolExecutor(1))
        for site in ("stack", "prairielearn", "pg", "moodle", "qti12", "qti21"):
            assert export(path, site, place / "out").failures == []
    return place / "out"


# Moodle --------------------------------------------------------------------------------------------------------------


def test_moodle_files_have_the_structure_that_moodle_reads(exported: Path) -> None:
    for name in ("stack.xml", "moodle.xml"):
        assert faults(etree.fromstring((exported / name).read_bytes()), MOODLE) == []
    broken = etree.fromstring((exported / "moodle.xml").read_bytes())
    broken.find(".//questiontext").tag = "text"
    assert faults(broken, MOODLE) != []


def test_stack_questions_hold_together(exported: Path) -> None:
    found = questions(exported / "stack.xml", "stack")
    assert [question.findtext("idnumber") for question in found] == MEANT_FOR_ALL
    for question in found:
        nodes = question.findall("prt/node")
        names = [node.findtext("name") for node in nodes]
        notes = {node.findtext("trueanswernote"): float(node.findtext("truescore")) for node in nodes}
        variables = question.findtext("questionvariables/text")
        for node in nodes:
            asked = node.findtext("sans") + node.findtext("tans")
            assert re.search(rf"^{re.search(r'sg[aw][0-9]*', asked)[0]}:", variables, re.M)  # type: ignore[index]
            assert node.findtext("falsenextnode") in [*names, "-1"]
        for test in question.findall("qtest"):
            note, score = (test.findtext(f"expected/{each}") for each in ("expectedanswernote", "expectedscore"))
            assert float(score) == notes[note]
            assert test.findtext("expected/expectedpenalty")[:3] == ("0.0" if float(score) == 1 else "0.1")
    assert len(found[0].findall("prt/node")) > 4 < len(found[2].findall("prt/node"))
    text = found[0].findtext("questiontext/text")
    assert text.count("[[if test='sgk=") == 3 == text.count("[[/if]]") and "[[input:ans1]]" in text
    assert len(found[0].findall("deployedseed")) == 9 and not found[1].findall("deployedseed")
    said = "".join(node.findtext("truefeedback/text") or "" for node in found[0].findall("prt/node"))
    assert "&lt;again&gt;" in said and "{@" not in said and "[[x]]" not in said
    assert [each.findtext("input/type") for each in found[-3:]] == ["algebraic", "matrix", "algebraic"]
    assert found[-3].findtext("input/syntaxhint") == "[?,?]"


def test_worked_solutions_tell_the_question_that_was_asked(exported: Path) -> None:
    told = {each.findtext("idnumber"): each.findtext("generalfeedback/text") for each in
            questions(exported / "stack.xml", "stack")}  # fmt: skip
    assert "On the curve" in told["circle"] and r"\frac{d^{2}y}{dx^{2}}" in told["bend"]
    assert r"\frac{dy}{dt}" in told["cycloid"]


def test_boxes_say_which_second_derivative_they_want() -> None:
    text = 'schema = 1\n[[problem]]\nid = "h"\nf = "x^2*y^3"\nwrt = ["x", "y"]\norder = 2'
    facts = facts_of(read_text(text).problems[0].data(), "", "1")
    labels = [re.sub(r"\\(partial|frac|,)\s?", "", part["label"]) for part in facts["parts"]]
    assert labels == ["{^{2}f}{x^{2}}", "{^{2}f}{xy}", "{^{2}f}{yx}", "{^{2}f}{y^{2}}"]


# What STACK's answer test does, as far as our questions use it: truth values, lists, formulas whose difference is 0.
ALGEQUIV = (
    "AlgEquiv(a,b):=block([d,v],"
    "if member(a,[true,false,unknown]) then is(a=b) else ("
    "d:flatten(args(ratsimp(radcan([a-b])))),"
    "d:if matrixp(a) then flatten(args(a-b)) elseif listp(a) then a-b else [a-b],"
    "every(lambda([e],is(ratsimp(radcan(e))=0) or "
    "(v:listofvars(e),is(abs(float(subst(makelist(v[i]=0.731/(i+0.31),i,length(v)),e)))<1.0e-9))),d)))$"
)


def test_maxima_walks_our_response_trees_as_our_question_tests_say(exported: Path) -> None:
    run = program("maxima")
    lines, wanted = [ALGEQUIV], []
    for question in questions(exported / "stack.xml", "stack"):
        variants = len(question.findall("deployedseed")) // 3 or 1
        for k in range(variants):
            lines += ["kill(allbut(AlgEquiv))$", f"rand(n):={k}$"]
            lines += [line.rstrip(";") + "$" for line in question.findtext("questionvariables/text").splitlines()]
            for test in question.findall("qtest"):
                lines.append(f"ans1:{test.findtext('testinput/value')}$")
                walk = "".join(
                    f"if AlgEquiv({node.findtext('sans')},{node.findtext('tans')}) then {n} else "
                    for n, node in enumerate(question.findall("prt/node"), 1)
                )
                lines.append(f'print("node",{walk}0)$')
                wanted.append((question.findtext("idnumber"), k, test.findtext("expected/expectedanswernote")))
    done = subprocess.run([run, "--very-quiet"], input="\n".join(lines), capture_output=True, text=True, timeout=120)
    walked = [int(number) for number in re.findall(r"^node (\d+)", done.stdout, re.M)]
    assert len(walked) == len(wanted) > 40, done.stdout
    for number, (name, k, note) in zip(walked, wanted, strict=True):
        assert f"prt1-{number}-T" == note, (name, k, done.stdout)


def test_stack_takes_other_names_than_its_own(tmp_path: Path) -> None:
    text = 'schema = 1\n[[problem]]\nid = "p"\nf = "x*sga^2"\nwrt = "sga"\n[[problem]]\nid = "q"\nf = "i^2"\n'
    report = export(files.write(tmp_path / "hw.toml", text), "stack", tmp_path / "out")
    assert report.failures == [("q", "STACK cannot have i as a name")]
    (question,) = questions(tmp_path / "out" / "stack.xml", "stack")
    assert "sgga:[2*sga*x][sggk];" in question.findtext("questionvariables/text")


def test_moodle_multiple_choice(exported: Path) -> None:
    found = questions(exported / "moodle.xml", "multichoice")
    assert len(found) == 3 + 1 + 2 + 1 + 1 + 2 + 1 + 2  # the second derivative of a curve among them
    for question in found:
        fractions = [answer.get("fraction") for answer in question.findall("answer")]
        assert fractions.count("100") == 1 and len(fractions) >= 3
        texts = [answer.findtext("text") for answer in question.findall("answer")]
        assert len(set(texts)) == len(texts)


# PrairieLearn --------------------------------------------------------------------------------------------------------


def server_of(folder: Path) -> dict[str, Any]:
    """What PrairieLearn finds in a question's server.py."""
    code = compile((folder / "server.py").read_text("utf-8"), str(folder / "server.py"), "exec")
    names: dict[str, Any] = {"__file__": str(folder / "server.py")}
    exec(code, names)  # noqa: S102 # our own file, which PrairieLearn runs in the same way
    return names


def test_prairielearn_questions_generate(exported: Path) -> None:
    for name, boxes, variants in (("chain", 1, 3), ("gradient", 2, 2), ("jacobian", 4, 1)):
        folder = exported / "prairielearn" / name
        info = json.loads((folder / "info.json").read_text("utf-8"))
        assert info["type"] == "v3" and len(info["uuid"]) == 36
        page, server = (folder / "question.html").read_text("utf-8"), server_of(folder)
        answers = set()
        for seed in range(variants):
            data: dict[str, Any] = {"params": {}, "correct_answers": {}, "variant_seed": str(seed)}
            server["generate"](data)
            assert set(re.findall(r"params\.(\w+)", page)) <= set(data["params"])
            assert re.findall(r'answers-name="(\w+)"', page) == list(data["correct_answers"])
            assert len(data["correct_answers"]) == boxes
            for answer in data["correct_answers"].values():
                parse_expression(answer.replace("**", "^"))
            answers.add(tuple(data["correct_answers"].values()))
        assert len(answers) == variants


def test_prairielearn_lets_answers_use_the_equation_of_the_curve(
    exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own element compares formulas; what is right on the curve alone is found by our grade function."""
    library: Any = ModuleType("prairielearn")
    library.from_json = lambda written: construct(parse_expression(written["_value"].replace("**", "^")))
    library.set_weighted_score_data = lambda data: data.update(score=data["partial_scores"]["answer"]["score"])
    monkeypatch.setitem(sys.modules, "prairielearn", library)
    server = server_of(exported / "prairielearn" / "circle")
    scores = []
    for seed in (0, 1):
        data: dict[str, Any] = {"params": {}, "correct_answers": {}, "variant_seed": seed}
        server["generate"](data)
        (r,) = re.findall(r"= (\d+)", data["params"]["statement"])
        for answer in (f"-x*y/({r}-x**2)", "-x/y", f"(x**2+y**2-{r}-x)/y", "x/y", "-y/x", "y", "-x/(y+1/10000)", "5"):
            data |= {"submitted_answers": {"answer": {"_type": "sympy", "_value": answer}}, "format_errors": {}}
            data |= {"partial_scores": {"answer": {"score": 0, "weight": 1}}, "score": 0}
            server["grade"](data)
            scores.append(data["score"])
    assert scores == [1, 1, 1, 0, 0, 0, 0, 0] * 2


# QTI -----------------------------------------------------------------------------------------------------------------

NAMESPACES = {
    "qti12": "http://www.imsglobal.org/xsd/ims_qtiasiv1p2",
    "qti21": "http://www.imsglobal.org/xsd/imsqti_v2p1",
}


@pytest.mark.parametrize(("site", "rows"), [("qti12", QTI12), ("qti21", QTI21)])
def test_qti_packages_have_the_structure_of_the_format(exported: Path, site: str, rows: Any, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported / f"{site}.zip") as package:
        trees = {name: etree.fromstring(package.read(name)) for name in package.namelist()}
    manifest = trees.pop("imsmanifest.xml")
    assert faults(manifest, MANIFEST, "http://www.imsglobal.org/xsd/imscp_v1p1") == []
    listed = [each.get("href") for each in manifest.iter("{*}resource")]
    assert sorted(listed) == sorted(trees)
    for tree in trees.values():
        assert faults(tree, rows, NAMESPACES[site]) == []
        options = tree.iter("{*}simpleChoice", "{*}response_label")
        identifiers = {each.get("identifier") or each.get("ident") for each in options}
        right = [each.text for each in tree.iter("{*}value", "{*}varequal") if each.text != "0"]
        assert len(identifiers) >= 3 and right and set(right) <= identifiers


def test_the_same_bytes_again(tmp_path: Path) -> None:
    path = files.write(tmp_path / "hw.toml", 'schema = 1\n[[problem]]\nid = "p"\nf = "sin(x^2)"')
    for site in exporter.SITES:
        first, second = ([file.read_bytes() for file in export(path, site, tmp_path / "out", force=True).files]
                         for _ in range(2))  # fmt: skip
        assert first and first == second


# WeBWorK -------------------------------------------------------------------------------------------------------------

# What WeBWorK does with a file before Perl sees it, and enough of its macros for the file to run: which formulas there
# are, at which points they are compared, and what the student reads.
STUB = r"""
use strict; use warnings; no strict 'vars'; no warnings 'once';
package Variables; sub are { my ($s, %v) = @_; $s->{$_} = $v{$_} for keys %v; } sub set { my ($s, %v) = @_;
  for (keys %v) { die "no variable $_" unless $s->{$_}; print "LIMITS $_ @{$v{$_}{limits}}\n" } }
package Context; sub variables { $_[0]{variables} }
package Formula; sub show { my $s = shift; print "ANSWER $s->{text}\n";
  print "POINT @$_\n" for @{$s->{test_points} || []} }
package main;
our $context = bless { variables => bless({}, 'Variables') }, 'Context';
sub DOCUMENT {} sub loadMacros {} sub Context { $context } sub random { $main::pick }
sub Formula { bless { text => $_[0] }, 'Formula' }
sub STATEMENT { my $text = shift; no strict 'refs';
  $text =~ s/\[\$(\w+)\]\*\*/${"main::$1"}/g;
  for my $box ($text =~ /\[_\]\{\$(\w+)\}/g) { ${"main::$box"}->show }
  print "TEXT $text\n" }
sub ENDDOCUMENT { print "END\n" }
package PGML; sub Format2 { my $text = shift; $text =~ s/\\\\/\\/g; $text }
package main;
local $/; my $source = <STDIN>; our $pick = $ARGV[0];
$source =~ s/\n\h*END_PGML[\h;]*\n/\nEND_PGML\n/g;
$source =~ s/\n\h*BEGIN_PGML[\h;]*\n/\nSTATEMENT\(PGML::Format2\(<<'END_PGML'\)\);\n/g;
$source =~ s/ENDDOCUMENT.*/ENDDOCUMENT();/s;
$source =~ s/\\/\\\\/g; $source =~ s/~~/\\/g;
eval "no strict; $source"; die $@ if $@;
"""


def run_pg(file: Path, variant: int) -> dict[str, list[str]]:
    """What a PG file shows and asks, as Perl runs it."""
    command = [program("perl"), "-CS", "-e", STUB, str(variant)]
    done = subprocess.run(command, input=file.read_text("utf-8"), capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0 and done.stdout.endswith("END\n"), done.stderr
    found: dict[str, list[str]] = {"LIMITS": [], "ANSWER": [], "POINT": []}
    head, _, text = done.stdout.removesuffix("END\n").partition("TEXT ")
    for line in head.splitlines():
        kind, _, rest = line.partition(" ")
        found[kind].append(rest)
    return {**found, "TEXT": [text]}


def test_pg_files_run_as_webwork_runs_them(exported: Path) -> None:
    texts = set()
    for variant in range(3):
        seen = run_pg(exported / "pg" / "chain.pg", variant)
        assert seen["LIMITS"] == ["x 1 2"] and not seen["POINT"]
        (found,) = re.findall(r"Differentiate \[`\\sin\((\d)x\^\{(\d)\}\)`\]\\\.", seen["TEXT"][0])
        a, n = map(int, found)
        right = f"{a * n}*x^{n - 1}*cos({a}*x^{n})".replace("x^1*", "x*")
        assert seen["ANSWER"] == [right]
        texts.add(seen["TEXT"][0])
    assert len(texts) == 3
    seen = run_pg(exported / "pg" / "1-quotient.pg", 0)
    plain = re.sub(r"\\(.)", r"\1", seen["TEXT"][0])  # as PGML shows it
    assert "It's ~~easy~~" in plain and "\nEND_PGML\nENDDOCUMENT();" in plain and r"frac{e^{x}}" in plain


def test_pg_asks_for_each_derivative_in_a_box_of_its_own(exported: Path) -> None:
    seen = run_pg(exported / "pg" / "jacobian.pg", 0)
    assert seen["ANSWER"] == ["y", "x", "1/(1-x^2)", "-2*y"] and seen["LIMITS"]
    for label in ("u}{\\partial x", "u}{\\partial y", "v}{\\partial x", "v}{\\partial y"):
        assert rf"[`\frac{{\partial {label}}} =`] [_]" in seen["TEXT"][0]


@pytest.mark.parametrize(("name", "f"), [("circle", "x^2+y^2-r"), ("bend", "x^2+x*y+y^2-7")])
def test_pg_compares_answers_about_curves_on_the_curve(exported: Path, name: str, f: str) -> None:
    """The right answer, and it with the equation added, agree there; wrong ones do not."""
    seen = run_pg(exported / "pg" / f"{name}.pg", 1 if name == "circle" else 0)
    r = re.findall(r"= (\d+)`", seen["TEXT"][0])[0]
    function, answer = (compile_formula(each) for each in (f.replace("r", r), seen["ANSWER"][0]))
    assert len(seen["POINT"]) >= 4
    for point in seen["POINT"]:
        x, y = map(float, point.split())
        assert abs(function(x, y)) < 1e-13 and 1e-3 < abs(answer(x, y)) < 1e3


def compile_formula(written: str) -> Any:
    x, y = symbols("x y")
    return lambdify([x, y], construct(parse_expression(written)), "math")


@pytest.mark.parametrize(
    ("written", "there"),
    [
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("1/(2x)", "1/(2*x)"),
        ("a-(b-c)", "a-(b-c)"),
        ("2^(3^x)", "2^(3^x)"),
        ("(2^3)^x", "(2^3)^x"),
        ("e^(2x)", "%e^(2*x)"),
        ("-3*x^-2", "-3*x^(-2)"),
        ("ln|x|", "log(abs(x))"),
    ],
)
def test_maxima_notation(written: str, there: str) -> None:
    assert MAXIMA.write(parse_expression(written)).replace("(-3)", "-3") == there


@pytest.mark.parametrize(
    ("notation", "missing"), [(MAXIMA, "relu(x)"), (PRAIRIELEARN, "sech(x)"), (WEBWORK, "x+e*pi*C")]
)
def test_what_a_site_lacks_is_refused_by_name(notation: Notation, missing: str) -> None:
    with pytest.raises(SymgraphError, match=f"in {notation.site}|{notation.site} cannot have C"):
        notation.write(parse_expression(missing))


@pytest.mark.parametrize("notation", [PRAIRIELEARN, WEBWORK])
@pytest.mark.parametrize(
    "written", ["-x^2 e^(2x)", "1/(2x)", "(x^2)^3", "2^(3^x)", "ln(abs(x))/artanh(x)", "-(x - 1)/x", "sin(x)^2"]
)
def test_what_sites_get_reads_back(notation: Notation, written: str) -> None:
    tree = parse_expression(written)
    again = parse_expression(notation.write(tree).replace("**", "^"))
    assert equal(construct(again), construct(tree)).outcome is Outcome.PROVED


def test_no_such_site(homework: Path) -> None:
    with pytest.raises(SymgraphError, match="there are stack, moodle, prairielearn, pg"):
        export(homework, "elsewhere")


def test_sites_ask_for_the_right_side_of_a_tangent(exported: Path) -> None:
    stack = (exported / "stack.xml").read_text("utf-8")
    asked = r"\(y =\) [[input:ans1]]"
    assert asked in stack and stack.count(asked) == 1
    pages = exported / "prairielearn" / "touching"
    assert 'label="$y =$"' in (pages / "question.html").read_text("utf-8")
    variants = json.loads((pages / "variants.json").read_text("utf-8"))
    assert {each["answers"]["answer"] for each in variants} <= {"-x-1", "-2*x-1"}
    assert "[`y =`] [_]{$answer1}" in (exported / "pg" / "touching.pg").read_text("utf-8")


def test_a_tangent_that_stands_upright_is_refused() -> None:
    homework = read_text(
        'schema = 1\n[[problem]]\nid = "p"\nf = "x^2 + y^2 = 4"\nquestion = "tangent"\nat = "x = 2, y = 0"'
    )
    with pytest.raises(SymgraphError, match="stands upright"):
        facts_of(homework.problems[0].data(), "", "1")


def test_mistakes_about_tangents_go_to_sites_with_their_scores() -> None:
    homework = read_text('schema = 1\n[[problem]]\nid = "p"\nf = "x^3"\nquestion = "tangent"\nat = "x = 2"')
    facts = facts_of(homework.problems[0].data(), "", "1")
    assert (facts["answer"]["maxima"], facts["names"], facts["parts"][0]["label"]) == ("12*x-16", ["x"], "y")
    wrong = {each["mistake"]: (each["maxima"], each["score"]) for each in facts["wrong"]}
    assert wrong["tangent_point intercept"] == ("12*x+8", 0.5) and wrong["tangent_point origin"] == ("12*x", 0.5)
    assert {"tangent_slope exponent_kept", "slope_not_evaluated", "tangent_normal"} <= set(wrong)
