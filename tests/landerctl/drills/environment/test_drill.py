"""The gates that the drill `environment` compares, and what the drills' names promise."""

from __future__ import annotations

import pytest

from daemon.config import load_config
from landerctl.drills.environment.drill import judge_gates


@pytest.mark.parametrize(
    ("settings", "holds", "said"),
    [
        ({}, True, "the gates are 40%, 50%, 55%, 60%, 65%"),
        ({"checklist": {"stage_success_rates": [0.4] * 5}}, True, "the gates are"),
        (
            {"checklist": {"stage_success_rates": [0.4, 0.5, 0.6, 0.6, 0.7]}},
            False,
            "too low in stage 3, 5",
        ),
        ({"checklist": {"stage_success_rates": [0.4]}}, False, "5 gates, 1 are due"),
        ({"run": {"mode": "demo"}}, None, "a demo"),
    ],
)
def test_gates_are_compared_stage_by_stage(
    settings: dict[str, dict[str, object]], holds: bool | None, said: str
) -> None:
    found = judge_gates(load_config(None, settings).config)
    assert found.holds is holds
    assert said in found.text
