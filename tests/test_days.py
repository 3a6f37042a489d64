"""Three days of a teacher's, from the command line alone: a worked solution, 90 answers, a homework for a class."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from symgraph.explanation import typesetting
from symgraph.homework.options import distractors
from symgraph.homework.problems import read, vary

ROOT = Path(__file__).parent.parent


@pytest.fixture
def symgraph(tmp_path: Path):  # type: ignore[no-untyped-def] # a function from words to what was printed
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "symgraph", *words], cwd=tmp_path, env=environment, capture_output=True, timeout=300
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    return run


def test_a_worked_solution_for_class(symgraph, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    symgraph("explain", "x^2*sin(3x)", "-o", "solution.html")
    assert "</html>" in (tmp_path / "solution.html").read_text("utf-8")


def test_ninety_answers_marked_in_three_commands(symgraph, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    symgraph("new", "homework.toml")
    text = (tmp_path / "homework.toml").read_text("utf-8")
    (tmp_path / "homework.toml").write_text(text.partition('[[problem]]\nuse')[0], "utf-8")
    symgraph("key", "homework.toml")
    homework = read(tmp_path / "homework.toml")
    variant = vary(homework.problems[0], homework.seed, "1")
    key = variant.key
    assert key is not None
    a, n = (typesetting.text(value) for value in variant.values.values())
    inside = f"{a}x^{n}"
    kinds = {
        "right": [key, f"{a}*{n}*cos({inside})*x^({n}-1)", f"cos({inside})*({int(a) * int(n)}x^{int(n) - 1})"],
        "forgot": [f"cos({inside})", f"1*cos({inside})"],
        "sign": [f"-({key})"],
        "unreadable": ["cos(", "see attached"],
    }
    wanted = {"right": 30, "forgot": 41, "sign": 10, "unreadable": 9}
    rows = [(kind, kinds[kind][number % len(kinds[kind])]) for kind, count in wanted.items() for number in range(count)]
    random.Random(7).shuffle(rows)
    with (tmp_path / "answers.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Email", "Response 1"])
        writer.writerows([f"s{number}@school", answer] for number, (_, answer) in enumerate(rows))
    said = symgraph("mark", "homework.toml", "answers.csv", "-o", "marks")
    assert "41 of 90" in said and "90 students, 90 answers: 30 right, 51 wrong, 9 to look at" in said
    with (tmp_path / "marks" / "marks.csv").open(encoding="utf-8", newline="") as stream:
        marks = list(csv.DictReader(stream))
    for (kind, _), row in zip(rows, marks, strict=True):
        assert row["chain-01"] == {"right": "2", "forgot": "1", "sign": row["chain-01"], "unreadable": ""}[kind]
    assert "41 of 90" in (tmp_path / "marks" / "report.html").read_text("utf-8")


def test_a_homework_for_a_class(symgraph, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Ten problems, every student with numbers of their own, mistakes planted: each is named or on the pile."""
    chosen = ["chain/1", "chain/2", "chain/3", "chain/13", "product/6", "quotient/1", "composition/1", "power/2",
              "chain/12", "inverse/1"]  # fmt: skip
    lines = ["schema = 1", 'seed = "DAY3"', "[defaults]", "points = 2", 'variants = "each"']
    lines += [f'[[problem]]\nuse = "{place}"' for place in chosen]
    (tmp_path / "hw.toml").write_text("\n".join(lines), "utf-8")
    students = [f"s{number}" for number in range(6)]
    (tmp_path / "roster.csv").write_text("id,name\n" + "".join(f"{s},N {s}\n" for s in students), "utf-8")
    symgraph("key", "hw.toml", "--students", "roster.csv", "--make", "booklets,key", "--format", "tex", "-o", "out")
    assert (tmp_path / "out" / "booklets.tex").is_file()

    homework, dice = read(tmp_path / "hw.toml"), random.Random(3)
    planted: dict[tuple[str, str], str] = {}
    table = []
    with (tmp_path / "out" / "index.csv").open(encoding="utf-8", newline="") as stream:
        keys = {row["id"]: row for row in csv.DictReader(stream)}
    for student in students:
        row = [student]
        for problem in homework.problems:
            answer = keys[student][problem.id].lstrip("'")
            planted[student, problem.id] = ""
            if dice.random() < 0.4:
                options = distractors(vary(problem, homework.seed, student), 3)
                if options:
                    wrong = dice.choice(options)
                    planted[student, problem.id] = wrong.mistake
                    answer = typesetting.text(wrong.tree, ascii=True)
            row.append(answer)
        table.append(row)
    with (tmp_path / "answers.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["id", *(problem.id for problem in homework.problems)], *table])
    symgraph("mark", "hw.toml", "answers.csv", "--students", "roster.csv", "-o", "marks")
    with (tmp_path / "marks" / "marks.csv").open(encoding="utf-8", newline="") as stream:
        marks = {row["id"]: row for row in csv.DictReader(stream)}
    assert sum(map(bool, planted.values())) >= 10
    for (student, problem_id), mistake in planted.items():
        earned = marks[student][problem_id]
        if not mistake:
            assert earned == "2", (student, problem_id, "a right answer loses a point")
        else:
            assert earned != "2", (student, problem_id, mistake)
    report = (tmp_path / "marks" / "report.html").read_text("utf-8")
    assert "no mistake with a name explains it" not in report
