"""The notebook in examples/: its cells run one after the other and print what is stored in it.

`python tests/test_notebook.py` runs it and stores what it prints anew.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PATH = Path(__file__).parent.parent / "examples" / "notebook.ipynb"


def run(notebook: Any) -> list[str]:
    """What each code cell prints."""
    names: dict[str, Any] = {"__name__": "__main__"}
    printed = []
    for number, cell in enumerate(each for each in notebook.cells if each.cell_type == "code"):
        stream = io.StringIO()
        with contextlib.redirect_stdout(stream):
            exec(compile(cell.source, f"<cell {number}>", "exec"), names)  # noqa: S102 # our own cells
        printed.append(stream.getvalue())
    return printed


def test_the_notebook_prints_what_it_says(torch: ModuleType) -> None:
    nbformat = pytest.importorskip("nbformat", reason="needs nbformat: pip install '.[test]'")
    notebook = nbformat.read(PATH, as_version=4)
    nbformat.validate(notebook)
    stored = ["".join(output.text for output in cell.outputs) for cell in notebook.cells if cell.cell_type == "code"]
    assert run(notebook) == stored
    assert "tensor([2.]) tensor([6.]) tensor([2.]) tensor([4.]) tensor([1.])\n" in stored
    assert "a 2 2.0\nb 6 6.0\nc 2 2.0\nd 4 4.0\ne 1 1.0\n" in stored


def store() -> None:
    """Run the notebook and keep what it prints."""
    import nbformat

    notebook = nbformat.read(PATH, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, (cell, text) in enumerate(zip(code, run(notebook), strict=True), 1):
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)] if text else []
    nbformat.write(notebook, PATH)


if __name__ == "__main__":
    sys.path.insert(0, str(PATH.parent.parent))
    store()
