"""The alerts screen: what it shows, and the operator's actions."""

from __future__ import annotations

import asyncio
import getpass
import itertools

import pytest
from textual.widgets import Button, Input, OptionList
from textual.widgets._footer import FooterKey

from daemon.protocol.control import AcknowledgeRequest, Done, Note, SilenceRequest
from daemon.store.records import Acknowledgement, AlertRecord, Silence
from landerctl.tui.daemon_request import RequestAnswer
from landerctl.tui.screens.alerts import AlertsScreen
from landerctl.tui.screens.dialog import Dialog
from tests.landerctl.tui.flight_deck import SIZES, TIMEOUT_S, Deck, fly
from tests.landerctl.tui.small_daemon import SmallDaemon
from tests.landerctl.tui.state_folder import StateFolder

SMALL, WIDE = (80, 24), (120, 40)
ME = getpass.getuser()


@pytest.fixture
def folder(folder: StateFolder) -> StateFolder:
    folder.everything()
    folder.hold_lock()
    folder.writer.put_alerts(alerts(folder))
    return folder


def alerts(folder: StateFolder) -> list[AlertRecord]:
    return [
        folder.alert(
            "speed-low",
            severity="warning",
            value=430.0,
            metric="time/fps",
            threshold=500.0,
            summary="Training is slower than expected",
        ),
        folder.alert(),
        folder.alert("memory-high", state="pending", comparison="above", threshold=90.0),
    ]


def is_final(news: RequestAnswer) -> bool:
    return not isinstance(news.answer, Note)


def toasts(deck: Deck) -> str:
    return "\n".join(note.message for note in deck.app._notifications)


def selected(deck: Deck) -> str | None:
    option = deck.app.screen.query_one(OptionList).highlighted_option
    return option.id if option else None


async def look(deck: Deck) -> None:
    """Open the alerts screen and wait for it: earlier keys would go to the screen below."""
    await deck.press("a")
    async with asyncio.timeout(TIMEOUT_S):
        while not isinstance(deck.app.screen, AlertsScreen):
            await deck.pilot.pause()
    await deck.footer_is_shown()


@pytest.mark.parametrize("size", [*SIZES, (60, 20)])
def test_the_selected_alert_shows_its_evidence(folder: StateFolder, size: tuple[int, int]) -> None:
    folder.writer.put_alerts(
        [
            folder.alert(
                acknowledged=Acknowledgement(folder.now_s - 60.0, "anna", "cleaning up"),
                notified_s=folder.now_s - 180.0,
            )
        ]
    )
    folder.writer.put_silences([Silence("disk-*", folder.now_s + 7250.0, "bert", "known")])
    (folder.paths.home / "config.toml").write_text(
        '[[notify.targets]]\nname = "phone"\ncommand = ["true"]\n'
    )

    async def steps(deck: Deck) -> None:
        await look(deck)
        text = " ".join(deck.text.replace("│", " ").split())
        for words in (
            "✖ CRITICAL disk-low firing for 3 min",
            "acked by anna",
            "silenced for 2 h 00 min",
            "Disk space is running out",
            "value 9.2, fires below 10",
            "notified 3 min ago",
            "by anna: cleaning up",
            "by bert: known",
            "fires disk/free_gb below 10",
            "ends at 11 or above",
            "action notify: phone",
        ):
            assert words in text, (words, deck.text)
        screen = deck.app.screen
        shown = [screen.query_one(f"#{id_}").region for id_ in ("alert-choices", "alert-evidence")]
        shown += [key.region for key in screen.query(FooterKey)]
        assert all(screen.region.contains_region(region) for region in shown)
        assert not any(one.overlaps(two) for one, two in itertools.combinations(shown, 2))

    fly(folder.paths, size, steps)


@pytest.mark.parametrize("size", [SMALL, WIDE])
def test_one_key_acknowledges_the_selected_alert(
    folder: StateFolder, size: tuple[int, int]
) -> None:
    async def steps(deck: Deck) -> None:
        await look(deck)
        assert selected(deck) == "alert:disk-low"
        await deck.press("down", "a")
        await deck.until(RequestAnswer, is_final)
        assert daemon.asked == [AcknowledgeRequest("speed-low", ME)]
        assert "speed-low is acknowledged" in toasts(deck)
        await deck.press("escape")
        assert not isinstance(deck.app.screen, AlertsScreen)

    with SmallDaemon(folder.paths, [Done("speed-low is acknowledged")]) as daemon:
        fly(folder.paths, size, steps)


def test_a_note_may_go_with_it(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await look(deck)
        await deck.press("n")
        assert isinstance(deck.app.focused, Input)
        await deck.press(*"on it", "enter")
        await deck.until(RequestAnswer, is_final)
        assert daemon.asked == [AcknowledgeRequest("disk-low", ME, "on it")]
        assert "✓ acknowledged" in deck.text
        await deck.press("enter")
        assert isinstance(deck.app.screen, AlertsScreen)

    with SmallDaemon(folder.paths, [Done("acknowledged")]) as daemon:
        fly(folder.paths, SMALL, steps)


@pytest.mark.parametrize(("rights", "hours"), [(1, 1), (2, 8), (3, 24)])
def test_a_silence_asks_for_how_long(folder: StateFolder, rights: int, hours: int) -> None:
    async def steps(deck: Deck) -> None:
        await look(deck)
        await deck.press("s")
        assert all(f"{choice} h" in deck.text for choice in (1, 8, 24))
        # The focus is where words are expected; Cancel is between them and the hours.
        await deck.press(*"known", "tab", *(["right"] * rights), "enter")
        await deck.until(RequestAnswer, is_final)
        assert daemon.asked == [SilenceRequest("disk-low", hours * 3600.0, ME, "known")]
        assert "✓ silenced" in deck.text

    with SmallDaemon(folder.paths, [Done("silenced")]) as daemon:
        fly(folder.paths, SMALL, steps)


@pytest.mark.parametrize("way_out", [["tab", "enter"], ["escape"]])
def test_cancelling_a_silence(folder: StateFolder, way_out: list[str]) -> None:
    async def steps(deck: Deck) -> None:
        await look(deck)
        await deck.press("s")
        await deck.press(*way_out)
        assert isinstance(deck.app.screen, AlertsScreen)
        assert daemon.asked == []

    with SmallDaemon(folder.paths, [Done("never")]) as daemon:
        fly(folder.paths, SMALL, steps)


def test_a_silence_is_ended_as_it_was_made(folder: StateFolder) -> None:
    folder.writer.put_silences([Silence("disk-*", folder.now_s + 7200.0, "bert", "")])

    async def steps(deck: Deck) -> None:
        # Silenced alerts come after unhandled ones.
        await look(deck)
        assert selected(deck) == "alert:speed-low"
        await deck.press("u")
        assert "It is not silenced" in toasts(deck)
        await deck.press("down", "u")
        await deck.until(RequestAnswer, is_final)
        await deck.press("end")
        assert selected(deck) == "silence:disk-*"
        await deck.press("u")
        await deck.until(RequestAnswer, is_final)
        assert daemon.asked == [SilenceRequest("disk-*", 0.0, ME)] * 2

    with SmallDaemon(folder.paths, [Done("silenced no longer")]) as daemon:
        fly(folder.paths, SMALL, steps)


def test_what_does_not_fire_cannot_be_acknowledged(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await look(deck)
        await deck.press("end", "a", "n")
        assert "memory-high is not firing yet" in toasts(deck)
        assert daemon.asked == []

    with SmallDaemon(folder.paths, [Done("never")]) as daemon:
        fly(folder.paths, SMALL, steps)


def test_the_selection_stays_on_its_alert_and_ends_with_it(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await look(deck)
        await deck.press("down")
        assert selected(deck) == "alert:speed-low"
        speed, disk, memory = alerts(folder)
        older = folder.alert("aaa", since_s=folder.now_s - 900.0)
        folder.writer.put_alerts([older, speed, disk, memory])
        await deck.next_snapshot()
        assert selected(deck) == "alert:speed-low"
        folder.writer.put_alerts([older, disk, memory])
        await deck.next_snapshot()
        assert selected(deck) is None
        await deck.press("a", "n", "s", "u")
        assert "with the arrow keys first" in toasts(deck)
        folder.writer.put_alerts([])
        await deck.next_snapshot()
        assert "No alert is firing or pending" in deck.text
        assert daemon.asked == []

    with SmallDaemon(folder.paths, [Done("never")]) as daemon:
        fly(folder.paths, SMALL, steps)


def test_the_first_alert_that_appears_is_selected(folder: StateFolder) -> None:
    folder.writer.put_alerts([])

    async def steps(deck: Deck) -> None:
        await look(deck)
        assert "No alert is firing or pending" in deck.text
        folder.writer.put_alerts(alerts(folder))
        await deck.next_snapshot()
        assert selected(deck) == "alert:disk-low"
        assert "Disk space is running out" in deck.text

    fly(folder.paths, SMALL, steps)


def test_an_acknowledgement_shows_when_it_is_in_the_store(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await look(deck)
        assert "seen by" not in deck.text
        seen = Acknowledgement(folder.now_s, "anna", "")
        folder.writer.put_alerts([folder.alert(acknowledged=seen)])
        await deck.next_snapshot()
        assert "acked by anna" in deck.text
        await deck.press("escape")
        assert "alert below 10 · acked by anna" in deck.text

    fly(folder.paths, SMALL, steps)


def test_the_mouse_does_it_too(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        await deck.pilot.click("#alerts")
        assert isinstance(deck.app.screen, AlertsScreen)
        await deck.pilot.click("#alert-choices", offset=(5, 1))
        assert selected(deck) == "alert:speed-low"
        [silence] = [
            key for key in deck.app.screen.query(FooterKey) if key.description == "Silence"
        ]
        await deck.pilot.click(silence)
        assert isinstance(deck.app.screen, Dialog)
        buttons = {str(button.label): button for button in deck.app.screen.query(Button)}
        await deck.pilot.click(buttons["8 h"])
        await deck.until(RequestAnswer, is_final)
        assert daemon.asked == [SilenceRequest("speed-low", 8 * 3600.0, ME)]

    with SmallDaemon(folder.paths, [Done("silenced")]) as daemon:
        fly(folder.paths, SMALL, steps)


def test_enter_opens_them_from_their_panel(folder: StateFolder) -> None:
    async def steps(deck: Deck) -> None:
        deck.app.query_one("#alerts").focus()
        await deck.press("enter")
        assert isinstance(deck.app.screen, AlertsScreen)

    fly(folder.paths, WIDE, steps)


@pytest.mark.parametrize("keys", ["a", "n", "s"])
def test_without_a_daemon_the_answer_says_so(folder: StateFolder, keys: str) -> None:
    folder.release_lock()

    async def steps(deck: Deck) -> None:
        await look(deck)
        await deck.press(*keys)
        assert isinstance(deck.app.screen, AlertsScreen)
        assert "Start one: landerctl start" in toasts(deck)

    fly(folder.paths, SMALL, steps)


@pytest.mark.parametrize("opened", [["a"], ["s"], ["question_mark"]])
def test_the_palette_stays_closed_over_another_screen(
    folder: StateFolder, opened: list[str]
) -> None:
    async def steps(deck: Deck) -> None:
        await deck.press(*opened)
        above = deck.app.screen
        await deck.press("ctrl+p")
        assert deck.app.screen is above

    fly(folder.paths, SMALL, steps)
