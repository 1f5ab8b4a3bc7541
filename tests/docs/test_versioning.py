"""docs/versioning.md: what it tells maintainers to write does what it says."""

from __future__ import annotations

import re
import types
import warnings
from pathlib import Path

import pytest

from geventconnpool_ext._deprecation import deprecated_names, renamed_parameter

PAGE = Path(__file__).resolve().parents[2] / "docs" / "versioning.md"
BLOCKS = dict(
    re.findall(r"^```python (\S+)\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
)
WARNING = "is deprecated since 1.2 and goes in 2.0: use {}"


def run(block, **names):
    """What a block defines, as a module of its own."""
    module = types.ModuleType("module")
    vars(module).update(names)
    exec(compile(BLOCKS[block], str(PAGE), "exec"), vars(module))
    return module


def test_a_parameter_s_old_name_works_and_warns():
    get = run("parameter", renamed_parameter=renamed_parameter).get
    with pytest.warns(DeprecationWarning, match=WARNING.format("'timeout'")) as caught:
        get(None, wait=5)
    assert caught[0].filename == __file__
    with pytest.raises(TypeError, match="give 'timeout' alone"):
        get(None, wait=5, timeout=5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get(None, timeout=5)


def test_a_module_s_old_name_works_and_warns():
    class Pool:
        pass

    module = run("name", deprecated_names=deprecated_names, Pool=Pool)
    wanted = WARNING.format("geventconnpool_ext.Pool")
    with pytest.warns(DeprecationWarning, match=wanted) as caught:
        assert module.OldPool is Pool
    assert caught[0].filename == __file__
    with pytest.raises(AttributeError, match="NoPool"):
        module.NoPool  # noqa: B018 - to read it is the test


def test_the_section_has_no_other_block():
    assert sorted(BLOCKS) == ["name", "parameter"]
