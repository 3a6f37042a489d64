"""A whole document as plain data, for JSON: facts, and every formula as text and LaTeX.

>>> from symgraph.explanation.explainer import explain
>>> as_data(explain("x^2"))["edges"]
[{'tail': 'x', 'head': 'y', 'key': 0, 'partial': {'text': '2x', 'latex': '2x'}}]
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from symgraph.calculus.graph import Edge, Node, edges_into
from symgraph.calculus.paths import Path
from symgraph.explanation import typesetting
from symgraph.explanation.formulas import shown
from symgraph.explanation.letters import count_text
from symgraph.explanation.views import View
from symgraph.language.numerals import digit_count
from symgraph.language.tree import Apply, Name, Number, Rate

if TYPE_CHECKING:
    from symgraph.explanation.explainer import Explanation

__all__ = ["as_data"]


def as_data(explanation: Explanation) -> dict[str, Any]:
    """The whole document as plain data, for JSON: facts, and every formula as text and LaTeX."""
    graph = explanation.graph
    return {
        "schema": 1,
        "inputs": [node.name for node in graph.graph["inputs"]],
        "outputs": [node.name for node in graph.graph["outputs"]],
        "grain": graph.graph["grain"],
        "nodes": [{"name": node.name, "formula": _data(node.formula)} for node in graph],
        "edges": [
            {
                "tail": edge.tail.name,
                "head": edge.head.name,
                "key": edge.key,
                "partial": _data(shown(edge.partial, graph)),
            }
            for node in graph
            for edge in edges_into(graph, node)
        ],
        "question": explanation.question,
        "steps": [{"kind": View.kind(step), **_data(step)} for step in explanation.steps],
        "parts": [as_data(part) for part in explanation.parts],
    }


_WRITTEN_DIGITS = 4300  # of an integer that Python writes out, and reads, without being told that it may


def _data(value: Any) -> Any:
    """One fact as plain data; a count with more digits than Python writes out becomes text, about 10^4341."""
    if isinstance(value, Node):
        return value.name
    if isinstance(value, Edge):
        return [value.tail.name, value.head.name, value.key]
    if isinstance(value, Path):
        return [node.name for node in value.nodes]
    if isinstance(value, Number | Name | Apply | Rate) or type(value).__module__ in (
        typesetting.Live.__module__,
        "symgraph.language.tree",
    ):
        return {"text": typesetting.text(value, whole=True), "latex": typesetting.latex(value, whole=True)}
    if is_dataclass(value):
        return {field.name: _data(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return [_data(each) for each in value]
    if isinstance(value, int) and digit_count(value) > _WRITTEN_DIGITS:
        return count_text(value)
    return value
