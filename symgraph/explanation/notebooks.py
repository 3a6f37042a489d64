"""An explanation in a notebook: as a cell's output, as a notebook of its own, as a page in a frame.

Notebooks that nobody has trusted yet show no SVG and flatten MathML; TeX and images they show.
"""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

from symgraph.errors import SymgraphError
from symgraph.explanation.dressing import companions, data_address, dress
from symgraph.explanation.formats import CELL, FORMATS, plain_latex
from symgraph.explanation.views import View

if TYPE_CHECKING:
    from symgraph.explanation.explainer import Explanation

__all__ = ["answers_in_latex", "cell", "framed", "markdown_cell", "notebook"]


def notebook(explanation: Explanation) -> str:
    """The telling as Markdown cells, pictures inside, and a cell of code that makes it again."""
    sections = re.split(r"\n(?=##? )", markdown_cell(explanation))
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": f"step-{number}", "metadata": {}, "source": section.strip()}
        for number, section in enumerate(sections)
    ]
    cells.append(
        {
            "cell_type": "code",
            "id": "again",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": f"import symgraph\n\nsymgraph.explain({explanation.program.text!r})",
        }
    )
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def cell(explanation: Explanation) -> str:
    """The telling as HTML, with TeX and images, which every notebook shows: no script, no style, no MathML, no SVG."""
    return dress(explanation, CELL)


def answers_in_latex(explanation: Explanation) -> str:
    """The answers alone, in LaTeX between dollars."""
    shown = View(explanation).final_formulas()
    return "$" + r" \qquad ".join(rf"\displaystyle {plain_latex(each)}" for each in shown) + "$"


def markdown_cell(explanation: Explanation) -> str:
    """Markdown with its pictures inside."""
    text = dress(explanation, FORMATS["md"])
    for name, picture in companions(explanation, "graph").items():
        text = text.replace(f"]({name})", f"]({data_address(picture)})")
    return text


def framed(explanation: Explanation, height: str = "70vh") -> str:
    """The page in a frame, so that no style leaks either way; a notebook shows it once it is trusted.

    Raises:
        SymgraphError: the height is no CSS length, such as "70vh" or "600px".
    """
    if not re.fullmatch(r"[0-9]{1,5}(?:px|vh|em|rem|%)", height):
        raise SymgraphError(f"{height!r} is no height: write 70vh or 600px")
    page = html.escape(dress(explanation, FORMATS["html"]))
    return f'<iframe srcdoc="{page}" style="width:100%;height:{height};border:0" title="symgraph"></iframe>'
