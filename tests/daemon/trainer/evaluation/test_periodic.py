from __future__ import annotations

import os

from daemon.protocol.trainer import Phase, report_decoder
from daemon.trainer.channel import REPORT_FD, Channel
from daemon.trainer.evaluation.periodic import HEARTBEAT_S, EvaluationProgress


def test_a_long_evaluation_reports_while_it_flies() -> None:
    reading, writing = os.pipe()
    now_s = [0.0]
    progress = EvaluationProgress(
        Channel({REPORT_FD: str(writing)}), stage=3, episodes=200, clock=lambda: now_s[0]
    )
    for step in range(1, 101):
        now_s[0] = step * HEARTBEAT_S / 20
        assert progress.go_on(step)
    lines = os.read(reading, 1 << 16).splitlines()
    reports = [report_decoder.decode(line) for line in lines]
    os.close(reading)
    os.close(writing)
    assert [type(report) for report in reports] == [Phase] * 6
    assert reports[-1] == Phase("evaluating", "stage 3: mean action, 100 of 200 episodes")
