"""The alerts screen: each alert with its evidence; acknowledge, silence, unsilence."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from checks.wording import duration
from daemon.store.records import AlertRecord, Silence
from landerctl.presentation.alert_wording import (
    active_silences,
    figure,
    marks,
    rule_facts,
    silence_of,
    silence_text,
    status_facts,
)
from landerctl.tui.actions import ALERT_ACTIONS, CHANGING
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.questions import (
    Choice,
    Question,
    acknowledgement,
    end_of_silence,
    note_question,
    silence_question,
)
from landerctl.tui.widgets.footer import KeysFooter
from landerctl.tui.widgets.panels.alerts import NONE_ACTIVE, NOT_CHECKED, alert_mark, sort_alerts

_LABEL_CELLS = 14
_OWN = frozenset(action.name for action in ALERT_ACTIONS)


@dataclass(frozen=True)
class Entry:
    """A row: an alert with the silence that applies to it, or a silence alone."""

    alert: AlertRecord | None
    silence: Silence | None

    @property
    def id(self) -> str:
        """The row's id, stable across snapshots."""
        if self.alert is not None:
            return f"alert:{self.alert.name}"
        return f"silence:{self.silence.pattern if self.silence else ''}"


class AlertsScreen(ModalScreen[None]):
    """All firing and pending alerts and all silences; below them the selected one's evidence."""

    BINDINGS = [action.binding for action in ALERT_ACTIONS]  # noqa: RUF012  Textual's way

    class ActionChosen(Message):
        """The operator chose an action: a `Choice` to send, or a `Question` to ask first."""

        def __init__(self, action: Choice | Question) -> None:
            super().__init__()
            self.action = action

    def __init__(self, user: str, snapshot: Snapshot, chosen: str | None = None) -> None:
        super().__init__()
        self._chosen = chosen
        self._user = user
        self._snapshot = snapshot
        self._entries: dict[str, Entry] = {}
        self._prompts: dict[str, Content] = {}

    def compose(self) -> ComposeResult:
        """The list, the evidence, the footer."""
        with Vertical(id="alerts-box"):
            yield OptionList(id="alert-choices", compact=True)
            with VerticalScroll(id="alert-evidence"):
                yield Static(id="alert-facts")
        yield KeysFooter()

    def on_mount(self) -> None:
        """Select the named alert, or the first, most severe one."""
        self.query_one("#alerts-box").border_title = "Alerts"
        self.show(self._snapshot)
        if f"alert:{self._chosen}" in self._entries:
            choices = self.query_one(OptionList)
            choices.highlighted = choices.get_option_index(f"alert:{self._chosen}")
        self.query_one(OptionList).focus()

    def show(self, snapshot: Snapshot) -> None:
        """Show a new snapshot. The selection stays on its alert while that is listed.

        Where there was none to select, the first, most severe one is.
        """
        selected, was_empty = self._selected, not self._entries
        self._snapshot = snapshot
        self._entries = {entry.id: entry for entry in entries(snapshot)}
        prompts = {id_: prompt(e, snapshot.read_s) for id_, e in self._entries.items()}
        choices = self.query_one(OptionList)
        if list(prompts) != list(self._prompts):
            choices.set_options(Option(text, id=id_) for id_, text in prompts.items())
            if selected is not None and selected.id in prompts:
                choices.highlighted = choices.get_option_index(selected.id)
            elif was_empty and prompts:
                choices.highlighted = 0
        else:
            for id_, text in prompts.items():
                if not text.is_same(self._prompts[id_]):
                    choices.replace_option_prompt(id_, text)
        self._prompts = prompts
        if was_empty == bool(prompts):
            self.refresh_bindings()
        choices.display = bool(prompts)
        self._show_evidence()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only closing works without an alert or a silence, or on a read-only screen."""
        if self._snapshot.read_only and action in CHANGING:
            return False
        return action == "close" or action not in _OWN or bool(self._entries)

    def on_option_list_option_highlighted(self) -> None:
        """Show the newly selected alert's evidence."""
        self._show_evidence()

    def action_acknowledge(self) -> None:
        """Acknowledge the selected alert without a note."""
        if (alert := self._firing()) is not None:
            self.post_message(self.ActionChosen(acknowledgement(alert.name, self._user)))

    def action_acknowledge_with_note(self) -> None:
        """Ask for a note, then acknowledge."""
        if (alert := self._firing()) is not None:
            self.post_message(self.ActionChosen(note_question(alert.name, self._user)))

    def action_silence(self) -> None:
        """Ask for the duration. A selected silence is renewed with its own pattern."""
        selected = self._selected
        if selected is None:
            self._warn("Choose an alert with the arrow keys first")
        elif selected.alert is not None:
            self.post_message(self.ActionChosen(silence_question(selected.alert.name, self._user)))
        elif selected.silence is not None:
            self.post_message(
                self.ActionChosen(silence_question(selected.silence.pattern, self._user))
            )

    def action_unsilence(self) -> None:
        """End the silence that applies to the selected alert."""
        selected = self._selected
        if selected is None or selected.silence is None:
            self._warn("It is not silenced" if selected else "Choose one with the arrow keys first")
        else:
            self.post_message(
                self.ActionChosen(end_of_silence(selected.silence.pattern, self._user))
            )

    def action_close(self) -> None:
        """Close this screen."""
        self.dismiss()

    @property
    def copyable(self) -> str | None:
        """The name of the selected alert, or the pattern of the selected silence."""
        return None if self._selected is None else self._selected.id.partition(":")[2]

    @property
    def _selected(self) -> Entry | None:
        option = self.query_one(OptionList).highlighted_option
        return None if option is None or option.id is None else self._entries.get(option.id)

    def _firing(self) -> AlertRecord | None:
        """The selected alert if it fires; else None, with a notification that says why."""
        selected = self._selected
        alert = selected.alert if selected else None
        if alert is None:
            self._warn("Choose an alert with the arrow keys first")
        elif alert.state != "firing":
            self._warn(f"{alert.name} is not firing yet; you can silence it")
        else:
            return alert
        return None

    def _warn(self, text: str) -> None:
        self.notify(text, severity="warning")

    def _show_evidence(self) -> None:
        lines = evidence(self._selected, self._snapshot)
        self.query_one("#alert-facts", Static).update(Content("\n").join(lines))


def entries(snapshot: Snapshot) -> list[Entry]:
    """The alerts in the panel's order, then the active silences."""
    silences, now_s = snapshot.status.silences, snapshot.read_s
    found = [
        Entry(alert, silence_of(alert.name, silences, now_s))
        for alert in sort_alerts(snapshot.status.alerts, silences, now_s)
    ]
    return found + [Entry(None, silence) for silence in active_silences(silences, now_s)]


def prompt(entry: Entry, now_s: float) -> Content:
    """One line of the list."""
    alert, silence = entry.alert, entry.silence
    if alert is not None:
        mark, style = alert_mark(alert, silence)
        notes = marks(alert, silence, now_s)
        since = f"  {alert.state} for {duration(now_s - alert.since_s)}"
        return Content.assemble(
            (f"{mark} {alert.severity.upper()} {alert.name}", style),
            since,
            (f" · {notes}" if notes else "", "$foreground-muted"),
        )
    assert silence is not None
    left = duration(silence.until_s - now_s)
    return Content.assemble(
        f"◌ silence of {silence.pattern}", (f"  {left} left", "$foreground-muted")
    )


def evidence(entry: Entry | None, snapshot: Snapshot) -> list[Content]:
    """The facts about the selected alert or silence, as lines."""
    if entry is None:
        listed = bool(
            snapshot.status.alerts or active_silences(snapshot.status.silences, snapshot.read_s)
        )
        if listed:
            return [Content("Choose an alert with the arrow keys")]
        if snapshot.status.daemon is None:
            return [Content(f"{NOT_CHECKED.capitalize()}: alerts appear here once one runs")]
        return [
            Content(f"✓ {NONE_ACTIVE}"),
            Content.styled("The rules, with their values: landerctl alerts", "$foreground-muted"),
        ]
    alert, silence, now_s = entry.alert, entry.silence, snapshot.read_s
    if alert is None:
        assert silence is not None
        return [
            Content.styled(f"Silence of {silence.pattern}", "bold"),
            Content(silence_text(silence, now_s)),
            Content.styled("No notifications are sent for matching alerts.", "$foreground-muted"),
        ]
    rule = next((rule for rule in snapshot.rules if rule.name == alert.name), None)
    limit = f"{alert.comparison} {alert.threshold:,.6g}"
    facts = [
        ("value", f"{figure(alert.value)}, fires {limit}"),
        *status_facts(alert, silence, rule, snapshot.targets, now_s),
        *(rule_facts(rule, snapshot.targets) if rule else [("metric", alert.metric)]),
    ]
    return [
        Content.styled(alert.name, "bold"),
        Content(alert.summary),
        *(
            Content.assemble((f"{label:<{_LABEL_CELLS}}", "$foreground-muted"), text)
            for label, text in facts
        ),
    ]
