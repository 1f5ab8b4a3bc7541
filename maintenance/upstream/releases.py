"""Asks the package index which versions of upstream it has."""

from __future__ import annotations

from dataclasses import dataclass

import requests
from pypi_simple import (
    PYPI_SIMPLE_ENDPOINT,
    NoSuchProjectError,
    PyPISimple,
    UnsupportedContentTypeError,
)

__all__ = ["Found", "IndexUnreachable", "versions"]


class IndexUnreachable(Exception):
    """The index gave no answer that says which versions there are."""


@dataclass(frozen=True)
class Found:
    """A version on the index; ``yanked`` if every file of it is."""

    version: str
    date: str
    yanked: bool


def versions(project: str, index: str | None = None) -> list[Found]:
    """The versions that the index has, wheels counted too, oldest first.

    Raises IndexUnreachable.
    """
    try:
        with PyPISimple(index or PYPI_SIMPLE_ENDPOINT) as client:
            page = client.get_project_page(project, timeout=30)
    except NoSuchProjectError:
        # Gone from the index is not the same as nothing new.
        raise IndexUnreachable(f"it has no project {project}") from None
    except (requests.RequestException, UnsupportedContentTypeError) as error:
        raise IndexUnreachable(str(error)) from None
    found: dict[str, Found] = {}
    for package in page.packages:
        if package.version is None:
            continue
        day = package.upload_time.date().isoformat() if package.upload_time else ""
        before = found.get(package.version, Found(package.version, day, True))
        yanked = before.yanked and package.is_yanked
        found[package.version] = Found(package.version, before.date or day, yanked)
    return sorted(found.values(), key=lambda version: version.date)
