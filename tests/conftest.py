"""What the tests share: the optional parts (a browser, TeX, torch), skipped politely where they are missing.

With SYMGRAPH_NO_SKIP=1, as in continuous integration, a skip is a failure: there everything is installed, and
a part that went missing must be seen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import pytest

from symgraph.explanation import typesetting
from symgraph.explanation.shown import Looks

hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

NO_SKIP = os.environ.get("SYMGRAPH_NO_SKIP") == "1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[misc, assignment] # a hook wrapper receives its hook's result
    if NO_SKIP and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped under SYMGRAPH_NO_SKIP=1: {report.longrepr}"
    return report  # type: ignore[return-value] # the same


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    report: pytest.CollectReport = yield  # type: ignore[misc, assignment] # the same
    if NO_SKIP and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped under SYMGRAPH_NO_SKIP=1: {report.longrepr}"  # type: ignore[assignment] # text is enough
    return report  # type: ignore[return-value] # the same


def run(*command: object, cwd: Path, **environment: str) -> str:
    """What a command printed, run without this environment's Python settings; it must go well."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | environment
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", cwd=cwd, env=plain, timeout=600)
    assert done.returncode == 0, f"{words} gave {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    pytest.importorskip("hatchling", reason="needs hatchling: pip install '.[test]'")
    out, root = tmp_path_factory.mktemp("dist"), Path(__file__).parent.parent
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, root, cwd=out)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """The command `symgraph` from an environment in which nothing but the wheel was installed, by pip."""
    place = tmp_path_factory.mktemp("empty") / "environment"
    venv.create(place, with_pip=False, symlinks=sys.platform != "win32")
    programs = place / ("Scripts" if sys.platform == "win32" else "bin")
    python = programs / ("python.exe" if sys.platform == "win32" else "python")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-compile", str(wheel)],
        capture_output=True, encoding="utf-8", timeout=600,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"needs a package index for an empty environment: {done.stderr.strip().splitlines()[-1]}")

    def symgraph(*words: object, cwd: Path) -> str:
        return run(programs / "symgraph", *words, cwd=cwd, PYTHONWARNINGS="error", PYTHONIOENCODING="utf-8")

    symgraph.python = python  # type: ignore[attr-defined] # for looking at what was installed
    return symgraph


@pytest.fixture
def forget_formulas(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Forgets how formulas are written: a count of calls must not depend on the tests before it."""

    def forget() -> None:
        typesetting._page.cache_clear()
        monkeypatch.setattr(typesetting, "_LOOKS", Looks())

    forget()
    yield forget
    typesetting._page.cache_clear()


def program(*names: str) -> str:
    """The path of the first of these programs that is installed; skips the test when none is."""
    for name in names:
        if path := shutil.which(name):
            return path
    pytest.skip(f"needs {' or '.join(names)}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium, Chrome or Edge."""
    return program("chromium", "chromium-browser", "google-chrome", "microsoft-edge", "msedge")


@pytest.fixture(scope="session")
def pdflatex() -> str:
    """The path of pdflatex."""
    return program("pdflatex")


@pytest.fixture(scope="session")
def lualatex() -> str:
    """The path of lualatex."""
    return program("lualatex")


@pytest.fixture(scope="session")
def pdftoppm() -> str:
    """The path of pdftoppm, which makes pictures of a PDF's pages."""
    return program("pdftoppm")


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch, any build."""
    module: ModuleType = pytest.importorskip("torch", reason="needs torch: pip install '.[torch]'")
    return module


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """The address of a Dask scheduler with two workers on this machine."""
    distributed = pytest.importorskip("distributed", reason="needs Dask: pip install '.[cluster]'")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as local:
        yield local.scheduler_address


@pytest.fixture(scope="session")
def _browser(chromium: str) -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install '.[test]'")
    alone = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # Chromium refuses root otherwise
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=alone)
        yield started
        started.close()


@pytest.fixture
def browser(_browser: Any) -> Iterator[Any]:
    """A fresh playwright BrowserContext without a network: `browser.new_page()`."""
    context = _browser.new_context(offline=True)
    yield context
    context.close()
