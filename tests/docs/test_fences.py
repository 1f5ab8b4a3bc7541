"""Each block of Python on a page is run by a test."""

from __future__ import annotations

import ast

import pytest

from .fences import EXAMPLE_PAGES, PAGES, ROOT, python_openings

# A block with a word after `python` is run by this test, not by test_examples.
TESTS = {
    ("epp", "registry"): (
        "test_guides",
        "test_gunicorn_s_files_log_in_at_the_fork_and_out_at_the_end",
    ),
    ("epp", "gunicorn"): (
        "test_guides",
        "test_gunicorn_s_files_log_in_at_the_fork_and_out_at_the_end",
    ),
    ("epp", "runserver"): (
        "test_threads_that_end",
        "test_requests_in_threads_of_their_own_leave_no_descriptors",
    ),
    ("epp", "pytest"): ("test_guides", "test_the_tests_of_the_guide_pass"),
    ("migrating", "epplib"): (
        "test_migrating_code",
        "test_the_code_with_epplib_runs_with_either_kind",
    ),
    ("operating", "logging"): (
        "test_operating",
        "test_with_the_page_s_lines_the_log_shows_info",
    ),
    ("operating", "outcome"): (
        "test_operating",
        "test_info_tells_ours_from_somebody_else_s_and_from_none",
    ),
    ("recipes", "patching"): (
        "test_recipes",
        "test_without_the_patch_one_slow_command_stops_every_greenlet",
    ),
    ("recipes", "lines"): (
        "test_recipes",
        "test_lines_over_raw_sockets_are_asked_again_and_none_is_lost",
    ),
    ("recipes", "redis"): (
        "test_recipes",
        "test_redis_notes_survive_and_pushes_are_told_truly",
    ),
    ("recipes", "smtp"): (
        "test_recipes",
        "test_mail_is_lost_by_no_restart_and_comes_twice_under_one_id_only",
    ),
    ("recipes", "fan-out"): (
        "test_recipes",
        "test_as_many_are_asked_at_once_as_there_are_connections",
    ),
    ("recipes", "health"): (
        "test_recipes",
        "test_the_health_endpoint_follows_the_peer",
    ),
    ("recipes", "signal"): (
        "test_recipes",
        "test_a_signal_resizes_the_pool_and_logs_in_again",
    ),
    ("recipes", "exit"): (
        "test_recipes",
        "test_at_the_end_every_session_is_logged_out",
    ),
    ("versioning", "parameter"): (
        "test_versioning",
        "test_a_parameter_s_old_name_works_and_warns",
    ),
    ("versioning", "name"): (
        "test_versioning",
        "test_a_module_s_old_name_works_and_warns",
    ),
}
# Run by none, and why.
NOT_RUN = {
    (
        "migrating",
        "before",
    ): "an outline of the old code, whose names are its readers' own",
}


def blocks():
    """Every block of Python that no example is, as (page, opening line)."""
    for page in PAGES:
        for line in python_openings(page.read_text("utf-8")):
            if not (line == "```python" and page in EXAMPLE_PAGES):
                yield page.relative_to(ROOT).as_posix(), line


def opening(block):
    page, word = block
    return "docs/{}.md".format(page), "```python " + word


def test_every_block_of_python_is_run_by_a_test_or_named_with_a_reason():
    assert sorted(blocks()) == sorted(map(opening, {**TESTS, **NOT_RUN}))
    assert not set(TESTS) & set(NOT_RUN)


@pytest.mark.parametrize("block", sorted(TESTS), ids=" ".join)
def test_the_test_that_runs_a_block_is_there_and_asks_for_it(block):
    module, name = TESTS[block]
    text = (ROOT / "tests" / "docs" / (module + ".py")).read_text("utf-8")
    (test,) = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    texts = [
        node.value
        for node in ast.walk(test)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    word = block[1]
    assert [text for text in texts if text == word or "python " + word in text]


@pytest.mark.parametrize(
    "text",
    [
        "```python\n",
        "```python word\n",
        "   ```python\n",
        "> ```python\n",
        "```py\n",
        "````Python3\n",
        "~~~ python\n",
        "```{code-block} python\n",
        "``` pycon\n",
        ".. code-block:: python\n",
    ],
)
def test_a_block_is_found_however_it_is_written(text):
    assert python_openings("Text\n\n" + text + "x = 1\n") == [text.rstrip()]


def test_no_other_block_is_taken_for_python():
    text = "```sh\npython -m pip\n```\n```\n>>> 1\n```\n```text logged\n"
    assert python_openings(text) == []
