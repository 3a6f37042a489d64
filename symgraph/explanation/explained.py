"""A Python function that can explain itself.

>>> @explained
... def f(a, b):
...     c = a + b
...     d = b + 1
...     return c * d
>>> f(2, 1)
6
>>> f.explain(2, 1, wrt="b").value
5
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import MethodType
from typing import Any

from symgraph.errors import ProgramError
from symgraph.explanation.explainer import Explanation, explain

__all__ = ["Explained", "explained"]


class Explained:
    """A function as it was, with `explain`."""

    __wrapped__: Callable[..., Any]

    def __init__(self, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self.__wrapped__(*arguments, **options)

    def __get__(self, instance: object, owner: type) -> Explained:
        return self if instance is None else Explained(MethodType(self.__wrapped__, instance))

    def explain(self, *values: Any, **options: Any) -> Explanation:
        """Explain its derivatives: at these values of its parameters, if there are any; the options are `explain`'s.

        Raises:
            SymgraphError: see `explain`.
        """
        if values:
            parameters = list(inspect.signature(self).parameters)
            if "at" in options or len(values) > len(parameters):
                raise ProgramError(f"{self.__wrapped__.__name__} gets more values than it has parameters")
            options["at"] = dict(zip(parameters, values, strict=False))
        return explain(self, **options)


def explained(function: Callable[..., Any]) -> Explained:
    """A decorator: the function stays what it is, and gets a method `explain`."""
    return Explained(function)
