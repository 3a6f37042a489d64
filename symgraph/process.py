"""What the command and its workers set for themselves, before SymPy is imported: how much is kept, how often searched.

>>> prepare()
>>> os.environ["SYMPY_CACHE_SIZE"].isdigit()
True
"""

from __future__ import annotations

import gc
import os

__all__ = ["prepare"]


def prepare() -> None:
    """Let the garbage collector look seldom, and SymPy remember more.

    Most of what is imported stays: looking through it would take a third of the time of a long run. SymPy remembers a
    thousand results of each function unless it is told otherwise; the problems of one class repeat more than that, and
    ten thousand take 3 MB.
    """
    gc.set_threshold(100_000, 50, 50)
    os.environ.setdefault("SYMPY_CACHE_SIZE", "10000")
