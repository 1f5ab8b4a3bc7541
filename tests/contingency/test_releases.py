"""The page's ways back from a bad release: real pip, and an index that is the test's.

The commands of three sections and of the preparation for them are one story: each
begins where the last ended.
"""

from __future__ import annotations

import pytest

from . import page

STORY = [
    "Before anything breaks",
    "gevent broke us",
    "We broke",
    "A release on the index is bad",
]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_every_command_about_releases_does_what_the_page_says(world):
    steps = [step for section in STORY for step in page.steps(section)]
    said = None
    for step, following in zip(steps, [*steps[1:], None]):
        if step.language == "test":
            world.direct(step.body)
        elif step.language == "requirements":
            name, lines = page.named_file(step)
            world.scratch.write(name, lines)
        elif step.language == "sh":
            status, said = world.scratch.run(step.body)
            fails = following is not None and following.language == "fails"
            assert (status != 0) == fails, "{}\n{}".format(step, said)
        elif step.language in ("output", "fails"):
            for line in step.body.splitlines():
                assert line in said, "{}\nis not in\n{}".format(step, said)
        else:
            pytest.fail("nobody runs {}".format(step))
