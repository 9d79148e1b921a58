"""Counts and samples of ended episodes."""

from __future__ import annotations

import math
from dataclasses import replace

from daemon.protocol.trainer import OutcomeCount, encode_line, report_decoder
from daemon.trainer.loop.episode_log import MOST_REPORTED, EpisodeLog
from env.task.reward import Outcome
from tests.daemon.trainer.test_metrics import LATE

CRASHED = replace(LATE, outcome=Outcome.CRASHED, touchdown_speed_m_s=9.5)
LANDED = replace(LATE, outcome=Outcome.LANDED)


def test_every_episode_counts_and_a_frequent_cause_does_not_hide_a_rare_one() -> None:
    log = EpisodeLog(interval_s=10.0)
    assert log.add([], 0, now_s=0.0) is None
    log = EpisodeLog(interval_s=10.0)
    first = log.add([LANDED], 100, now_s=0.0)
    assert first is not None and not first.failed
    crashes = [replace(CRASHED, seed=seed) for seed in range(1000)]
    assert log.add([LATE, *crashes, LANDED], 200, now_s=9.9) is None
    report = log.add([LANDED], 300, now_s=10.0)
    assert report is not None
    assert report.counts == [
        OutcomeCount(1, "crashed", 1000),
        OutcomeCount(1, "landed", 2),
        OutcomeCount(1, "timeout", 1),
    ]
    assert [one.cause for one in report.failed] == ["timeout"] + ["crashed"] * MOST_REPORTED
    assert [one.seed for one in report.failed[1:]] == list(range(1000 - MOST_REPORTED, 1000))
    assert {one.timesteps for one in report.failed} == {200}
    assert log.rest() is None


def test_how_and_where_an_episode_ended() -> None:
    log = EpisodeLog()
    on_ramp = replace(CRASHED, seed=2**64 - 1, difficulty=2.25, x_m=30.0, y_m=-4.0, spin_rad_s=0.5)
    broken = replace(LATE, outcome=Outcome.ABORTED, descent_rate_m_s=math.nan)
    report = log.add([on_ramp, broken], 1000, now_s=0.0)
    assert report is not None
    # What the supervisor decodes is what was sent: 64-bit seeds, numbers that are not finite.
    assert report_decoder.decode(encode_line(report)) == report
    crashed, aborted = report.failed
    assert (crashed.seed, crashed.stage, crashed.difficulty) == (2**64 - 1, 3, 2.25)
    assert (crashed.x_m, crashed.y_m, crashed.touchdown_speed_m_s) == (30.0, -4.0, 9.5)
    assert crashed.spin_deg_s == math.degrees(0.5)
    assert (aborted.descent_rate_m_s, aborted.touchdown_speed_m_s) == (None, None)
