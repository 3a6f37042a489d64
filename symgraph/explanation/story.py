"""From a graph, its answers and perhaps a point to the steps that tell them.

One function a kind of step; `tell` says which and in which order. No words and no markup here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Integer, Integral, Mul, Rational

from symgraph.calculus.crosscheck import Report
from symgraph.calculus.evaluation import Values, evaluate, in_decimals, rates, tidy
from symgraph.calculus.factoring import factor
from symgraph.calculus.graph import Edge, Graph, Node, edges_into
from symgraph.calculus.paths import Path, count_all, find_paths, largest_paths
from symgraph.calculus.patterns import occurrences
from symgraph.calculus.substitution import tree_size
from symgraph.calculus.sweeps import Row, forward, reverse
from symgraph.errors import DomainError, SymgraphError, TooLargeToShow
from symgraph.explanation.formulas import (
    SHORT_RATE,
    Slots,
    WrittenOut,
    company,
    edge_rate,
    factors,
    live_edge,
    live_node,
    live_rate,
    marked,
    merged_rate,
    numeral,
    product,
    shown,
    slotted,
    total,
    total_rate,
    without_constants,
    without_minus,
)
from symgraph.explanation.steps import (
    Answer,
    Chain,
    Checks,
    EdgeFact,
    Evaluate,
    FactorPaths,
    FollowPaths,
    Ledger,
    LocalDerivatives,
    ManyPaths,
    NameNodes,
    NoPath,
    Nudge,
    PathFact,
    Quantity,
    Readings,
    RuleGroup,
    Step,
    SubstituteBack,
    SumPaths,
    SweepRow,
    SweepTable,
    TooLarge,
)
from symgraph.explanation.typesetting import Live, Shown, text
from symgraph.language.tree import (
    BINDERS,
    Apply,
    Constant,
    Name,
    Number,
    Text,
    Tree,
    Undefined,
    names_in,
    rebuild,
    same,
)
from symgraph.limits import Limits

__all__ = ["LETTERS", "Asked", "Told", "tell"]

LETTERS = "ABCDEF"  # each has a colour and a dash pattern; more could not be told apart
SHOWN_ROWS = 40  # of a table, before its middle is left out
NAMED_RULES = ("maximum", "minimum", "piecewise")  # whose sentence is their own even with one thing that varies
TOLD_EDGES = 8  # edges that are all told, whether or not they are on the way
FOLLOWED = 10  # edges of all paths together that are told one by one, in rates
WRITTEN = 120  # characters of a sum that is still shown written in the inputs before it is simplified
BRACKETS = 6  # nodes at which paths meet that are named one by one
LARGEST = 3  # terms shown of a sum that is too long to list
NUDGED = 10**300  # the largest number of which a push by a thousandth is told


@dataclass(frozen=True)
class Asked:
    """Everything that a telling is made from."""

    graph: Graph
    pairs: list[tuple[Node, Node]]  # (output, input)
    answers: Mapping[tuple[str, str], Expr]
    values: Values | None
    report: Report
    detail: str
    modes: bool | None
    limits: Limits
    slots: Slots = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "slots", slotted(self.graph))


@dataclass(frozen=True)
class Told:
    """The steps, the answers' values at the point, and the letter of each marked path."""

    steps: tuple[Step, ...]
    numbers: Mapping[tuple[str, str], Expr]
    letters: Mapping[str, Path]


def tell(asked: Asked) -> Told:
    """The steps of the whole document, in the article's order."""
    teller = _Teller(asked)
    steps = [step for step in teller.steps() if step is not None]
    return Told(tuple(steps), teller.numbers, teller.letters)


class _Teller:
    """Makes the steps; holds what several of them need."""

    def __init__(self, asked: Asked) -> None:
        self.asked, self.graph, self.values = asked, asked.graph, asked.values
        self.edge_count = len(asked.graph.edges)  # counted edge by edge, and asked for at every node
        self.letters: dict[str, Path] = {}
        self.paths: dict[tuple[Node, Node], list[PathFact]] = {}
        self.counts = count_all(self.graph, asked.pairs)
        self.numbers = self._numbers()
        self.facts = _Facts(self._edge_fact)
        self._list_paths()
        self.nodes = [node for node in self.graph if node.formula is not None]
        self.company = set(company(self.graph, [wrt for _, wrt in asked.pairs]))
        self.long = self.asked.modes or (
            self.asked.modes is None and (len(asked.pairs) > 1 or any(number > 1 for number in self.counts.values()))
        )

    def steps(self) -> Iterator[Step | None]:
        """Every step, None where there is nothing to say."""
        asked = self.asked
        if asked.graph.graph["program"].readings:
            yield Readings(asked.graph.graph["program"].readings)
        if asked.detail == "answer":
            for of, wrt in asked.pairs:
                yield self._answer(of, wrt)
            yield self._checks()
            return
        yield self._name_nodes()
        yield self._evaluate()
        if asked.detail == "all":
            yield self._local_derivatives()
        told_answer = False
        for of, wrt in asked.pairs:
            steps = list(self._pair(of, wrt))
            told_answer = any(self._ends_in_answer(step, of, wrt) for step in steps)
            yield from steps
        if asked.detail == "all" and self.long:
            yield from self._modes()
        if len(asked.pairs) > 1 or not told_answer:
            for of, wrt in asked.pairs:
                yield self._answer(of, wrt)
        yield self._nudge()
        yield self._checks()

    def _ends_in_answer(self, step: Step | None, of: Node, wrt: Node) -> bool:
        """Whether a chain's last line is the answer, or there is no path: it need not be said again."""
        if isinstance(step, NoPath):
            return True
        if not isinstance(step, SubstituteBack | SumPaths):
            return False
        try:
            answer = shown(self.asked.answers[of.name, wrt.name], self.graph)
            return any(same(line, answer) for line in step.chain.lines)
        except TooLargeToShow:
            return False

    def _numbers(self) -> dict[tuple[str, str], Expr]:
        """The derivatives' values at the point, by the reverse sweep."""
        if self.values is None:
            return {}
        found: dict[tuple[str, str], Expr] = {}
        for of in dict.fromkeys(of for of, _ in self.asked.pairs):
            at_point = rates(reverse(self.graph, of), self.values)
            found |= {(end.name, wrt.name): at_point[wrt] for end, wrt in self.asked.pairs if end is of}
        return found

    def _edge_fact(self, edge: Edge) -> EdgeFact:
        value = None if self.values is None else live_edge(edge, self.values.edges[edge])
        return EdgeFact(edge, edge_rate(edge, self.asked.slots, self.graph), shown(edge.partial, self.graph), value)

    def _list_paths(self) -> None:
        """The paths of every pair under the limit, each with a letter of its own."""
        few = sum(self.counts.values()) <= len(LETTERS)
        letters = iter(LETTERS)
        for of, wrt in self.asked.pairs:
            if not 0 < self.counts[of, wrt] <= self.asked.limits.listed_paths:
                continue
            facts = []
            for path in find_paths(self.graph, wrt, of):
                letter = next(letters) if few else ""
                facts.append(PathFact(letter, path, tuple(self.facts[edge] for edge in path.edges)))
                if few:
                    self.letters[letter] = path
            self.paths[of, wrt] = facts

    def _quantity(self, node: Node) -> Quantity:
        value = None if self.values is None else live_node(node, self.values.nodes[node])
        return Quantity(node, node.formula, value)

    def _name_nodes(self) -> Step | None:
        """Names help where there is more than one operation."""
        if len(self.nodes) < 2:
            return None
        inner, outer = self.nodes[0], self.nodes[-1]
        chain = len(self.nodes) == 2 and self.edge_count == 2 and self.graph.has_edge(inner, outer)
        return NameNodes(tuple(self._quantity(node) for node in self._middle(self.nodes)), chain)

    def _middle(self, nodes: list[Node]) -> list[Node]:
        """The nodes that a list shows: all of a short one, both ends of a long one."""
        return nodes if len(nodes) <= SHOWN_ROWS else nodes[: SHOWN_ROWS // 2] + nodes[-SHOWN_ROWS // 2 :]

    def _evaluate(self) -> Step | None:
        if self.values is None:
            return None
        point = tuple(self._quantity(node) for node in self.graph.graph["inputs"])
        return Evaluate(point, tuple(self._quantity(node) for node in self._middle(self.nodes)))

    def _local_derivatives(self) -> Step | None:
        groups: dict[tuple[Any, ...], RuleGroup] = {}
        edges = [edge for node in self.nodes[-1:] for edge in edges_into(self.graph, node)]
        if self.edge_count == 1 and edges and _rule_of(edges[0]).rule == "function":
            return None  # the answer is the table's own line
        for node in self._middle(self.nodes):
            for edge in self._telling(node):
                group = _rule_of(edge)
                key = (group.rule, group.argument, group.stays)
                known = groups.get(key, group)
                groups[key] = replace(group, edges=(*known.edges, self.facts[edge]))
        return LocalDerivatives(tuple(groups.values()), self._moved_too()) if groups else None

    def _telling(self, node: Node) -> list[Edge]:
        """The edges into a node that a sentence gives: all of a few, those on the way of many."""
        edges = edges_into(self.graph, node)
        if self.edge_count <= TOLD_EDGES:
            return edges
        starts = {wrt for _, wrt in self.asked.pairs}
        return [edge for edge in edges if edge.tail in starts or edge.tail.formula is not None]

    def _moved_too(self) -> str | None:
        """An input asked about that reaches two arguments of one node: the others are held still all the same."""
        for of, wrt in self.asked.pairs:
            if self.counts[of, wrt] > 1:
                return wrt.name
        return None

    def _pair(self, of: Node, wrt: Node) -> Iterator[Step | None]:
        """The steps of one derivative."""
        rate = total_rate(of, wrt, self.graph)
        number = self.counts[of, wrt]
        if number == 0:
            yield NoPath(wrt, of, rate)
            return
        if (of, wrt) not in self.paths:
            yield ManyPaths(wrt, of, number, self.asked.limits.listed_paths, self._largest(of, wrt))
            yield self._factored(of, wrt)
            try:
                answer = shown(self.asked.answers[of.name, wrt.name], self.graph)
                yield SubstituteBack(Chain(rate, (answer,)))
            except TooLargeToShow as error:
                yield TooLarge(rate, str(error))
            return
        paths = self.paths[of, wrt]
        if of is wrt:
            return
        trivial = len(paths) == 1 and len(paths[0].edges) == 1
        steps = sum(len(path.edges) for path in paths)
        few = steps <= FOLLOWED and (len(paths) > 1 or len(self.asked.pairs) == 1)
        if self.values is not None and not trivial and few and self.asked.detail == "all":
            yield FollowPaths(wrt, of, tuple(paths), True)
        if self.values is not None and not trivial:
            terms = [product([fact.value or Number(1) for fact in path.edges]) for path in paths]
            lines = _distinct([_sum(terms, paths, labels=True), live_rate(of, wrt, self.numbers[of.name, wrt.name])])
            yield SumPaths(wrt, of, tuple(paths), Chain(rate, lines), True)
        yield from self._letters(of, wrt, paths, trivial)
        if self.asked.detail == "all":
            yield self._factored(of, wrt)

    def _factored(self, of: Node, wrt: Node) -> Step | None:
        """What merging saves, where paths meet before the end; without numbers, since brackets are of letters."""
        if self.counts[of, wrt] < 2:
            return None
        found = factor(self.graph, wrt, of)
        if sum(found.merged) >= sum(found.expanded):
            return None
        long = self.counts[of, wrt] > self.asked.limits.listed_paths
        merged = None if long or tree_size(found.value) > 4 * SHORT_RATE else shown(found.value, self.graph)
        chain = None if merged is None else Chain(total_rate(of, wrt, self.graph), (merged,))
        brackets = found.brackets if len(found.brackets) <= BRACKETS and not long else ()
        rows = tuple(self._row("forward", wrt, row, None) for row in brackets)
        return FactorPaths(wrt, of, rows, chain, found.expanded, found.merged)

    def _letters(self, of: Node, wrt: Node, paths: list[PathFact], trivial: bool) -> Iterator[Step | None]:
        """The sum with letters instead of numbers, then written in the inputs, then simplified."""
        rate = total_rate(of, wrt, self.graph)
        lines: list[Shown] = []
        if not trivial:
            rates_along = [product([fact.rate for fact in path.edges]) for path in paths]
            lines.append(_sum(rates_along, paths, labels=self.values is None))
        lines.append(_sum([product([fact.partial for fact in path.edges]) for path in paths], paths))
        written = self._written(paths, wrt)
        if written is not None:
            lines.append(_sum([factors(parts) for parts in written], paths))
        problem = None
        try:
            lines.append(shown(self.asked.answers[of.name, wrt.name], self.graph))
        except TooLargeToShow as error:
            problem = TooLarge(rate, str(error))
        if self.values is not None and self.edge_count == 1:  # elsewhere the edges have shown it
            lines.append(live_rate(of, wrt, self.numbers[of.name, wrt.name]))
        chain = Chain(rate, _distinct(lines))
        if self.values is None and not trivial:
            yield SumPaths(wrt, of, tuple(paths), chain, False)
        elif (
            len(chain.lines) > 1 or len(self.asked.pairs) == 1 or problem is not None
        ):  # else it stands among the answers
            yield SubstituteBack(chain)
        if problem is not None:
            yield problem

    def _written(self, paths: list[PathFact], wrt: Node) -> list[list[Tree]] | None:
        """The local derivatives along each path, written in the inputs; None where that says nothing, or too much."""
        written_out = WrittenOut(self.graph, (wrt.name,))
        found: list[list[Tree]] = []
        for path in paths:
            found.append([])
            for fact in path.edges:
                part = written_out(fact.partial)
                if part is None:
                    return None
                found[-1].append(part)
        length = 0
        for part in (part for parts in found for part in parts):
            length += len(text(part))
            if length > WRITTEN:
                return None
        return found if any(names_in(part) for parts in found for part in parts) else None

    def _largest(self, of: Node, wrt: Node) -> tuple[tuple[Path, Tree], ...]:
        """The largest terms at the point, of a sum that is too long to list."""
        if self.values is None:
            return ()
        sizes = {edge: abs(float(value.evalf(15))) for edge, value in self.values.edges.items()}
        found = []
        for _, path in largest_paths(self.graph, sizes, wrt, of, LARGEST):
            value = tidy(Mul(*(self.values.edges[edge] for edge in path.edges)))
            found.append((path, numeral(value)))
        return tuple(found)

    def _modes(self) -> Iterator[Step | None]:
        """Forward from the inputs asked about, reverse from the outputs, and what each costs."""
        starts = list(dict.fromkeys(wrt for _, wrt in self.asked.pairs))
        ends = list(dict.fromkeys(of for of, _ in self.asked.pairs))
        for wrt in starts[:1] if len(starts) > 2 else starts:
            yield self._table("forward", wrt, forward(self.graph, wrt))
        for of in ends[:1] if len(ends) > 2 else ends:
            yield self._table("reverse", of, reverse(self.graph, of))
        if self.graph.graph["unknown"]:
            return  # there is no such thing as all derivatives
        edges = self.edge_count
        sources, targets = len(self.graph.graph["inputs"]), len(self.graph.graph["outputs"])
        yield Ledger(sources, targets, edges, edges * sources, edges * targets)

    def _table(self, mode: str, start: Node, rows: Iterable[Row]) -> SweepTable:
        every = list(rows)
        at_point = None if self.values is None else rates(every, self.values)
        rows = [row for row in every if row.node in self.company]
        kept = rows if len(rows) <= SHOWN_ROWS else rows[: SHOWN_ROWS // 2] + rows[-SHOWN_ROWS // 2 :]
        table = tuple(self._row(mode, start, row, at_point) for row in kept)
        return SweepTable(mode, start, table, self.edge_count, len(rows) - len(kept))

    def _row(self, mode: str, start: Node, row: Row, at_point: dict[Node, Expr] | None) -> SweepRow:
        def pair_of(node: Node) -> tuple[Node, Node]:
            return (node, start) if mode == "forward" else (start, node)

        def rate_of(node: Node) -> Tree:
            return Number(1) if node is start else total_rate(*pair_of(node), self.graph)

        left = total_rate(row.node, start, self.graph) if mode == "forward" else total_rate(start, row.node, self.graph)
        lines: list[Shown] = []
        if at_point is None:
            terms = []
            for term in row.terms[:SHOWN_ROWS]:
                pair = [rate_of(term.row.node), self.facts[term.edge].partial]
                terms.append(factors(pair if mode == "forward" else pair[::-1]))
            lines.append(total(_cut(terms, row)) if row.terms else shown(row.value, self.graph))
            merged = merged_rate(row, self.graph) if len(self.nodes) <= SHOWN_ROWS else None
            if merged is not None:
                lines.append(merged)
        else:
            terms = []
            for term in row.terms[:SHOWN_ROWS]:
                known = live_rate(*pair_of(term.row.node), at_point[term.row.node])
                both = [known, self.facts[term.edge].value or Number(1)]
                terms.append(product(both if mode == "forward" else both[::-1]))
            rate = at_point[row.node]
            lines = [total(_cut(terms, row)), live_rate(*pair_of(row.node), rate)] if terms else [numeral(rate)]
        rule = None
        if 0 < len(row.terms) <= SHOWN_ROWS:
            along = [(total_rate(*pair_of(near.node), self.graph), self.facts[edge].rate) for edge, near in row.terms]
            rule = Chain(left, (total([product(both if mode == "forward" else both[::-1]) for both in along]),))
        return SweepRow(row.node, left, Chain(left, _distinct(lines)), rule)

    def _answer(self, of: Node, wrt: Node) -> Step | None:
        """The answer; None where it is too large to show and no point gives it a number: another step says so."""
        try:
            result: Tree | None = shown(self.asked.answers[of.name, wrt.name], self.graph)
        except TooLargeToShow:
            result = None
        value = self.numbers.get((of.name, wrt.name))
        number = None if value is None else live_rate(of, wrt, value)
        if result is None and number is None:
            return None
        return Answer(wrt, of, total_rate(of, wrt, self.graph), result, number)

    def _nudge(self) -> Step | None:
        """What a push by a thousandth does, for the first pair that has a path."""
        pairs = [
            pair
            for pair in self.asked.pairs
            if self.counts[pair] and pair[1].formula is None and pair[0] is not pair[1]
        ]
        if self.values is None or not pairs:
            return None
        of, wrt = pairs[-1]
        start = self.values.point[wrt]
        step = Rational(1, 1000) * max(Integer(1), abs(start)) if start.is_Rational else Rational(1, 1000)
        end = tidy(start + step)
        try:
            moved = evaluate(
                self.graph,
                {node.name: (end if node is wrt else value) for node, value in self.values.point.items()},
                derivatives=False,
            )
        except (DomainError, SymgraphError):
            return None
        before, after = (
            in_decimals(value) if value.has(Integral) else value for value in (self.values.nodes[of], moved.nodes[of])
        )
        if any(abs(number) > NUDGED for number in (end, before, after)):
            return None
        away, back = numeral(after, 8, decimal=True), numeral(before, 8, decimal=True)
        if after != before and text(away) == text(back):
            return None  # it moves, but not in the digits that are shown
        ratio = ((after - before) / (end - start)).evalf(15)
        return Nudge(
            wrt,
            of,
            Live(numeral(start, decimal=True), wrt.name),
            Live(numeral(end, 7, decimal=True), f"{wrt.name}+:7"),
            Live(back, f"{of.name}:8"),
            Live(away, f"{of.name}+:8"),
            Live(numeral(ratio, 4, decimal=True), f"{of.name}+/{wrt.name}+:4"),
        )

    def _checks(self) -> Step:
        return Checks(self.asked.report.routes, self.asked.report.points)


def _cut(terms: list[Shown], row: Row) -> list[Shown]:
    """The terms that are shown of a row's sum, with dots for the rest of a long one."""
    return terms if len(terms) == len(row.terms) else [*terms, Text("…")]


class _Facts(dict[Edge, EdgeFact]):
    """What is shown of an edge, made when it is first asked for."""

    def __init__(self, make: Callable[[Edge], EdgeFact]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, edge: Edge) -> EdgeFact:
        self[edge] = self._make(edge)
        return self[edge]


def _rule_of(edge: Edge) -> RuleGroup:
    """The rule that gives an edge its derivative, with what its sentence needs."""
    formula = edge.head.formula
    bare = without_constants(formula)
    if bare is None or bare is formula or not (_is_binder(bare) or len(names_in(bare)) > 1):
        return _rule(edge, formula)
    return replace(_rule(edge, bare), stays="minus" if bare == without_minus(formula) else "factor")


def _rule(edge: Edge, formula: Tree | None) -> RuleGroup:
    if isinstance(formula, Undefined):
        return RuleGroup(edge.rule, ())
    if not isinstance(formula, Apply):
        return RuleGroup("identity", ())
    flat = all(isinstance(argument, Name | Number | Constant) for argument in formula.arguments)
    rule = formula.operator
    varying = [argument for argument in formula.arguments if names_in(argument)]
    if _is_binder(formula):
        return RuleGroup(_place_in_binder(edge.tail.name, formula), ())
    if not flat and rule in ("add", "subtract"):
        return RuleGroup("term_by_term", ())
    if rule in ("multiply", "negate") or (rule == "divide" and varying[0] is formula.arguments[0]):
        if len(varying) == 1:
            return RuleGroup("constant_multiple", ())
        return RuleGroup("monomial" if rule == "multiply" and not flat and _is_monomial(formula) else rule, ())
    if len(varying) != 1 or rule in ("add", "subtract", *NAMED_RULES):
        return RuleGroup(rule, ())
    if isinstance(varying[0], Name):
        return RuleGroup("function", ())
    outer = Apply(rule, tuple(Name(edge.tail.name) if part is varying[0] else part for part in formula.arguments))
    slope, derivative = _slope(varying[0]), _slope(outer)
    if slope is None or derivative is None:
        return RuleGroup("inside", ())
    inside = rebuild(derivative, lambda part: varying[0] if isinstance(part, Name) else None)
    return RuleGroup("linear_inside", (), formula, inside, slope)


def _is_binder(formula: Tree) -> bool:
    return isinstance(formula, Apply) and formula.operator in BINDERS


def _place_in_binder(name: str, binder: Apply) -> str:
    """ "integral_upper" where a name stands in the upper limit alone, and so on; "integral" where it is in several."""
    places = [
        place
        for place, part in zip(("body", "", "lower", "upper"), binder.arguments, strict=True)
        if place and name in names_in(part)
    ]
    return f"{binder.operator}_{places[0]}" if len(places) == 1 else binder.operator


def _is_monomial(formula: Tree) -> bool:
    """Whether it is a product of names and of their powers with constant exponents."""
    if isinstance(formula, Apply) and formula.operator == "multiply":
        return all(_is_monomial(part) for part in formula.arguments)
    if isinstance(formula, Apply) and formula.operator == "power" and not names_in(formula.arguments[1]):
        return isinstance(formula.arguments[0], Name)
    return isinstance(formula, Name) or not names_in(formula)


def _slope(formula: Tree) -> Tree | None:
    """The table's derivative of a formula in which one name stands once."""
    found = occurrences(formula, {})
    return shown(found[0].partial) if len(found) == 1 else None


def _sum(terms: Sequence[Shown], paths: Sequence[PathFact], *, labels: bool = False) -> Shown:
    """One term a path, each marked by its path's letter."""
    under = [path.label for path in paths] if labels and len(paths) > 1 else []
    if len(set(under)) < len(paths):
        under = []
    return marked(terms, [path.letter for path in paths], under)


def _distinct(lines: Sequence[Shown]) -> tuple[Shown, ...]:
    """The lines without those that repeat the one before: a step that changes nothing is not told."""
    kept: list[Shown] = []
    for line in lines:
        if kept and _bare(kept[-1]) == _bare(line):
            kept.pop()
        kept.append(line)
    return tuple(kept)


def _bare(line: Shown) -> str:
    """A formula's text without the dots and brackets that only set its factors apart."""
    return text(line).translate({ord(sign): None for sign in " ·()"})
