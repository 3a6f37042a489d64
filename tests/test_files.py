"""Files: every fault that a disk, a folder or another run can make, none of which needs a particular user."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import types
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symgraph import files
from symgraph.errors import FileProblem, LimitExceeded
from symgraph.files import Folder, read_bytes, read_text, safe_name, write
from symgraph.limits import Limits

posix = pytest.mark.skipif(sys.platform == "win32", reason="the fault is made with POSIX means")
ROOT = Path(__file__).parent.parent


def run(code: str, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a few lines in a process of their own, which may be limited or killed."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, **options)  # type: ignore[call-overload,no-any-return] # options


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Names


@pytest.mark.parametrize(
    "identity",
    ["../x", "a/b", "a\\b", "C:\\x", ".hidden", "-rf", "", " ", "con", "NUL", "com1", "lpt9", "COM¹", "x" * 300, "a\0b",
     "a\nb", "日本語", "x:y", "x|y", "~", "$HOME", "%2e%2e", "a.", "a ", "\ud800", "A", "é"],
)  # fmt: skip
def test_a_hostile_id_becomes_a_plain_name(identity: str) -> None:
    name = safe_name(identity, ".html")
    assert re.fullmatch(r"[a-z0-9_][a-z0-9_-]*-[0-9a-f]{8}\.html", name)
    assert len(name) < 80


def test_a_plain_id_keeps_its_name() -> None:
    assert safe_name("chain-01", ".html") == "chain-01.html"


@given(st.lists(st.text(max_size=6), min_size=2, max_size=20, unique=True))
def test_different_ids_have_names_that_differ_on_every_system(identities: list[str]) -> None:
    assert len({safe_name(identity).casefold() for identity in identities}) == len(identities)


@pytest.mark.parametrize(
    "name",
    ["../x", "/x", "a/../b", "a//b", "a/", "", ".", "..", ".x", "-x", "con", "AUX.txt", "a.", "a\\b", "C:x", "a b", "é",
     "x" * 151, "a\0"],
)  # fmt: skip
def test_a_folder_refuses_names_that_are_paths_or_devices(tmp_path: Path, name: str) -> None:
    with Folder(tmp_path / "out") as folder, pytest.raises(FileProblem, match="cannot be a file name"):
        folder.write(name, "x")
    assert names(tmp_path / "out") == []
    assert names(tmp_path) == ["out"]


def test_two_things_never_share_a_name(tmp_path: Path) -> None:
    with Folder(tmp_path) as folder:
        folder.write("Key.html", "first")
        for name in ("Key.html", "key.HTML"):
            with pytest.raises(FileProblem, match=r"written over Key\.html"):
                folder.write(name, "second")
        with pytest.raises(FileProblem, match=r"written over Key\.html"):
            folder.write("key.html", "second", again=True)
        folder.write("Key.html", "second", again=True)
    assert (tmp_path / "Key.html").read_text() == "second"
    with Folder(tmp_path) as folder:  # a new run may
        folder.write("Key.html", "third")


# Reading


def test_text_with_a_byte_order_mark_and_any_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes("\ufeffc = α\r\nd = b\re = 1\n".encode())
    assert read_text(path) == "c = α\nd = b\ne = 1\n"


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"a\nb\xff", "line 2, byte 4 of the file (0xff)"),
        (b"\xe9", "line 1, byte 1 of the file (0xe9)"),
        (b"\xef\xbb\xbfab\n\n\xe9t\xe9", "line 3, byte 8 of the file (0xe9)"),
        (b"ab\n\xe2\x88", "line 2, byte 4 of the file (0xe2)"),
    ],
)
def test_what_is_not_utf8_is_named_by_line_and_byte(tmp_path: Path, data: bytes, place: str) -> None:
    (tmp_path / "x.csv").write_bytes(data)
    with pytest.raises(FileProblem) as caught:
        read_text(tmp_path / "x.csv")
    assert place in str(caught.value)
    assert "x.csv" in str(caught.value)
    assert caught.value.exit_code == 2


def test_spreadsheet_exports_are_read_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for encoding in ("utf-16", "cp1252", "utf-8", "utf-8-sig"):
        path.write_bytes("Zoë;2,5\r\n".encode(encoding))
        assert read_text(path, fallback="cp1252") == "Zoë;2,5\n", encoding
    path.write_bytes(b"\xff\xfea")
    with pytest.raises(FileProblem, match="begins as UTF-16 and is not"):
        read_text(path, fallback="cp1252")


def test_a_file_that_is_too_large_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    assert read_bytes(tmp_path / "x", limits=Limits(file_bytes=5)) == b"12345"
    with pytest.raises(LimitExceeded, match=r"limits\.file_bytes"):
        read_bytes(tmp_path / "x", limits=Limits(file_bytes=4))


@posix
def test_an_endless_device_is_refused() -> None:
    with pytest.raises(LimitExceeded, match="/dev/zero"):
        read_bytes("/dev/zero", limits=Limits(file_bytes=1000))


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    cases = {"none": "no such file", "file/x": "not a folder", "x" * 5000: "too long", "a\0b": "NUL"}
    if sys.platform != "win32":
        cases["."] = "it is a folder"
    for name, reason in cases.items():
        with pytest.raises(FileProblem, match=reason) as caught:
            read_text(tmp_path / name)
        assert caught.value.exit_code == 2


# Writing one file


def test_text_is_utf8_with_plain_line_ends_and_pieces_are_joined(tmp_path: Path) -> None:
    assert write(tmp_path / "x", "∂\n") == tmp_path / "x"
    assert (tmp_path / "x").read_bytes() == b"\xe2\x88\x82\n"
    write(tmp_path / "x", (str(k) for k in range(3)))
    assert (tmp_path / "x").read_bytes() == b"012"
    write(tmp_path / "x", b"\x00\xff")
    assert (tmp_path / "x").read_bytes() == b"\x00\xff"
    assert names(tmp_path) == ["x"]


def test_a_failure_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    path = write(tmp_path / "x", "old")

    def broken() -> object:
        yield "new"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, broken())  # type: ignore[arg-type] # a generator
    with pytest.raises(FileProblem, match=r"half a character \(U\+D800\)"):
        write(path, "new \ud800")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["x"]


def test_places_that_cannot_be_written_say_why(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    cases = {"none/x": "its folder does not exist", "file/x": "not a folder", "folder": "it is a folder",
             "x" * 300: "too long", "a\0b": "NUL"}  # fmt: skip
    for name, reason in cases.items():
        with pytest.raises(FileProblem, match=reason) as caught:
            write(tmp_path / name, "x")
        assert caught.value.exit_code == 4
    assert names(tmp_path) == ["file", "folder"]


@posix
def test_the_disk_is_full() -> None:
    with pytest.raises(FileProblem, match=r"cannot write /dev/full: the disk is full") as caught:
        write("/dev/full", "x")
    assert caught.value.exit_code == 4
    assert Path("/dev/full").is_char_device(), "a device must never be replaced by a file"


def test_the_disk_fills_up_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "x", "old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileProblem, match="the disk is full"):
        write(path, "new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["x"]


@posix
def test_the_file_size_limit(tmp_path: Path) -> None:
    write(tmp_path / "x", "old")
    done = run(
        """
        import resource, sys
        from symgraph.files import write
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        write(sys.argv[1], "x" * 1_000_000)
        """,
        tmp_path / "x",
    )
    assert "FileProblem" in done.stderr
    assert "larger than the system allows" in done.stderr
    assert (tmp_path / "x").read_text() == "old"
    assert names(tmp_path) == ["x"]


@posix
def test_devices_and_pipes_are_written_to(tmp_path: Path) -> None:
    write("/dev/null", "x")
    done = run("from symgraph.files import write; write('/dev/stdout', 'through')")
    assert (done.stdout, done.stderr) == ("through", "")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = subprocess.Popen(["cat", str(fifo)], stdout=subprocess.PIPE)
    write(fifo, "through")
    assert reader.communicate(timeout=20)[0] == b"through"
    assert fifo.is_fifo()


@posix
def test_a_link_is_followed_to_a_file_on_another_disk(tmp_path: Path) -> None:
    disks = [place for place in (Path("/dev/shm"), Path.home(), ROOT) if os.access(place, os.W_OK)]
    elsewhere = next((place for place in disks if place.stat().st_dev != tmp_path.stat().st_dev), tmp_path)
    with tempfile.TemporaryDirectory(dir=elsewhere) as other:
        real = Path(other) / "real.html"
        real.write_text("old")
        link = tmp_path / "link.html"
        link.symlink_to(real)
        write(link, "new")
        assert link.is_symlink()
        assert real.read_text() == "new"
        assert names(Path(other)) == ["real.html"]
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(FileProblem, match="leads back to itself"):
        write(loop, "x")


@posix
def test_permissions_are_the_users(tmp_path: Path) -> None:
    path = tmp_path / "x"
    before = os.umask(0o027)
    try:
        write(path, "new")
        assert path.stat().st_mode & 0o777 == 0o640
        path.chmod(0o604)
        write(path, "newer")
        assert path.stat().st_mode & 0o777 == 0o604
    finally:
        os.umask(before)


@posix
def test_a_read_only_folder() -> None:
    with tempfile.TemporaryDirectory() as base:
        Path(base).chmod(0o755)  # so that a process without rights can look inside
        folder = Path(base) / "folder"
        folder.mkdir()
        folder.chmod(0o555)
        done = run(
            """
            import os, sys
            from symgraph.files import Folder, write
            from symgraph.errors import FileProblem
            if os.geteuid() == 0:  # nothing is read-only for root
                os.setgroups([]); os.setgid(65534); os.setuid(65534)
            for attempt in (lambda: write(sys.argv[1] + "/x", "x"), lambda: Folder(sys.argv[1]).__enter__(),
                            lambda: Folder(sys.argv[1] + "/sub").__enter__()):
                try:
                    attempt()
                except FileProblem as problem:
                    print(problem)
            """,
            folder,
        )
        assert done.stdout.count("no permission") == 3, done
        assert names(folder) == []


# Killed runs


WRITE_FOR_EVER = """
import sys
from symgraph.files import write
while True:
    for letter in "ab":
        write(sys.argv[1], [letter * 1000 for _ in range(1000)])
        print(letter, flush=True)
"""


@posix
def test_kill_while_writing_never_leaves_half_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for attempt in range(12):
        writer = subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(path)], stdout=subprocess.PIPE, cwd=ROOT)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.002 * attempt)
        writer.kill()
        writer.communicate(timeout=20)
        data = path.read_bytes()
        assert data in (b"a" * 1_000_000, b"b" * 1_000_000), "a torn file has the final name"
    write(path, "done")
    assert names(tmp_path) == ["x"], "what killed runs left is swept away"


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # what was just opened is closed by Python
def test_ctrl_c_at_any_moment_leaves_nothing_half_written(tmp_path: Path) -> None:
    """Broken off before each single operation of ours in turn, as Python may do."""
    moments = 0

    def broken_off(after: int) -> bool:
        operations = 0

        def trace(frame: types.FrameType, event: str, _: object) -> Any:
            nonlocal operations
            if frame.f_code.co_filename != files.__file__:
                return None
            frame.f_trace_opcodes = True
            operations += event == "opcode"
            if operations > after:
                sys.settrace(None)
                frame.f_trace = None
                raise KeyboardInterrupt
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            write(tmp_path / "x", f"{after}" * 1000)
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(before)
        return False

    while broken_off(moments):
        moments += 1
        assert set(names(tmp_path)) <= {"x"}
    assert moments > 100 and names(tmp_path) == ["x"]


WRITE_SLOWLY = """
import sys
from symgraph import files
def pieces():
    print("begun", flush=True)
    yield sys.stdin.read()
files.write(sys.argv[1], pieces())
"""


@posix
def test_a_sweep_takes_the_dead_ones_files_and_spares_the_living_ones(tmp_path: Path) -> None:
    (tmp_path / ".symgraph-1-dead.tmp").write_text("half")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".symgraph-1-dead.tmp").write_text("half")
    (tmp_path / "notes.tmp").write_text("the user's own")
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_SLOWLY, str(tmp_path / "x")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as living:  # fmt: skip
        assert living.stdout is not None
        living.stdout.readline()
        (name,) = [name for name in names(tmp_path) if name.startswith(".symgraph") and "dead" not in name]
        with Folder(tmp_path) as folder:
            folder.write("sub/x", "x")
        assert names(tmp_path) == sorted([name, "notes.tmp", "sub"])
        assert names(tmp_path / "sub") == ["x"]
        living.kill()
    with Folder(tmp_path):
        pass
    assert names(tmp_path) == ["notes.tmp", "sub"]


HOLD = """
import sys, time
from symgraph.files import Folder
with Folder(sys.argv[1]) as folder:
    folder.write("first.txt", "finished")
    print("in", flush=True)
    time.sleep(60)
"""


@posix
def test_two_runs_on_one_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(out)], stdout=subprocess.PIPE, cwd=ROOT)
    assert holder.stdout is not None
    holder.stdout.readline()
    (tmp_path / "link").symlink_to(out)
    for spelling in (out, tmp_path / "link"):
        with pytest.raises(FileProblem, match=f"in use by another run: process {holder.pid} on ") as caught:
            Folder(spelling).__enter__()
        assert caught.value.exit_code == 4
    holder.send_signal(signal.SIGKILL)
    holder.communicate(timeout=20)
    with Folder(out) as folder:  # the lock died with its owner, and what was finished is there
        folder.write("second.txt", "x")
    assert names(out) == ["first.txt", "second.txt"]


def test_one_run_cannot_lock_a_folder_twice_and_lets_go_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Folder(tmp_path):
        with pytest.raises(FileProblem, match=f"process {os.getpid()} "):
            Folder(tmp_path).__enter__()
        raise ZeroDivisionError
    assert names(tmp_path) == []
    with Folder(tmp_path) as folder:
        pass
    with pytest.raises(RuntimeError, match="inside its with statement"):
        folder.write("x", "x")


# The output folder


@posix
def test_links_inside_the_output_folder_lead_nowhere(tmp_path: Path) -> None:
    out, outside = tmp_path / "out", tmp_path / "outside"
    out.mkdir()
    outside.mkdir()
    (outside / "precious").write_text("precious")
    (out / "key.html").symlink_to(outside / "precious")
    (out / "sub").symlink_to(outside)
    (tmp_path / "spelling").symlink_to(out)
    with Folder(tmp_path / "spelling") as folder:
        folder.write("key.html", "key")
        for name in ("sub/x.html", "sub/deeper/x.html"):
            with pytest.raises(FileProblem, match="leads out of"):
                folder.write(name, "x")
    assert (outside / "precious").read_text() == "precious"
    assert names(outside) == ["precious"]
    assert not (out / "key.html").is_symlink()


def test_the_output_folder_is_a_file_or_under_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for name in ("file", "file/sub"):
        with pytest.raises(FileProblem, match=r"file of that name|not a folder") as caught:
            Folder(tmp_path / name).__enter__()
        assert caught.value.exit_code == 4
    (tmp_path / "out" / "x.html").mkdir(parents=True)
    with Folder(tmp_path / "out") as folder:
        with pytest.raises(FileProblem, match="it is a folder"):
            folder.write("x.html", "x")
        assert folder.write("a/b/c.html", "x") == tmp_path / "out" / "a" / "b" / "c.html"


def test_a_disk_without_locks_is_used_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".symgraph-1-maybe-living.tmp").write_text("half")
    monkeypatch.setattr(files, "_grab", lambda handle: None)
    with Folder(tmp_path) as folder:
        folder.write("x", "x")
    assert "has no locks" in caplog.text
    assert names(tmp_path) == [".symgraph-1-maybe-living.tmp", "x"], "nobody can tell whether it is stale"
