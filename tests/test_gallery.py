"""The gallery: every example is read, explained and written, and the index leads to each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from symgraph.errors import FileProblem, SymgraphError
from symgraph.gallery import Example, build_site, read_examples

EXAMPLES = read_examples()
TEXTBOOK = [example for example in EXAMPLES if example.name.startswith("T")]


def test_the_textbook_problems_are_there() -> None:
    assert len(TEXTBOOK) >= 20
    assert {example.chapter for example in EXAMPLES} >= {"One variable", "Several variables", "Machine learning"}


@pytest.mark.parametrize("example", TEXTBOOK, ids=lambda each: each.name)
def test_every_textbook_problem_is_explained_and_checked(example: Example) -> None:
    explanation = example.explain()
    assert explanation.report.points == 3
    assert {"forward", "reverse", "nudge", "paths", "answer"} <= set(explanation.report.routes)
    for to in ("txt", "tex", "html", "md"):
        assert len(explanation.render(to)) > 200


def test_the_site_is_whole(tmp_path: Path) -> None:
    chosen = EXAMPLES[:3]
    written = list(build_site(tmp_path / "site", chosen))
    assert [path.name for path in written] == [*(f"{example.name}.html" for example in chosen), "index.html"]
    index = written[-1].read_text("utf-8")
    assert re.findall(r'<a href="([^"]+)"', index) == [f"{example.name}.html" for example in chosen]


def test_a_file_that_is_no_example_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('source = "x"\ntitle = "t"\ncolour = "red"\n', "utf-8")
    with pytest.raises(FileProblem, match=r"bad.toml: colour is no field"):
        read_examples(tmp_path)
    (tmp_path / "bad.toml").write_text("source = ", "utf-8")
    with pytest.raises(FileProblem, match=r"bad.toml"):
        read_examples(tmp_path)
    with pytest.raises(SymgraphError, match="broken"):
        list(build_site(tmp_path / "site", [Example("broken", "t", "", "", "sin(", {})]))
