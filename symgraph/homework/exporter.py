"""Problems -> course sites: Moodle with STACK, Moodle multiple choice, PrairieLearn, WeBWorK, QTI.

Every site draws one of our own variants, with an answer and mistakes that were proved here; nothing is differentiated
there. What a site cannot hold (a function that Maxima lacks) is refused by name, and the rest goes on.

>>> import tempfile
>>> with tempfile.TemporaryDirectory() as place:
...     path = files.write(Path(place) / "hw.toml", 'schema = 1\\n[[problem]]\\nid = "p"\\nf = "sin(x^2)"')
...     export(path, "stack", Path(place) / "out", workers=1).files[0].name
'stack.xml'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from symgraph import files
from symgraph.errors import SymgraphError
from symgraph.homework import packages, programs
from symgraph.homework import problems as problem_sets
from symgraph.homework.answer_key import Progress, Report
from symgraph.homework.packages import Facts, Failures, Question
from symgraph.homework.problems import EACH, Homework, Problem
from symgraph.homework.running import Job, Kept, executor, perform
from symgraph.homework.stack import stack

__all__ = ["PERSONAL", "SITES", "export"]

PERSONAL = 20  # variants that a site gets of a problem in which every student has their own


def export(
    path: str | Path,
    site: str,
    out: str | Path | None = None,
    *,
    force: bool = False,
    cluster: str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write a problem set for a course site.

    Args:
        site: of `SITES`: stack, moodle, prairielearn, pg, qti12, qti21.
        out: the folder; None: one beside the file, of its name.

    Raises:
        SymgraphError: there is no such site, or the file is at fault.
    """
    if site not in SITES:
        raise SymgraphError(f"there is no site {site!r}: there are {', '.join(SITES)}")
    homework = problem_sets.read(path)
    report = Report()
    jobs = [_job(homework, problem, label) for problem in homework.problems for label in _labels(problem)]
    with files.Folder(Path(out) if out is not None else Path(path).with_suffix("")) as folder:
        found: dict[str, Facts] = {}
        with executor(cluster, workers) as where:
            for number, done in enumerate(perform(jobs, where, Kept(folder), force=force), 1):
                if done.error is None:
                    found[done.job.key] = done.value
                    report.kept += done.kept
                    report.done += not done.kept
                else:
                    report.failures.append((done.job.label, " ".join(str(done.error).split())))
                if progress is not None:
                    progress(number, len(jobs))
        report.failures.sort()
        questions = []
        for problem in homework.problems:
            facts = [found.get(_job(homework, problem, label).key) for label in _labels(problem)]
            known = [each for each in facts if each is not None]
            if known:
                questions.append((problem, known))
        for name, content in SITES[site](homework, questions, report.failures).items():
            report.files.append(folder.write(name, content))
    return report


def _labels(problem: Problem) -> list[str]:
    count = PERSONAL if problem.variants == EACH else int(problem.variants)
    return [str(number) for number in range(1, count + 1)]


def _job(homework: Homework, problem: Problem, label: str) -> Job:
    asked = {"problem": problem.data(), "seed": homework.seed, "label": label}
    return Job("export", asked, f"{problem.id}, variant {label}")


SITES: Mapping[str, Callable[[Homework, Sequence[Question], Failures], Mapping[str, str | bytes]]] = {
    "stack": stack,
    "moodle": packages.moodle,
    "prairielearn": programs.prairielearn,
    "pg": programs.pg,
    "qti12": packages.qti12,
    "qti21": packages.qti21,
}
