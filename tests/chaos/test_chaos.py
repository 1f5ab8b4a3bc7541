"""Twenty seconds of everything at once; ``nox -s chaos`` does it for longer."""

from __future__ import annotations

import pytest

from geventconnpool_ext.testing import Fault

from .conductor import Settings, run
from .report import table


@pytest.mark.slow
@pytest.mark.timeout(110)
def test_nothing_is_lost_doubled_or_crossed_while_everything_goes_wrong(tmp_path):
    # Full again within 5 s holds for a machine that does nothing else; here another
    # test runs beside it, and coverage slows down both.
    result = run(Settings(seconds=20, seed=1, whole_within=14.0), str(tmp_path))

    assert result.broken() == [], "\n".join(
        [*result.verdict.problems[:10], table(result)]
    )
    # Else it has shown nothing.
    told = result.verdict.outcomes
    assert told["answered"] > 300
    assert told["interrupted"] > 30
    assert told["ambiguous"] > 5
    assert result.verdict.ambiguous_executed > 0
    assert len(result.operator) == 8
    assert len(result.verdict.by_fault) > len(Fault) / 2
