"""The alerts one by one: each with its evidence, to acknowledge, to silence, to hear again."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from checks.wording import duration
from daemon.store.records import AlertRecord, Silence
from landerctl.alert_wording import (
    figure,
    in_force,
    marks,
    rule_facts,
    silence_of,
    silence_words,
    standing_facts,
)
from landerctl.tui.actions import ALERT_ACTIONS
from landerctl.tui.data.snapshot import Snapshot
from landerctl.tui.questions import (
    Choice,
    Question,
    acknowledgement,
    end_of_silence,
    note_question,
    silence_question,
)
from landerctl.tui.widgets.alerts import alert_mark, in_order

_LABEL_CELLS = 10


@dataclass(frozen=True)
class Entry:
    """A row: an alert and the silence that holds it back, or a silence by itself."""

    alert: AlertRecord | None
    silence: Silence | None

    @property
    def id(self) -> str:
        """The same in every snapshot."""
        if self.alert is not None:
            return f"alert:{self.alert.name}"
        return f"silence:{self.silence.pattern if self.silence else ''}"


class AlertsScreen(ModalScreen[None]):
    """All alerts that are not inactive, and all silences; the selected one's evidence below."""

    BINDINGS = [action.binding for action in ALERT_ACTIONS]  # noqa: RUF012  Textual's way

    class Wanted(Message):
        """The operator wants this done, or to be asked about it."""

        def __init__(self, what: Choice | Question) -> None:
            super().__init__()
            self.what = what

    def __init__(self, user: str, snapshot: Snapshot) -> None:
        super().__init__()
        self._user = user
        self._snapshot = snapshot
        self._entries: dict[str, Entry] = {}
        self._prompts: dict[str, Content] = {}

    def compose(self) -> ComposeResult:
        """The list, the evidence, the keys."""
        with Vertical(id="alerts-box"):
            yield OptionList(id="alert-choices", compact=True)
            with VerticalScroll(id="alert-evidence"):
                yield Static(id="alert-facts")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The worst is selected."""
        self.query_one("#alerts-box").border_title = "Alerts"
        self.show(self._snapshot)
        choices = self.query_one(OptionList)
        choices.highlighted = 0 if self._entries else None
        choices.focus()

    def show(self, snapshot: Snapshot) -> None:
        """Take a new snapshot. The selection stays on its alert, or ends with it."""
        selected = self._selected
        self._snapshot = snapshot
        self._entries = {entry.id: entry for entry in entries(snapshot)}
        prompts = {id_: prompt(e, snapshot.read_s) for id_, e in self._entries.items()}
        choices = self.query_one(OptionList)
        if list(prompts) != list(self._prompts):
            choices.set_options(Option(text, id=id_) for id_, text in prompts.items())
            if selected is not None and selected.id in prompts:
                choices.highlighted = choices.get_option_index(selected.id)
        else:
            for id_, text in prompts.items():
                if not text.is_same(self._prompts[id_]):
                    choices.replace_option_prompt(id_, text)
        self._prompts = prompts
        choices.display = bool(prompts)
        self._show_evidence()

    def on_option_list_option_highlighted(self) -> None:
        """Another one is selected."""
        self._show_evidence()

    def action_acknowledge(self) -> None:
        """At once."""
        if (alert := self._firing()) is not None:
            self.post_message(self.Wanted(acknowledgement(alert.name, self._user)))

    def action_acknowledge_with_note(self) -> None:
        """Ask for the note."""
        if (alert := self._firing()) is not None:
            self.post_message(self.Wanted(note_question(alert.name, self._user)))

    def action_silence(self) -> None:
        """Ask for how long. A silence is renewed as it was made."""
        selected = self._selected
        if selected is None:
            self._tell("Choose an alert with the arrow keys first")
        elif selected.alert is not None:
            self.post_message(self.Wanted(silence_question(selected.alert.name, self._user)))
        elif selected.silence is not None:
            self.post_message(self.Wanted(silence_question(selected.silence.pattern, self._user)))

    def action_unsilence(self) -> None:
        """End the silence that holds it back."""
        selected = self._selected
        if selected is None or selected.silence is None:
            self._tell("It is not silenced" if selected else "Choose one with the arrow keys first")
        else:
            self.post_message(self.Wanted(end_of_silence(selected.silence.pattern, self._user)))

    def action_close(self) -> None:
        """Back to the whole."""
        self.dismiss()

    @property
    def _selected(self) -> Entry | None:
        option = self.query_one(OptionList).highlighted_option
        return None if option is None or option.id is None else self._entries.get(option.id)

    def _firing(self) -> AlertRecord | None:
        """The selected alert if it can be acknowledged; else says why not."""
        selected = self._selected
        alert = selected.alert if selected else None
        if alert is None:
            self._tell("Choose an alert with the arrow keys first")
        elif alert.state != "firing":
            self._tell(f"{alert.name} does not fire yet; it can be silenced")
        else:
            return alert
        return None

    def _tell(self, text: str) -> None:
        self.notify(text, severity="warning")

    def _show_evidence(self) -> None:
        lines = evidence(self._selected, self._snapshot)
        self.query_one("#alert-facts", Static).update(Content("\n").join(lines))


def entries(snapshot: Snapshot) -> list[Entry]:
    """The alerts in the order of the panel, then the silences in force."""
    silences, now_s = snapshot.status.silences, snapshot.read_s
    found = [
        Entry(alert, silence_of(alert.name, silences, now_s))
        for alert in in_order(snapshot.status.alerts, silences, now_s)
    ]
    return found + [Entry(None, silence) for silence in in_force(silences, now_s)]


def prompt(entry: Entry, now_s: float) -> Content:
    """One line of the list."""
    alert, silence = entry.alert, entry.silence
    if alert is not None:
        mark, style = alert_mark(alert, silence)
        words = marks(alert, silence, now_s)
        since = f"  {alert.state} for {duration(now_s - alert.since_s)}"
        return Content.assemble(
            (f"{mark} {alert.severity.upper()} {alert.name}", style),
            since,
            (f" · {words}" if words else "", "$foreground-muted"),
        )
    assert silence is not None
    left = duration(silence.until_s - now_s)
    return Content.assemble(
        f"◌ silence of {silence.pattern}", (f"  {left} more", "$foreground-muted")
    )


def evidence(entry: Entry | None, snapshot: Snapshot) -> list[Content]:
    """All that is known of the selected one."""
    if entry is None:
        listed = bool(snapshot.status.alerts or in_force(snapshot.status.silences, snapshot.read_s))
        return [Content("None is selected" if listed else "✓ No alert is firing or pending")]
    alert, silence, now_s = entry.alert, entry.silence, snapshot.read_s
    if alert is None:
        assert silence is not None
        return [
            Content.styled(f"Silence of {silence.pattern}", "bold"),
            Content(silence_words(silence, now_s)),
            Content.styled("Nobody is told of alerts with such a name.", "$foreground-muted"),
        ]
    rule = next((rule for rule in snapshot.rules if rule.name == alert.name), None)
    limit = f"{alert.comparison} {alert.threshold:,.6g}"
    facts = [
        ("value", f"{figure(alert.value)}, fires {limit}"),
        *standing_facts(alert, silence, rule, snapshot.targets, now_s),
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
