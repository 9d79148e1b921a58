"""TensorBoard holds only while it answers."""

from __future__ import annotations

from typing import Literal

import pytest

from checks.checklist.burn_in.evidence import BoardAnswer
from checks.checklist.judges.tensorboard import JUDGES, outcome_of
from tests.checks.checklist.facts_samples import facts


@pytest.mark.parametrize(
    ("state", "expected"),
    [("answers", "holds"), ("silent", "fails"), ("off", "fails"), ("no server", "open")],
)
def test_it_holds_if_it_answers(
    state: Literal["answers", "silent", "no server", "off"], expected: str
) -> None:
    outcome = outcome_of(BoardAnswer(state, "what it answered"))
    assert (outcome.state, outcome.text) == (expected, "what it answered")


def test_without_a_run_it_is_open() -> None:
    assert JUDGES["start.tensorboard"](facts()).state == "open"
