"""Vectors and matrices told folded: the layers and one component of each, with one formula for all where there is one.

Which formula holds for every component is not guessed: the derivative by one component has its indices replaced by
letters, and is compared with the derivative by every other component.

>>> from symgraph.calculus.derivatives import find
>>> found = find("sum(a*x^2)", "x", shapes={"a": (3,), "x": (3,)})
>>> law_of(found, "y", found.program.layers[1])
Law(letters=('i',), expr=2*a_i*x_i, over=None)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product as every
from typing import Any, TypeAlias

from sympy import Add, Dummy, Expr, Symbol, factor_terms, nan

from symgraph.calculus.derivatives import Found, derivative
from symgraph.calculus.graph import Edge, Node, find_node
from symgraph.calculus.paths import count_paths
from symgraph.calculus.substitution import replace_symbols, tree_size
from symgraph.explanation.formulas import live_node, numeral, shown, total_rate
from symgraph.explanation.steps import (
    Answer,
    Chain,
    Checks,
    Evaluate,
    LayerDerivative,
    LayerFact,
    LayerValues,
    LocalDerivatives,
    NameLayers,
    NameNodes,
    NoPath,
    Nudge,
    PathFact,
    Step,
    SubstituteBack,
    SumPaths,
    UnitsOff,
)
from symgraph.explanation.typesetting import Chain as Sides
from symgraph.explanation.typesetting import Live, Shown, text
from symgraph.language.components import component_name
from symgraph.language.program import Layer, Program
from symgraph.language.tree import Apply, Name, Number, Rate, Tree

__all__ = ["Law", "fold", "is_folded", "law_of", "representatives"]

FEW = 2  # derivatives that are told one by one
SMALL = 200  # pieces of a formula whose common factor is taken out
LONG = 120  # characters of a line that is still read
WIDE = 40  # characters of an entry that still fits into a matrix
ENTRIES = 40  # of a matrix that is still printed
LETTERS = "ijkmn"

Owners: TypeAlias = Mapping[str, tuple[Layer, tuple[int, ...]]]  # component -> its layer, its index


def is_folded(found: Found) -> bool:
    """Whether there are vectors, and too many derivatives to tell one by one."""
    return any(layer.shape for layer in found.program.layers) and len(found.pairs) > FEW


def representatives(found: Found) -> list[tuple[Node, Node]]:
    """One pair for each output layer and input layer: one that a path joins, with different indices if there is one."""
    chosen: dict[tuple[str, str], tuple[tuple[bool, bool], tuple[Node, Node]]] = {}
    owners = _owners(found.program)
    for of, wrt in found.pairs:
        key = (_owner_name(owners, of), _owner_name(owners, wrt))
        _, index = _place(owners, wrt)
        rank = (count_paths(found.graph, wrt, of) == 0, len(set(index)) < len(index))
        if key not in chosen or rank < chosen[key][0]:
            chosen[key] = (rank, (of, wrt))
    return [pair for _, pair in chosen.values()]


def fold(found: Found, steps: Iterable[Step]) -> list[Step]:
    """The steps of the representatives, with the layers in the place of their components."""
    steps = list(steps)
    needed = {fact.edge for step in steps for path in _paths(step) for fact in path.edges}
    told = {step.chain.left for step in steps if isinstance(step, SumPaths | SubstituteBack)}
    told |= {step.rate for step in steps if isinstance(step, NoPath)}
    owners = _owners(found.program)
    folded: list[Step] = []
    for step in steps:
        if isinstance(step, NameNodes):
            folded.append(_names(found))
        elif isinstance(step, Evaluate):
            folded.extend(_values(found))
        elif isinstance(step, LocalDerivatives):
            folded.extend(_on_the_way(step, needed))
        elif isinstance(step, SumPaths | SubstituteBack):
            folded.append(replace(step, chain=_short(step.chain)))
        elif not isinstance(step, Answer):
            folded.append(step)
        elif step.result is not None and step.rate not in told and not _is_of_layers(owners, step):
            folded.append(SubstituteBack(Chain(step.rate, (step.result,))))
    if not any(isinstance(step, NameNodes) for step in steps):
        folded.insert(0, _names(found))
    ends = [place for place, step in enumerate(folded) if isinstance(step, LayerDerivative | SumPaths)]
    at = _after(folded, ends)
    return [*folded[:at], *_derivatives(found), *folded[at:]]


def _is_of_layers(owners: Owners, answer: Answer) -> bool:
    """Whether it is one component's: these are told together."""
    return _is_component(owners, answer.wrt) or _is_component(owners, answer.of)


def _short(chain: Chain) -> Chain:
    """A chain without the lines in which whole layers are written out."""
    first, *others = chain.lines
    return Chain(chain.left, (first, *(line for line in others if len(text(line)) <= LONG)))


def _paths(step: Step) -> Iterable[PathFact]:
    return step.paths if isinstance(step, SumPaths) else ()


def _after(steps: list[Step], ends: list[int]) -> int:
    """The place before the checks at the end."""
    place = len(steps)
    while place and isinstance(steps[place - 1], Checks | Nudge):
        place -= 1
    return max(place, max(ends, default=-1) + 1)


# Names and values ---------------------------------------------------------------------------------------------------


def _names(found: Found) -> Step:
    facts = []
    for layer in found.program.layers:
        if layer.shape:
            equations = tuple(_equation(found, name) for name in layer.components)
            written = None if layer.tree is None else Sides((Name(layer.name), layer.tree))
            facts.append(LayerFact(layer.name, layer.shape, written, equations[0], equations[-1], equations))
    owners = _owners(found.program)
    rest = [node for node in found.graph if node.formula is not None and not _is_component(owners, node)]
    trees = {_named(found, layer): layer.tree for layer in found.program.layers if not layer.shape}
    numbers = tuple(Sides((Name(node.name), trees.get(node.name) or _formula(node))) for node in rest)
    return NameLayers(tuple(facts), numbers)


def _formula(node: Node) -> Tree:
    assert node.formula is not None
    return node.formula


def _equation(found: Found, name: str) -> Shown:
    node = find_node(found.graph, name)
    return Name(name) if node.formula is None else Sides((Name(name), node.formula))


def _values(found: Found) -> list[Step]:
    """Every layer as a vector or matrix of numbers, then the other numbers."""
    values = found.values
    if values is None:
        return []
    chains = []
    for layer in found.program.layers:
        if layer.shape and len(layer.components) <= ENTRIES:
            numbers = [_moving(found, find_node(found.graph, name)) for name in layer.components]
            chains.append(Chain(Name(layer.name), (_shaped(layer, numbers),)))
    owners = _owners(found.program)
    for node in found.graph:
        if not _is_component(owners, node):
            chains.append(Chain(Name(node.name), (_moving(found, node),)))
    passed: dict[Node, bool] = {}
    for edge, value in values.edges.items():
        if edge.rule in ("relu", "maximum"):
            passed[edge.head] = passed.get(edge.head, False) or value != 0
    off = tuple(node for node, anything in passed.items() if not anything)
    steps: list[Step] = [LayerValues(tuple(chains))]
    return [*steps, UnitsOff(off)] if off else steps


def _moving(found: Found, node: Node) -> Any:
    """A node's value; it may stand wherever a number may."""
    assert found.values is not None
    return live_node(node, found.values.nodes[node])


def _rate_moving(found: Found, of: str, wrt: str) -> Any:
    """A derivative at the point; it may stand wherever a number may."""
    return Live(numeral(found.numbers[of, wrt]), f"{of}/{wrt}")


def _on_the_way(step: LocalDerivatives, needed: set[Edge]) -> list[Step]:
    """The edges of the paths that are told, without the others."""
    groups = []
    for group in step.groups:
        edges = tuple(fact for fact in group.edges if fact.edge in needed)
        if edges:
            groups.append(replace(group, edges=edges))
    return [replace(step, groups=tuple(groups))] if groups else []


# Derivatives --------------------------------------------------------------------------------------------------------


def _derivatives(found: Found) -> list[Step]:
    """For every number that is differentiated, and every layer it is differentiated by: all the derivatives."""
    steps: list[Step] = []
    for of in found.ends:
        for layer in found.program.layers:
            if layer.shape and set(layer.components) <= set(found.starts):
                steps.append(_by_layer(found, of, layer))
    return steps if len(steps) <= ENTRIES else []


def _by_layer(found: Found, of: str, layer: Layer) -> Step:
    exprs = {name: _in_nodes(found, of, name) for name in layer.components}
    trees = {name: shown(expr, found.graph) for name, expr in exprs.items()}
    chains: list[Chain] = []
    law = law_of(found, of, layer)
    if law is not None:
        name = component_name(layer.name, law.letters, layer.shape)
        tree = _with_one_factor(law.expr, found)
        if law.over is not None:
            letter, count = law.over
            tree = Apply("sum", (tree, Name(letter), Number(1), Number(count)))
        chains.append(Chain(Rate(of, name), (tree,)))
    small = len(trees) <= ENTRIES
    narrow = small and max(len(text(tree)) for tree in trees.values()) * layer.shape[-1] <= WIDE
    lines: list[Shown] = []
    if narrow and law is None:
        lines.append(_shaped(layer, list(trees.values())))
    if found.values is not None and small:
        lines.append(_shaped(layer, [_rate_moving(found, of, name) for name in layer.components]))
    if lines:
        chains.append(Chain(Rate(of, layer.name), tuple(lines)))
    folded = []
    for name, tree in trees.items():
        number = None if found.values is None else _rate_moving(found, of, name)
        rate = total_rate(find_node(found.graph, of), find_node(found.graph, name), found.graph)
        folded.append(Chain(rate, (tree,) if number is None or number.body == tree else (tree, number)))
    return LayerDerivative(of, layer.name, len(trees), law is not None, tuple(chains), tuple(folded))


def _in_nodes(found: Found, of: str, wrt: str) -> Expr:
    """A derivative in the symbols of nodes, as the sweep gives it."""
    return derivative(found.graph, find_node(found.graph, wrt), find_node(found.graph, of), found.program.limits)


@dataclass(frozen=True, slots=True)
class Law:
    """One formula for every component: letters in the place of its indices, perhaps summed over one letter more."""

    letters: tuple[str, ...]
    expr: Expr
    over: tuple[str, int] | None = None  # the letter, and up to where it runs


def law_of(found: Found, of: str, layer: Layer) -> Law | None:
    """The formula that gives the derivative by every component of a layer; None if there is none."""
    if len(layer.components) < 2:
        return None
    indices = list(every(*(range(1, side + 1) for side in layer.shape)))
    sample = next((index for index in indices if len(set(index)) == len(index)), None)
    used = {node.name for node in found.graph} | {each.name for each in found.program.layers}
    letters = tuple(letter for letter in LETTERS if letter not in used)[: len(layer.shape) + 1]
    if sample is None or len(letters) < len(layer.shape) + 1:
        return None
    exprs = {index: _in_nodes(found, of, component_name(layer.name, index, layer.shape)) for index in indices}
    owners = _owners(found.program)
    plain = _Pattern.of(exprs[sample], dict(zip(sample, letters[:-1], strict=True)), owners)
    if plain is not None and all(
        _rebuilt(own) == _rebuilt(plain.at(dict(zip(letters, index, strict=False)), found))
        for index, own in exprs.items()
    ):
        return Law(letters[:-1], plain.expr)
    return _summed(found, exprs, sample, letters, owners)


def _summed(
    found: Found,
    exprs: Mapping[tuple[int, ...], Expr],
    sample: tuple[int, ...],
    letters: tuple[str, ...],
    owners: Owners,
) -> Law | None:
    """The same, where the derivative is a sum with one term for each component of another layer."""
    whole = exprs[sample]
    if not isinstance(whole, Add):
        return None
    count, last = len(whole.args), letters[-1]
    other = next(number for number in range(1, len(sample) + 2) if number not in sample)
    named = {**dict(zip(sample, letters, strict=False)), other: last}
    for term in sorted(whole.args, key=str):
        pattern = _Pattern.of(term, named, owners)
        if pattern is None or other > count or last not in pattern.letters:
            continue
        for index, own in exprs.items():
            place = dict(zip(letters, index, strict=False))
            terms = (pattern.at({**place, last: k}, found) for k in range(1, count + 1))
            if _rebuilt(own) != _rebuilt(Add(*terms)):
                break
        else:
            return Law(letters[:-1], pattern.expr, (last, count))
    return None


@dataclass(frozen=True)
class _Pattern:
    """An expression in which the indices of components are letters."""

    expr: Expr
    places: Mapping[Symbol, tuple[Layer, tuple[str, ...]]]  # x_ij -> x, (i, j)

    @property
    def letters(self) -> set[str]:
        return {letter for _, place in self.places.values() for letter in place}

    @classmethod
    def of(cls, expr: Expr, named: Mapping[int, str], owners: Owners) -> _Pattern | None:
        """The pattern of an expression; None when an index has no letter."""
        moves: dict[Symbol, Expr] = {}
        places: dict[Symbol, tuple[Layer, tuple[str, ...]]] = {}
        for symbol in sorted(expr.atoms(Symbol), key=str):
            owner, index = owners.get(str(symbol), (None, ()))
            if owner is None:
                continue
            if any(each not in named for each in index):
                return None
            place = tuple(named[each] for each in index)
            moves[symbol] = Symbol(component_name(owner.name, place, owner.shape))
            places[moves[symbol]] = (owner, place)
        return cls(replace_symbols(expr, moves), places)

    def at(self, numbers: Mapping[str, int], found: Found) -> Expr:
        """The expression for given indices; nan where a component does not exist."""
        back: dict[Symbol, Expr] = {}
        for symbol, (owner, place) in self.places.items():
            index = tuple(numbers[letter] for letter in place)
            if any(each > side for each, side in zip(index, owner.shape, strict=True)):
                return nan
            back[symbol] = found.program.symbol(component_name(owner.name, index, owner.shape))
        return replace_symbols(self.expr, back)


def _rebuilt(expr: Expr) -> Expr:
    """An expression as SymPy itself would build it, so that two of one kind are equal."""
    away = {symbol: Dummy() for symbol in expr.atoms(Symbol)}
    return replace_symbols(replace_symbols(expr, away), {dummy: symbol for symbol, dummy in away.items()})


def _with_one_factor(expr: Expr, found: Found) -> Tree:
    """A small sum with what all its terms have in common before it, or below it."""
    if not isinstance(expr, Add) or tree_size(expr) > SMALL:
        return shown(expr, found.graph)
    number, rest = expr.primitive()
    tree = shown(factor_terms(rest), found.graph)
    if number == 1:
        return tree
    if number.p == 1:
        return Apply("divide", (tree, Number(int(number.q))))
    return Apply("multiply", (shown(number), tree))


# Layers and components ----------------------------------------------------------------------------------------------


def _owners(program: Program) -> Owners:
    """Every component with its layer and its index in it."""
    found: dict[str, tuple[Layer, tuple[int, ...]]] = {}
    for layer in program.layers:
        indices = every(*(range(1, side + 1) for side in layer.shape))
        if layer.shape:
            found.update({name: (layer, index) for name, index in zip(layer.components, indices, strict=True)})
    return found


def _owner_name(owners: Owners, node: Node) -> str:
    return owners[node.name][0].name if node.name in owners else node.name


def _place(owners: Owners, node: Node) -> tuple[Layer | None, tuple[int, ...]]:
    return owners.get(node.name, (None, ()))


def _is_component(owners: Owners, node: Node) -> bool:
    return node.name in owners


def _named(found: Found, layer: Layer) -> str:
    """A layer's name; that of the output, for the expression that nobody named."""
    ends = dict(zip(found.program.outputs, found.graph.graph["outputs"], strict=True))
    return layer.name or str(ends[""].name)


def _shaped(layer: Layer, entries: list[Tree]) -> Tree:
    """Entries in the shape of a layer."""
    if len(layer.shape) == 1:
        return Apply("vector", tuple(entries))
    width = layer.shape[1]
    rows = (entries[start : start + width] for start in range(0, len(entries), width))
    return Apply("matrix", tuple(Apply("vector", tuple(row)) for row in rows))
