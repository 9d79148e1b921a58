from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest

from daemon.config import load_config
from daemon.config.schema import TuiSettings
from daemon.store.records import Acknowledgement, AlertRecord, Silence
from landerctl.tui.data.situation import Daemon, Level, Situation
from landerctl.tui.data.snapshot import NO_STATUS, Snapshot
from landerctl.tui.display.signals import Signals, title
from tests import status_samples
from tests.landerctl.tui.flight_deck import Deck, fly
from tests.landerctl.tui.state_folder import StateFolder


def settings(*, title: bool, bell: bool, osc9: bool) -> TuiSettings:
    default = load_config(None).config.tui
    return msgspec.structs.replace(default, title=title, bell=bell, osc9=osc9)


NOW_S = 1_795_000_000.0
ALL = settings(title=True, bell=True, osc9=True)
RINGING = settings(title=False, bell=True, osc9=False)
SAVE, RESTORE = "\x1b[22;0t", "\x1b[23;0t"


def alert(name: str = "disk-low", **changes: object) -> AlertRecord:
    record = AlertRecord(
        name, "firing", NOW_S - 5.0, 9.2, "disk/free_gb", "below", 10.0, "critical", "Disk is low"
    )
    return msgspec.structs.replace(record, **changes)


def snapshot(
    *alerts: AlertRecord,
    tui: TuiSettings | None = ALL,
    silences: tuple[Silence, ...] = (),
    daemon: Daemon = Daemon.UP,
) -> Snapshot:
    status = msgspec.structs.replace(
        NO_STATUS,
        daemon=status_samples.daemon_status(NOW_S),
        alerts=list(alerts),
        silences=list(silences),
    )
    return Snapshot(NOW_S, Situation(daemon, Level.NONE, "", "", 0.0), status=status, tui=tui)


def test_a_new_critical_alert_rings_once() -> None:
    signals = Signals(in_tmux=False)
    old, new = alert("old"), alert("new")
    found = [
        signals.show(shown)
        for shown in (
            snapshot(old, tui=RINGING),
            snapshot(old, new, tui=RINGING),
            snapshot(old, new, tui=RINGING),
            snapshot(tui=RINGING),
            snapshot(msgspec.structs.replace(new, since_s=NOW_S), tui=RINGING),
        )
    ]
    assert found == ["", "\a", "", "", "\a"]


@pytest.mark.parametrize(
    "handled",
    [
        snapshot(alert(acknowledged=Acknowledgement(NOW_S, "anna", "")), tui=RINGING),
        snapshot(alert(), tui=RINGING, silences=(Silence("disk-*", NOW_S + 60.0, "anna", ""),)),
        snapshot(alert(severity="warning"), tui=RINGING),
        snapshot(alert(state="pending"), tui=RINGING),
        replace(snapshot(alert(), tui=RINGING), at_s=NOW_S),
        snapshot(alert(), tui=None),
        snapshot(alert(), tui=settings(title=False, bell=False, osc9=False)),
    ],
    ids=["acknowledged", "silenced", "warning", "pending", "the past", "not read", "off"],
)
def test_what_does_not_ring(handled: Snapshot) -> None:
    signals = Signals(in_tmux=False)
    signals.show(snapshot(tui=RINGING))
    assert signals.show(handled) == ""


def test_an_alert_does_not_ring_when_its_silence_ends() -> None:
    signals = Signals(in_tmux=False)
    signals.show(snapshot(tui=RINGING))
    signals.show(snapshot(alert(), tui=RINGING, silences=(Silence("*", NOW_S + 60.0, "anna", ""),)))
    assert signals.show(snapshot(alert(), tui=RINGING)) == ""


def test_the_notification_is_one_line_and_passes_through_tmux() -> None:
    text = alert(summary="Disk\x1b]0;x\nis low")
    only = settings(title=False, bell=False, osc9=True)
    for in_tmux, expected in (
        (False, "\x1b]9;landerctl: disk-low: Disk␛]0;x␊is low\a"),
        (True, "\x1bPtmux;\x1b\x1b]9;landerctl: disk-low: Disk␛]0;x␊is low\a\x1b\\"),
    ):
        signals = Signals(in_tmux=in_tmux)
        signals.show(snapshot(tui=only))
        assert signals.show(snapshot(text, tui=only)) == expected


def test_the_title_follows_the_state_and_is_given_back() -> None:
    signals = Signals(in_tmux=False)
    assert signals.end() == ""
    assert signals.show(snapshot()) == f"{SAVE}\x1b]2;landerctl ● up\a"
    assert signals.show(snapshot()) == ""
    only = settings(title=True, bell=False, osc9=False)
    assert signals.show(snapshot(alert(), tui=only)) == "\x1b]2;landerctl ✖ 1 alert\a"
    assert signals.end() == f"\x1b]2;\a{RESTORE}"
    assert signals.show(snapshot(tui=only)).startswith(SAVE)
    assert signals.show(snapshot(tui=RINGING)) == f"\x1b]2;\a{RESTORE}"  # switched off


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (snapshot(alert("a"), alert("b", severity="warning")), "landerctl ✖ 2 alerts"),
        (snapshot(alert(severity="warning")), "landerctl ▲ 1 alert"),
        (snapshot(alert(acknowledged=Acknowledgement(NOW_S, "anna", ""))), "landerctl ● up"),
        (snapshot(alert(), daemon=Daemon.STOPPED), "landerctl ■ stopped"),
        (snapshot(daemon=Daemon.DIED), "landerctl ✖ died"),
    ],
)
def test_the_title(shown: Snapshot, text: str) -> None:
    assert title(shown) == text


def test_the_screen_writes_them_to_its_terminal_and_ends_them(
    folder: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.everything()
    folder.hold_lock()
    (folder.paths.home / "config.toml").write_text("[tui]\nbell = true\ntitle = true\n")
    written: list[str] = []

    async def steps(deck: Deck) -> None:
        assert deck.app._driver is not None
        monkeypatch.setattr(deck.app._driver, "write", written.append)
        folder.writer.put_alerts([folder.alert()])
        await deck.next_snapshot()

    fly(folder.paths, (80, 24), steps)
    assert re.sub("\x1b][^\a]*\a", "", "".join(written)) == f"\a{RESTORE}"
    assert written[-1] == f"\x1b]2;\a{RESTORE}"
