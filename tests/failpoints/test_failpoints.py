"""Nothing is lost at any failpoint, and the next attempt succeeds."""

from __future__ import annotations

import pytest

from daemon.base.failpoint import FAILPOINTS
from tests.failpoints.scenarios import SCENARIOS
from tests.failpoints.trial import Trial, all_trials, carry_out


def test_each_verb_with_failpoints_has_its_scenarios() -> None:
    assert {point.partition(".")[0] for point in FAILPOINTS} == set(SCENARIOS)


@pytest.mark.parametrize("trial", list(all_trials()), ids=str)
def test_nothing_is_lost(trial: Trial) -> None:
    assert carry_out(trial).faults == []
