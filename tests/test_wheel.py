"""The wheel: what is in it, and who it says it is. That it works in an empty environment: test_days.py."""

from __future__ import annotations

import email
import zipfile
from pathlib import Path

import symgraph

ROOT = Path(__file__).parent.parent


def test_the_wheel_holds_the_rooms_the_templates_and_the_types(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    rooms = {path.relative_to(ROOT).as_posix() for path in (ROOT / "symgraph").rglob("*.py")}
    beside = [path for name in ("templates", "examples") for path in (ROOT / name).rglob("*") if path.is_file()]
    words = {f"symgraph/{path.relative_to(ROOT).as_posix()}" for path in beside if "__pycache__" not in path.parts}
    assert "symgraph/templates/json/explanation.schema.json" in words and "symgraph/examples/bank/chain.toml" in words
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
