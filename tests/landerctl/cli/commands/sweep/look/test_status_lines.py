from __future__ import annotations

import pytest

from daemon.sweeps.records import Note
from landerctl.cli.commands.sweep.look.status_lines import status_lines
from tests.landerctl.operations.sweeps.made_sweep import BEGAN, BEGAN_S
from tests.landerctl.operations.sweeps.test_status import status


def test_a_running_sweep_fits_80_columns() -> None:
    lines = status_lines(status(), 80)
    assert max(map(len, lines)) <= 80
    assert lines[0] == "sweep     rates, running, pid 7, engine local"
    assert lines[1] == "trials    6 trials: 1 running, 1 waiting, 1 completed, 1 stopped, 2 to come"
    assert lines[3].startswith("time      began 20")
    assert lines[3].endswith(", 10 min so far, about 17 min left")
    assert lines[5].split()[-2:] == ["SEED", "learning_rate"]
    assert "━━━━━━ 300k      90%" in lines[6]
    assert lines[8].strip() == "4th of 4 at 100,000 steps"
    assert " ".join(lines[9].split()) == "2 running ━━━─── 150k 25% 1,000 2 min 1 0.0004"


@pytest.mark.parametrize(("kind", "word"), [("began", "dead"), ("stopped", "stopped")])
def test_a_sweep_that_does_not_run_says_how_to_go_on(kind: str, word: str) -> None:
    notes = (BEGAN, Note(time_s=BEGAN_S, kind=kind, text="by an operator"))
    text = "\n".join(status_lines(status(notes=notes, pid=None), 80))
    assert f"rates, {word}" in text
    assert "1 interrupted" in text and "2  interrupted  ━━━─── 150k      25%  " in text
    assert "landerctl sweep resume rates" in text


def test_a_paused_sweep_says_why_in_folded_lines() -> None:
    why = "paused: the disk of /a/folder is full or nearly: free more than 2 GB, it continues then"
    notes = (BEGAN, Note(time_s=BEGAN_S, kind="paused", text=why))
    lines = status_lines(status(notes=notes), 60)
    assert lines[1].startswith("why       paused: the disk")
    assert lines[2].startswith("          ")
    assert max(map(len, lines[:8])) <= 60


def test_what_is_not_listed_is_counted() -> None:
    assert status_lines(status(most=2), 80)[-1] == "and 2 more trials: --all"
