"""Marking a class: columns, encodings, groups, decisions, and that one bad row harms no other."""

from __future__ import annotations

import csv
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from symgraph import files
from symgraph.errors import SymgraphError
from symgraph.homework import marker, tables
from symgraph.homework.grading import mark_answers
from symgraph.homework.marker import Decision, decide, decisions_path, mark_class, parse_columns, read_decisions
from symgraph.homework.problems import read, read_text

SET = """schema = 1
seed = "S"
[defaults]
points = 2
[[problem]]
id = "chain"
f = "sin(x^2)/2"
[[problem]]
id = "own"
f = "x^n"
params = { n = "3..9" }
variants = "each"
"""


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is done on any Executor: here on one that starts no process."""
    monkeypatch.setattr(marker, "executor", lambda *_: ThreadPoolExecutor(1))


@pytest.fixture
def homework(tmp_path: Path) -> Path:
    return files.write(tmp_path / "hw.toml", SET)


def marks(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "marks.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: row for row in csv.DictReader(stream)}


def test_a_class_is_marked(homework: Path, tmp_path: Path) -> None:
    problem = read_text(SET).problems[1]
    from symgraph.homework.problems import vary

    n = int(vary(problem, "S", "ann").drawn.split()[-1])
    answers = files.write(
        tmp_path / "a.csv",
        f"id,Q1,Q2\nann,x cos(x^2),{n}x^{n - 1}\nbob,cos(x^2)/2,x^2\ncat,x+,\ndan,cos(x^2) x,7\nann2,x+,\n",
    )
    marking = mark_class(homework, answers, tmp_path / "marks", workers=1)
    found = marks(tmp_path / "marks")
    assert (found["ann"]["chain"], found["ann"]["own"], found["ann"]["total"]) == ("2", "2", "4")
    assert found["bob"]["chain"] == "1" and found["cat"]["chain"] == "" and found["cat"]["complete"] == "pending"
    assert [(row.mistake, row.count, row.of) for row in marking.mistakes if row.problem == "chain"] == [
        ("missing edge", 1, 5)
    ]
    equal = next(group for group in marking.groups if group.problem == "chain" and group.facts["outcome"] == "right")
    assert equal.count == 2 and set(equal.answers) == {"x cos(x^2)", "cos(x^2) x"}
    (pile,) = marking.pile
    assert pile.count == 2 and pile.facts["outcome"] == "unreadable"
    report = (tmp_path / "marks" / "report.html").read_text("utf-8")
    assert "1 of 5" in report and pile.id in report
    feedback = (tmp_path / "marks" / "feedback" / "bob.html").read_text("utf-8")
    assert "x cos" not in feedback  # never the answer

    decide(homework, {pile.id: Decision(0.25, 'Half a sum, "x+"')})
    again = mark_class(homework, answers, tmp_path / "marks", workers=1)
    assert marks(tmp_path / "marks")["cat"]["chain"] == "0.5" and not again.pile
    assert "Half a sum" in (tmp_path / "marks" / "feedback" / "cat.html").read_text("utf-8")


def test_versions_in_a_column_and_a_roster(tmp_path: Path) -> None:
    path = files.write(
        tmp_path / "hw.toml",
        'schema = 1\nseed = "S"\n[[problem]]\nid = "p"\nf = "a*x"\nparams = { a = "2..900" }\nvariants = 3',
    )
    from symgraph.homework.problems import read, vary

    problem = read(path).problems[0]
    values = [vary(problem, "S", str(number)).drawn.split()[-1] for number in (1, 2, 3)]
    assert len(set(values)) == 3
    rows = "".join(f"s{n},{n},{value}\n" for n, value in enumerate(values, 1)) + "s4,9,1\n"
    answers = files.write(tmp_path / "a.csv", "Student ID,Version,Answer\n" + rows)
    roster = files.write(tmp_path / "r.csv", "id,name\ns1,A\ns2,B\ns3,C\ns9,Nobody\n")
    marking = mark_class(path, answers, tmp_path / "marks", students=roster, workers=1)
    found = marks(tmp_path / "marks")
    assert [found[f"s{n}"]["p"] for n in (1, 2, 3)] == ["1", "1", "1"] and found["s9"]["p"] == "0"
    assert [message for _, message in marking.bad_rows] == ["Version: there is no version '9': they are 1 to 3"]
    assert marking.exit_code == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_exports_of_spreadsheets(encoding: str, tmp_path: Path, homework: Path) -> None:
    text = "Matrikelnummer;Name;Q1\r\n17;Jürgen;0,5*2x cos(x^2)\r\n18;Łuk;cos(x²)/2\r\n"
    text = text if encoding != "cp1252" else text.replace("Ł", "L")
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    mark_class(homework, tmp_path / "a.csv", tmp_path / "marks", workers=1)
    found = marks(tmp_path / "marks")
    assert found["17"]["chain"] == "2" and found["17"]["name"] == "Jürgen" and found["18"]["chain"] == "1"


def test_columns_are_named_or_guessed() -> None:
    assert parse_columns("id=Email,chain=Response 1") == {"id": "Email", "chain": "Response 1"}
    assert tables.guess(("Email address", "Response 1", "Response 2"), ["a", "b"]) == {
        "id": "Email address", "a": "Response 1", "b": "Response 2",
    }  # fmt: skip
    german = ("Vor- und Nachname", "E-Mail-Adresse", "Bewertung/10,00", "Antwort 1", "Aufgabe 2")
    assert tables.guess(german, ["a", "b"]) == {
        "id": "E-Mail-Adresse", "name": "Vor- und Nachname", "a": "Antwort 1", "b": "Aufgabe 2",
    }  # fmt: skip
    with pytest.raises(SymgraphError, match="names no column"):
        parse_columns("id")


def test_columns_that_are_not_there(homework: Path, tmp_path: Path) -> None:
    answers = files.write(tmp_path / "a.csv", "who,what\n1,2\n")
    with pytest.raises(SymgraphError, match="which column says who"):
        mark_class(homework, answers, tmp_path / "marks", workers=1)
    with pytest.raises(SymgraphError, match="there is no column"):
        mark_class(homework, answers, tmp_path / "marks", columns={"id": "nobody"}, workers=1)


def test_bad_rows_harm_no_other(homework: Path, tmp_path: Path) -> None:
    rows = "id,Q1\nann,x cos(x^2)\nbob\n,x\nann,cos(x^2)\nmal,=cmd|' /C calc'!A0\n"
    rows += "eve," + "(" * 3000 + "\nzoe,x cos(x^2)\n"
    marking = mark_class(homework, files.write(tmp_path / "a.csv", rows), tmp_path / "marks", workers=1)
    found = marks(tmp_path / "marks")
    assert (found["zoe"]["chain"], found["ann"]["chain"], found["eve"]["chain"]) == ("2", "0.5", "")
    assert [line for line, _ in marking.bad_rows] == [3, 4, 5]


def test_an_open_quotation_mark_swallows_no_other_row(homework: Path, tmp_path: Path) -> None:
    rows = 'id,Q1\nann,"x cos(x^2)\nbob,x cos(x^2)\ncat,"cos(x^2)/2"\ndan,"x"\neve,"x cos(x^2)\n"\nfay,5" x\nguy,"x\n'
    marking = mark_class(homework, files.write(tmp_path / "a.csv", rows), tmp_path / "marks", workers=1)
    found = marks(tmp_path / "marks")
    assert list(found) == ["bob", "cat", "dan", "eve", "fay"]
    assert (found["bob"]["chain"], found["cat"]["chain"], found["eve"]["chain"]) == ("2", "1", "2")
    assert [line for line, _ in marking.bad_rows] == [2, 9] and marking.exit_code == 3
    assert all("quotation mark" in message for _, message in marking.bad_rows)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "is empty"),
        (" \n,,\n", "is empty"),
        ("\x00\x00", "is empty"),
        ("id,Q1,Q1\nann,x,y", "two columns called 'Q1'"),
        ("Q1\nx", "which column says who"),
        ("id,essay\nann,x", "no column has answers"),
    ],
)
def test_tables_that_are_none(table: str, told: str, homework: Path, tmp_path: Path) -> None:
    with pytest.raises(SymgraphError, match=told) as caught:
        mark_class(homework, files.write(tmp_path / "a.csv", table), tmp_path / "marks", workers=1)
    assert caught.value.exit_code == 2 and not (tmp_path / "marks").exists()


def test_nobody_answered(homework: Path, tmp_path: Path) -> None:
    marking = mark_class(homework, files.write(tmp_path / "a.csv", "id,Q1\n"), tmp_path / "marks", workers=1)
    assert (
        marking.students == 0
        and (tmp_path / "marks" / "marks.csv").read_text() == "id,name,version,chain,own,total,complete\n"
    )


def test_rows_and_columns_are_named(homework: Path, tmp_path: Path) -> None:
    roster = files.write(tmp_path / "r.csv", "id,name\nann,Ann\nzed,Zed\n")
    table = files.write(
        tmp_path / "a.csv", "Email,Q1,Grade\nann,x,\n,y,\nann,x,1\nbob,x," + "9" * 200_000 + "\neve,x,2\n"
    )
    marking = mark_class(homework, table, tmp_path / "marks", students=roster, workers=1)
    assert [(line, message.partition(":")[0]) for line, message in marking.bad_rows] == [
        (3, "Email is empty"), (4, "Email"), (5, "field larger than field limit (131072)"), (6, "Email"),
    ]  # fmt: skip
    assert [note.partition(":")[0] for note in marking.notes] == [
        "no column has the answers to own", "columns that are not used",
    ]  # fmt: skip
    assert list(marks(tmp_path / "marks")) == ["ann", "eve", "zed"]


def test_what_was_marked_is_not_marked_again(homework: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from symgraph.homework import grading

    judged: list[str] = []
    real = grading.judge
    monkeypatch.setattr(grading, "judge", lambda variant, answer: judged.append(answer) or real(variant, answer))
    table = files.write(tmp_path / "a.csv", "id,Q1\nann,x cos(x^2)\nbob,cos(x^2)\ncat,x cos(x^2)\n")
    mark_class(homework, table, tmp_path / "marks", workers=1)
    assert sorted(judged) == ["cos(x^2)", "x cos(x^2)"]
    before = {path: path.stat().st_ino for path in (tmp_path / "marks" / "feedback").iterdir()}
    files.write(table, "id,Q1\nann,x cos(x^2)\nbob,cos(x^2)\ncat,2x\n")  # one of them wrote again
    mark_class(homework, table, tmp_path / "marks", workers=1)
    assert judged[2:] == ["2x"]
    changed = [path.stem for path, inode in before.items() if path.stat().st_ino != inode]
    assert changed == ["cat"]
    mark_class(homework, table, tmp_path / "marks", workers=1, force=True)
    assert len(judged) == 6


def test_equal_answers_are_one_group_by_value_and_wrong_rows_keep_apart() -> None:
    problem = read_text(SET).problems[0]
    typed = ["x cos(x^2)", "cos(x^2)*x", "2x cos(x^2)/2", "x*cos(x^2)+0", "cos(x^2)", "sin(", " sin( "]
    facts = mark_answers(problem.data(), "S", "1", typed)
    groups = [fact["group"] for fact in facts]
    assert len(set(groups[:4])) == 1 and groups[4] != groups[0] and groups[5] == groups[6]
    assert [fact["score"] for fact in facts[:4]] == [1.0] * 4 and facts[5]["score"] is None


def test_decisions_are_checked(homework: Path) -> None:
    for name, score in (("zzz", 0.5), ("0123456789", 2.0)):
        with pytest.raises(SymgraphError):
            decide(homework, {name: Decision(score)})
    decide(homework, {"0123456789": Decision(0.5, 'a "b" \\ c')})
    assert read_decisions(homework) == {"0123456789": Decision(0.5, 'a "b" \\ c')}
    files.write(decisions_path(homework), "group = 3")
    with pytest.raises(SymgraphError, match="cannot be read"):
        read_decisions(homework)


@pytest.mark.parametrize(
    ("fields", "answer", "outcome"),
    [
        ('f = "x^2 + y^2 = 25"', "-25/y^3", "right"),
        ('f = "x^2 + y^2 = 25"', "-(x^2+y^2)/y^3", "right"),  # it uses the equation of the curve
        ('f = "x^2 + y^2 = 25"', "-1/y", "wrong"),
        ('f = "x^2 + y^2 = 25"', "25/y^3", "wrong"),
        ('f = "e^(x*y) = x + y"', "0", "wrong"),
        ('f = "x^2 + y^2 = 25"\nat = "x=3, y=4"', "-25/64", "right"),
        ('f = "x^2 + y^2 = 25"\nat = "x=3, y=4"', "25/64", "wrong"),
    ],
)
def test_second_derivatives_of_curves_are_refuted_on_the_curve(fields: str, answer: str, outcome: str) -> None:
    text = f'schema = 1\n[[problem]]\nid = "p"\nquestion = "implicit"\nwrt = "x"\norder = 2\n{fields}'
    (facts,) = mark_answers(read_text(text).problems[0].data(), "", "1", [answer])
    assert facts["outcome"] == outcome, facts
    if outcome == "wrong":
        assert re.search(r"at x (=|≈) .* and y (=|≈) .* the answer is .*, the derivative", facts["detail"])


def test_what_is_right_in_a_wrong_answer_counts_and_is_said() -> None:
    problem = read_text('schema = 1\n[[problem]]\nid = "p"\nf = "t^3*sin(2t) + 5^t"').problems[0]
    typed = [
        "3t^2 sin(2t) + 2t^2 cos(2t) + 5^t ln(5)",  # nothing explains the middle term
        "3t^2 sin(2t) + 2t^3 cos(2t) + t 5^(t-1)",  # worth nothing alone: two of three paths are right
        "3t^2*2cos(2t) + 5^t ln(5)",
        "7",
    ]
    facts = mark_answers(problem.data(), "S", "1", typed)
    assert [round(fact["score"], 3) for fact in facts] == [0.667, 0.667, 0.333, 0]
    assert facts[0]["feedback"].endswith("Right already: 3t² sin(2t) and 5^t · ln 5.")
    assert facts[1]["mistake"] == "power_rule_on_exponential" and facts[1]["sentence"].endswith("in q = 5^t.")


def test_one_mistake_in_two_ways_is_two_rows_of_the_overview(homework: Path, tmp_path: Path) -> None:
    files.write(homework, 'schema = 1\n[[problem]]\nid = "p"\nf = "sqrt(2x^2+1)"')
    rows = ["4x/sqrt(2x^2+1)", "8x/sqrt(2x^2+1)", "8x/sqrt(1+2x^2)", "4x", "1/(2sqrt(2x^2+1))", "idk", "8"]
    answers = files.write(tmp_path / "a.csv", "id,Q1\n" + "".join(f"s{n},{row}\n" for n, row in enumerate(rows)))
    found = mark_class(homework, answers, tmp_path / "marks", workers=1).mistakes
    assert [(row.mistake, row.count) for row in found] == [
        ("wrong elementary", 2),
        ("missing edge", 1),
        ("missing edge", 1),
        ("none", 1),
        ("wrong elementary", 1),
    ]
    assert "2/√w for the derivative of √w on the edge w → y (w = 2x² + 1)" in found[0].sentence
    page = files.read_text(tmp_path / "marks" / "feedback" / "s5.html")
    assert "could not read it: idk is not a name of this problem (column 1); its only name is x." in page
    assert "0 of 1 points in all, without what a person still looks at" in page


def test_the_report_speaks_one_language(homework: Path, tmp_path: Path) -> None:
    from symgraph import speaking

    answers = files.write(tmp_path / "a.csv", "id,Q1,Q2\nann,x,x\nbob,idk,x+\n")
    with speaking("de"):
        mark_class(homework, answers, tmp_path / "marks", workers=1)
    page = files.read_text(tmp_path / "marks" / "report.html")
    assert "kein Fehler mit einem Namen erklärt es" in page
    assert not {"Problem", "Mistake", "Students", "Outcome", "Answer", "Why"} & set(
        re.findall(r"<th[^>]*>(.*?)</th>", page)
    )


def test_the_overview_says_what_the_nodes_are_that_it_names() -> None:
    problem = read_text('schema = 1\n[[problem]]\nid = "p"\nf = "t^3*sin(2t)"').problems[0]
    typed = ["3t^2*2cos(2t)", "3t^2 sin(2t)", "t^2 sin(2t) + 2t^3 cos(2t)"]
    found = [fact["sentence"] for fact in mark_answers(problem.data(), "S", "1", typed)]
    assert found == [
        "Consistent with taking the product of the derivatives for the derivative of a product, y = t³ sin(2t).",
        "Consistent with leaving out the path t → v → w → y (v = 2t and w = sin(2t)).",
        "Consistent with losing the factor that the exponent brings down, in u = t³.",
    ]


def test_a_problem_that_changed_after_printing_is_noted(
    homework: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from symgraph.homework import answer_key

    monkeypatch.setattr(answer_key, "executor", lambda *_: ThreadPoolExecutor(1))
    roster = files.write(tmp_path / "roster.csv", "id\nann\nbob\n")
    answers = files.write(tmp_path / "a.csv", "id,Q1,Q2\nann,x,x\nbob,x,x\n")

    def notes() -> list[str]:
        found = mark_class(homework, answers, tmp_path / "marks", workers=1).notes
        return [note for note in found if "sheets" in note]

    assert notes() == [], "nothing was printed"
    answer_key.answer_key(homework, make=("sheet",), students=roster, workers=1)
    assert notes() == []
    files.write(homework, SET.replace("sin(x^2)/2", "sin(x^2)"))
    (note,) = notes()
    assert note.startswith('chain: f was "sin(x^2)/2" when the sheets were made, and is "sin(x^2)". Was this')
    answer_key.answer_key(homework, make=("key",), students=roster, workers=1)
    assert len(notes()) == 1, "a key is nothing that students have"
    answer_key.answer_key(homework, make=("sheet",), students=roster, workers=1)
    assert notes() == []
    files.write(homework, SET.replace('seed = "S"', 'seed = "T"'))
    assert notes()[0].startswith("the seed was 'S' when the sheets were made, and is 'T': other numbers are drawn")


def test_what_students_have_in_hand_is_all_that_a_change_is_noted_of(
    homework: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from symgraph.homework import answer_key, running

    monkeypatch.setattr(answer_key, "executor", lambda *_: ThreadPoolExecutor(1))
    roster = files.write(tmp_path / "roster.csv", "id\nann\nbob\n")
    answer_key.answer_key(homework, make=("sheet",), students=roster, workers=1)
    edited = SET.replace("points = 2", "points = 5").replace("[[problem]]", '[[problem]]\ntitle = "T"', 1)
    assert edited != SET
    files.write(homework, edited)
    monkeypatch.setattr(running, "__version__", "99")
    assert answer_key.changed(read(homework)) == []
    files.write(tmp_path / "hw" / "cache" / "printed.json", "[1")
    assert answer_key.changed(read(homework)) == []


def test_a_decision_that_meets_no_answer_is_noted(homework: Path, tmp_path: Path) -> None:
    answers = files.write(tmp_path / "a.csv", "id,Q1,Q2\nann,x+,x\n")
    group = mark_class(homework, answers, tmp_path / "marks", workers=1).pile[0].id
    decided = {group: Decision(0.5), "0123456789": Decision(1.0)}
    notes = mark_class(homework, answers, tmp_path / "marks", workers=1, decisions=decided).notes
    assert [note for note in notes if "decided on" in note] == [
        "nobody's answer is in the group 0123456789 that was decided on"
    ]


def test_mere_words_are_one_group_whatever_the_numbers_are(homework: Path) -> None:
    own = read_text(SET).problems[1]

    def groups(typed: str) -> int:
        return len({mark_answers(own.data(), "S", who, [typed])[0]["group"] for who in ("ann", "bob", "cat")})

    assert [groups(each) for each in ("idk", "keine Ahnung", "I don't know.", "weiß nicht")] == [1, 1, 1, 1]
    assert [groups(each) for each in ("cos(x", "3x^", "IMG_1.jpg")] == [3, 3, 3]


def test_of_two_rows_of_one_student_the_last_answer_to_a_problem_counts(homework: Path, tmp_path: Path) -> None:
    answers = files.write(tmp_path / "a.csv", "id,Q1,Q2\nann,x cos(x^2),x\nann,,7\n")
    marking = mark_class(homework, answers, tmp_path / "marks", workers=1)
    assert [mark.answer for mark in marking.students_[0].marks] == ["x cos(x^2)", "7"], "no answer is lost"
    assert marking.bad_rows == [(3, "id: ann is there twice; this row counts, where it has an answer")]


def test_what_another_state_of_the_same_version_said_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from symgraph.homework import running

    job = running.Job("marks", {"problem": {"id": "a"}})
    before = job.key
    monkeypatch.setattr(running, "own_state", lambda: "other words")
    assert running.Job("marks", {"problem": {"id": "a"}}).key != before
