"""A graph with many nodes -> few blocks of nodes that follow each other, for a picture that can still be read.

A block ends where something was named by its author; blocks that are still too many are joined, and the cut is made
where the fewest nodes are needed later: between the layers of a network. Blocks are runs of the order of computation,
so no block needs a later one, and the picture of blocks has no cycle.

>>> from symgraph.calculus.graph import build
>>> lines = ["u0 = x"] + [f"u{k} = u{k - 1}*x + {k}" for k in range(1, 60)]
>>> [str(block) for block in fold(build("; ".join(lines), of="u59"))][:3]
['x', 'u0 … u5', 'u6 … u11']
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symgraph.calculus.graph import Edge, Graph, Node, edges_into

__all__ = ["BLOCKS", "Block", "bundles", "fold"]

BLOCKS = 10  # of operations, in a picture
INPUTS = 6  # that stand alone; more are one block


@dataclass(frozen=True, slots=True)
class Block:
    """Nodes that a picture shows as one."""

    nodes: tuple[Node, ...]

    @property
    def id(self) -> str:
        """Its first node's name, which is no other block's."""
        return self.nodes[0].name

    def __str__(self) -> str:
        return self.id if len(self.nodes) == 1 else f"{self.id} … {self.nodes[-1].name}"


def fold(graph: Graph) -> list[Block]:
    """The blocks of a graph, inputs first, in the order of computation."""
    inputs = [node for node in graph if node.formula is None]
    computed = [node for node in graph if node.formula is not None]
    named = graph.graph["program"].assigned
    ends = [place for place, node in enumerate(computed) if node.name in named or place == len(computed) - 1]
    if len(ends) > BLOCKS or len(ends) < 2:
        ends = _cuts(graph, computed, ends if len(ends) > BLOCKS else range(len(computed)))
    blocks = [Block((node,)) for node in inputs] if len(inputs) <= INPUTS else [Block(tuple(inputs))]
    start = 0
    for end in ends:
        blocks.append(Block(tuple(computed[start : end + 1])))
        start = end + 1
    return blocks


def _cuts(graph: Graph, computed: Sequence[Node], allowed: Sequence[int]) -> list[int]:
    """Where blocks of about the same length end: near each even share, after the node with the fewest still needed."""
    if len(allowed) <= BLOCKS:  # the many nodes are inputs
        return list(allowed)
    place = {node: number for number, node in enumerate(computed)}
    last = {node: max((place[head] for head in graph.successors(node)), default=len(computed)) for node in computed}
    needed, waiting = [], 0
    ending = [0] * (len(computed) + 1)
    for number, node in enumerate(computed):
        waiting += 1 - ending[number]
        ending[last[node]] += 1
        needed.append(waiting)
    share = len(allowed) / BLOCKS
    cuts: list[int] = []
    for number in range(1, BLOCKS):
        middle = round(number * share) - 1
        near = range(max(0, round(middle - share / 3)), min(len(allowed), round(middle + share / 3) + 1))
        cuts.append(min((allowed[at] for at in near), key=lambda end: (needed[end], abs(end - allowed[middle]))))
    return sorted({*cuts, len(computed) - 1})


def bundles(graph: Graph, blocks: Sequence[Block]) -> dict[tuple[str, str], list[Edge]]:
    """The edges between two blocks, by the blocks' ids; edges inside a block are in none."""
    owner = {node: block.id for block in blocks for node in block.nodes}
    found: dict[tuple[str, str], list[Edge]] = {}
    for block in blocks:
        for node in block.nodes:
            for edge in edges_into(graph, node):
                if owner[edge.tail] != block.id:
                    found.setdefault((owner[edge.tail], block.id), []).append(edge)
    return found
