"""The wheel: what is in it, and that it works from any folder without the checkout."""

from __future__ import annotations

import email
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import symgraph

ROOT = Path(__file__).parent.parent


def run(*command: object, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, cwd=cwd, env=environment, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="needs hatchling: pip install '.[test]'")
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT, cwd=out)
    (made,) = out.glob("*.whl")
    return made


def test_the_wheel_holds_the_rooms_the_templates_and_the_types(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    rooms = {path.relative_to(ROOT).as_posix() for path in (ROOT / "symgraph").rglob("*.py")}
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    words = {f"symgraph/{path.relative_to(ROOT).as_posix()}" for path in templates}
    assert words
    missing = (rooms | words | {"symgraph/py.typed"}) - inside
    assert missing == set()
    strangers = [name for name in inside if not name.startswith(("symgraph/", "symgraph_explainer-"))]
    assert strangers == []


def test_the_wheel_says_who_it_is(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    facts = email.message_from_bytes(archive.read(name))
    assert facts["Name"] == "symgraph-explainer"  # the short name is another project's
    assert facts["Version"] == symgraph.__version__
    assert any(path.endswith("licenses/LICENSE") for path in archive.namelist())
    (scripts,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
    assert b"symgraph = symgraph.__main__:main" in archive.read(scripts)


def test_the_wheel_explains_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "environment"
    venv.create(place, with_pip=False, symlinks=sys.platform != "win32")
    bare = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    packages = Path(run(bare, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip())
    zipfile.ZipFile(wheel).extractall(packages)
    # What it depends on comes from here, behind the wheel itself: installing it anew would take a minute.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    where = run(bare, "-c", "import symgraph; print(symgraph.__file__)", cwd=elsewhere).strip()
    assert Path(where).is_relative_to(packages)
    for ending in ("html", "tex", "txt", "json"):
        words = ["explain", "(a+b)*(b+1)", "--at", "a=2,b=1", "-o", f"olah.{ending}"]
        run(bare, "-W", "error", "-m", "symgraph", *words, cwd=elsewhere)
        assert (elsewhere / f"olah.{ending}").stat().st_size > 500
