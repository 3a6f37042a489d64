"""The command line: what it prints, where it writes, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def symgraph(*arguments: str, text: str | None = None, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "symgraph", *arguments],
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        cwd=cwd,
        check=False,
    )


def test_text_to_the_terminal() -> None:
    done = symgraph("explain", "(a+b)*(b+1)", "--wrt", "b", "--at", "a=2,b=1")
    assert done.returncode == 0, done.stderr
    assert "∂e/∂b = 1·2 + 1·3 = 5" in done.stdout
    assert done.stdout.startswith("How does e change when b changes?")


def test_a_linear_inside_takes_at_most_six_lines() -> None:
    done = symgraph("explain", "sin(3x+1)")
    assert done.returncode == 0 and len(done.stdout.splitlines()) <= 6
    assert "dy/dx = 3 cos(3x + 1)" in done.stdout


@pytest.mark.parametrize("source", ["-x^2", "-o + x*o", "-sin(x)*cos(x)"])
def test_an_expression_may_begin_with_a_minus(source: str) -> None:
    done = symgraph("explain", source, "--detail", "answer", "--wrt", "x" if "x" in source else "o")
    assert done.returncode == 0, done.stderr


def test_the_ending_chooses_the_format_and_the_file_is_whole(tmp_path: Path) -> None:
    for ending, begins in [("html", "<!doctype html>"), ("tex", "\\documentclass"), ("txt", "How does"), ("json", "{")]:
        done = symgraph("explain", "x*sin(x)", "-o", f"page.{ending}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / f"page.{ending}").read_text("utf-8").startswith(begins)
    assert json.loads((tmp_path / "page.json").read_text("utf-8"))["inputs"] == ["x"]
    assert sorted(path.suffix for path in tmp_path.iterdir() if not path.name.startswith(".")) == [
        ".html",
        ".json",
        ".tex",
        ".txt",
    ]


def test_sources_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "model.txt"
    file.write_text("c = a + b\nd = b + 1\ne = c*d\n", "utf-8")
    from_file = symgraph("explain", "--file", str(file), "--wrt", "b", "--detail", "answer")
    piped = symgraph("explain", "-", "--wrt", "b", "--detail", "answer", text=file.read_text("utf-8"))
    assert from_file.returncode == piped.returncode == 0
    assert from_file.stdout == piped.stdout and "∂e/∂b = a + 2b + 1" in piped.stdout


def test_to_tex_writes_to_standard_output() -> None:
    done = symgraph("explain", "sin(x^2)", "--to", "tex")
    assert done.returncode == 0 and "\\begin{document}" in done.stdout and "tikzpicture" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("explain", "__import__('os').getcwd()"),
        ("explain", "sin(x"),
        ("explain", "x +* 2"),
        ("explain", "c = d; d = c"),
        ("explain", "x^2", "--wrt", "q"),
        ("explain", "ln(x)", "--at", "x=0"),
        ("explain", "x", "--file", "x"),
        ("explain",),
        ("explain", "x^2", "--to", "docx"),
        ("nonsense",),
    ],
)
def test_what_is_the_inputs_fault_is_exit_code_2_without_a_traceback(arguments: tuple[str, ...]) -> None:
    done = symgraph(*arguments)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr and done.stderr.strip()


def test_hostile_text_gets_a_caret() -> None:
    done = symgraph("explain", "__import__('os').getcwd()")
    assert "^" in done.stderr and "line 1, column" in done.stderr


def test_what_cannot_be_written_is_exit_code_4(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    done = symgraph("explain", "x^2", "-o", str(tmp_path / "file" / "page.html"))
    assert done.returncode == 4 and "Traceback" not in done.stderr


def test_version_and_help() -> None:
    assert symgraph("--version").stdout.startswith("symgraph, version ")
    assert "Explain a derivative" in symgraph("explain", "--help").stdout


def test_what_is_wrong_is_said_in_the_language_asked_for() -> None:
    done = symgraph("explain", "2x +* 3", "--lang", "de")
    assert done.returncode == 2
    assert "symgraph: * hat nichts vor sich (Zeile 1, Spalte 5)\n  2x +* 3\n      ^\nHinweis: " in done.stderr
    assert "als SOURCE angeben" in symgraph("check", "--answer", "x", "--lang", "de").stderr


def test_a_tangent_is_asked_for_by_a_flag() -> None:
    asked = ("x^2", "--at", "x=2", "--tangent")
    assert "is right" in symgraph("check", *asked, "--answer", "y - 4 = 4(x - 2)").stdout
    assert "The slope is right." in symgraph("check", *asked, "--answer", "y = 4x").stdout
    assert symgraph("hint", *asked).stdout.startswith("Two things make a tangent")
    refused = symgraph("check", "x^2", "--tangent", "--answer", "y = 4x", "--lang", "de")
    assert refused.returncode == 2 and "eine Tangente berührt" in refused.stderr
