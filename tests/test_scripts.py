"""The scripts in examples/: each runs by itself and makes a document."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "examples").glob("*.py"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_makes_its_document(script: Path, tmp_path: Path) -> None:
    if "import torch" in script.read_text("utf-8"):
        pytest.importorskip("torch", reason="needs torch: pip install '.[torch]'")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path, env=environment, timeout=120
    )
    assert done.returncode == 0, done.stderr
    documents = list(tmp_path.glob("*.html"))
    assert len(documents) == 1
    assert documents[0].stat().st_size > 5000


def test_there_are_scripts() -> None:
    assert {"neuron", "newton", "training_step"} <= {script.stem for script in SCRIPTS}
