"""A class's answers -> marks, feedback for each student, and a report for the teacher.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as place:
...     path = files.write(Path(place) / "hw.toml", 'schema = 1\\n[[problem]]\\nid = "p"\\nf = "sin(x^2)"\\npoints = 2')
...     answers = files.write(Path(place) / "answers.csv", "id,Q1\\nann,2x cos(x^2)\\nbob,cos(x^2)\\n")
...     marking = mark_class(path, answers, Path(place) / "marks", workers=1)
...     print(files.read_text(Path(place) / "marks" / "marks.csv"))
id,name,version,p,total,complete
ann,,1,2,2,yes
bob,,1,1,1,yes
<BLANKLINE>

What is undecided or cannot be read earns nothing yet and is called pending: it is on the review pile. A decision on a
group of equal answers is kept beside the homework (`homework.decisions.toml`) and holds for the next run. One bad row
never stops the rest.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symgraph import files
from symgraph.errors import SymgraphError
from symgraph.explanation import renderer
from symgraph.homework import problems as problem_sets
from symgraph.homework import tables
from symgraph.homework.answer_key import Progress, changed, read_roster
from symgraph.homework.grading import group_by_text
from symgraph.homework.problems import Homework, Problem
from symgraph.homework.running import Done, Job, Kept, executor, perform
from symgraph.homework.tables import Table

__all__ = [
    "Decision",
    "Group",
    "Mark",
    "Marking",
    "MistakeCount",
    "Student",
    "decide",
    "decisions_path",
    "mark_class",
    "parse_columns",
    "read_decisions",
]

AT_ONCE = 40  # answers in one job: their variant is worked out once


@dataclass(frozen=True, slots=True)
class Decision:
    """What a teacher decided about a group of equal answers."""

    score: float
    say: str = ""


@dataclass
class Mark:
    """One student's answer to one problem.

    Args:
        score: the part of the points; None: pending.
        facts: what `grading.mark_answers` found; empty where there is no answer.
    """

    problem: Problem
    answer: str
    score: float | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    decided: bool = False

    @property
    def points(self) -> float:
        return (self.score or 0.0) * self.problem.points

    @property
    def outcome(self) -> str:
        return str(self.facts.get("outcome", "missing"))

    @property
    def points_text(self) -> str:
        return _number(self.problem.points)

    @property
    def score_text(self) -> str:
        return "?" if self.score is None else _number(self.points)


@dataclass
class Student:
    """One row of what came back."""

    id: str
    name: str
    version: str
    marks: list[Mark]
    title: str = ""

    @property
    def student(self) -> str:
        return self.id

    @property
    def total(self) -> float:
        return sum(mark.points for mark in self.marks)

    @property
    def total_text(self) -> str:
        return _number(self.total)

    @property
    def points_text(self) -> str:
        return _number(sum(mark.problem.points for mark in self.marks))

    @property
    def complete(self) -> bool:
        """Whether nothing of it is pending."""
        return all(mark.score is not None for mark in self.marks)


@dataclass
class Group:
    """Equal answers to one problem."""

    problem: str
    id: str
    answers: list[str]
    count: int
    facts: Mapping[str, Any]
    decided: bool

    @property
    def pending(self) -> bool:
        return self.facts["score"] is None and not self.decided


@dataclass
class Marking:
    """What a marking run found: what the report shows.

    Args:
        columns: which column was taken for what.
        bad_rows: (line, message) of rows that could not be used.
        failures: answers whose marking failed, as (where, message).
        notes: problems without a column, and columns that were not used.
    """

    title: str
    problems: tuple[Problem, ...]
    students_: list[Student]
    groups: list[Group]
    columns_: Mapping[str, str]
    bad_rows: list[tuple[int, str]]
    failures: list[tuple[str, str]]
    files: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def marks(self) -> list[Mark]:
        return [mark for student in self.students_ for mark in student.marks]

    @property
    def students(self) -> int:
        return len(self.students_)

    @property
    def answers(self) -> int:
        return sum(1 for mark in self.marks if mark.answer)

    @property
    def right(self) -> int:
        return sum(1 for mark in self.marks if mark.outcome == "right")

    @property
    def wrong(self) -> int:
        return sum(1 for mark in self.marks if mark.outcome in ("wrong", "wrong-form"))

    @property
    def review(self) -> int:
        return sum(1 for mark in self.marks if mark.score is None)

    @property
    def columns(self) -> str:
        return ", ".join(f"{meaning} = {column}" for meaning, column in self.columns_.items())

    @property
    def mistakes(self) -> list[MistakeCount]:
        """How often each mistake was made, problem by problem, the most frequent first."""
        found: list[MistakeCount] = []
        for problem in self.problems:
            marks = [mark for mark in self.marks if mark.problem.id == problem.id and mark.answer]
            counts: Counter[str] = Counter()
            sentences: dict[str, str] = {}
            for mark in marks:
                if mark.outcome == "wrong":
                    sentence = mark.facts.get("sentence", "")
                    # one mistake at another edge is another row; with numbers of their own it is the same one
                    same = re.sub(r"\d+", "0", sentence) if problem.spaces else sentence
                    kind = f"{mark.facts.get('mistake') or 'none'}\x1f{same}"
                    counts[kind] += 1
                    sentences.setdefault(kind, sentence)
            for kind, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
                name = kind.partition("\x1f")[0].replace("_", " ")
                told = sentences[kind] or renderer.say("unexplained", words="words_homework.j2")
                found.append(MistakeCount(problem.id, name, count, len(marks), told))
        return found

    @property
    def pile(self) -> list[Group]:
        """The groups that a person must look at."""
        return [group for group in self.groups if group.pending]

    @property
    def exit_code(self) -> int:
        """0: all is marked or on the review pile; 3: some rows could not be used."""
        return 3 if self.bad_rows or self.failures else 0


@dataclass(frozen=True, slots=True)
class MistakeCount:
    """How many of those who answered a problem made a mistake."""

    problem: str
    mistake: str
    count: int
    of: int
    sentence: str


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") or "0"


# Columns -------------------------------------------------------------------------------------------------------------


def parse_columns(text: str) -> dict[str, str]:
    """`id=Email,chain-01=Q1` as a mapping.

    >>> parse_columns("id=Email,chain-01=Response 1")
    {'id': 'Email', 'chain-01': 'Response 1'}
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        meaning, equals, column = part.partition("=")
        if not equals or not meaning.strip() or not column.strip():
            raise SymgraphError(f"{part!r} names no column: write --columns id=Email,chain-01=Q1")
        found[meaning.strip()] = column.strip()
    return found


def _columns(homework: Homework, table: Table, given: Mapping[str, str]) -> dict[str, str]:
    ids = [problem.id for problem in homework.problems]
    for meaning, column in given.items():
        if meaning not in (*ids, "id", "name", "version"):
            raise SymgraphError(f"--columns: {meaning!r} is neither a problem nor id, name or version")
        table.column(column)
    found = tables.guess(table.columns, ids, given)
    if "id" not in found:
        raise SymgraphError(f"which column says who it is? --columns id=…; there are {', '.join(table.columns)}")
    if not any(problem in found for problem in ids):
        raise SymgraphError(f"no column has answers: --columns {ids[0]}=…; there are {', '.join(table.columns)}")
    return found


def _notes(homework: Homework, table: Table, columns: Mapping[str, str]) -> list[str]:
    """What a teacher may have meant otherwise."""
    notes = [
        f"no column has the answers to {problem.id}: nobody gets points for it; --columns {problem.id}=…"
        for problem in homework.problems
        if problem.id not in columns
    ]
    unused = [column for column in table.columns if column and column not in columns.values()]
    return [*notes, *([f"columns that are not used: {', '.join(unused)}"] if unused else [])]


def _changed(homework: Homework) -> list[str]:
    """What is asked otherwise than on the sheets that were made."""
    return [f"{told}. Was this the question? symgraph key makes the sheets again" for told in changed(homework)]


# Decisions -----------------------------------------------------------------------------------------------------------


def decisions_path(homework: str | Path) -> Path:
    """The file beside a homework in which decisions are kept."""
    return Path(homework).with_suffix(".decisions.toml")


def read_decisions(homework: str | Path) -> dict[str, Decision]:
    """What was decided so far, by group."""
    path = decisions_path(homework)
    if not path.is_file():
        return {}
    try:
        data = tomllib.loads(files.read_text(path))
        entries = data.get("group", {})
        found = {
            str(name): Decision(float(entry["score"]), str(entry.get("say", ""))) for name, entry in entries.items()
        }
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as problem:
        raise SymgraphError(f"{path} cannot be read: {problem}") from None
    for name, decision in found.items():
        _check_decision(name, decision)
    return found


def _check_decision(name: str, decision: Decision) -> None:
    if not re.fullmatch(r"[0-9a-f]{10}", name):
        raise SymgraphError(f"{name!r} is no group: take its name from the report")
    if not 0 <= decision.score <= 1:
        raise SymgraphError(f"a score is a part of the points, from 0 to 1, not {decision.score:g}")


def decide(homework: str | Path, decisions: Mapping[str, Decision]) -> Path:
    """Keep decisions beside the homework, with those from before."""
    for name, decision in decisions.items():
        _check_decision(name, decision)
    every = {**read_decisions(homework), **decisions}
    lines = ["# What was decided about groups of equal answers; symgraph mark reads it.", "schema = 1", ""]
    for name, decision in sorted(every.items()):
        lines += [f"[group.{name}]", f"score = {decision.score:g}"]
        if decision.say:
            plain = "".join(letter if letter.isprintable() else " " for letter in decision.say)
            escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'say = "{escaped}"')
        lines.append("")
    return files.write(decisions_path(homework), "\n".join(lines))


# Marking -------------------------------------------------------------------------------------------------------------


def mark_class(
    homework: str | Path,
    answers: str | Path,
    out: str | Path,
    *,
    students: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    decisions: Mapping[str, Decision] | None = None,
    force: bool = False,
    cluster: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Marking:
    """Mark a table of answers and write marks.csv, details.csv, feedback for each student, and report.html.

    Args:
        homework: the problem-set file.
        answers: a table, a row for each student.
        out: the folder.
        students: the roster; those who are not in the table get a row of their own.
        columns: which column holds what, where that cannot be guessed.
        decisions: new ones; they are kept beside the homework.

    Raises:
        SymgraphError: the homework or the table is at fault as a whole.
    """
    problem_set = problem_sets.read(homework)
    table = tables.read(answers)
    chosen = _columns(problem_set, table, columns or {})
    if decisions:
        decide(homework, decisions)
    decided = read_decisions(homework)
    roster = [] if students is None else read_roster(students)
    bad = list(table.bad)
    rows = _rows(problem_set, table, chosen, roster, bad)
    with files.Folder(out) as folder, executor(cluster, workers) as where:
        facts, failures = _judged(problem_set, rows, Kept(folder), where, force, progress)
        marking = _marking(problem_set, rows, facts, failures, decided, chosen, bad)
        marking.notes += _notes(problem_set, table, chosen)
        marking.notes += _changed(problem_set)
        unmet = sorted(set(decisions or ()) - {group.id for group in marking.groups})
        marking.notes += [f"nobody's answer is in the group {name} that was decided on" for name in unmet]
        _write(folder, marking)
    return marking


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    name: str
    version: str
    answers: Mapping[str, str]
    labels: Mapping[str, str]


def _rows(
    homework: Homework,
    table: Table,
    columns: Mapping[str, str],
    roster: Sequence[tuple[str, str]],
    bad: list[tuple[int, str]],
) -> list[_Row]:
    """The students, each with answers and variants; of two rows of one student the last answer to a problem counts."""
    places = {meaning: table.column(column) for meaning, column in columns.items()}
    names = dict(roster)
    found: dict[str, _Row] = {}
    for cells, line in zip(table.rows, table.lines, strict=True):
        student = cells[places["id"]]
        version = cells[places["version"]] if "version" in places else ""
        if not student:
            bad.append((line, f"{columns['id']} is empty: it does not say who it is from"))
            continue
        if version and (not version.isascii() or not version.isdigit() or not 1 <= int(version) <= homework.versions):
            told = f"{columns['version']}: there is no version {version!r}: they are 1 to {homework.versions}"
            bad.append((line, told))
            continue
        before = found.get(student)
        if before is not None:
            bad.append((line, f"{columns['id']}: {student} is there twice; this row counts, where it has an answer"))
        if roster and student not in names:
            bad.append((line, f"{columns['id']}: {student} is not in the roster; it is marked all the same"))
        name = cells[places["name"]] if "name" in places and places["name"] != places["id"] else names.get(student, "")
        given = {
            problem.id: _answer(cells[places[problem.id]], table.separator) if problem.id in places else ""
            for problem in homework.problems
        }
        if before is not None and (version or before.version) == before.version:
            given = {name: answer or before.answers[name] for name, answer in given.items()}
        found[student] = _row(homework, student, name, version, given)
    for student, name in roster:
        if student not in found:
            found[student] = _row(homework, student, name, "", {problem.id: "" for problem in homework.problems})
    return list(found.values())


def _row(homework: Homework, student: str, name: str, version: str, answers: Mapping[str, str]) -> _Row:
    version = version or homework.version(student)
    labels = {problem.id: homework.label(problem, student, version) for problem in homework.problems}
    return _Row(student, name, version, answers, labels)


def _answer(cell: str, separator: str) -> str:
    """What was typed, without the mark that keeps a spreadsheet from calculating, decimal commas as points."""
    if cell[:2] in ("'=", "'+", "'-", "'@"):
        cell = cell[1:]
    if separator == ";" and cell[:1] not in ("[", "(", "{", "<"):  # a list has commas of its own
        cell = re.sub(r"(?<=\d),(?=\d)", ".", cell)
    return cell


def _judged(
    homework: Homework,
    rows: Sequence[_Row],
    kept: Kept,
    where: Any,
    force: bool,
    progress: Progress | None,
) -> tuple[dict[tuple[str, str, str], Mapping[str, Any]], list[tuple[str, str]]]:
    """The facts about every answer, by problem, variant and text; each text of a variant is judged once."""
    wanted: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        for problem in homework.problems:
            if row.answers[problem.id]:
                wanted.setdefault((problem.id, row.labels[problem.id]), {})[row.answers[problem.id]] = None
    by_id = {problem.id: problem for problem in homework.problems}
    facts: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    failures: list[tuple[str, str]] = []
    single: list[Job] = []
    all_of_them = sum(len(texts) for texts in wanted.values())

    def jobs() -> Iterator[Job]:
        """What is not known from before, several answers to one variant at once."""
        for (name, label), texts in sorted(wanted.items()):
            unknown = []
            for text in sorted(texts):
                found = None if force else kept.get(_job(homework, by_id[name], label, [text]))
                if found is None:
                    unknown.append(text)
                else:
                    facts[name, label, text] = found[0]
            for start in range(0, len(unknown), AT_ONCE):
                yield _job(homework, by_id[name], label, unknown[start : start + AT_ONCE])

    def take(done: Done) -> None:
        name, label = done.job.arguments["problem"]["id"], done.job.arguments["label"]
        for answer, found in zip(done.job.arguments["answers"], done.value, strict=True):
            kept.put(_job(homework, by_id[name], label, [answer]), [found])
            facts[name, label, answer] = found

    for done in perform(jobs(), where):
        asked = done.job.arguments
        if done.error is None:
            take(done)
        elif len(asked["answers"]) == 1:
            _give_up(done, facts, failures)
        else:
            problem = by_id[asked["problem"]["id"]]
            single += [_job(homework, problem, asked["label"], [answer]) for answer in asked["answers"]]
        if progress is not None:
            progress(len(facts), all_of_them)
    for done in perform(single, where):  # one of them was too much: which?
        if done.error is None:
            take(done)
        else:
            _give_up(done, facts, failures)
        if progress is not None:
            progress(len(facts), all_of_them)
    return facts, sorted(failures)


def _job(homework: Homework, problem: Problem, label: str, answers: Sequence[str]) -> Job:
    asked = {"problem": problem.data(), "seed": homework.seed, "label": label, "answers": list(answers)}
    asked["lang"] = renderer.LANGUAGE.get()
    return Job("marks", asked, f"{problem.id}, variant {label}")


def _give_up(done: Done, facts: dict[tuple[str, str, str], Mapping[str, Any]], failures: list[tuple[str, str]]) -> None:
    """An answer that could not be judged at all is for a person."""
    asked, message = done.job.arguments, " ".join(str(done.error).split())
    failures.append((done.job.label, message))
    facts[asked["problem"]["id"], asked["label"], asked["answers"][0]] = {
        "outcome": "undecided", "score": None, "mistake": "", "sentence": "", "feedback": "", "read": "",
        "detail": message, "group": group_by_text(asked["problem"]["id"], asked["answers"][0]), "key": "",
    }  # fmt: skip


def _marking(
    homework: Homework,
    rows: Sequence[_Row],
    facts: Mapping[tuple[str, str, str], Mapping[str, Any]],
    failures: list[tuple[str, str]],
    decided: Mapping[str, Decision],
    columns: Mapping[str, str],
    bad: list[tuple[int, str]],
) -> Marking:
    students = []
    groups: dict[tuple[str, str], Group] = {}
    texts: set[tuple[str, str, str]] = set()
    for row in rows:
        marks = []
        for problem in homework.problems:
            answer = row.answers[problem.id]
            if not answer:
                marks.append(Mark(problem, "", 0.0))
                continue
            found = facts[problem.id, row.labels[problem.id], answer]
            decision = decided.get(found["group"])
            score = found["score"] if decision is None else decision.score
            said = found["feedback"] if decision is None or not decision.say else decision.say
            marks.append(Mark(problem, answer, score, found, said, decision is not None))
            group = groups.setdefault(
                (problem.id, found["group"]), Group(problem.id, found["group"], [], 0, found, decision is not None)
            )
            group.count += 1
            if (problem.id, group.id, answer) not in texts:
                texts.add((problem.id, group.id, answer))
                group.answers.append(answer)
        students.append(Student(row.id, row.name, row.version, marks, homework.title))
    order = {problem.id: place for place, problem in enumerate(homework.problems)}
    ranked = sorted(groups.values(), key=lambda each: (order[each.problem], -each.count, each.id))
    return Marking(homework.title, homework.problems, students, ranked, columns, sorted(bad), failures)


# Writing -------------------------------------------------------------------------------------------------------------


def _write(folder: files.Folder, marking: Marking) -> None:
    ids = [problem.id for problem in marking.problems]
    rows = [
        [each.id, each.name, each.version, *("" if m.score is None else _number(m.points) for m in each.marks),
         _number(each.total), renderer.told("yes" if each.complete else "pending")]
        for each in marking.students_
    ]  # fmt: skip
    heads = [*_heads("id", "name", "version"), *ids, *_heads("total", "complete")]
    marking.files.append(folder.write("marks.csv", tables.write(heads, rows)))
    for student in marking.students_:
        name = f"feedback/{files.safe_name(student.id)}.html"
        marking.files.append(folder.write(name, renderer.compose("feedback", student, "html")))
    marking.files.append(folder.write("details.csv", _details(marking)))
    marking.files.append(folder.write("review.csv", _review(marking)))
    marking.files.append(folder.write("report.html", renderer.compose("marks_report", marking, "html")))


def _details(marking: Marking) -> str:
    """A row for every answer: how it was read, what it is, and the mistake that explains it."""
    columns = _heads("id", "problem", "answer", "read as", "outcome", "points", "mistake", "said", "group")
    rows = [
        [each.id, mark.problem.id, mark.answer, mark.facts.get("read", ""), renderer.told(mark.outcome),
         "" if mark.score is None else _number(mark.points), _mistake(mark),
         mark.said, mark.facts.get("group", "")]
        for each in marking.students_ for mark in each.marks
    ]  # fmt: skip
    return tables.write(columns, rows)


def _mistake(mark: Mark) -> str:
    return renderer.told(mark.facts.get("mistake", "").replace("_", " "))


def _review(marking: Marking) -> str:
    rows = [
        [
            each.id,
            each.problem,
            each.count,
            renderer.told(each.facts["outcome"]),
            each.answers[0],
            renderer.told(each.facts["detail"]),
        ]
        for each in marking.pile
    ]
    return tables.write(_heads("group", "problem", "count", "outcome", "answer", "reason"), rows)


def _heads(*columns: str) -> list[str]:
    """What stands over columns, in the language that is being spoken; names are as they are."""
    return [renderer.told(column) for column in columns]
