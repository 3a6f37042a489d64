"""What goes wrong while a class's homework is made or marked: nothing finished is lost, no half file has a final name.

Each fault is tried on both long runs, `symgraph key` and `symgraph mark`: broken off, then run again, and what there is
at the end must be what an undisturbed run writes.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from symgraph import __main__ as program
from symgraph import files, worker
from symgraph.errors import DisagreementError, FileProblem, SymgraphError
from symgraph.homework import answer_key, grading, items, marker, running
from symgraph.limits import Limits

ROOT = Path(__file__).parent.parent
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")

SET = """schema = 1
title = "Faults"
seed = "S"
[[problem]]
id = "own"
f = "x^n"
params = { n = "3..9" }
variants = "each"
[[problem]]
id = "shared"
f = "sin(x^2)"
"""
STUDENTS = 6
SLOW = """[[problem]]
id = "slow"
f = "exp(sin(a*x^2)*cos(b*x))*ln(x^2+a)*sqrt(x^4+b)*tan(x/a)*atan(x^b)"
params = { a = "2..9999", b = "3..9999" }
nice = "integer-value"
"""


class Run:
    """One of the long runs, on files of its own."""

    def __init__(self, command: str, folder: Path, students: int = STUDENTS) -> None:
        self.command, self.folder, self.out, self.students = command, folder, folder / "out", students
        self.homework = files.write(folder / "hw.toml", SET)
        rows = "".join(f"s{number}\n" for number in range(students))
        self.roster = files.write(folder / "roster.csv", "id\n" + rows)
        rows = "".join(f"s{number},{number + 2}x,2x cos(x^2){'+0' * number}\n" for number in range(students))
        self.answers = files.write(folder / "answers.csv", "id,own,shared\n" + rows)

    def __call__(self, out: Path | None = None, **options: Any) -> Any:
        if self.command == "key":
            return answer_key.answer_key(self.homework, out or self.out, students=self.roster, **options)
        return marker.mark_class(self.homework, self.answers, out or self.out, **options)

    @property
    def pieces(self) -> int:
        """How many pieces of work there are: variants, or answers."""
        return self.students + 1 if self.command == "key" else 2 * self.students

    @property
    def line(self) -> list[str]:
        if self.command == "key":
            return ["key", str(self.homework), "-o", str(self.out), "--students", str(self.roster), "--workers", "1"]
        return ["mark", str(self.homework), str(self.answers), "-o", str(self.out), "--workers", "1"]

    def started(self, more: str = "") -> subprocess.Popen[bytes]:
        code = f"{more}\nfrom symgraph.__main__ import main\nmain()"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), *self.line],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
        )  # fmt: skip

    @property
    def kept(self) -> list[Path]:
        """What is kept of the pieces of work that were finished."""
        return sorted((self.out / "cache" / {"key": "item", "mark": "marks"}[self.command]).rglob("*.json"))

    def written(self, out: Path | None = None) -> dict[str, bytes]:
        out = out or self.out
        found = [path for path in sorted(out.rglob("*")) if path.is_file() and "cache" not in path.parts]
        return {str(path.relative_to(out)): path.read_bytes() for path in found}

    def undisturbed(self) -> dict[str, bytes]:
        """What the run writes when nothing goes wrong."""
        self(self.folder / "undisturbed", force=True)
        return self.written(self.folder / "undisturbed")


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is done on any Executor: here on one that starts no process, but where processes are the point."""
    on(monkeypatch, lambda *_: ThreadPoolExecutor(1))


def on(monkeypatch: pytest.MonkeyPatch, executor: Callable[..., Any]) -> None:
    monkeypatch.setattr(answer_key, "executor", executor)
    monkeypatch.setattr(marker, "executor", executor)


@pytest.fixture(params=["key", "mark"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    return Run(request.param, tmp_path)


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was worked out or judged in this process, by what it was."""
    found: list[str] = []
    proved, judged = items.proved_answer, grading.judge
    monkeypatch.setattr(
        items, "proved_answer", lambda variant, *more: found.append(variant.label) or proved(variant, *more)
    )
    monkeypatch.setattr(grading, "judge", lambda variant, text: found.append(text) or judged(variant, text))
    return found


def no_rubbish(out: Path) -> bool:
    return not list(out.rglob("*.tmp")) and not (out / ".symgraph.lock").exists()


# The disk ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written_before", [0, 3, 9, 12])
def test_the_disk_fills_up(run: Run, written_before: int, worked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run.undisturbed()
    count = 0
    pieces = files._chunks

    def full(content: Any) -> Iterator[bytes]:
        """Half of the file is written when there is no more room."""
        nonlocal count
        count += 1
        data = b"".join(pieces(content))
        if count > written_before:
            yield data[: len(data) // 2]
            raise OSError(errno.ENOSPC, "No space left on device")
        yield data

    with monkeypatch.context() as patch:
        patch.setattr(files, "_chunks", full)
        with pytest.raises(FileProblem, match="the disk is full") as caught:
            run()
    assert caught.value.exit_code == 4 and no_rubbish(run.out)
    assert run.written().items() <= whole.items()
    kept = len(run.kept)
    assert kept >= min(written_before, run.pieces)
    worked.clear()
    run()  # there is room again
    assert run.written() == whole
    assert len(worked) == run.pieces - kept  # what was kept is not done again


@posix
def test_files_may_only_be_so_large(run: Run) -> None:
    whole = run.undisturbed()
    limit = max(map(len, whole.values())) - 100 if run.command == "key" else 5_000
    done = run.started(f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))")
    _, told = done.communicate(timeout=120)
    assert done.returncode == 4 and b"larger than the system allows" in told and b"Traceback" not in told
    assert run.written().items() <= whole.items() and no_rubbish(run.out) and run.kept
    run()
    assert run.written() == whole


# Nothing is read-only for root; what is not imported before may not be readable after.
AS_NOBODY = """
import encodings.unicode_escape, encodings.utf_8_sig, os, symgraph.__main__, symgraph.homework.marker
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
"""


@posix
def test_the_folder_is_read_only() -> None:
    with tempfile.TemporaryDirectory() as base:
        Path(base).chmod(0o755)
        for command in ("key", "mark"):
            folder = Path(base) / command
            folder.mkdir()
            run = Run(command, folder)
            run()
            before = run.written()
            files.write(run.homework, SET.replace("x^2", "x^3"))
            run.out.chmod(0o555)
            done = run.started(AS_NOBODY)
            _, told = done.communicate(timeout=120)
            run.out.chmod(0o755)
            assert done.returncode == 4 and b"no permission" in told and b"Traceback" not in told, told
            assert run.written() == before


def test_a_folder_stands_where_a_file_should(run: Run) -> None:
    name = {"key": "key-s3.html", "mark": "report.html"}[run.command]
    (run.out / name).mkdir(parents=True)
    with pytest.raises(FileProblem, match=f"{name}: it is a folder") as caught:
        run()
    assert caught.value.exit_code == 4 and no_rubbish(run.out) and len(run.kept) >= STUDENTS
    (run.out / name).rmdir()
    run()
    assert run.written() == run.undisturbed()


def test_two_runs_at_once(run: Run) -> None:
    run()
    before = run.written()
    with files.Folder(run.out), pytest.raises(FileProblem, match=f"in use by another run: process {os.getpid()}"):
        run(force=True)
    assert run.written() == before


# Processes -----------------------------------------------------------------------------------------------------------


def broken_off(run: Run, by: signal.Signals, after: int) -> tuple[int, bytes]:
    """The run in a process of its own, sent a signal when so many pieces of work are kept."""
    started = run.started()
    deadline = time.monotonic() + 90
    while len(run.kept) < after and started.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    started.send_signal(by)
    _, told = started.communicate(timeout=60)
    return started.returncode, told


@posix
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_a_run_is_broken_off_and_goes_on(by: signal.Signals, run: Run, worked: list[str]) -> None:
    run = Run(run.command, run.folder, 20)
    code, told = broken_off(run, by, 3)
    kept = run.kept
    assert len(kept) >= 3 and not run.written().keys() - {".symgraph.lock"}
    if by is signal.SIGINT:
        assert code == 130 and b"goes on from there" in told and b"Traceback" not in told and no_rubbish(run.out)
    else:
        assert code == -by
    worked.clear()
    run()
    assert len(worked) == run.pieces - len(kept)  # what was kept is not done again
    assert no_rubbish(run.out) and run.written() == run.undisturbed()


def test_a_worker_is_killed_in_the_middle(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run.undisturbed()
    with worker.WorkerPool(1) as pool:
        on(monkeypatch, lambda *_: contextlib.nullcontext(pool))
        killed: list[int] = []

        def kill(done: int, total: int) -> None:
            pid = pool._workers[0].pid
            if not killed and pid is not None:
                killed.append(pid)
                os.kill(pid, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)

        first = run(progress=kill)
        assert killed and len(first.failures) <= 1  # none, if it was killed between two jobs
        assert all("ended by signal" in message for _, message in first.failures)
        second = run()
    assert second.exit_code == 0 and run.written() == whole


def test_memory_runs_out_in_the_worker(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(run.command, run.folder, 1)
    whole = run.undisturbed()
    for _ in range(5):  # what fits into the memory that a process has already is done
        with worker.WorkerPool(1, Limits(memory=40 << 20)) as pool:
            on(monkeypatch, lambda *_, pool=pool: contextlib.nullcontext(pool))
            starved = run(force=True)
        if starved.failures:
            break
    # What a library of C says without memory is its own affair: a line for each piece of work, and the run goes on.
    assert starved.exit_code == 3 and starved.failures and "Traceback" not in str(starved.failures)
    assert all("\n" not in message for _, message in starved.failures)
    on(monkeypatch, lambda *_: ThreadPoolExecutor(1))
    again = run()
    assert again.exit_code == 0 and run.written() == whole


def test_one_problem_takes_too_long(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    files.write(run.homework, SET + SLOW)
    files.write(run.answers, "id,own,shared,slow\nann,x,2x cos(x^2),1\n")
    files.write(run.roster, "id\nann\n")
    monkeypatch.setattr(running, "SECONDS", 5.0)
    with worker.WorkerPool(1) as pool:
        on(monkeypatch, lambda *_: contextlib.nullcontext(pool))
        report = run()
    ((label, message),) = report.failures
    assert label == "slow, variant 1" and "more than 5" in message and report.exit_code == 3
    if run.command == "key":
        assert report.done == 2 and "seconds" in (run.out / "key-ann.html").read_text("utf-8")
    else:
        assert b"ann,,1,0,1,,1,pending" in run.written()["marks.csv"] and [group.problem for group in report.pile] == [
            "slow"
        ]


# What is read --------------------------------------------------------------------------------------------------------


def test_what_was_kept_is_damaged(run: Run, worked: list[str], caplog: pytest.LogCaptureFixture) -> None:
    run()
    whole = run.written()
    worked.clear()
    kept = run.kept
    kept[0].write_bytes(b"\xff\x00 no")
    kept[1].write_text(kept[1].read_text()[:-40])
    kept[2].write_bytes(b"")
    for path in run.out.rglob("*.html"):
        path.unlink()
    run()
    assert len(worked) == 3 and caplog.text.count("is damaged") == 3
    assert run.written() == whole


@pytest.mark.parametrize(
    ("which", "data", "place"),
    [
        ("homework", b'schema = 1\ntitle = "\xfcbung"\n', r"hw\.toml is not UTF-8 text: line 2, byte 21"),
        ("answers", b"\xff\xfei\x00d\x00,", r"answers\.csv begins as UTF-16 and is not"),
        ("roster", b"\xfe\xff\x00i\xd8\x00", r"roster\.csv begins as UTF-16 and is not"),
        ("decisions", b"schema = 1\n[group.\xe9]\n", r"decisions\.toml is not UTF-8 text: line 2"),
    ],
)
def test_what_is_not_text_is_named(which: str, data: bytes, place: str, run: Run) -> None:
    if (which == "answers" or which == "decisions") and run.command == "key":
        assert run().exit_code == 0  # which reads neither
        return
    path = marker.decisions_path(run.homework) if which == "decisions" else getattr(run, which)
    path.write_bytes(data)
    with pytest.raises(SymgraphError, match=place) as caught:
        run(**({"students": run.roster} if which == "roster" and run.command == "mark" else {}))
    assert caught.value.exit_code == 2 and not run.out.exists()


# Names of files ------------------------------------------------------------------------------------------------------


def test_students_of_any_name_get_files_of_their_own(run: Run) -> None:
    names = [
        "CON",
        "nul.",
        "a/../../b",
        "é",
        "e\u0301",
        "Ann",
        "ann",
        "ANN",
        "..",
        "x" * 300,
        "-o",
        "key-1",
        "1",
        "a\u202eb",
    ]
    table = "id\n" + "".join(f'"{name}"\n' for name in names)
    files.write(run.roster, table)
    files.write(run.answers, table.replace("id", "id,own").replace('"\n', '",x\n'))
    if run.command == "key":
        run(make=("sheet", "choice"))
    else:
        run()
    made = [path for path in run.written() if path.endswith(".html")]
    assert len({path.casefold() for path in made}) == len(made) == {"key": 3 * 14 + 1, "mark": 14 + 1}[run.command]
    assert all(re.fullmatch(r"(feedback/)?[a-z0-9_.-]+", path) for path in made)
    assert not [path for path in run.folder.rglob("*") if path.name.startswith("b") and path.suffix == ".html"]


# The command line ----------------------------------------------------------------------------------------------------


def command_line(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["symgraph", *arguments])
    with pytest.raises(SystemExit) as left:
        program.main()
    assert isinstance(left.value.code, int)
    return left.value.code


WRONG_KEY = SET + '[[problem]]\nid = "wrong"\nf = "x^3"\nkey = "2*x^2"\n'
NO_DRAW = SET + '[[problem]]\nid = "none"\nf = "a*x"\nparams = { a = "1..9" }\nwhere = "a > 9"\n'
KEY, MARK = "key HW -o OUT --students ROSTER", "mark HW ANSWERS -o OUT"
CODES = [
    ("explain x^2", 0, "", None),
    ("explain x+", 2, "", None),
    ("explain", 2, "", None),
    ("explain x^2 --to nothing", 2, "", None),
    ("explain x^2 -o NOWHERE/x.html", 4, "", None),
    ("explain x^2", 130, "explain", KeyboardInterrupt()),
    ("explain x^2", 1, "explain", DisagreementError("two routes differ")),
    (KEY, 0, "", None),
    (KEY + " --check", 2, "", None),
    ("key HW --check --students ROSTER", 0, "", None),
    ("key NOWHERE", 2, "", None),
    ("key HW", 2, "", None),  # numbers of their own, and no roster
    (KEY + " --make essay", 2, "", None),
    (KEY + " --format docx", 2, "", None),
    (KEY, 2, 'schema = 1\n[[problem]]\nid = "p"', None),
    (KEY, 3, WRONG_KEY, None),
    ("key HW --check --students ROSTER", 3, WRONG_KEY, None),
    (KEY, 3, NO_DRAW, None),
    ("key HW -o HW --students ROSTER", 4, "", None),
    (KEY, 130, "key", KeyboardInterrupt()),
    (KEY, 1, "key", DisagreementError("two routes differ")),
    (MARK, 0, "", None),
    ("mark HW NOWHERE -o OUT", 2, "", None),
    (MARK + " --columns id=nobody", 2, "", None),
    (MARK + " --columns other=own", 2, "", None),
    (MARK + " --decide 0123456789=2", 2, "", None),
    (MARK + " --decide x", 2, "", None),
    ("mark HW ROSTER -o OUT", 2, "", None),  # a table without answers
    (MARK + " --students ANSWERS", 0, "", None),
    (MARK, 3, NO_DRAW, None),
    ("mark HW ANSWERS -o HW", 4, "", None),
    (MARK, 130, "mark", KeyboardInterrupt()),
    (MARK, 1, "mark", DisagreementError("two routes differ")),
]


@pytest.mark.parametrize(("line", "code", "given", "raised"), CODES)
def test_exit_codes(
    line: str, code: int, given: str, raised: BaseException | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    run = Run("key", tmp_path, 2)
    if "\n" in given:
        files.write(run.homework, given)
        files.write(run.answers, "id,own,shared,none\nann,x,x,x\n")
    if raised is not None:

        def fails(*_: Any, **__: Any) -> None:
            raise raised

        place = {"explain": "symgraph.explanation.explainer.explain", "key": "symgraph.homework.answer_key.answer_key"}
        monkeypatch.setattr(place.get(given, "symgraph.homework.marker.mark_class"), fails)
    names = {"HW": run.homework, "OUT": run.out, "ROSTER": run.roster, "ANSWERS": run.answers}
    words = [str(names.get(word, word)).replace("NOWHERE", str(tmp_path / "nowhere")) for word in line.split()]
    if "--check" in line and "-o" in line:
        words = ["key", str(run.homework), "--check", "--students", str(tmp_path / "nowhere")]
    assert command_line(words, monkeypatch) == code
    told = capsys.readouterr()
    assert "Traceback" not in told.err and bool(told.err) >= (code != 0)


def test_a_terminal_sees_a_bar_and_a_pipe_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for sink, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", sink)
        monkeypatch.setenv("FORCE_COLOR", "1")  # colours may be wished for in a pipe, a bar is not
        with program._progress("marking") as progress:
            for done in range(4):
                time.sleep(0.15)
                progress(done, 8)
        told = sink.getvalue()
        assert bool(told) == shown
        if shown:
            assert "marking" in told and "3/8" in told and re.search(r"\d\.\d/s", told) and re.search(r"0:00:0\d", told)


def test_what_came_from_a_file_cannot_move_the_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run("mark", tmp_path, 1)
    files.write(run.answers, "id,own\nann\x1b[2J\u202e,x\nann\x1b[2J\u202e,x\n")
    assert command_line(run.line, monkeypatch) == 3
    told = capsys.readouterr()
    assert "\x1b" not in told.err + told.out and "ann\\u001b[2J\\u202e is there twice" in told.err
