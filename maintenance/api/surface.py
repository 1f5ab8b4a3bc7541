"""The public surface of one tree, and what of it another tree breaks.

griffe reads the source; nothing of the package is imported or run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Mapping

import griffe

from .deprecated import old_names, renamed_parameters
from .errors import ApiError
from .page import PAGE, Promise, promises

__all__ = ["breakages", "public_names", "surface"]

PACKAGE = "geventconnpool_ext"
# Only how a class keeps its attributes, which griffe takes for a name of its own.
_NO_PROMISE = ("__slots__",)

Surface = Mapping[str, griffe.Module]
"""One module for each that is public, with an alias for each of its public names."""


def surface(root: Path, promised: Mapping[str, Promise] | None = None) -> Surface:
    """Return what is public in the tree *root*: by its own page, or as *promised*.

    Where something promised is not there, it is missing in what is returned; where
    the tree's own page promises it, that is an ApiError.
    """
    try:
        # Not what happens to be in the working directory.
        package = griffe.load(
            PACKAGE,
            search_paths=[root],
            try_relative_path=False,
            resolve_aliases=True,
        )
    except ImportError:
        raise ApiError(f"{root} has no package {PACKAGE}") from None
    assert isinstance(package, griffe.Object)
    found = {}
    for name, promise in (promised or promises(root)).items():
        public = griffe.Module(name)
        module = _member(package, name[len(PACKAGE) + 1 :])
        for path in _paths(module, promise):
            target = _member(module, path) or _still(module, path)
            if target is not None:
                # A member that its underscore would hide; its class stands beside it.
                target.public = True
                if "." not in path:
                    public.members[path] = griffe.Alias(path, target, parent=public)
            elif promised is None:
                raise ApiError(
                    f"{PAGE} calls {name}.{path} public, but there is no such name:"
                    " mend one of the two"
                )
        found[name] = public
    return found


def _paths(module: griffe.Object | None, promise: Promise) -> list[str]:
    paths = list(promise.names)
    if module is not None and promise.everything:
        paths += [str(name) for name in module.exports or ()]
        paths += old_names(module)
    return paths


def _member(start: griffe.Object | None, path: str) -> griffe.Object | None:
    """What *path* leads to from *start*, where that is defined; None if nowhere."""
    found = start
    for name in path.split(".") if path else ():
        member = found.all_members.get(name) if found is not None else None
        if member is not None and member.is_module and member.parent is start:
            # The function retry hides the module of its name, though not from griffe.
            member = member.members.get(name, member)
        found = _defined(member)
    return found


def _still(module: griffe.Object | None, name: str) -> griffe.Object | None:
    """What an old name of *module* stands for, which is gone but still works."""
    now = old_names(module).get(name) if module is not None else None
    return None if now is None else _member(module, now)


def _defined(member: griffe.Object | griffe.Alias | None) -> griffe.Object | None:
    if isinstance(member, griffe.Alias):
        return member.final_target
    return member


def public_names(modules: Surface) -> set[str]:
    """The dotted names of all that is public at the top of a module."""
    return {
        f"{name}.{inner}"
        for name, public in modules.items()
        for inner in public.members
    }


def breakages(old: Surface, new: Surface) -> list[str]:
    """What worked with *old* and does not with *new*, one line each, sorted."""
    said = set()
    for name, public in old.items():
        for breakage in griffe.find_breaking_changes(public, new[name]):
            if breakage.obj.name not in _NO_PROMISE and not _still_taken(breakage):
                said.add(_told(breakage))
    return sorted(said)


def _still_taken(breakage: griffe.Breakage) -> bool:
    """Whether it is about a parameter that has another name, and still its old one."""
    renamed = renamed_parameters(breakage.obj)
    if breakage.kind is griffe.BreakageKind.PARAMETER_REMOVED:
        return breakage.old_value.name in renamed
    if breakage.kind is griffe.BreakageKind.PARAMETER_ADDED_REQUIRED:
        return breakage.new_value.name in renamed.values()
    return False


def _told(breakage: griffe.Breakage) -> str:
    where = breakage.obj.path
    for value in (breakage.old_value, breakage.new_value):
        if isinstance(value, griffe.Parameter):
            where += f"({value.name})"
            break
    said = breakage.kind.value
    return f"{where}: {said[0].lower()}{said[1:]}"
