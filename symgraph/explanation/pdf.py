"""TeX or a browser -> PDF.

A document becomes PDF by pdflatex or lualatex where one is installed, else by a browser that prints the page, else not
at all, and the error names both ways. Either runs in an empty folder of its own, may read and write nothing elsewhere,
starts no other program, and is stopped at a deadline.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from symgraph.errors import FileProblem, MissingPart, SymgraphError

__all__ = ["ENGINES", "compile_tex", "make", "print_page"]

TEX = ("pdflatex", "lualatex")
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
ENGINES = (*TEX, "browser")
SECONDS = 120.0


def make(tex: Callable[[], str], page: Callable[[], str], engine: str | None = None) -> bytes:
    """The PDF of a document.

    Args:
        tex, page: make the document as LaTeX, as HTML; only the one that is needed is called.
        engine: "pdflatex", "lualatex" or "browser"; None: the first that is there.

    Raises:
        MissingPart: no engine is installed, or not the one asked for.
        FileProblem: the engine failed; the last lines of what it said come with it.
    """
    if engine is not None and engine not in ENGINES:
        raise SymgraphError(f"there is no PDF engine {engine!r}: the engines are {', '.join(ENGINES)}")
    for name in TEX if engine is None else (engine,):
        if name in TEX and (program := shutil.which(name)):
            return compile_tex(tex(), program)
    if engine in (None, "browser"):
        for name in BROWSERS:
            if program := shutil.which(name):
                return print_page(page(), program)
    missing = "pdflatex or lualatex (TeX Live, MiKTeX), or Chromium, Chrome or Edge" if engine is None else engine
    raise MissingPart(f"a PDF needs {missing}, and none is installed: write .tex or .html instead")


def compile_tex(tex: str, program: str) -> bytes:
    """A LaTeX document compiled, twice if it refers to itself."""
    with tempfile.TemporaryDirectory(prefix="symgraph-") as folder:
        source = Path(folder) / "document.tex"
        source.write_text(tex, "utf-8")
        command = [program, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", source.name]
        log = _run(command, folder, {"openin_any": "p", "openout_any": "p", "max_print_line": "1000"})
        if "Rerun to get" in log:
            log = _run(command, folder, {"openin_any": "p", "openout_any": "p"})
        made = Path(folder) / "document.pdf"
        if not made.is_file():
            said = re.findall(r"^! .*(?:\n.*)?|^l\.\d+.*", log, re.MULTILINE)
            raise FileProblem(f"{Path(program).name} made no PDF: {' '.join(said[:3]) or log[-500:]}")
        return made.read_bytes()


def print_page(page: str, program: str) -> bytes:
    """A page printed by a browser without a window, without a network."""
    with tempfile.TemporaryDirectory(prefix="symgraph-", ignore_cleanup_errors=True) as folder:
        source, made = Path(folder) / "document.html", Path(folder) / "document.pdf"
        source.write_text(page, "utf-8")
        command = [
            program,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--no-pdf-header-footer",
            f"--user-data-dir={Path(folder) / 'profile'}",
            f"--print-to-pdf={made}",
            *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            source.as_uri(),
        ]
        log = _run(command, folder, {})
        if not made.is_file():
            raise FileProblem(f"{Path(program).name} printed no PDF: {log[-500:]}")
        return made.read_bytes()


# The same document, the same bytes: TeX dates what it makes.
_DATES = {"SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}


def _run(command: list[str], folder: str, settings: dict[str, str]) -> str:
    """What a program said; it is stopped at the deadline."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**_DATES, **os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FileProblem(f"{Path(command[0]).name} was stopped after {SECONDS:.0f} seconds") from None
    return done.stdout.decode("utf-8", "replace")
