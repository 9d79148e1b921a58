"""A threshold that is looser than its default is shown; a stricter one is not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from checks.checklist.loosened import loosened, loosened_of
from checks.checklist.table.all import LINES
from tests.checks.checklist.facts_samples import facts


def _loosened(**settings: Any) -> dict[str, str]:
    now = facts()
    limits = msgspec.structs.replace(now.limits, **settings)
    return loosened(msgspec.structs.replace(now, limits=limits))


def test_the_defaults_are_not_loosened() -> None:
    assert _loosened() == {}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("burn_in_h", 0.2, "burn_in_h = 0.2 instead of 72"),
        ("cpu_percent", 95.0, "cpu_percent = 95 instead of 90"),
        ("success_rate", 0.5, "success_rate = 0.5 instead of 0.65"),
        ("algorithm_steps", 5_000, "algorithm_steps = 5000 instead of 500000"),
        (
            "stage_success_rates",
            [0.4, 0.5, 0.55, 0.6, 0.6],
            "stage_success_rates = [0.4, 0.5, 0.55, 0.6, 0.6] instead of "
            "[0.4, 0.5, 0.55, 0.6, 0.65]",
        ),
        ("stage_mean_rewards", [400.0], "stage_mean_rewards = [400] instead of "),
    ],
)
def test_a_looser_threshold_is_named(name: str, value: object, text: str) -> None:
    assert _loosened(**{name: value})[name].startswith(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("burn_in_h", 100.0),
        ("cpu_percent", 50.0),
        ("stage_success_rates", [0.5, 0.6, 0.6, 0.6, 0.7]),
        ("interval_s", 5.0),
    ],
)
def test_a_stricter_threshold_is_not(name: str, value: object) -> None:
    assert _loosened(**{name: value}) == {}


def test_a_line_names_those_that_decide_about_it() -> None:
    every = _loosened(burn_in_h=0.2, success_rate=0.1)
    by_id = {line.id: line for line in LINES}
    assert loosened_of(by_id["golive.burn-in"], every) == ["burn_in_h = 0.2 instead of 72"]
    assert loosened_of(by_id["notes.by"], every) == []
