"""A rollback on the screen: its steps while it runs, its result, its undo."""

from __future__ import annotations

import getpass

import msgspec
import pytest

from daemon.backup.restoring.staging import staged_folder
from daemon.checkpoint.manifest import MANIFEST
from daemon.protocol.control import Done, Note, UndoRollbackRequest
from daemon.rollback.journal import Journal, Step, write_journal
from daemon.rollback.steps import STEPS
from landerctl.presentation.startup_rows import CURRENT, OVER
from landerctl.tui.daemon_request import RequestAnswer
from landerctl.tui.data.rollback import RollbackSeen, headline, outcome, rollback_rows
from landerctl.tui.screens.dialog import Dialog
from tests import status_samples
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.small_daemon import SmallDaemon
from tests.landerctl.tui.state_folder import RUN_ID, StateFolder

SIZES = [(60, 20), (80, 24), (140, 45)]
NO_UNDO = f"no rollback of run {RUN_ID} to undo"


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    return folder


def journal(folder: StateFolder, step: Step, **changes: object) -> Journal:
    usual = Journal(
        run_id=RUN_ID,
        verb="rollback",
        step=step,
        to=folder.manifest(20, 10_000_000, "interval", 3),
        by="anna",
        automatic=False,
        why="",
        began_s=folder.now_s - 12.0,
        was_training=True,
        live=folder.manifest(26, 13_000_000, "interval", 3),
    )
    return msgspec.structs.replace(usual, **changes)


@pytest.mark.parametrize(
    ("step", "staged", "state", "current"),
    [
        ("staging", False, "RUNNING", 1),
        ("staging", True, "RUNNING", 2),
        ("staging", True, "STOPPING", 3),
        ("stopped", True, "STOPPED", 4),
        ("swapping", True, "STOPPED", 5),
        ("swapped", False, "STOPPED", 6),
        ("swapped", False, "STARTING", 7),
    ],
)
def test_which_step_is_in_progress(
    folder: StateFolder, step: Step, staged: bool, state: str, current: int
) -> None:
    seen = RollbackSeen(journal(folder, step), staged, 3600.0)
    trainer = status_samples.trainer_status(folder.now_s, RUN_ID, state=state)
    rows = rollback_rows(seen, trainer)
    assert [row.text for row in rows] == [step.name for step in STEPS]
    assert [row.mark for row in rows[:current]] == [OVER] * (current - 1) + [CURRENT]
    assert f"step {current} of {len(STEPS)} · 12 s" in headline(seen, trainer, folder.now_s)


def test_one_that_was_not_training_has_no_trainer_to_stop(folder: StateFolder) -> None:
    seen = RollbackSeen(journal(folder, "staging", was_training=False), True, 3600.0)
    assert rollback_rows(seen, None)[1].mark == CURRENT


def test_how_training_goes_on_afterwards(folder: StateFolder) -> None:
    began = journal(folder, "running", running_s=folder.now_s - 600.0)
    seen = RollbackSeen(began, False, 3600.0)
    assert outcome(seen, folder.now_s) == (
        "first evaluation running · watched for another 50 min · requested by anna"
    )
    evaluated = RollbackSeen(msgspec.structs.replace(began, success_rate=0.82), False, 3600.0)
    assert "first evaluation landed 82% · " in outcome(evaluated, folder.now_s)


@pytest.mark.parametrize("size", SIZES)
def test_it_is_shown_while_it_runs_and_while_it_is_watched(
    folder: StateFolder, size: tuple[int, int]
) -> None:
    target = "000020-10000000-interval"

    async def steps(deck: Deck) -> None:
        assert not deck.app.query_one("#rollback").display
        write_journal(folder.paths.rollback, journal(folder, "staging"))
        staged = staged_folder(folder.run)
        staged.mkdir()
        (staged / MANIFEST).touch()
        await deck.next_snapshot()
        assert f"Rolling back to {target} · step 2 of 7" in deck.text
        assert "▶ load test: can training resume from the copy?" in deck.text
        shows_all = "○ swap: the copy becomes the newest checkpoint" in deck.text
        assert shows_all == (size[1] > 40)
        running = journal(folder, "running", running_s=folder.now_s - 60.0, success_rate=0.82)
        write_journal(folder.paths.rollback, running)
        await deck.next_snapshot()
        assert f"Rolled back to {target}" in deck.text
        assert "first evaluation landed 82%" in deck.text
        write_journal(folder.paths.rollback, msgspec.structs.replace(running, step="over"))
        await deck.next_snapshot()
        assert "Rolled back" not in deck.text

    fly(folder.paths, size, steps)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("swapping", "landerctl start finishes or reverts it"),
        ("swapped", "landerctl start resumes training from there"),
    ],
)
def test_an_interrupted_one_says_what_finishes_it(
    folder: StateFolder, step: Step, said: str
) -> None:
    write_journal(folder.paths.rollback, journal(folder, step))
    folder.release_lock()

    async def steps(deck: Deck) -> None:
        assert said in deck.text

    fly(folder.paths, (120, 40), steps)


@pytest.mark.parametrize("step", ["running", "over"])
def test_u_undoes_it_after_a_preview(folder: StateFolder, step: Step) -> None:
    write_journal(folder.paths.rollback, journal(folder, step, running_s=folder.now_s - 60.0))

    async def steps(deck: Deck) -> None:
        await deck.press("u")
        for words in ("Undo the rollback?", "To 000026-13000000-interval", "13,000,000", "now"):
            assert words in deck.text
        button = deck.app.screen.query("_ChoiceButton").first()
        deck.app.screen.set_focus(button)
        await deck.press("enter")
        await deck.until(RequestAnswer, lambda news: not isinstance(news.answer, Note))
        assert daemon.asked == [UndoRollbackRequest(getpass.getuser())]
        assert "✓ Training resumes" in deck.text

    with SmallDaemon(folder.paths, [Note("copying"), Done("Training resumes")]) as daemon:
        fly(folder.paths, (80, 24), steps)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (None, NO_UNDO),
        ({"run_id": "20260101-000000-demo-ppo-0000"}, NO_UNDO),
        ({"live": None}, "the run had no checkpoint"),
        ({"step": "staging"}, NO_UNDO),
    ],
)
def test_where_nothing_can_be_undone_it_says_why(
    folder: StateFolder, changes: dict[str, object] | None, words: str
) -> None:
    if changes is not None:
        write_journal(folder.paths.rollback, journal(folder, **({"step": "running"} | changes)))  # type: ignore[arg-type]

    async def steps(deck: Deck) -> None:
        await deck.press("u")
        assert not isinstance(deck.app.screen, Dialog)
        assert words in "\n".join(note.message for note in deck.app._notifications)

    fly(folder.paths, (80, 24), steps)
