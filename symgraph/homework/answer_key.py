"""Problems -> sheet, key, worked key, marking scheme, booklets: all from the same variants.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as place:
...     text = 'schema = 1\\n[[problem]]\\nid = "p"\\nf = "a*x^2"\\nparams = {a = "2..5"}'
...     path = files.write(Path(place) / "hw.toml", text)
...     report = answer_key(path, workers=1)
...     [file.name for file in report.files]
['sheet.html', 'key.html', 'worked.html', 'index.html']

Without a roster there is a sheet for each version; with one, and numbers that differ from student to student, a sheet
for each student.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from symgraph import files
from symgraph.errors import FileProblem, SymgraphError
from symgraph.explanation import pdf, renderer
from symgraph.explanation.renderer import Fragment
from symgraph.homework import problems as problem_sets
from symgraph.homework import tables
from symgraph.homework.items import MAKES, PLAIN, parts_of
from symgraph.homework.problems import Homework, Problem
from symgraph.homework.running import Done, Job, Kept, executor, perform, stamp

__all__ = ["ENDINGS", "Progress", "Report", "Sheet", "answer_key", "changed", "check", "read_roster", "sheets_of"]

ENDINGS = {
    "html": "html",
    "tex": "tex",
    "latex": "tex",
    "md": "md",
    "markdown": "md",
    "ipynb": "md",
    "pdf": "tex",
    "jsonl": "md",
}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DEFAULT_MAKES = ("sheet", "key", "worked")


@dataclass(frozen=True)
class Sheet:
    """Whose sheet it is: a version's, or a student's.

    Args:
        labels: what each problem's variant is drawn from, by the problem's id.
    """

    version: str
    labels: Mapping[str, str]
    student: str = ""
    name: str = ""


@dataclass
class Report:
    """What a run did.

    Args:
        files: what was written, in order.
        failures: (problem and variant, what went wrong).
        claims: (problem and variant, claim, outcome, detail): what was proved, refuted, or neither.
        done, kept: how many variants were worked out, and how many were found from an earlier run.
    """

    files: list[Path] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    claims: list[tuple[str, str, str, str]] = field(default_factory=list)
    done: int = 0
    kept: int = 0

    @property
    def refuted(self) -> list[tuple[str, str, str, str]]:
        return [claim for claim in self.claims if claim[2] == "refuted"]

    @property
    def undecided(self) -> list[tuple[str, str, str, str]]:
        return [claim for claim in self.claims if claim[2] == "undecided"]

    @property
    def exit_code(self) -> int:
        """0: all is done and proved; 3: written, but something failed or was refuted."""
        return 3 if self.failures or self.refuted else 0


Progress = Callable[[int, int], None]


def answer_key(
    path: str | Path,
    out: str | Path | None = None,
    *,
    make: Sequence[str] = DEFAULT_MAKES,
    formats: Sequence[str] = ("html",),
    students: str | Path | None = None,
    pictures: bool = True,
    force: bool = False,
    cluster: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write the documents of a problem set.

    Args:
        path: the problem-set file.
        out: the folder; None: one beside the file, of its name.
        make: of sheet, key, worked, scheme, booklets, choice, fill-in.
        formats: of html, tex, pdf, md, ipynb, jsonl.
        students: a table of students, for booklets and for numbers that differ from student to student.
        pictures: whether the worked key has them; without, it is smaller, and made in less time.
        force: work everything out again, whatever an earlier run has left.
        cluster: the address of a Dask scheduler that does the work.
        workers: how many processes do it here.
        progress: called with (done, all) as the work goes on.

    Raises:
        SymgraphError: the file is at fault, the folder cannot be written, or another run is using it.
    """
    homework = problem_sets.read(path)
    _check_wishes(make, formats)
    roster = None if students is None else read_roster(students)
    sheets = sheets_of(homework, roster)
    folder = Path(out) if out is not None else Path(path).with_suffix("")
    report = Report()
    inside = tuple(dict.fromkeys(ENDINGS[each] for each in formats))
    places = _places(homework, sheets + (booklets_of(homework, roster) if "booklets" in make else []))
    parts = parts_of(make, inside, pictures=pictures)
    with files.Folder(folder) as place, executor(cluster, workers) as where:
        kept = Kept(place)
        work = _work(homework, places, parts, where, kept, report, force, progress)
        writer = _Writer(homework, place, kept, parts, work, report, force)
        for kind in make:
            chosen = booklets_of(homework, roster) if kind == "booklets" else sheets
            for format_ in formats:
                writer.write(kind, format_, chosen)
        writer.index(sheets, roster)
        if set(make) & set(_ON_PAPER):
            place.write(_PRINTED, json.dumps(_asked(homework), sort_keys=True, ensure_ascii=True) + "\n", scratch=True)
    return report


def check(
    path: str | Path,
    *,
    students: str | Path | None = None,
    cluster: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Verify every key, every test and every saying of every variant; writes nothing."""
    homework = problem_sets.read(path)
    sheets = sheets_of(homework, None if students is None else read_roster(students))
    report = Report()
    with executor(cluster, workers) as where:
        _work(homework, _places(homework, sheets), parts_of(("key",), ("txt",)), where, None, report, True, progress)
    return report


_PRINTED = "cache/printed.json"
_ON_PAPER = ("sheet", "booklets", "choice", "fill-in")
_ASKED = ("question", "f", "wrt", "of", "order", "at", "params", "where", "nice", "variants")


def _asked(homework: Homework) -> dict[str, Any]:
    """What decides the questions and their numbers, and nothing else: not the points, not what is said of answers."""
    fields = {
        problem.id: {n: problem.fields[n] for n in _ASKED if n in problem.fields} for problem in homework.problems
    }
    found: dict[str, Any] = json.loads(json.dumps({"seed": homework.seed, "problems": fields}))
    return found


def changed(homework: Homework) -> list[str]:
    """What is asked otherwise than on the sheets that were made beside the file: a sentence for each difference."""
    path = None if homework.path is None else homework.path.with_suffix("") / _PRINTED
    try:
        printed = {} if path is None or not path.is_file() else json.loads(files.read_text(path))
        before, seed = dict(printed["problems"]), str(printed["seed"])
    except (SymgraphError, ValueError, KeyError, TypeError):
        return []
    now = _asked(homework)["problems"]
    found = []
    if seed != homework.seed and any(problem.spaces or problem.variants != 1 for problem in homework.problems):
        found.append(
            f"the seed was {seed!r} when the sheets were made, and is {homework.seed!r}: other numbers are drawn"
        )
    for problem in homework.problems:
        if problem.id not in before:
            found.append(f"{problem.id} was not on the sheets that were made")
            continue
        for name in _ASKED:
            was, is_ = before[problem.id].get(name), now[problem.id].get(name)
            if was != is_:
                found.append(f"{problem.id}: {name} was {_told(was)} when the sheets were made, and is {_told(is_)}")
    return found


def _told(value: Any) -> str:
    return "not given" if value is None else json.dumps(value, ensure_ascii=False)


def _check_wishes(make: Sequence[str], formats: Sequence[str]) -> None:
    for each in make:
        if each not in MAKES:
            raise SymgraphError(f"there is no {each!r} to make: there are {', '.join(MAKES)}")
    for each in formats:
        if each not in ENDINGS:
            raise SymgraphError(f"there is no format {each!r} here: the formats are {', '.join(ENDINGS)}")


def read_roster(path: str | Path) -> list[tuple[str, str]]:
    """The students of a table, as (id, name).

    Raises:
        SymgraphError: there is no column of ids, a student twice, or nobody.
    """
    table = tables.read(path)
    columns = tables.guess(table.columns, [])
    if "id" not in columns:
        raise SymgraphError(f"{path} has no column of ids: call it id (the columns are {', '.join(table.columns)})")
    place = table.column(columns["id"])
    name = table.column(columns["name"]) if "name" in columns else place
    found: dict[str, str] = {}
    for row, line in zip(table.rows, table.lines, strict=True):
        if not row[place]:
            continue
        if row[place] in found:
            raise SymgraphError(f"{path}, line {line}: {row[place]} is there twice")
        found[row[place]] = row[name]
    if not found:
        raise SymgraphError(f"{path} has nobody in it")
    return list(found.items())


def sheets_of(homework: Homework, roster: Sequence[tuple[str, str]] | None) -> list[Sheet]:
    """A sheet for each version; for each student, where their numbers are their own.

    Raises:
        SymgraphError: numbers differ from student to student, and there is no roster.
    """
    if not homework.is_personal:
        return [_sheet(homework, "", "", str(number)) for number in range(1, homework.versions + 1)]
    if roster is None:
        raise SymgraphError(
            'variants = "each" gives each student numbers of their own: say who they are with --students'
        )
    return booklets_of(homework, roster)


def booklets_of(homework: Homework, roster: Sequence[tuple[str, str]] | None) -> list[Sheet]:
    """A sheet for each student; without a roster, for each version."""
    if roster is None:
        return sheets_of(homework, None)
    return [_sheet(homework, student, name, homework.version(student)) for student, name in roster]


def _sheet(homework: Homework, student: str, name: str, version: str) -> Sheet:
    labels = {problem.id: homework.label(problem, student, version) for problem in homework.problems}
    return Sheet(version if homework.versions > 1 or not student else "", labels, student, name)


# The work ------------------------------------------------------------------------------------------------------------


def _job(homework: Homework, problem: Problem, label: str, parts: tuple[str, ...], lang: str = "") -> Job:
    asked = {"problem": problem.data(), "seed": homework.seed, "label": label, "lang": lang or renderer.LANGUAGE.get()}
    return Job("item", asked, f"{problem.id}, variant {label}", parts, basis="proof")


Place = tuple[str, str]  # a problem's id and a label: one variant


def _places(homework: Homework, sheets: Sequence[Sheet]) -> list[Place]:
    """Every variant once."""
    found = dict.fromkeys((problem.id, sheet.labels[problem.id]) for sheet in sheets for problem in homework.problems)
    return list(found)


@dataclass
class _Work:
    """What was done: what went wrong, and which variants were worked out just now."""

    failed: dict[Place, str] = field(default_factory=dict)
    fresh: set[Place] = field(default_factory=set)


def _work(
    homework: Homework,
    places: Sequence[Place],
    parts: tuple[str, ...],
    where: Executor,
    kept: Kept | None,
    report: Report,
    force: bool,
    progress: Progress | None,
) -> _Work:
    by_id = {problem.id: problem for problem in homework.problems}
    jobs = (_job(homework, by_id[name], label, parts) for name, label in places)
    work = _Work()
    claims: dict[Place, list[tuple[str, str, str, str]]] = {}
    for number, done in enumerate(perform(jobs, where, kept, force=force), 1):
        place = (done.job.arguments["problem"]["id"], done.job.arguments["label"])
        if done.error is not None:
            work.failed[place] = " ".join(str(done.error).split())
        else:
            report.kept += done.kept
            report.done += not done.kept
            claims[place] = _claims(done)
        if not done.kept:
            work.fresh.add(place)
        if progress is not None:
            progress(number, len(places))
    for place in places:  # in the order of the file, whatever came first
        report.claims.extend(claims.get(place, ()))
        if place in work.failed:
            report.failures.append((f"{place[0]}, variant {place[1]}", work.failed[place]))
    return work


def _claims(done: Done) -> list[tuple[str, str, str, str]]:
    claims = done.value.get("proof", {}).get("claims", ())
    return [(done.job.label, claim["claim"], claim["outcome"], claim["detail"]) for claim in claims]


# Documents -----------------------------------------------------------------------------------------------------------


class Shown:
    """One problem of a document, as its template sees it: what was finished before, in one format."""

    def __init__(self, problem: Problem, item: Mapping[str, Any] | None, to: str, failed: str = "") -> None:
        self.id, self.title, self.failed = problem.id, problem.title, failed
        self.points_text = _number(problem.points)
        self._item, self._to = item or {}, to
        self.drawn = self._item.get("facts", {}).get("drawn", "")

    def _part(self, name: str) -> Fragment | None:
        found = self._item.get(f"{name}:{self._to}")
        return None if found is None else Fragment(found)

    @property
    def statement(self) -> Fragment | None:
        return self._part("statement")

    @property
    def answer(self) -> Fragment | None:
        return self._part("answer")

    @property
    def worked(self) -> Fragment | None:
        found = self._item.get(f"worked:{self._to}")
        return None if found is None else Fragment(found["text"])

    @property
    def blank(self) -> Fragment | None:
        return self._part("fill-in")

    @property
    def open_claims(self) -> list[dict[str, str]]:
        """What was claimed and not proved."""
        return [claim for claim in self._item.get("proof", {}).get("claims", ()) if claim["outcome"] != "proved"]

    @property
    def edges(self) -> list[tuple[Fragment, Fragment, str]]:
        return self._rows("edges")

    @property
    def paths(self) -> list[tuple[Fragment, Fragment, str]]:
        return self._rows("paths")

    @property
    def touching(self) -> list[tuple[Fragment, Fragment, str]]:
        """The point of a tangent, and its equation; empty where no tangent is asked for."""
        return self._rows("touching")

    @property
    def nodes(self) -> list[Fragment]:
        """What the nodes are that a marking scheme names."""
        return [Fragment(each) for each in self._item.get(f"scheme:{self._to}", {}).get("nodes", ())]

    def _rows(self, name: str) -> list[tuple[Fragment, Fragment, str]]:
        rows = self._item.get(f"scheme:{self._to}", {}).get(name, ())
        return [(Fragment(row["route"]), Fragment(row["formula"]), row["points"]) for row in rows]

    @property
    def options(self) -> list[tuple[str, Fragment, bool, str]]:
        rows = self._item.get(f"choice:{self._to}", ())
        return [
            (LETTERS[place], Fragment(row[self._to]), row["right"], row["mistake"]) for place, row in enumerate(rows)
        ]


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


class Document:
    """One document, as its template sees it: a sheet's problems, or those of many sheets one after the other."""

    def __init__(self, homework: Homework, make: str, sheet: Sheet, problems: Sequence[Shown]) -> None:
        self.title, self.make, self.versions = homework.title, make, homework.versions
        self.version, self.student, self.name = sheet.version, sheet.student, sheet.name
        self.problems = problems
        self.points_text = _number(homework.points)


class Documents:
    """Several sheets in one document; each is put together when its turn has come."""

    def __init__(self, homework: Homework, make: str, sheets: Callable[[], Iterator[Document]]) -> None:
        self.title, self.make, self.versions, self._sheets = homework.title, make, homework.versions, sheets
        self.version = self.student = self.name = ""

    @property
    def sheets(self) -> Iterator[Document]:
        return self._sheets()


class _Writer:
    """Puts the documents together from what is kept, one at a time."""

    def __init__(
        self,
        homework: Homework,
        folder: files.Folder,
        kept: Kept,
        parts: tuple[str, ...],
        work: _Work,
        report: Report,
        force: bool,
    ) -> None:
        self.homework, self.folder, self.kept, self.parts = homework, folder, kept, parts
        self.work, self.report, self.force = work, report, force

    def _item(self, problem: Problem, label: str) -> tuple[Any, str]:
        """What was asked for of a variant, whatever else is kept of it; or what went wrong."""
        failed = self.work.failed.get((problem.id, label))
        if failed is not None:
            return None, failed
        known = self.kept.get(_job(self.homework, problem, label, self.parts))
        if known is None or any(part not in known for part in self.parts):
            raise FileProblem(f"{self.folder.path / 'cache'} was changed during the run: run it again")
        return {part.replace(PLAIN, "worked"): known[part] for part in self.parts}, ""

    def _document(self, kind: str, sheet: Sheet, to: str) -> Document:
        shown = []
        for problem in self.homework.problems:
            item, failed = self._item(problem, sheet.labels[problem.id])
            shown.append(Shown(problem, item, to, failed))
        return Document(self.homework, kind, sheet, shown)

    def write(self, kind: str, format_: str, sheets: Sequence[Sheet]) -> None:
        """Every document of a kind in a format."""
        ending, to = ("tex" if format_ == "latex" else "md" if format_ == "markdown" else format_), ENDINGS[format_]
        kinds = [kind, "choice-key"] if kind == "choice" else [kind]
        for each in kinds:
            if format_ == "jsonl":
                self._save(f"{each}.jsonl", self._lines(each, sheets))
            elif kind == "booklets":
                self._document_file(f"booklets.{ending}", each, sheets, format_, to)
            else:
                for sheet in sheets:
                    self._document_file(self._name(each, sheet, ending, len(sheets)), each, [sheet], format_, to)
        if to == "md" and kind == "worked" and format_ != "jsonl":
            self._pictures(sheets)

    def _name(self, kind: str, sheet: Sheet, ending: str, count: int) -> str:
        if count == 1 and not sheet.student:
            return f"{kind}.{ending}"
        whose = files.safe_name(sheet.student or sheet.version)
        if kind == "choice" and whose.startswith("key-"):  # choice-key-1.html is the key to choice-1.html
            whose = files.safe_name(f" {sheet.student}")
        return f"{kind}-{whose}.{ending}"

    def _save(self, name: str, content: str | bytes | Iterator[str]) -> None:
        self.report.files.append(self.folder.write(name, content))

    def _document_file(self, name: str, kind: str, sheets: Sequence[Sheet], format_: str, to: str) -> None:
        """One document, if what it is made of has changed."""
        made_from, path = self._made_from(name, kind, sheets, format_), self.folder.path / name
        fresh = any(place in self.work.fresh for sheet in sheets for place in sheet.labels.items())
        if not self.force and not fresh and self.kept.get(made_from) == (stamp(path) or "none"):
            self.report.files.append(path)
            return
        document = Documents(self.homework, kind, lambda: (self._document(kind, sheet, to) for sheet in sheets))
        text = renderer.compose("answer_key", document, to)
        if format_ == "pdf":
            page = pdf.make(lambda: text, lambda: renderer.compose("answer_key", document, "html"), _engine(text))
            self._save(name, page)
        else:
            self._save(name, _notebook(text) if format_ == "ipynb" else text)
        self.kept.put(made_from, stamp(path))

    def _made_from(self, name: str, kind: str, sheets: Sequence[Sheet], format_: str) -> Job:
        """What a document is made of: its words, and the variants by what was asked of them."""
        made_of = hashlib.sha256()
        for sheet in sheets:
            jobs = [_job(self.homework, each, sheet.labels[each.id], ()) for each in self.homework.problems]
            failed = [self.work.failed.get(place, "") for place in sheet.labels.items()]
            whose = [sheet.version, sheet.student, sheet.name, [job.key for job in jobs], failed]
            made_of.update(json.dumps(whose).encode())
        whole = [self.homework.title, self.homework.versions, self.homework.points, kind, format_, made_of.hexdigest()]
        whole += [PLAIN for part in self.parts if kind == "worked" and part.startswith(PLAIN)][:1]
        return Job("document", {"name": name, "of": whole}, name)

    def _lines(self, kind: str, sheets: Sequence[Sheet]) -> Iterator[str]:
        """A line of JSON for each problem of each sheet; a student's own has no answers."""
        for sheet in sheets:
            for problem in self.homework.problems:
                item, failed = self._item(problem, sheet.labels[problem.id])
                line: dict[str, Any] = {"id": problem.id, "variant": sheet.labels[problem.id]}
                line |= {
                    name: value for name, value in (("student", sheet.student), ("version", sheet.version)) if value
                }
                if item is None:
                    line["failed"] = failed
                else:
                    line |= {"statement": item["statement:md"], "points": problem.points}
                    line["drawn"] = item["facts"]["values"]
                    if kind not in ("sheet", "booklets", "fill-in", "choice"):
                        line |= {"answer": item["proof"]["ascii"], "claims": item["proof"]["claims"]}
                    if kind == "worked":
                        line["worked"] = item["worked:md"]["text"]
                    if kind == "scheme":
                        line["scheme"] = item["scheme:md"]
                    if kind == "choice":
                        line["options"] = [option["ascii"] for option in item["choice:md"]]
                    if kind == "choice-key":
                        line["options"] = item["choice:md"]
                yield json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n"

    def _pictures(self, sheets: Sequence[Sheet]) -> None:
        for sheet in sheets:
            for problem in self.homework.problems:
                item, _ = self._item(problem, sheet.labels[problem.id])
                for name, picture in (item or {}).get("worked:md", {}).get("pictures", {}).items():
                    self.folder.write(name, picture, again=True)

    def index(self, sheets: Sequence[Sheet], roster: Sequence[tuple[str, str]] | None) -> None:
        """What was written; with a roster, a table of who has which variant and which answers."""
        if roster is not None:
            self._save("index.csv", self._students(roster))
        names = [path.name for path in self.report.files]
        index = Index(self.homework.title, names, self.report)
        self._save("index.html", renderer.compose("answer_index", index, "html"))

    def _students(self, roster: Sequence[tuple[str, str]]) -> str:
        columns = ["id", "name", "version", *(problem.id for problem in self.homework.problems)]
        rows = []
        for sheet in booklets_of(self.homework, roster):
            answers = []
            for problem in self.homework.problems:
                item, _ = self._item(problem, sheet.labels[problem.id])
                found = item or {"facts": {"drawn": ""}}
                answers.append(found["proof"]["ascii"] if "proof" in found else found["facts"]["drawn"])
            rows.append([sheet.student, sheet.name, sheet.version, *answers])
        return tables.write(columns, rows)


@dataclass
class Index:
    """The list of what was written, as its template sees it."""

    title: str
    names: list[str]
    report: Report


def _engine(tex: str) -> str | None:
    """pdflatex stops at a letter that it has no sign for, in a name, say; lualatex goes on."""
    beyond = any(ord(letter) > 0x17F and letter not in "−→·√²³′∂≤≥≠π×≈⁴⁵⁶⁷⁸⁹⁻₁₂" for letter in tex)
    return "lualatex" if beyond and shutil.which("lualatex") else None


def _notebook(text: str) -> str:
    """A notebook of Markdown cells, one for each heading."""
    sections = [part for part in ("\n" + text).split("\n## ") if part.strip()]
    cells = [
        {
            "cell_type": "markdown",
            "id": f"part-{number}",
            "metadata": {},
            "source": (section if number == 0 else "## " + section).strip(),
        }
        for number, section in enumerate(sections)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"
