"""Three days of a teacher's, from an empty environment: a worked solution, 90 answers, a homework for a class.

Nothing of the checkout is used but the wheel: `pip install` into a new environment, then the command line alone. The
students are simulated from formulas that are written down here, right ones and known mistakes, so that nothing which
marks them has made them. The class has 30 students here, and SYMGRAPH_CLASS of them where that is set (300 in `.ci`).
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import run

STUDENTS = int(os.environ.get("SYMGRAPH_CLASS", "30"))

Commands = list[str]


@pytest.fixture
def symgraph(installed: Callable[..., str], tmp_path: Path) -> Callable[..., str]:
    """The installed command, in a folder of its own; `.commands` is what a teacher has typed so far."""

    def typed(*words: str) -> str:
        typed.commands.append(" ".join(["symgraph", *words]))  # type: ignore[attr-defined] # below
        return installed(*words, cwd=tmp_path)

    typed.commands = ["pip install symgraph-explainer"]  # type: ignore[attr-defined] # the fixture has done it
    return typed


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)


# The first day -------------------------------------------------------------------------------------------------------


def test_a_worked_solution_for_class(symgraph: Any, installed: Any, tmp_path: Path) -> None:
    where = Path(run(installed.python, "-c", "import symgraph; print(symgraph.__file__)", cwd=tmp_path).strip())
    assert where.is_relative_to(installed.python.parent.parent)  # the wheel, and not the checkout
    for ending in ("html", "tex", "txt", "json"):
        symgraph("explain", "x^2*sin(3x)", "--at", "x=1", "-o", f"solution.{ending}")
        assert (tmp_path / f"solution.{ending}").stat().st_size > 500
    text = (tmp_path / "solution.txt").read_text("utf-8")
    assert "3x² cos 3x" in text or "3x² cos(3x)" in text
    schema = json.loads((where.parent / "templates" / "json" / "explanation.schema.json").read_text("utf-8"))
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema: pip install '.[test]'")
    jsonschema.validate(json.loads((tmp_path / "solution.json").read_text("utf-8")), schema)


# The second day ------------------------------------------------------------------------------------------------------


def test_ninety_answers_in_five_commands(symgraph: Any, tmp_path: Path) -> None:
    symgraph("new", "homework.toml")
    text = (tmp_path / "homework.toml").read_text("utf-8")  # the teacher keeps the first problem of the two
    (tmp_path / "homework.toml").write_text(text.partition("[[problem]]\nuse")[0], "utf-8")
    symgraph("key", "homework.toml", "--format", "jsonl")
    (line,) = (tmp_path / "homework" / "sheet.jsonl").read_text("utf-8").splitlines()
    a, n = (int(json.loads(line)["drawn"][name]) for name in "an")
    right, inside = f"{a * n}x^{n - 1} cos({a}x^{n})", f"{a}x^{n}"
    kinds = {
        "right": [right, f"{a}*{n}*cos({inside})*x^({n}-1)", rf"\cos({inside})\cdot {a * n}x^{{{n - 1}}}"],
        "forgot": [f"cos({inside})", f"1*cos({inside})"],
        "sign": [f"-({right})"],
        "unreadable": ["cos(", "see attached"],
    }
    wanted = {"right": 30, "forgot": 41, "sign": 10, "unreadable": 9}
    sent = [(kind, kinds[kind][number % len(kinds[kind])]) for kind, count in wanted.items() for number in range(count)]
    random.Random(7).shuffle(sent)
    answers = [[f"s{number}@school", answer] for number, (_, answer) in enumerate(sent)]
    write_rows(tmp_path / "answers.csv", [["Email", "Response 1"], *answers])
    said = symgraph("mark", "homework.toml", "answers.csv", "-o", "marks")
    assert "id = Email, chain-01 = Response 1" in said  # what was guessed is shown
    assert "41 of 90" in said and "90 students, 90 answers: 30 right, 51 wrong, 9 to look at" in said
    assert "41 of 90" in (tmp_path / "marks" / "report.html").read_text("utf-8")
    worth = {"right": "2", "forgot": "1", "unreadable": ""}
    for (kind, _), row in zip(sent, rows_of(tmp_path / "marks" / "marks.csv"), strict=True):
        assert row["chain-01"] == worth.get(kind, row["chain-01"]), row
    # The pile has two groups; both are decided, and the decision holds for the run after it.
    groups = [row["group"] for row in rows_of(tmp_path / "marks" / "review.csv")]
    assert len(groups) == 2
    told = symgraph("mark", "homework.toml", "answers.csv", "-o", "marks",
                    *(word for group in groups for word in ("--decide", f"{group}=0.25:Not a formula.")))  # fmt: skip
    assert "0 to look at" in told and len(symgraph.commands) == 5
    assert (tmp_path / "homework.decisions.toml").is_file()
    totals = Counter(row["chain-01"] for row in rows_of(tmp_path / "marks" / "marks.csv"))
    assert totals["0.5"] == 9 and totals["2"] == 30 and totals["1"] >= 41


# The third day -------------------------------------------------------------------------------------------------------

# Problems of the bank, what students write who are right, and what those write who make a known mistake. The numbers
# of each student stand in braces; an = a·n, m = n − 1, a2 = a².
PROBLEMS: dict[str, tuple[list[str], dict[str, str]]] = {
    "chain/1": (  # sin(ax^n)
        ["{a}*{n}*x^({n}-1)*cos({a}x^{n})", r"\cos({a}x^{n}) \cdot {an} x^{{{m}}}", "cos({a}x^{n})*({a}x^{n})/x*{n}"],
        {
            "cos({a}x^{n})": "missing edge",
            "-{an}x^{m}cos({a}x^{n})": "wrong elementary",
            "{an}x^{m}*sin({a}x^{n})": "not differentiated",
            "{an}x^{n}cos({a}x^{n})": "exponent kept",
            "cos({an}x^{m})": "outer at derivative",
        },
    ),
    "chain/2": (  # (ax + b)^n
        ["{n}*({a}x+{b})^({n}-1)*{a}", "{an}({a}x+{b})^{m}"],
        {
            "{n}({a}x+{b})^{m}": "missing edge",
            "{an}({a}x+{b})^{n}": "exponent kept",
            "-{an}({a}x+{b})^{m}": "edge sign",
        },
    ),
    "chain/3": (  # e^(ax)
        ["{a}e^({a}x)", r"{a} \exp({a}x)", "{a}*(e^x)^{a}"],
        {
            "e^({a}x)": "missing edge",
            "{a}x*e^({a}x-1)": "power rule on exponential",
            "-{a}e^({a}x)": "edge sign",
            "{a}e^x": "outer at input",
        },
    ),
    "chain/13": (  # √(a + e^x)
        ["e^x/(2sqrt({a}+e^x))", r"\frac{{e^x}}{{2\sqrt{{{a}+e^x}}}}", "1/2*({a}+e^x)^(-1/2)*e^x"],
        {
            "1/(2sqrt({a}+e^x))": "missing edge",
            "e^x/sqrt({a}+e^x)": "wrong elementary",
            "-e^x/(2sqrt({a}+e^x))": "edge sign",
        },
    ),
    "product/6": (  # ax sin x
        ["{a}sin(x)+{a}x*cos(x)", "{a}(sin x + x cos x)"],
        {
            "{a}sin(x)": "missing path",
            "{a}x*cos(x)": "missing path",
            "{a}cos(x)": "product of derivatives",
            "{a}sin(x)-{a}x*cos(x)": "wrong elementary",
        },
    ),
    "quotient/1": (  # x/(x + a)
        ["{a}/(x+{a})^2", "((x+{a})-x)/(x+{a})^2", "1/(x+{a}) - x/(x+{a})^2"],
        {
            "1/(x+{a})": "missing path",
            "-{a}/(x+{a})^2": "quotient order",
            "{a}/(x+{a})": "quotient square",
            "1/(x+{a}) + x/(x+{a})^2": "quotient sign",
            "1": "quotient of derivatives",
        },
    ),
    "composition/1": (  # x sin(ax)
        ["sin({a}x)+{a}x*cos({a}x)", "{a}x cos({a}x) + sin({a}x)"],
        {
            "sin({a}x)+x*cos({a}x)": "missing edge",
            "{a}cos({a}x)": "product of derivatives",
            "sin({a}x)": "missing path",
            "{a}x*cos({a}x)": "missing path",
        },
    ),
    "power/2": (  # ax^n
        ["{an}x^{m}", "{n}*{a}*x^({n}-1)", "{a}x^{n}*{n}/x"],
        {"{an}x^{n}": "exponent kept", "{n}x^{m}": "coefficient lost", "-{an}x^{m}": "edge sign"},
    ),
    "chain/12": (  # sin(cos(ax))
        ["-{a}sin({a}x)cos(cos({a}x))", "cos(cos({a}x))*(-sin({a}x))*{a}"],
        {
            "cos(cos({a}x))": "missing edge",
            "{a}sin({a}x)cos(cos({a}x))": "wrong elementary",
            "-sin({a}x)cos(cos({a}x))": "missing edge",
            "cos(-{a}sin({a}x))": "outer at derivative",
        },
    ),
    "inverse/1": (  # arctan(ax)
        ["{a}/(1+({a}x)^2)", "{a}/(1+{a2}x^2)"],
        {
            "1/(1+{a2}x^2)": "missing edge",
            "{a}/(1+x^2)": "outer at input",
            "-{a}/(1+{a2}x^2)": "wrong elementary",
            "{a}/sqrt(1-{a2}x^2)": "wrong elementary",
        },
    ),
}
UNREADABLE = ("see attached", "cos(", "x^^2", "?")


def numbers(drawn: dict[str, str]) -> dict[str, int]:
    """A student's numbers, and what the formulas above make of them."""
    found = {name: int(value) for name, value in drawn.items()}
    if "n" in found:
        found |= {"an": found["a"] * found["n"], "m": found["n"] - 1}
    return found | {"a2": found["a"] ** 2}


def simulate(sheets: Path) -> dict[tuple[str, str], tuple[str, str, str]]:
    """What each student answers to each problem: (kind, answer, mistake)."""
    dice, sent = random.Random(3), {}
    for line in sheets.read_text("utf-8").splitlines():
        sheet = json.loads(line)
        right, wrong = PROBLEMS["/".join(sheet["id"].rsplit("-", 1))]
        here, chance, mistake = numbers(sheet["drawn"]), dice.random(), ""
        if chance < 0.6:
            kind, answer = "right", dice.choice(right)
        elif chance < 0.92:
            kind, (answer, mistake) = "wrong", dice.choice(sorted(wrong.items()))
        else:
            kind, answer = ("unreadable", dice.choice(UNREADABLE)) if chance < 0.97 else ("missing", "")
        written = answer if kind == "unreadable" else answer.format(**here)
        sent[sheet["student"], sheet["id"]] = kind, written, mistake
    return sent


def test_a_homework_for_a_class(symgraph: Any, tmp_path: Path) -> None:
    """Ten problems, every student with numbers of their own: each planted mistake is named, no right answer loses."""
    lines = ["schema = 1", 'seed = "DAY3"', "[defaults]", "points = 2", 'variants = "each"']
    lines += [f'[[problem]]\nuse = "{place}"' for place in PROBLEMS]
    (tmp_path / "hw.toml").write_text("\n".join(lines), "utf-8")
    students = [f"s{number:03}" for number in range(STUDENTS)]
    write_rows(tmp_path / "roster.csv", [["id", "name"], *([each, f"Student {each}"] for each in students)])
    printed = "pdf" if shutil.which("pdflatex") or shutil.which("chromium") else "html"  # what can be printed here
    symgraph("key", "hw.toml", "--students", "roster.csv", "--make", "booklets", "--format", f"{printed},jsonl",
             "-o", "out")  # fmt: skip
    assert (tmp_path / "out" / f"booklets.{printed}").stat().st_size > 1000 * STUDENTS
    sent = simulate(tmp_path / "out" / "booklets.jsonl")
    ids = list(dict.fromkeys(problem for _, problem in sent))
    assert len(sent) == STUDENTS * 10 and len(ids) == 10
    assert {"right", "wrong", "unreadable", "missing"} == {kind for kind, _, _ in sent.values()}
    table = [[student, *(sent[student, problem][1] for problem in ids)] for student in students]
    write_rows(tmp_path / "answers.csv", [["id", *ids], *table])
    said = symgraph("mark", "hw.toml", "answers.csv", "--students", "roster.csv", "-o", "marks")
    assert len(symgraph.commands) == 3

    details = {(row["id"], row["problem"]): row for row in rows_of(tmp_path / "marks" / "details.csv")}
    pile = {row["group"] for row in rows_of(tmp_path / "marks" / "review.csv")}
    assert set(details) == set(sent)
    misnamed = []
    for place, (kind, answer, mistake) in sent.items():
        row = details[place]
        if kind == "right":
            assert (row["outcome"], row["points"]) == ("right", "2"), (place, answer, row)
        elif kind == "wrong":
            assert row["outcome"] == "wrong" and row["points"] != "2", (place, answer, row)
            assert row["mistake"] and row["said"], (place, answer, row)
            misnamed += [(answer, mistake, row["mistake"])] * (row["mistake"] != mistake)
        elif kind == "unreadable":
            assert row["outcome"] == "unreadable" and row["points"] == "" and row["group"] in pile, (place, row)
        else:
            assert (row["outcome"], row["points"]) == ("missing", "0")
    # Two mistakes may give one formula for some numbers, (ax+b)ⁿ with a = n say: few, and explained all the same.
    planted = sum(kind == "wrong" for kind, _, _ in sent.values())
    assert len(misnamed) <= planted / 50, misnamed
    right = sum(kind == "right" for kind, _, _ in sent.values())
    unread = sum(kind == "unreadable" for kind, _, _ in sent.values())
    assert f"{right} right, {planted} wrong, {unread} to look at" in said
    report = (tmp_path / "marks" / "report.html").read_text("utf-8")
    assert "no mistake with a name explains it" not in report
    assert len(list((tmp_path / "marks" / "feedback").iterdir())) == STUDENTS
