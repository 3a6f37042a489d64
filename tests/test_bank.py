"""The problem bank: large enough, all of it proved."""

from __future__ import annotations

import pytest

from symgraph.errors import SymgraphError
from symgraph.homework import bank
from symgraph.homework.items import parts_of, work_out
from symgraph.homework.problems import read


def test_the_bank_has_a_hundred_problems_and_more() -> None:
    assert sum(len(bank.problems(chapter)) for chapter in bank.chapters()) >= 100


@pytest.mark.parametrize("chapter", bank.chapters())
def test_every_problem_is_proved(chapter: str) -> None:
    homework = read(bank.path_of(chapter))
    for number, problem in enumerate(homework.problems, 1):
        assert problem.id == f"{chapter}-{number}"
        for label in ("1", "2"):
            item = work_out(problem.data(), homework.seed, label, parts_of(["sheet", "key"], ["html"]))
            assert [claim["outcome"] for claim in item["proof"]["claims"]] == ["proved"], problem.id


@pytest.mark.parametrize("place", ["chain/0", "chain/1000", "nothing/1", "../x/1", "chain"])
def test_what_the_bank_does_not_have(place: str) -> None:
    with pytest.raises(SymgraphError):
        bank.take(place)
