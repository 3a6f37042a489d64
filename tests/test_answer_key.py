"""Sheets, keys and what keeps them: every format, resuming, faults, and the same bytes on a cluster."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from symgraph import files, worker
from symgraph.errors import MissingPart, SymgraphError
from symgraph.homework import answer_key as module
from symgraph.homework import items, running
from symgraph.homework.answer_key import answer_key, check
from symgraph.homework.running import Job, Kept, perform

ROOT = Path(__file__).parent.parent

SET = """schema = 1
title = "Week 4: <b>rules</b> & 100%"
seed = "S"
[defaults]
points = 2
[[problem]]
id = "chain"
f = "sin(a*x^n)"
wrt = "x"
params = { a = "2..8", n = [2, 3] }
variants = 2
key = "a*n*x^(n-1)*cos(a*x^n)"
  [[problem.feedback]]
  when = "cos(a*x^n)"
  score = 0.5
  say = "You left out the inside."
  [[problem.test]]
  answer = "cos(a*x^n)"
  score = 0.5
[[problem]]
id = "gradient"
f = "x*y^2"
wrt = ["x", "y"]
[[problem]]
id = "circle"
f = "x^2 + y^2 = 25"
question = "implicit"
wrt = "x"
text = "Find $dy/dx$ where ${{f}}$."
"""
WRONG = SET.replace('f = "x*y^2"\nwrt = ["x", "y"]', 'f = "x^3"\nkey = "2*x^2"')


@pytest.fixture(autouse=True)
def _in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is done on any Executor: here on one that starts no process, but where processes are the point."""
    if "cluster" not in request.fixturenames:
        monkeypatch.setattr(module, "executor", lambda *_: ThreadPoolExecutor(1))


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    return files.write(tmp_path / "hw.toml", SET)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "cache" not in path.parts
    }


EVERY = ("sheet", "key", "worked", "scheme", "booklets", "choice", "fill-in")


def test_every_document_in_every_format(homework: Path, tmp_path: Path) -> None:
    import html5lib
    import nbformat

    roster = files.write(tmp_path / "roster.csv", "id,name\nann,Ann Ä\nbob,=cmd()\n")
    out = tmp_path / "out"
    report = answer_key(
        homework, out, make=EVERY, formats=("html", "tex", "md", "ipynb", "jsonl"), students=roster, workers=1
    )
    assert report.exit_code == 0 and report.undecided == []
    names = {path.name for path in report.files}
    assert {"sheet-1.html", "key-2.tex", "worked-1.ipynb", "scheme-1.md", "booklets.tex", "choice-key-1.html"} <= names
    for path in report.files:
        if path.suffix == ".html":
            html5lib.HTMLParser(strict=False).parse(path.read_text("utf-8"))
            assert "<b>rules" not in path.read_text("utf-8")
        elif path.suffix == ".ipynb":
            nbformat.validate(nbformat.reads(path.read_text("utf-8"), as_version=4))
        elif path.suffix == ".jsonl":
            assert all(json.loads(line)["id"] for line in path.read_text("utf-8").splitlines())
    sheet, key = (out / "sheet-1.html").read_text("utf-8"), (out / "key-1.html").read_text("utf-8")
    assert "answer" not in sheet.split("</style>")[1] and 'class="chain answer"' in key
    assert "answer" not in (out / "sheet.jsonl").read_text("utf-8")
    assert "'=cmd()" in (out / "index.csv").read_text("utf-8")


def test_the_paper_compiles_and_booklets_begin_on_odd_pages(homework: Path, tmp_path: Path, pdflatex: str) -> None:
    roster = files.write(tmp_path / "roster.csv", "id,name\n" + "".join(f"s{n},Name {n}\n" for n in range(3)))
    report = answer_key(
        homework, tmp_path / "out", make=("booklets", "scheme"), formats=("pdf",), students=roster, workers=1
    )
    assert report.exit_code == 0
    made = {path.name: path.stat().st_mtime_ns for path in report.files if path.suffix == ".pdf"}
    again = answer_key(homework, tmp_path / "out", make=("booklets", "scheme"), formats=("pdf",), students=roster)
    assert {path.name: path.stat().st_mtime_ns for path in again.files if path.suffix == ".pdf"} == made
    for path in report.files:
        if path.suffix == ".pdf":
            assert path.read_bytes().startswith(b"%PDF")
    from conftest import program

    told = subprocess.run(
        [program("pdftotext"), "-layout", str(tmp_path / "out" / "booklets.pdf"), "-"], capture_output=True, check=True
    ).stdout.decode()
    pages = told.split("\f")
    starts = [number for number, page in enumerate(pages, 1) if "Problem 1" in page]
    assert len(starts) == 3 and all(number % 2 == 1 for number in starts)
    assert all(f"s{n}" in pages[start - 1] for n, start in enumerate(starts))


def test_a_wrong_key_is_told_with_its_certificate_and_not_printed(tmp_path: Path) -> None:
    path = files.write(tmp_path / "hw.toml", WRONG)
    report = answer_key(path, make=("key",), formats=("jsonl",), workers=1)
    assert report.exit_code == 3
    ((label, claim, _, detail),) = report.refuted
    assert label == "gradient, variant 1" and claim == "key" and "at x = " in detail
    lines = [json.loads(line) for line in (tmp_path / "hw" / "key.jsonl").read_text("utf-8").splitlines()]
    assert next(line["answer"] for line in lines if line["id"] == "gradient") == "3*x^2"


def test_check_proves_keys_tests_and_sayings(homework: Path) -> None:
    report = check(homework, workers=1)
    assert {claim[2] for claim in report.claims} == {"proved"} and len(report.claims) == 10
    assert list(homework.parent.iterdir()) == [homework]
    bad = files.write(homework.parent / "bad.toml", SET.replace("score = 0.5\n[[problem]]", "score = 1\n[[problem]]"))
    assert [claim[1] for claim in check(bad, workers=1).refuted] == ["test 1", "test 1"]


def test_a_second_run_works_nothing_out_again(homework: Path, tmp_path: Path) -> None:
    first = answer_key(homework, tmp_path / "out", workers=1)
    before = contents(tmp_path / "out")
    second = answer_key(homework, tmp_path / "out", workers=1)
    assert (first.done, first.kept, second.done, second.kept) == (4, 0, 0, 4)
    assert contents(tmp_path / "out") == before
    files.write(homework, SET.replace("x*y^2", "x*y^3"))
    third = answer_key(homework, tmp_path / "out", workers=1)
    assert (third.done, third.kept) == (1, 3)
    assert answer_key(homework, tmp_path / "out", workers=1, force=True).done == 4


def test_what_is_unchanged_is_not_even_written_again(homework: Path, tmp_path: Path) -> None:
    made = answer_key(homework, tmp_path / "out", make=("sheet", "key"), formats=("html", "ipynb"))
    inodes = {path: path.stat().st_ino for path in made.files if path.name != "index.html"}
    (tmp_path / "out" / "key-1.html").write_text("changed by hand")
    answer_key(homework, tmp_path / "out", make=("sheet", "key"), formats=("html", "ipynb"))
    changed = [path.name for path, inode in inodes.items() if path.stat().st_ino != inode]
    assert changed == ["key-1.html"] and "chain" in (tmp_path / "out" / "key-1.html").read_text("utf-8")


def test_other_documents_are_made_of_what_was_proved_before(
    homework: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, list[str]] = {}

    def noted(*arguments: Any, **more: Any) -> Any:
        asked[more["label"] + more["problem"]["id"]] = more["parts"]
        assert "proof" not in more["parts"] and more["known"]["proof"]["claims"]
        monkeypatch.setattr(items, "proved_answer", None)  # and nobody proves it again
        return work_out(*arguments, **more)

    answer_key(homework, tmp_path / "out", make=("key",))
    work_out = items.work_out
    monkeypatch.setattr(items, "work_out", noted)
    late = answer_key(homework, tmp_path / "out", make=("sheet", "key", "worked"), formats=("html", "tex"))
    assert late.done == 4 and late.exit_code == 0
    assert set(asked["1chain"]) == {"statement:tex", "answer:tex", "worked:html", "worked:tex"}
    monkeypatch.undo()
    monkeypatch.setattr(module, "executor", lambda *_: ThreadPoolExecutor(1))
    answer_key(homework, tmp_path / "fresh", make=("sheet", "key", "worked"), formats=("html", "tex"))
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")
    fewer = answer_key(homework, tmp_path / "out", make=("sheet",))
    assert (fewer.done, fewer.kept, fewer.claims) == (0, 4, [])  # as if no more had ever been asked for


def test_problems_in_another_order_and_more_versions_redo_nothing(homework: Path, tmp_path: Path) -> None:
    answer_key(homework, tmp_path / "out")
    before = (tmp_path / "out" / "key-1.html").read_text("utf-8")
    head, *problems = SET.split("[[problem]]\n")
    turned = "[[problem]]\n".join([head, *reversed(problems)]).replace("variants = 2", "variants = 3")
    files.write(homework, turned)
    again = answer_key(homework, tmp_path / "out")
    assert (again.done, again.kept) == (1, 4)
    after = (tmp_path / "out" / "key-1.html").read_text("utf-8")
    formulas = [set(re.findall(r"<math.*?</math>", page)) for page in (before, after)]
    assert before != after and formulas[0] == formulas[1]


def test_a_problem_that_fails_is_one_line_and_stops_no_other(tmp_path: Path) -> None:
    text = SET.replace('params = { a = "2..8", n = [2, 3] }', 'params = { a = "2..8", n = [2, 3] }\nwhere = "a > 9"')
    report = answer_key(files.write(tmp_path / "hw.toml", text), workers=1)
    assert [label for label, _ in report.failures] == ["chain, variant 1", "chain, variant 2"]
    assert report.exit_code == 3 and report.done == 2
    assert "no draw of a, n was accepted" in (tmp_path / "hw" / "key-1.html").read_text("utf-8")


def test_a_job_that_dies_or_hangs_fails_alone(tmp_path: Path) -> None:
    jobs = [
        Job("drill", {"kind": "die", "amount": 7}, "dies"),
        Job("echo", {"value": 1}, "lives"),
        Job("drill", {"kind": "sleep", "amount": 60}, "hangs"),
        Job("echo", {"value": 2}, "lives too"),
    ]
    with files.Folder(tmp_path) as folder, worker.WorkerPool(1) as pool:
        saved, running.SECONDS = running.SECONDS, 1.0
        try:
            found = {done.job.label: done for done in perform(jobs, pool, Kept(folder))}
        finally:
            running.SECONDS = saved
    assert (found["lives"].value, found["lives too"].value) == (1, 2)
    assert "ended" in str(found["dies"].error) and "seconds" in str(found["hangs"].error)


def test_students_with_numbers_of_their_own_need_a_roster(tmp_path: Path) -> None:
    path = files.write(tmp_path / "hw.toml", SET.replace("variants = 2", 'variants = "each"'))
    with pytest.raises(SymgraphError, match="--students"):
        answer_key(path, workers=1)


def test_the_same_bytes_on_a_cluster(homework: Path, tmp_path: Path, cluster: Any) -> None:
    answer_key(homework, tmp_path / "here", workers=1)
    answer_key(homework, tmp_path / "there", cluster=cluster)
    assert contents(tmp_path / "here") == contents(tmp_path / "there")


def test_a_worked_key_without_pictures(homework: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    drawn = answer_key(homework, out, make=["worked"])
    with_pictures = (out / "worked-1.html").read_text("utf-8")
    plain = answer_key(homework, out, make=["worked"], pictures=False)
    without = (out / "worked-1.html").read_text("utf-8")
    assert drawn.claims == plain.claims
    assert "<svg" in with_pictures and "<svg" not in without and len(without) < len(with_pictures)
    assert "unreadable" not in without and without.count("<details>") == with_pictures.count("<details>")
    answer_key(homework, out, make=["worked"])
    assert (out / "worked-1.html").read_text("utf-8") == with_pictures


def test_a_cluster_has_the_limits_of_this_machine(tmp_path: Path, cluster: Any) -> None:
    text = SET.replace("n = [2, 3] }", 'n = [2, 3] }\nwhere = "a > 9"')
    path = files.write(tmp_path / "hw.toml", text)
    reports = [answer_key(path, tmp_path / "here", workers=1), answer_key(path, tmp_path / "there", cluster=cluster)]
    assert contents(tmp_path / "here") == contents(tmp_path / "there")
    assert reports[0].failures == reports[1].failures and len(reports[1].failures) == 2
    jobs = [
        Job("drill", {"kind": "die", "amount": 7}, "dies"),
        Job("drill", {"kind": "compute", "amount": 60}, "hangs"),
        Job("drill", {"kind": "fill", "amount": 4_000}, "is hungry"),
        Job("echo", {"value": 1}, "lives"),
    ]
    with pytest.MonkeyPatch.context() as patch, running.executor(cluster) as where:
        patch.setattr(running, "SECONDS", 2.0)
        found = {done.job.label: done for done in perform(jobs, where)}
    assert found["lives"].value == 1 and "exit code 7" in str(found["dies"].error)
    assert str(found["hangs"].error) == "more than 2 seconds: the limit is 2.0 (limits.seconds): hangs"
    assert "memory: the limit is" in str(found["is hungry"].error)


def test_a_cluster_that_is_not_there(
    homework: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: Any
) -> None:
    for address in ("tcp://127.0.0.1:1", "tcp://127.0.0.1:99999999", "no address"):
        with pytest.raises(MissingPart, match="no cluster answers at"):
            answer_key(homework, tmp_path / "out", cluster=address)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingPart, match=r"pip install 'symgraph-explainer\[cluster\]'"):
        answer_key(homework, tmp_path / "out", cluster=cluster)


def test_a_marking_scheme_says_what_its_nodes_are(tmp_path: Path) -> None:
    homework = files.write(tmp_path / "hw.toml", 'schema = 1\n[[problem]]\nid = "p"\nf = "t^3*sin(2t)"\n')
    answer_key(homework, tmp_path / "out", make=("scheme",), formats=("md", "tex"), workers=1)
    page = files.read_text(tmp_path / "out" / "scheme.md")
    assert r"Nodes: $u = t^{3}$, $w = \sin(2t)$, $y = u \cdot w$." in page
    assert page.count("| 0.125 |") == 4, "what a row is worth adds up to the half that is told"
    assert r"\nopagebreak" in files.read_text(tmp_path / "out" / "scheme.tex"), "no heading without its table"


def test_a_roster_without_students_is_said_to_be_empty(tmp_path: Path) -> None:
    roster = files.write(tmp_path / "roster.csv", "id;Name\r\n")
    with pytest.raises(SymgraphError, match="has nobody in it"):
        module.read_roster(roster)
