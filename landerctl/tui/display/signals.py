"""Signals outside of the screen: the terminal's title, its bell, OSC 9. All off by default."""

from __future__ import annotations

from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.store.records import AlertRecord
from landerctl.presentation.alert_wording import silence_of
from landerctl.tui.data.situation import Daemon
from landerctl.tui.data.snapshot import Snapshot

_BELL = "\a"
_SAVE_TITLE, _RESTORE_TITLE = "\x1b[22;0t", "\x1b[23;0t"  # the stack of titles of XTWINOPS
_MARKS = {Daemon.UP: "●", Daemon.DIED: "✖", Daemon.UNREADABLE: "✖", Daemon.STALE: "▲"}


class Signals:
    """Turns snapshots into control sequences for the terminal.

    A critical alert is signalled once, when it is first seen to fire: not those that fired when
    the screen opened, nor one that is acknowledged or silenced then.
    """

    def __init__(self, *, in_tmux: bool) -> None:
        self._in_tmux = in_tmux
        self._title: str | None = None
        self._known: frozenset[tuple[str, float]] | None = None  # None: nothing was seen yet

    def show(self, snapshot: Snapshot) -> str:
        """The sequences for a snapshot; empty: none. The past (`at_s`) changes nothing."""
        settings = snapshot.tui
        if settings is None or snapshot.at_s is not None:
            return ""
        found = self._show_title(title(snapshot)) if settings.title else self.end()
        new = self._new_critical(snapshot)
        if new and settings.bell:
            found += _BELL
        if new and settings.osc9:
            found += self._notification(new)
        return found

    def end(self) -> str:
        """The sequences that give the terminal its title back; empty if it has it."""
        if self._title is None:
            return ""
        self._title = None
        return f"{_osc('2', '')}{_RESTORE_TITLE}"  # empty first: not every terminal has the stack

    def _show_title(self, text: str) -> str:
        if text == self._title:
            return ""
        save = _SAVE_TITLE if self._title is None else ""
        self._title = text
        return f"{save}{_osc('2', text)}"

    def _new_critical(self, snapshot: Snapshot) -> list[AlertRecord]:
        status = snapshot.status
        if status.daemon is None:
            return []
        firing = [one for one in status.alerts if one.state == "firing"]
        critical = [one for one in firing if one.severity == "critical"]
        known, self._known = self._known, frozenset((one.name, one.since_s) for one in critical)
        if known is None:
            return []
        return [
            one
            for one in critical
            if (one.name, one.since_s) not in known and _is_open(one, snapshot)
        ]

    def _notification(self, alerts: list[AlertRecord]) -> str:
        names = ", ".join(one.name for one in alerts)
        found = _osc("9", one_line(f"landerctl: {names}: {alerts[0].summary}"))
        # tmux passes on what stands in its own sequence, where allow-passthrough is on.
        return f"\x1bPtmux;{found.replace(chr(27), chr(27) * 2)}\x1b\\" if self._in_tmux else found


def title(snapshot: Snapshot) -> str:
    """The program's name, then ``✖ 2 alerts``, or the daemon's state where none needs anybody."""
    situation = snapshot.situation
    firing = [
        one for one in snapshot.status.alerts if one.state == "firing" and _is_open(one, snapshot)
    ]
    if firing and situation.live:
        mark = "✖" if any(one.severity == "critical" for one in firing) else "▲"
        return f"landerctl {mark} {counted(len(firing), 'alert')}"
    return f"landerctl {_MARKS.get(situation.daemon, '■')} {situation.daemon.value}"


def _is_open(alert: AlertRecord, snapshot: Snapshot) -> bool:
    """Whether nobody has acknowledged or silenced it."""
    silence = silence_of(alert.name, snapshot.status.silences, snapshot.read_s)
    return alert.acknowledged is None and silence is None


def _osc(number: str, text: str) -> str:
    return f"\x1b]{number};{text}\a"
