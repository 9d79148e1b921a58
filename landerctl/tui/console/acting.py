"""What changes something: asked first, refused where it may not be, sent to the daemon."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from textual.actions import ActionParseResult, parse
from textual.dom import DOMNode
from textual.screen import ModalScreen

from daemon.base.user import user_name
from daemon.config.schema import Severity
from daemon.protocol.control import BackupRequest, Done, Note, Refused
from daemon.rollback.journal import undo_refusal
from landerctl.tui.actions import CHANGING
from landerctl.tui.console.reading import ReadingApp
from landerctl.tui.daemon_request import DaemonRequest, RequestAnswer, send_in_thread
from landerctl.tui.questions import (
    Question,
    backup_question,
    rollback_question,
    stop_question,
    undo_question,
)
from landerctl.tui.screens.alerts import AlertsScreen
from landerctl.tui.screens.dialog import Dialog
from landerctl.tui.screens.page import Page
from landerctl.tui.widgets.panels.events import OperatorNote

READ_ONLY = "This screen is read-only: it changes nothing"


class ActingApp(ReadingApp):
    """Sends requests to the daemon, one at a time."""

    _request_in_progress: DaemonRequest | None = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse the palette over a dialog: its actions belong to the screen below.

        End belongs to the focused widget unless the past is shown. What a read-only screen refuses
        is not in its footer.
        """
        if action in CHANGING and self.read_only:
            return False
        if action == "return_to_now" and (self.snapshot is None or self.snapshot.at_s is None):
            return False
        beneath = {"command_palette", "return_to_now"}
        return action not in beneath or not isinstance(self.screen, ModalScreen)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action of a key, a click or the palette, unless the screen is read-only."""
        name = parse(action)[1] if isinstance(action, str) else action[1]
        if name in CHANGING and self._refuses():
            return True  # no other binding of the key may run instead
        return await super().run_action(action, default_namespace, namespaces)

    def _refuses(self) -> bool:
        """Whether the screen is read-only; then it says so."""
        if self.read_only:
            self._notify_alone(READ_ONLY, severity="warning")
        return self.read_only

    def _refused_in_the_past(self) -> bool:
        """Nothing can be changed while the past is shown: what is seen is not what would change."""
        if self.snapshot is None or self.snapshot.at_s is None:
            return False
        self._notify_alone(
            "This is the past: press End to return to now, then do that", severity="warning"
        )
        return True

    def _daemon_answers(
        self, otherwise: str = "Without one: landerctl backup, landerctl rollback --to ID"
    ) -> bool:
        if self._refused_in_the_past():
            return False
        if self.snapshot is None:
            self.notify("The state folder is still being read: a moment", severity="warning")
            return False
        if self.snapshot.situation.answers:
            return True
        self.notify(
            f"No daemon is running. Start one: landerctl start. {otherwise}",
            severity="warning",
        )
        return False

    def _ask(self, question: Question) -> None:
        """Open a dialog; no toast may cover it."""
        if self._refuses():
            return
        self.clear_notifications()
        self.push_screen(Dialog(question))

    def on_page_question_asked(self, message: Page.QuestionAsked) -> None:
        """Open the dialog of a page's question."""
        self._ask(message.question)

    def on_dialog_confirmed(self, message: Dialog.Confirmed) -> None:
        """Send the request that the operator confirmed."""
        self._send(message.daemon_request)

    def _send(self, request: DaemonRequest) -> None:
        """Send a request in a thread of its own. A read-only screen sends none, whoever asks."""
        if self.read_only:
            self.post_message(RequestAnswer(request, Refused("failed", READ_ONLY)))
            return
        if self._refused_in_the_past():
            return
        if self._request_in_progress is not None:
            busy = Refused(
                "busy",
                f"{self._request_in_progress.title} is still in progress; wait for it to end",
            )
            self.post_message(RequestAnswer(request, busy))
            return
        self._request_in_progress = request
        if not isinstance(self.screen, Dialog):
            self._notify_alone(f"{request.title} …")
        send_in_thread(request, self._paths, self.post_message)

    def on_request_answer(self, message: RequestAnswer) -> None:
        """Show an answer in its dialog if open, else as a toast; log the final one."""
        request, answer = message.daemon_request, message.answer
        dialog = self.screen
        in_dialog = isinstance(dialog, Dialog) and dialog.daemon_request is request
        if isinstance(dialog, Dialog) and in_dialog:
            dialog.show_answer(answer)
        if isinstance(answer, Note):
            if not in_dialog:
                self._notify_alone(answer.text, title=request.title)
            return
        if self._request_in_progress is request:
            self._request_in_progress = None
        done = isinstance(answer, Done)
        severity: Severity = "info" if done else "critical"
        self.dashboard.add_note(
            OperatorNote(time.time(), severity, f"{request.title}: {answer.text}")
        )
        if not in_dialog:
            self._notify_alone(
                answer.text, title=request.title, severity="information" if done else "error"
            )
        self._feed.read_now()

    def action_backup(self) -> None:
        """Ask the daemon for a backup now."""
        if self._daemon_answers():
            self._send(DaemonRequest(BackupRequest(), "Backing up"))

    def action_backup_with_note(self) -> None:
        """Ask for a note, then for a backup."""
        if self._daemon_answers():
            self._ask(backup_question())

    async def action_rollback(self) -> None:
        """Ask for confirmation of a rollback to the selected checkpoint, as it is now."""
        if self._refused_in_the_past():
            return
        if self._page is not None or not self.dashboard.lists_checkpoints:
            await self.action_show_panel("checkpoints")
            self.notify("Choose a checkpoint with the arrow keys, then press r", title="Roll back")
            return
        target = self.dashboard.selected
        if target is None or self.snapshot is None:
            self.notify("No checkpoint yet", title="Roll back", severity="warning")
        elif self._daemon_answers():
            self._ask(rollback_question(target, self.snapshot, user_name(os.getuid())))

    def action_undo_rollback(self) -> None:
        """Ask for confirmation of an undo of the last rollback, with the state it goes back to."""
        if self._refused_in_the_past():
            return
        snapshot = self.snapshot
        run = snapshot.status.run if snapshot else None
        if snapshot is None or run is None:
            self.notify("No run yet", title="Undo", severity="warning")
            return
        journal = snapshot.rollback.journal if snapshot.rollback else None
        refusal = undo_refusal(journal, self._paths.run(run.id))
        if refusal is not None or journal is None or journal.live is None:
            self.notify(refusal or "", title="Undo", severity="warning")
            return
        before = journal.live.id
        target = next((state for state in snapshot.restorables if state.id == before), None)
        if target is None:
            text = f"{before}, the state before it, is neither a checkpoint nor a backup any more"
            self.notify(text, title="Undo", severity="error")
        elif self._daemon_answers("Without one: landerctl rollback --undo"):
            self._ask(undo_question(target, snapshot, user_name(os.getuid())))

    def action_stop_daemon(self) -> None:
        """Ask for confirmation of a stop."""
        if self.snapshot is not None and self._daemon_answers("There is nothing to stop"):
            self._ask(stop_question(self.snapshot))

    def action_alerts(self) -> None:
        """Open the alerts screen."""
        if self.snapshot is not None:
            self.push_screen(AlertsScreen(user_name(os.getuid()), self.snapshot))

    def on_alerts_screen_action_chosen(self, message: AlertsScreen.ActionChosen) -> None:
        """Open a dialog for a `Question`; send a `Choice` at once."""
        if not self._daemon_answers("Acknowledgements and silences are kept"):
            return
        if isinstance(message.action, Question):
            self._ask(message.action)
        else:
            self._send(DaemonRequest(message.action.request, message.action.title))
