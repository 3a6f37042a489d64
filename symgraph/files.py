"""The only reader and writer of the user's files: safe names, write beside and replace, locks.

A file is written under another name in the folder where it will stand, flushed to the disk, and moved into
place in one step: whoever looks finds the old file or the new one, never half of one, whatever was killed.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as place:
...     with Folder(place) as folder:
...         print(folder.write(safe_name("Übung 1/a", ".html"), "<p>sin x</p>").name)
ubung-1-a-feadaf25.html

Why a folder is locked by the operating system and not by the mere existence of a file: the system lets go of
its lock when a process dies, however it dies, so a killed run leaves nothing that a person must delete.
The same lock on a half-written file tells one in the making from one whose writer was killed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
import os
import re
import secrets
import socket
import stat
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

from symgraph.errors import FileProblem
from symgraph.limits import DEFAULT, Limits

__all__ = ["Folder", "read_bytes", "read_text", "safe_name", "write"]

Content = str | bytes | Iterable[str | bytes]

_LOCK = ".symgraph.lock"
_BESIDE = ".symgraph-"  # what every name of a half-written file begins with, so that it can be found again
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,149}")
_RESERVED = frozenset(  # by Windows, with any ending, in any folder
    ["con", "prn", "aux", "nul", "conin$", "conout$", *(f"{port}{k}" for port in ("com", "lpt") for k in "0123456789")]
)
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "it is larger than the system allows a file to be",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission, or another program has it open",
    errno.EPERM: "no permission",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "a part of the path before the last is not a folder",
    errno.EEXIST: "there is a file of that name",
    errno.EISDIR: "it is a folder; give the name of a file",
    errno.ENAMETOOLONG: "the name is too long",
    errno.ELOOP: "it is a link that leads back to itself",
}


# Names


def safe_name(identity: str, ending: str = "") -> str:
    """A file name for an id that anyone may have chosen: a slug, and a short hash where the slug is not the id itself.

    Two ids have the same name only if they are the same; `Folder.write` refuses what is left to chance.

    >>> safe_name("chain-01", ".html")
    'chain-01.html'
    >>> safe_name("../../etc/passwd"), safe_name("CON")
    ('etc-passwd-3754d6cb', 'con-a3dbc4b6')
    """
    letters = unicodedata.normalize("NFKD", identity.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    slug = re.sub(r"[^a-z0-9_]+", "-", plain)[:60].strip("-")
    if slug != identity or not _allowed(slug):
        digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:8]
        slug = f"{slug or 'id'}-{digest}"
    return slug + ending


def _allowed(part: str) -> bool:
    """Whether every system takes this as the name of one file, and none as a path, an option or a device."""
    stem = part.split(".")[0].casefold()
    return _PART.fullmatch(part) is not None and not part.endswith(".") and stem not in _RESERVED


# Reading


def read_bytes(path: str | os.PathLike[str], *, limits: Limits = DEFAULT) -> bytes:
    """All bytes of a file of the user's, at most `limits.file_bytes`; FileProblem says what is wrong with it.

    >>> read_bytes("no such file")
    Traceback (most recent call last):
        ...
    symgraph.errors.FileProblem: cannot read no such file: there is no such file or folder
    """
    try:
        with _named(path).open("rb") as stream:
            data = stream.read(limits.file_bytes + 1)  # not its size first: a pipe or a device has none
    except OSError as problem:
        raise _unreadable(f"cannot read {path}: {_reason(problem)}") from None
    limits.check("file_bytes", len(data), f"{path} has more")
    return data


def read_text(path: str | os.PathLike[str], *, fallback: str | None = None, limits: Limits = DEFAULT) -> str:
    """The text of a UTF-8 file, with or without a byte order mark, lines ended by \\n.

    Args:
        path: the file.
        fallback: an encoding to read it in when it is not UTF-8 ("cp1252" for what spreadsheets export); then
            UTF-16 with a byte order mark is read too. None: anything but UTF-8 is a FileProblem.
        limits: `limits.file_bytes` is the largest size.

    Errors: FileProblem names the line and the byte at which it stops being UTF-8.
    """
    data = read_bytes(path, limits=limits)
    encoding = "utf-8-sig"
    if fallback is not None and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as problem:
        if fallback is None or encoding == "utf-16":
            raise _unreadable(_not_text(path, data, encoding, problem)) from None
        text = data.decode(fallback, errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _not_text(path: str | os.PathLike[str], data: bytes, encoding: str, problem: UnicodeDecodeError) -> str:
    if encoding == "utf-16":
        return f"{path} begins as UTF-16 and is not: {problem.reason} at byte {problem.start + 1}"
    start = problem.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)  # the decoder counts after the mark
    line = data.count(b"\n", 0, start) + 1
    place = f"line {line}, byte {start + 1} of the file (0x{data[start]:02x})"
    return f"{path} is not UTF-8 text: {place}; save it as UTF-8"


def _unreadable(message: str) -> FileProblem:
    problem = FileProblem(message)
    problem.exit_code = 2  # the input is at fault; 4 is for what could not be written
    return problem


# Writing


def write(path: str | os.PathLike[str], content: Content) -> Path:
    """Write one file where the user said, all of it or nothing; gives its path back.

    Text is UTF-8 with lines ended by \\n on every system. A link is followed, as every program does with a
    file that the user names, and what it leads to is replaced. Devices and pipes (`/dev/stdout`) are written to.

    Errors: FileProblem (a folder, no such folder, no permission, disk full, …); the old file is then as it was.
    """
    with _told(path):
        target = _named(path)
        mode = _mode(target)
        if mode is not None and (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
            with target.open("wb") as stream:
                stream.writelines(_chunks(content))
            return target
        if mode is not None and not stat.S_ISREG(mode):
            raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.EPERM, "")
        real = target.resolve()
        _sweep(real.parent)
        _replace(real, content, mode)
        _flush_folder(real.parent)
    return target


class Folder:
    """The user's output folder while we write in it: locked, swept of what killed runs left, and ours alone.

    Use it as a context manager. It is made if it is not there. Links inside it are replaced, never followed.

    Errors: FileProblem when it cannot be made or written, or when another run is using it (its process is named).
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = self._real = Path(path)
        self._lock: int | None = None
        self._written: dict[str, str] = {}
        self._inside: set[Path] = set()

    def __enter__(self) -> Folder:
        with _told(self.path):
            _named(self.path).mkdir(parents=True, exist_ok=True)
            self._real = self.path.resolve()
            self._lock = _lock(self._real / _LOCK, self.path)
            try:
                self._enter(self._real)
            except BaseException:
                self._release()
                raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with _told(self.path):
                for place in sorted(self._inside):
                    _flush_folder(place)
        finally:
            self._release()

    def _enter(self, place: Path) -> None:
        """Make a folder ours before the first file is written in it."""
        if place not in self._inside:
            if place.resolve() != place:
                raise FileProblem(f"{place} is a link that leads out of {self.path}")
            place.mkdir(parents=True, exist_ok=True)
            _sweep(place)
            self._inside.add(place)

    def _release(self) -> None:
        if self._lock is not None:
            _unlock(self._real / _LOCK, self._lock)
            self._lock = None

    def write(self, name: str, content: Content, *, again: bool = False, scratch: bool = False) -> Path:
        """Write `name` (parts separated by /) in this folder, all of it or nothing; gives its path back.

        A name that was written in this run, in any capitals, is refused unless `again` says that it is meant. What is
        `scratch` can be made again: it may be written over, and a power cut may take it. A file that holds the same
        already is left as it is.
        """
        if self._lock is None:
            raise RuntimeError("a Folder is written inside its with statement")
        parts = name.split("/")
        if not all(_allowed(part) for part in parts):
            raise FileProblem(f"{name!r} cannot be a file name in {self.path}")
        earlier = self._written.get(name.casefold())
        if earlier is not None and not (again and earlier == name):
            raise FileProblem(f"{name} would be written over {earlier} in {self.path}: two things have one name")
        with _told(self.path / name):
            place = self._real.joinpath(*parts[:-1])
            self._enter(place)
            target = place / parts[-1]
            mode = _mode(target, follow=False)
            if mode is not None and stat.S_ISDIR(mode):
                raise OSError(errno.EISDIR, "")
            old = mode if mode is not None and stat.S_ISREG(mode) else None
            if old is None or not _holds(target, content):
                _replace(target, content, old, flush=not scratch)
        if not scratch:
            self._written[name.casefold()] = name
        return self.path / name


def _named(path: str | os.PathLike[str]) -> Path:
    if "\0" in os.fspath(path):
        raise OSError(errno.EINVAL, "a file name cannot hold the character NUL")
    return Path(path)


def _chunks(content: Content) -> Iterator[bytes]:
    for piece in [content] if isinstance(content, str | bytes) else content:
        try:
            yield piece.encode("utf-8") if isinstance(piece, str) else piece
        except UnicodeEncodeError as problem:
            letter = f"U+{ord(problem.object[problem.start]):04X}"
            raise FileProblem(f"the text to write holds half a character ({letter})") from None


def _holds(path: Path, content: Content) -> bool:
    """Whether a file holds exactly this; what comes in pieces is not compared."""
    if not isinstance(content, str | bytes):
        return False
    data = b"".join(_chunks(content))
    return path.stat().st_size == len(data) and path.read_bytes() == data


def _mode(path: Path, *, follow: bool = True) -> int | None:
    try:
        return path.stat(follow_symlinks=follow).st_mode
    except FileNotFoundError:
        return None


def _replace(target: Path, content: Content, mode: int | None, *, flush: bool = True) -> None:
    """Write beside, flush to the disk, move into place; whatever happens nothing half-written is left."""
    written = False
    while not written:
        beside = target.parent / f"{_BESIDE}{os.getpid()}-{secrets.token_hex(6)}.tmp"
        try:  # from before the file is there: Ctrl-C may come as soon as it is
            written = _write_beside(beside, target, content, mode, flush)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise


def _write_beside(beside: Path, target: Path, content: Content, mode: int | None, flush: bool) -> bool:
    """Write a new file, locked, and move it to its place; False when another run's sweep has taken it."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(beside, flags, 0o666), "wb") as stream:  # the user's umask decides, as for any file
        if sys.platform != "win32" and (_grab(stream.fileno()) is False or not beside.exists()):
            return False
        stream.writelines(_chunks(content))
        stream.flush()
        if flush:
            _flush(stream.fileno())
        if mode is not None:
            beside.chmod(stat.S_IMODE(mode))
        if sys.platform != "win32":  # moved before it is closed: a sweep takes what nobody holds
            beside.replace(target)
    if sys.platform == "win32":  # which does not move what is open, and does not delete it either
        beside.replace(target)
    return True


def _sweep(folder: Path) -> None:
    """Delete the half-written files of runs that were killed; those of living ones are locked and stay."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.startswith(_BESIDE))
    for name in names:
        path = folder / name
        with contextlib.suppress(OSError):  # not ours to delete, or gone by now: either is well
            if sys.platform == "win32":
                path.unlink()
                continue
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                if _grab(handle):
                    path.unlink()
            finally:
                os.close(handle)


def _flush(handle: int) -> None:
    try:
        os.fsync(handle)
    except OSError as problem:
        if problem.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):  # a network disk that cannot
            raise


def _flush_folder(folder: Path) -> None:
    """Make the new names themselves survive a power cut, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _flush(handle)
    finally:
        os.close(handle)


# Locks


def _lock(path: Path, folder: Path) -> int:
    """Take the folder's lock, or say who has it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        locked = _grab(handle)
        if locked is False:
            owner = os.read(handle, 200).decode("utf-8", "replace").strip() or "another process"
            os.close(handle)
            raise FileProblem(f"{folder} is in use by another run: {owner}; wait for it to end, or end it")
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), path.stat()):  # not one that its owner has just deleted
                break
        os.close(handle)
    if locked is None:
        logging.getLogger(__name__).warning("%s has no locks: two runs at once would not notice each other", folder)
    os.ftruncate(handle, 0)
    os.write(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode("utf-8", "replace"))
    return handle


def _unlock(path: Path, handle: int) -> None:
    if sys.platform == "win32":
        os.close(handle)  # which lets go of the lock; an open file cannot be deleted
        with contextlib.suppress(OSError):
            path.unlink()
        return
    with contextlib.suppress(OSError):
        path.unlink()  # before letting go, so that nobody locks a name that we then delete
    os.close(handle)


def _grab(handle: int) -> bool | None:
    """Lock an open file: True, False when another has it, None where the system or the disk knows no locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            # One byte far behind the end, because Windows hides locked bytes from the others, who want the owner.
            os.lseek(handle, 1 << 30, os.SEEK_SET)
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            finally:
                os.lseek(handle, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        return None  # a browser
    except OSError as problem:
        taken = (errno.EACCES, errno.EAGAIN, errno.EDEADLK, errno.EWOULDBLOCK)
        return False if problem.errno in taken else None
    return True


# Errors


@contextlib.contextmanager
def _told(path: str | os.PathLike[str]) -> Iterator[None]:
    """Whatever the system says while we write becomes one FileProblem that names the file and the reason."""
    try:
        yield
    except OSError as problem:
        reason = "its folder does not exist" if problem.errno == errno.ENOENT else _reason(problem)
        raise FileProblem(f"cannot write {path}: {reason}") from None


def _reason(problem: OSError) -> str:
    return _REASONS.get(problem.errno or 0, problem.strerror or str(problem))
