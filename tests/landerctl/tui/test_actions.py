from __future__ import annotations

import getpass

import pytest
from textual.binding import Binding
from textual.widgets import Button, Input
from textual.widgets._footer import FooterKey

from daemon.protocol.control import (
    Answer,
    BackupRequest,
    Done,
    Note,
    Refused,
    RollbackRequest,
    StopRequest,
)
from landerctl.tui.actions import ACTIONS
from landerctl.tui.app import LanderctlApp
from landerctl.tui.daemon_request import RequestAnswer
from landerctl.tui.data.snapshot import SnapshotTaken
from landerctl.tui.screens.dialog import Dialog
from landerctl.tui.screens.help import KEY_CELLS, HelpScreen, help_lines
from landerctl.tui.widgets.footer import KeysFooter
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.small_daemon import SmallDaemon
from tests.landerctl.tui.state_folder import StateFolder

WIDE = (120, 40)


def back_to(id_: str, note: str = "") -> RollbackRequest:
    return RollbackRequest([id_], getpass.getuser(), note)


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    return folder


def is_final(news: RequestAnswer) -> bool:
    return not isinstance(news.answer, Note)


def toasts(deck: Deck) -> str:
    return "\n".join(note.message for note in deck.app._notifications)


def test_b_backs_up_and_says_so_in_toast_and_log(folder: StateFolder) -> None:
    answers: list[Answer] = [Note("saving a checkpoint"), Done("Backup 20260728-1 made, 0.6 MB")]

    async def steps(deck: Deck) -> None:
        await deck.press("b")
        await deck.until(RequestAnswer, is_final)
        assert daemon.asked == [BackupRequest()]
        assert "Backup 20260728-1 made" in toasts(deck)
        assert "you › Backing up" in deck.text

    with SmallDaemon(folder.paths, answers) as daemon:
        fly(folder.paths, WIDE, steps)


def test_a_refusal_is_shown_verbatim(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("b")
        await deck.until(RequestAnswer, is_final)
        assert "No space left; free some" in toasts(deck)
        assert "CRITICAL: you › Backing up" in deck.text

    with SmallDaemon(folder.paths, [Refused("failed", "No space left; free some")]):
        fly(folder.paths, WIDE, steps)


def test_a_second_request_waits_for_the_first(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        daemon.may_answer.clear()
        await deck.press("b")
        await deck.press("b")
        assert "Backing up is still in progress" in toasts(deck)
        daemon.may_answer.set()
        await deck.until(RequestAnswer, lambda news: isinstance(news.answer, Done))
        assert daemon.asked == [BackupRequest()]

    with SmallDaemon(folder.paths, [Done("made")]) as daemon:
        fly(folder.paths, WIDE, steps)


def test_a_missing_socket_is_reported_at_once(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("b")
        await deck.until(RequestAnswer, is_final)
        assert "does not listen yet" in toasts(deck)

    fly(folder.paths, WIDE, steps)


def test_without_a_daemon_nothing_is_asked(folder: StateFolder) -> None:
    folder.release_lock()

    async def steps(deck: Deck) -> None:
        for key in ("b", "r", "s"):
            await deck.press(key)
            assert not isinstance(deck.app.screen, Dialog)
        assert "landerctl start" in toasts(deck)

    fly(folder.paths, WIDE, steps)


def test_the_dialog_keeps_its_checkpoint_when_newer_ones_arrive(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("2", "down", "r")
        dialog = deck.app.screen
        assert isinstance(dialog, Dialog)
        assert dialog.question.choices[0].request == back_to("000025-12500000-interval")
        # Words typed at once are the reason; Enter after them does no harm.
        assert isinstance(deck.app.focused, Input)
        await deck.press(*"bad", "enter")
        assert isinstance(deck.app.focused, Button)
        assert deck.app.focused.id == "cancel"
        for words in ("13,400,000", "12,500,000", "900k steps", "No checkpoint is deleted"):
            assert words in deck.text
        folder.checkpoint(27, 13_400_000, "interval", 3)
        await deck.next_snapshot()
        assert dialog.question.choices[0].request == back_to("000025-12500000-interval")
        assert "000025-12500000-interval" in deck.text
        await deck.press("right", "enter")
        await deck.until(RequestAnswer, is_final)
        assert daemon.asked == [back_to("000025-12500000-interval", "bad")]
        assert daemon.ways == ["screen"]
        assert "· trainer stopped" in deck.text
        assert "✓ Training resumes from 12,500,000" in deck.text
        await deck.press("enter")
        assert not isinstance(deck.app.screen, Dialog)
        assert "you › Rolling back" in deck.text

    answers: list[Answer] = [
        Note("trainer stopped"),
        Note("verified"),
        Done("Training resumes from 12,500,000"),
    ]
    with SmallDaemon(folder.paths, answers) as daemon:
        fly(folder.paths, WIDE, steps)


def test_the_selection_stays_on_its_checkpoint(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("2", "down", "down")
        folder.checkpoint(27, 13_400_000, "interval", 3)
        await deck.next_snapshot()
        await deck.press("r")
        assert isinstance(deck.app.screen, Dialog)
        assert deck.app.screen.question.choices[0].request == back_to("000024-12000000-interval")

    fly(folder.paths, WIDE, steps)


@pytest.mark.parametrize("way_out", ["enter", "escape"])
def test_enter_and_escape_do_no_harm(folder: StateFolder, way_out: str) -> None:
    async def steps(deck: Deck) -> None:
        for key in ("r", "s"):
            await deck.press("2", key)
            assert isinstance(deck.app.screen, Dialog)
            await deck.press(*[way_out] * (2 if way_out == "enter" else 1))
            assert not isinstance(deck.app.screen, Dialog)
        assert daemon.asked == []

    with SmallDaemon(folder.paths, [Done("never")]) as daemon:
        fly(folder.paths, WIDE, steps)


def test_on_a_small_screen_r_first_shows_what_it_would_go_to(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("r")
        assert not isinstance(deck.app.screen, Dialog)
        assert "000026-13000000-interval" in deck.text
        await deck.press("r")
        assert isinstance(deck.app.screen, Dialog)
        assert "Cancel" in deck.text
        assert "Roll back?" in deck.text

    fly(folder.paths, (80, 24), steps)


def test_s_stops_the_daemon_after_a_yes(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("s", "tab", "tab", "enter")
        await deck.until(RequestAnswer, is_final)
        assert daemon.asked == [StopRequest()]
        assert "✓ Stopped" in deck.text

    with SmallDaemon(folder.paths, [Done("Stopped")]) as daemon:
        fly(folder.paths, (80, 24), steps)


@pytest.mark.parametrize("stopped", [True, False])
def test_a_dialog_offers_nothing_but_close_once_the_daemon_has_ended(
    folder: StateFolder, stopped: bool
) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("s")
        if stopped:
            folder.daemon(stopped_s=folder.now_s)
        folder.release_lock()
        await deck.next_snapshot()
        buttons = [str(b.label) for b in deck.app.screen.query(Button) if b.display]
        assert buttons == ["Close"]
        assert ("Daemon stopped" if stopped else "Daemon died") in deck.text
        assert footer(deck) == ["enter Press", "esc Close"]
        await deck.press("enter")
        assert not isinstance(deck.app.screen, Dialog)

    fly(folder.paths, (80, 24), steps)


def footer(deck: Deck) -> list[str]:
    """The keys and their labels in the footer of the screen in front."""
    keys = deck.app.screen.query(FooterKey)
    region = deck.app.screen.region
    return [f"{k.key_display} {k.description}" for k in keys if region.contains_region(k.region)]


def test_the_footer_of_a_dialog_has_the_keys_that_work_there(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("s")
        await deck.footer_is_shown()
        assert footer(deck) == ["tab Next", "esc Close"]  # typing the reason
        await deck.press("escape", "question_mark")
        await deck.footer_is_shown()
        assert footer(deck) == ["esc Close"]

    fly(folder.paths, (80, 24), steps)


@pytest.mark.parametrize("size", [(60, 20), (80, 24), WIDE])
def test_every_key_of_the_footer_is_on_the_screen(
    folder: StateFolder, size: tuple[int, int]
) -> None:
    async def steps(deck: Deck) -> None:
        found = [key for key in footer(deck) if not key.startswith("^p")]
        assert found == [
            text
            for a in ACTIONS
            if (text := f"{a.shown_key or a.key} {a.label}") in found or a.in_footer
        ]
        assert len(found) > 7 if size == WIDE else len(found) == 7
        assert not deck.app.query_one(KeysFooter).show_horizontal_scrollbar

    fly(folder.paths, size, steps)


def test_p_goes_through_all_plots(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        seen = []
        for _ in range(5):
            seen.append(str(deck.app.query_one("#chart").border_title).split(" · ")[0])
            await deck.press("p")
        success = "Success rate, last 100 episodes"
        reward, length = "Mean reward, last 100 episodes", "Episode length, last rollout"
        assert seen == [success, reward, "Speed", length, success]

    fly(folder.paths, (80, 24), steps)


def test_r_rolls_back_even_when_the_plot_has_the_focus(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("1", "plus", "r")
        assert isinstance(deck.app.screen, Dialog)

    fly(folder.paths, WIDE, steps)


def test_tab_visits_every_panel(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        seen = set()
        for _ in range(6):
            await deck.press("tab")
            seen.add(deck.app.focused.id if deck.app.focused else None)
        assert {"alerts", "chart", "chart-beside", "checkpoints", "events"} <= seen

    fly(folder.paths, WIDE, steps)


@pytest.mark.parametrize("size", [(80, 24), WIDE])
def test_help_lists_every_action(folder: StateFolder, size: tuple[int, int]) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("question_mark")
        assert isinstance(deck.app.screen, HelpScreen)
        lines = [
            line.plain for line in help_lines(deck.app.screen.query_one("#help Static").size.width)
        ]
        for action in ACTIONS:
            assert f"{action.shown_key or action.key:>{KEY_CELLS}}  {action.help}" in lines
        assert lines[0] in deck.text
        await deck.press("escape")
        assert not isinstance(deck.app.screen, HelpScreen)

    fly(folder.paths, size, steps)


def test_one_table_feeds_keys_and_palette(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        commands = {command.title for command in deck.app.get_system_commands(deck.app.screen)}
        assert commands == {action.label for action in ACTIONS}

    app = fly(folder.paths, WIDE, steps)
    bound = {b.key for b in LanderctlApp.BINDINGS if isinstance(b, Binding)}
    assert bound == {action.key for action in ACTIONS}
    assert "ctrl+b" not in app._bindings.key_to_bindings


def test_q_leaves_and_says_that_training_continues(
    folder: StateFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press("q")

    fly(folder.paths, WIDE, steps)
    assert "keeps running in the background" in capsys.readouterr().err


def test_a_late_snapshot_is_ignored(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.next_snapshot()

    app = fly(folder.paths, WIDE, steps)
    assert app.snapshot is not None
    app.on_snapshot_taken(SnapshotTaken(app.snapshot))
