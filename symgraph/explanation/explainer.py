"""graph -> Explanation: which steps, in which order.

>>> explanation = explain("(a+b)*(b+1)", wrt="b", at={"a": 2, "b": 1})
>>> explanation.answer, explanation.value
(a + 2*b + 1, 5)
>>> [str(path) for path in explanation.paths]
['b → c → e', 'b → d → e']

The page is as long as the question: sweeps and the ledger appear where there are two inputs or outputs, where paths
meet, or when asked for; a step that would say nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import TypeAlias

from sympy import Expr, Symbol

from symgraph import files
from symgraph.calculus.crosscheck import Report, crosscheck
from symgraph.calculus.evaluation import Point, Values, evaluate
from symgraph.calculus.graph import Grain, Graph, Node, Source, as_program, build, find_node, inputs, outputs
from symgraph.calculus.paths import Path, count_paths, find_paths, path_sum
from symgraph.calculus.simplifier import simplest
from symgraph.calculus.substitution import in_inputs
from symgraph.calculus.sweeps import reverse
from symgraph.errors import SymgraphError, TooLargeToShow
from symgraph.explanation import renderer
from symgraph.explanation.steps import Step
from symgraph.explanation.story import Asked, tell
from symgraph.language.program import Program
from symgraph.limits import DEFAULT, Limits

__all__ = ["Answers", "Explanation", "differentiate", "explain"]

Names: TypeAlias = str | Symbol | Iterable[str | Symbol] | None


class Answers(Mapping[tuple[str, str], Expr]):
    """Every derivative that was asked for, by (output, input); worked out when looked at.

    >>> answers = explain("(a+b)*(b+1)").answers
    >>> list(answers), answers["e", "a"]
    ([('e', 'a'), ('e', 'b')], b + 1)
    """

    def __init__(self, graph: Graph, asked: Iterable[tuple[Node, Node]], limits: Limits) -> None:
        self._graph, self._limits = graph, limits
        self._asked = {(of.name, wrt.name): (of, wrt) for of, wrt in asked}
        self._summed: dict[tuple[str, str], Expr | TooLargeToShow] = {}
        self._found: dict[tuple[str, str], Expr] = {}

    def __getitem__(self, key: tuple[str | Symbol, str | Symbol]) -> Expr:
        names = (str(key[0]), str(key[1]))
        if names not in self._found:
            self._found[names] = simplest(self.summed(*names), limits=self._limits)
        return self._found[names]

    def summed(self, of: str, wrt: str) -> Expr:
        """The derivative as the sum over the paths gives it, written in the inputs and not simplified."""
        if (of, wrt) not in self._summed:
            end, start = self._asked[of, wrt]
            try:
                found: Expr | TooLargeToShow = in_inputs(
                    self._graph, derivative(self._graph, start, end, self._limits), start, self._limits
                )
            except TooLargeToShow as error:
                found = error
            self._summed[of, wrt] = found
        summed = self._summed[of, wrt]
        if isinstance(summed, TooLargeToShow):
            raise summed
        return summed

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._asked)

    def __len__(self) -> int:
        return len(self._asked)

    def __repr__(self) -> str:
        return f"Answers({list(self._asked)})"


@dataclass(frozen=True)
class Explanation:
    """A derivative, explained: the graph, the answers, and the steps that tell it.

    Args:
        program: what was explained.
        graph: in the grain of the telling.
        wrt, of: the nodes it is about.
        steps: the facts to tell, in order.
        answers: every derivative asked for, by (output, input), as SymPy expressions in the inputs.
        values: the values of nodes and edges at the point, if one was given.
        report: how the answers were checked.
        question: what was asked: "derivative", or the name of another question.
        result: the answer to another question, as SymPy has it.
        parts: what is explained first, where a question needs several derivatives; `role` is what a part is to it.
    """

    program: Program
    graph: Graph
    wrt: tuple[Node, ...]
    of: tuple[Node, ...]
    steps: tuple[Step, ...]
    answers: Answers
    values: Values | None
    report: Report
    numbers: Mapping[tuple[str, str], Expr]
    title: str | None = None
    detail: str = "all"
    letters: Mapping[str, Path] = field(default_factory=dict)
    question: str = "derivative"
    result: Any = None
    parts: tuple[Explanation, ...] = ()
    role: str = ""

    def _only(self) -> tuple[Node, Node]:
        if len(self.of) * len(self.wrt) != 1:
            pairs = ", ".join(f"∂{of}/∂{wrt}" for of, wrt in self.answers)
            raise SymgraphError(f"there are {len(self.answers)} answers ({pairs}): take one of .answers[of, wrt]")
        return self.of[0], self.wrt[0]

    @property
    def answer(self) -> Expr:
        """The only derivative asked for, as SymPy has it.

        Raises:
            SymgraphError: there are several; `answers` has them all.
            TooLargeToShow: written in the inputs it would be too large; the rest of the explanation works.
        """
        of, wrt = self._only()
        return self.answers[of.name, wrt.name]

    @property
    def value(self) -> Expr | None:
        """The only derivative's value at the point; None without a point."""
        of, wrt = self._only()
        return self.numbers.get((of.name, wrt.name))

    @property
    def paths(self) -> Iterator[Path]:
        """The paths from the only input asked for to the only output, one after the other."""
        of, wrt = self._only()
        return find_paths(self.graph, wrt, of)

    def render(self, to: str = "html", **options: object) -> str:
        """The document as text, in the format of a file's ending: "html", "tex", "txt", "json"."""
        return renderer.render(self, to, **options)

    def save(self, path: str | FilePath) -> FilePath:
        """Write the document; the file's ending chooses the format. Written beside and replaced, so never half."""
        target = FilePath(path)
        return files.write(target, self.render(target.suffix.lstrip(".") or "txt"))

    def _repr_html_(self) -> str:
        return renderer.notebook(self)


def derivative(graph: Graph, wrt: Node, of: Node, limits: Limits = DEFAULT) -> Expr:
    """∂of/∂wrt in the symbols of nodes: the sum over few paths, or the merged sum of a sweep over many."""
    if count_paths(graph, wrt, of) <= limits.listed_paths:
        return path_sum(graph, wrt, of, limits)
    return next(row.value for row in reverse(graph, of) if row.node is wrt)


def differentiate(source: Source, wrt: str | Symbol | None = None, of: str | Symbol | None = None) -> Expr:
    """The derivative as a SymPy expression in the inputs, checked by every route that its size allows.

    >>> differentiate("x^2*sin(x)", "x")
    x*(x*cos(x) + 2*sin(x))
    """
    program = as_program(source, of=of)
    graph = build(program)
    asked = _asked(graph, wrt, of)
    answers = Answers(graph, asked, program.limits)
    if len(asked) != 1:
        raise SymgraphError(f"there are {len(asked)} derivatives here: say which, with wrt= and of=")
    crosscheck(graph, asked, answers.summed)
    end, start = asked[0]
    return answers[end.name, start.name]


def explain(
    source: Source,
    wrt: Names = None,
    of: Names = None,
    at: Point | None = None,
    *,
    grain: Grain | None = None,
    detail: str = "all",
    modes: bool | None = None,
    title: str | None = None,
    limits: Limits = DEFAULT,
) -> Explanation:
    """Explain a derivative: name the nodes, write a derivative on each edge, add the products along the paths.

    Args:
        source: text such as "(a+b)*(b+1)" or "c = a+b; d = b+1; e = c*d", a Program, a SymPy expression,
            or a Python function.
        wrt: any node or several; None: every input.
        of: any node or several; None: every output.
        at: a value for each input, as a mapping or as text ("a=2, b=1/3").
        grain: "operation", "statement" or "textbook"; None: what a teacher would name in one expression, the
            assignments of a program.
        detail: "answer", "main" or "all".
        modes: whether to tell forward and reverse mode; None: where there is something to see.
        title: the document's heading; None: the question.

    Raises:
        SymgraphError: the input is at fault (see `errors.py`), or two routes to an answer disagree.
    """
    if detail not in ("answer", "main", "all"):
        raise SymgraphError(f"the detail is answer, main or all, not {detail!r}")
    program = as_program(source, of=None, at=at, limits=limits)
    graph = build(program, grain)
    asked = _asked(graph, wrt, of)
    answers = Answers(graph, asked, limits)
    report = crosscheck(graph, asked, answers.summed)
    values = None if at is None else evaluate(graph, at, limits=limits)
    told = tell(Asked(graph, asked, answers, values, report, detail, modes, limits))
    return Explanation(
        program,
        graph,
        tuple(dict.fromkeys(start for _, start in asked)),
        tuple(dict.fromkeys(end for end, _ in asked)),
        told.steps,
        answers,
        values,
        report,
        told.numbers,
        title,
        detail,
        told.letters,
    )


def _asked(graph: Graph, wrt: Names, of: Names) -> list[tuple[Node, Node]]:
    """The pairs (output, input) that are asked for."""
    starts = inputs(graph) if wrt is None else tuple(find_node(graph, name) for name in _several(wrt))
    ends = outputs(graph) if of is None else tuple(find_node(graph, name) for name in _several(of))
    if not starts:
        raise SymgraphError("nothing varies here: there is no input to differentiate by")
    return [(end, start) for end in ends for start in starts]


def _several(names: str | Symbol | Iterable[str | Symbol]) -> list[str]:
    if isinstance(names, str):
        return [name.strip() for name in names.split(",")]
    return [str(names)] if isinstance(names, Symbol) else [str(name) for name in names]
