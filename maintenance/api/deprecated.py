"""Old names that still work: read from the source, as ``_deprecation`` is used there.

A name that warns is no break. griffe does not know that, since neither a decorator nor
a module's ``__getattr__`` is run.
"""

from __future__ import annotations

import ast
from typing import Mapping

import griffe

__all__ = ["old_names", "renamed_parameters"]


def renamed_parameters(function: griffe.Object) -> Mapping[str, str]:
    """The old names of a function's parameters, and what each is called now."""
    found = {}
    for decorator in getattr(function, "decorators", ()):
        call = _call(str(decorator.value), "renamed_parameter")
        if call is not None:
            old, new = (ast.literal_eval(argument) for argument in call.args[:2])
            found[old] = new
    return found


def old_names(module: griffe.Object) -> Mapping[str, str]:
    """The old names that a module's ``__getattr__`` gives, and what each stands for."""
    getter = module.members.get("__getattr__")
    value = getattr(getter, "value", None)
    call = _call(str(value), "deprecated_names") if value is not None else None
    if call is None:
        return {}
    names = call.args[1]
    assert isinstance(names, ast.Dict), ast.unparse(call)
    found = {}
    for key, value in zip(names.keys, names.values):
        assert isinstance(key, ast.Constant), ast.unparse(call)
        assert isinstance(value, ast.Tuple), ast.unparse(call)
        found[str(key.value)] = ast.unparse(value.elts[1])
    return found


def _call(text: str, name: str) -> ast.Call | None:
    call = ast.parse(text, mode="eval").body
    if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == name:
        return call
    return None
