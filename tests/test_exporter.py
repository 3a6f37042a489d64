"""Course sites: what is written is read back, and run by what will run it where that can be had."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from conftest import program
from lxml import etree

from symgraph import files
from symgraph.errors import SymgraphError
from symgraph.homework import exporter, maxima
from symgraph.homework.exporter import export
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
id = "quotient"
f = "e^x/(x^2+1)"
[[problem]]
id = "circle"
f = "x^2 + y^2 = 25"
question = "implicit"
wrt = "x"
"""


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporter, "executor", lambda *_: ThreadPoolExecutor(1))


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    return files.write(tmp_path / "hw.toml", SET)


def questions(path: Path, kind: str) -> list[Any]:
    root = etree.fromstring(path.read_bytes())
    return [question for question in root.findall("question") if question.get("type") == kind]


def test_stack_questions_hold_together(homework: Path, tmp_path: Path) -> None:
    report = export(homework, "stack", tmp_path / "out")
    assert [label for label, _ in report.failures] == ["circle"]  # answers on a curve cannot be judged there
    found = questions(tmp_path / "out" / "stack.xml", "stack")
    assert [question.findtext("idnumber") for question in found] == ["chain", "quotient"]
    for question in found:
        nodes = question.findall("prt/node")
        names = [node.findtext("name") for node in nodes]
        notes = {node.findtext("trueanswernote"): float(node.findtext("truescore")) for node in nodes}
        variables = question.findtext("questionvariables/text")
        for node in nodes:
            assert re.search(rf"^{node.findtext('tans')}:", variables, re.M)
            assert node.findtext("falsenextnode") in [*names, "-1"]
        for test in question.findall("qtest"):
            note = test.findtext("expected/expectedanswernote")
            assert float(test.findtext("expected/expectedscore")) == notes[note]
        assert len(nodes) > 3
    text = found[0].findtext("questiontext/text")
    assert text.count("[[if test='k=") == 3 == text.count("[[/if]]") and "[[input:ans1]]" in text
    assert len(found[0].findall("deployedseed")) == 9 and not found[1].findall("deployedseed")
    said = "".join(node.findtext("truefeedback/text") or "" for node in found[0].findall("prt/node"))
    assert "&lt;again&gt;" in said and "{@" not in said and "[[x]]" not in said


ALGEQUIV = (
    "AlgEquiv(a,b):=block([d],d:radcan(a-b),"
    "if is(ratsimp(d)=0) then true else is(abs(float(ev(d,x=0.731)))<1.0e-9))$"
)


def test_maxima_walks_our_response_trees_as_our_question_tests_say(homework: Path, tmp_path: Path) -> None:
    run = program("maxima")
    export(homework, "stack", tmp_path / "out")
    for question in questions(tmp_path / "out" / "stack.xml", "stack"):
        count = len(re.findall(r"deployedseed", etree.tostring(question).decode())) // 6 or 1
        for k in range(count):
            lines = [ALGEQUIV, f"rand(n):={k}$"]
            lines += [line.rstrip(";") + "$" for line in question.findtext("questionvariables/text").splitlines()]
            targets = [node.findtext("tans") for node in question.findall("prt/node")]
            tests = question.findall("qtest")
            for test in tests:
                given = test.findtext("testinput/value")
                walk = "".join(f"if AlgEquiv({given},{target}) then {n} else " for n, target in enumerate(targets, 1))
                lines.append(f'print("node",{walk}0)$')
            done = subprocess.run(
                [run, "--very-quiet", f"--batch-string={''.join(lines)}"], capture_output=True, text=True, timeout=60
            )
            walked = [int(number) for number in re.findall(r"^node (\d+)", done.stdout, re.M)]
            wanted = [test.findtext("expected/expectedanswernote") for test in tests]
            assert [f"prt1-{number}-T" for number in walked] == wanted, done.stdout


def test_moodle_multiple_choice(homework: Path, tmp_path: Path) -> None:
    export(homework, "moodle", tmp_path / "out")
    found = questions(tmp_path / "out" / "moodle.xml", "multichoice")
    assert len(found) >= 4
    for question in found:
        fractions = [answer.get("fraction") for answer in question.findall("answer")]
        assert fractions.count("100") == 1 and len(fractions) >= 3
        texts = [answer.findtext("text") for answer in question.findall("answer")]
        assert len(set(texts)) == len(texts)


def test_prairielearn_questions_generate(homework: Path, tmp_path: Path) -> None:
    export(homework, "prairielearn", tmp_path / "out")
    folder = tmp_path / "out" / "prairielearn" / "chain"
    info = json.loads((folder / "info.json").read_text("utf-8"))
    assert info["type"] == "v3" and len(info["uuid"]) == 36
    code = compile((folder / "server.py").read_text("utf-8"), str(folder / "server.py"), "exec")
    names: dict[str, Any] = {"__file__": str(folder / "server.py")}
    exec(code, names)  # noqa: S102 # our own file, which PrairieLearn runs in the same way
    answers = set()
    for seed in range(3):
        data: dict[str, Any] = {"params": {}, "correct_answers": {}, "variant_seed": str(seed)}
        names["generate"](data)
        answers.add(data["correct_answers"]["answer"])
        assert set(re.findall(r"params\.(\w+)", (folder / "question.html").read_text("utf-8"))) <= set(data["params"])
        parse_expression(data["correct_answers"]["answer"].replace("**", "^"))
    assert len(answers) == 3


@pytest.mark.parametrize("site", ["qti12", "qti21"])
def test_qti_packages_can_be_read_back(homework: Path, tmp_path: Path, site: str) -> None:
    export(homework, site, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / f"{site}.zip") as package:
        trees = {name: etree.fromstring(package.read(name)) for name in package.namelist()}
    manifest = trees.pop("imsmanifest.xml")
    listed = [each.get("href") for each in manifest.iter("{*}resource")]
    assert sorted(listed) == sorted(trees)
    for tree in trees.values():
        options = tree.iter("{*}simpleChoice", "{*}response_label")
        identifiers = {each.get("identifier") or each.get("ident") for each in options}
        right = [each.text for each in tree.iter("{*}value", "{*}varequal") if each.text != "0"]
        assert len(identifiers) >= 3 and right and set(right) <= identifiers
    before = (tmp_path / "out" / f"{site}.zip").read_bytes()
    export(homework, site, tmp_path / "out")
    assert (tmp_path / "out" / f"{site}.zip").read_bytes() == before


def test_pg_files_have_a_safe_interval(homework: Path, tmp_path: Path) -> None:
    export(homework, "pg", tmp_path / "out")
    text = (tmp_path / "out" / "pg" / "chain.pg").read_text("utf-8")
    assert text.startswith("DOCUMENT();") and text.rstrip().endswith("ENDDOCUMENT();")
    assert "limits => [1.0, 2.0]" in text and "random(0, 2, 1)" in text
    answers = re.search(r"@answers = \((.*)\);", text)
    assert answers is not None and len(answers[1].split(", ")) == 3


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
    assert maxima.write(parse_expression(written)).replace("(-3)", "-3") == there


def test_what_maxima_lacks_is_refused_by_name() -> None:
    with pytest.raises(SymgraphError, match="relu has no form in Maxima"):
        maxima.write(parse_expression("relu(x)"))


def test_no_such_site(homework: Path) -> None:
    with pytest.raises(SymgraphError, match="there are stack, moodle, prairielearn, pg"):
        export(homework, "elsewhere")
