"""The operator's actions: one table for key bindings, footer, help and command palette."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding


@dataclass(frozen=True)
class Action:
    """A key, the app's action it runs, and its texts for the footer and the help."""

    key: str
    name: str  # of the app's method action_<name>, with arguments if it takes any
    label: str
    help: str
    in_footer: bool = True
    shown_key: str = ""
    if_room: bool = False  # in the footer of a wide terminal
    before_widgets: bool = False  # its key goes to the app even if the focused widget uses it
    changes: bool = False  # the run, its alerts or its records: a read-only screen refuses it

    @property
    def binding(self) -> Binding:
        """The action as a Textual key binding."""
        return Binding(
            self.key,
            self.name,
            self.label,
            show=self.in_footer,
            key_display=self.shown_key or None,
            priority=self.before_widgets,
        )


ACTIONS = (
    Action(
        "b", "backup", "Back up", "Save a checkpoint now and copy it to the backups", changes=True
    ),
    Action(
        "B",
        "backup_with_note",
        "Back up with note",
        "Back up with a note, or pinned",
        False,
        changes=True,
    ),
    Action(
        "r",
        "rollback",
        "Roll back",
        "Go back to the selected checkpoint or backup (asks first)",
        changes=True,
    ),
    Action(
        "u", "undo_rollback", "Undo", "Undo the last rollback (asks first)", False, changes=True
    ),
    Action("a", "alerts", "Alerts", "Open the alerts: see why, acknowledge, silence"),
    Action(
        "s",
        "stop_daemon",
        "Stop",
        "Save a checkpoint, stop training and daemon (asks first)",
        changes=True,
    ),
    Action(
        "p",
        "next_plot",
        "Plot",
        "Plot the next series: success, reward, speed, length, yours",
    ),
    Action(
        "m",
        "show_page('metrics')",
        "Metrics",
        "Choose the series of the plot",
        in_footer=False,
        if_room=True,
    ),
    Action("1", "show_panel('chart')", "Plot panel", "Go to the plot", in_footer=False),
    Action("2", "show_panel('checkpoints')", "Checkpoints", "Go to checkpoints and backups", False),
    Action("3", "show_panel('events')", "Events", "Go to the event log", in_footer=False),
    Action(
        "4",
        "show_page('logs')",
        "Logs",
        "Open the logs as one, by time",
        in_footer=False,
        if_room=True,
    ),
    Action(
        "5",
        "show_page('landings')",
        "Landings",
        "Evaluations, and why it crashed",
        False,
        if_room=True,
    ),
    Action(
        "6",
        "show_page('checklist')",
        "Checklist",
        "Open the checklist: lines, GO or NO-GO, what to do next",
        False,
        if_room=True,
    ),
    Action(
        "7",
        "show_page('incidents')",
        "Incidents",
        "Open incidents and the alerts' history",
        False,
        if_room=True,
    ),
    Action(
        "8",
        "show_page('sweeps')",
        "Sweeps",
        "Open the sweeps: trials, their curves, why each was stopped",
        False,
        if_room=True,
    ),
    Action(
        "9",
        "show_page('runs')",
        "Runs",
        "Open the runs: compare several, look into an old one",
        False,
        if_room=True,
    ),
    Action(
        "e",
        "show_page('events')",
        "All events",
        "Open all events of the store",
        False,
        if_room=True,
    ),
    Action("f", "fly", "Fly", "Fly the selected checkpoint, flight or failed episode", False),
    Action(
        "left_square_bracket",
        "step_in_time('back')",
        "Step back",
        "Go back in time, by a minute or more",
        False,
        "[",
    ),
    Action(
        "right_square_bracket",
        "step_in_time('forward')",
        "Step forward",
        "Go forward in time, at the end to now",
        False,
        "]",
    ),
    Action(
        "left_curly_bracket",
        "step_in_time('back', True)",
        "Previous event",
        "Go back in time to the previous event",
        False,
        "{",
    ),
    Action(
        "right_curly_bracket",
        "step_in_time('forward', True)",
        "Next event",
        "Go forward in time to the next event",
        False,
        "}",
    ),
    Action(
        "g", "go_to_time", "Go to time", "Show the run as it was at a time (asks for it)", False
    ),
    Action(
        "end",
        "return_to_now",
        "Now",
        "Return from the past to now",
        False,
        before_widgets=True,
    ),
    Action("y", "copy", "Copy", "Copy the id of what is selected, by the terminal (OSC 52)", False),
    Action("escape", "close_page", "Dashboard", "Go back to the dashboard", False, "esc"),
    Action("tab", "app.focus_next", "Next panel", "Move between panels", in_footer=False),
    Action("t", "change_theme", "Theme", "Choose the colours", in_footer=False),
    Action("ctrl+z", "suspend_process", "Suspend", "Return to the shell; fg continues", False),
    Action("ctrl+l", "redraw", "Redraw", "Paint the screen anew: it was written over", False),
    Action("question_mark", "help", "Help", "Show this list", shown_key="?"),
    Action("q", "quit", "Quit", "Leave this screen; the training continues", in_footer=True),
)

# Actions of the alerts screen.
ALERT_ACTIONS = (
    Action("a", "acknowledge", "Acknowledge", "acknowledge the selected alert", changes=True),
    Action("n", "acknowledge_with_note", "Note", "acknowledge it with a note", changes=True),
    Action("s", "silence", "Silence", "silence it for some hours", changes=True),
    Action("u", "unsilence", "Unsilence", "end its silence", changes=True),
    Action("y", "app.copy", "Copy", "copy the alert's name", in_footer=False),
    Action("escape", "close", "Close", "back", shown_key="esc"),
)

# Actions of the pages of logs and events. Their lists have the arrow keys, enter opens.
LOG_ACTIONS = (
    Action("slash", "search", "Find", "show only what has a text", shown_key="/"),
    Action("l", "level", "Level", "only more severe records"),
    Action("o", "source", "Source", "one source, or all"),
    Action("w", "wrap", "Wrap", "wrap long lines or cut them"),
    Action("end", "newest", "Newest", "go to the newest and follow", shown_key="End"),
    Action("escape", "leave", "Back", "back", shown_key="esc"),
)
EVENT_ACTIONS = (
    Action("slash", "search", "Find", "show only what has a text", shown_key="/"),
    Action("k", "kind", "Kind", "only a kind of event"),
    Action("v", "severity", "Severity", "only more severe events"),
    Action("o", "routine", "Routine", "also routine events, as of each checkpoint"),
    Action("w", "wrap", "Wrap", "wrap long lines or cut them"),
    Action("end", "newest", "Newest", "go to the newest and follow", shown_key="End"),
    Action("escape", "leave", "Back", "back", shown_key="esc"),
)

# Actions of the plot that has the focus.
PLOT_ACTIONS = (
    Action("plus", "zoom(1.5)", "Zoom in", "zoom in; or turn the wheel", False, "+"),
    Action("minus", "zoom(0.667)", "Zoom out", "zoom out", False, "-"),
    Action("left", "pan(-0.25)", "Pan left", "pan left; or drag", False, "←"),
    Action("right", "pan(0.25)", "Pan right", "pan right", False, "→"),
    Action("0", "whole_run", "Whole run", "show the whole run", in_footer=False),
    Action("l", "log_scale", "Log scale", "logarithmic values", in_footer=False),
    Action("comma", "smoother(-1)", "Less smooth", "smooth less", False, ","),
    Action("full_stop", "smoother(1)", "Smoother", "smooth more, as TensorBoard does", False, "."),
    Action("x", "by_time", "Steps or time", "over timesteps or over time", in_footer=False),
    Action("k", "marks", "Marks", "mark events; then checkpoints too", False),
)

# Actions of the chooser of metrics.
METRIC_ACTIONS = (
    Action("enter", "plot_alone", "Plot", "plot the selected series alone"),
    Action("space", "add_or_remove", "Add or remove", "add it to the plot, or remove it"),
    Action("up", "move(-1)", "Up", "the one above", False, "↑"),
    Action("down", "move(1)", "Down", "the one below", False, "↓"),
    Action("pageup", "move_page(-1)", "Page up", "a page up", in_footer=False),
    Action("pagedown", "move_page(1)", "Page down", "a page down", in_footer=False),
    Action("escape", "app.close_page", "Close", "back", shown_key="esc"),
)

# Actions of the list of runs.
RUN_ACTIONS = (
    Action("enter", "open", "Open", "open it: the screen as of its end", shown_key="enter"),
    Action("space", "mark", "Mark", "mark it, to compare it"),
    Action("c", "compare", "Compare", "compare the marked ones"),
    Action("slash", "filter", "Filter", "only those with certain words", shown_key="/"),
    Action("o", "order", "Order", "by age, name, steps, stage, success"),
    Action("k", "tree", "Forks", "forks below their parents"),
    Action("h", "archived", "Archived", "archived ones too"),
    Action("end", "last", "Last", "the last one", in_footer=False),
    Action("escape", "leave", "Back", "back", shown_key="esc"),
)

# Actions of the page of sweeps.
SWEEP_ACTIONS = (
    Action("enter", "open", "Open", "open the trial's own screen; q leads back", shown_key="enter"),
    Action("space", "mark", "Mark", "mark it: to plot and to compare it"),
    Action("c", "compare", "Compare", "compare the marked ones"),
    Action("slash", "filter", "Filter", "only those with certain words", shown_key="/"),
    Action("o", "order", "Order", "by the next column"),
    Action("O", "reverse", "Reverse", "in reverse", False),
    Action("v", "larger", "Plot", "the list, the curves, the details"),
    Action("p", "next_metric", "Next", "plot the next series", False),
    Action("comma", "smoother(-1)", "Less smooth", "smooth less", False, ","),
    Action("full_stop", "smoother(1)", "Smoother", "smooth more", False, "."),
    Action("l", "log_scale", "Log", "logarithmic values", False),
    Action("w", "choose", "Sweeps", "choose another sweep"),
    Action(
        "s",
        "stop_or_start_sweep",
        "Stop",
        "stop the sweep, its trials save; or start it again (asks first)",
        changes=True,
    ),
    Action("end", "last", "Last", "the last one", in_footer=False),
    Action("escape", "leave", "Back", "back", shown_key="esc"),
)

# Actions of the comparison of trials.
COMPARE_TRIALS_ACTIONS = (
    Action("p", "next_metric", "Next", "plot the next series"),
    Action("comma", "smoother(-1)", "Less smooth", "smooth less", False, ","),
    Action("full_stop", "smoother(1)", "Smoother", "smooth more", False, "."),
    Action("l", "log_scale", "Log", "logarithmic values", False),
    Action("v", "larger", "Plot or text", "more room for the plot, or for the text"),
    Action("escape", "app.close_page", "Back", "back", shown_key="esc"),
)

# Actions of the comparison of runs.
COMPARE_ACTIONS = (
    Action("m", "metric", "Metric", "choose the series of the plot"),
    Action("p", "next_metric", "Next", "plot the next series"),
    Action("x", "hours", "Steps or hours", "over steps or over hours trained"),
    Action("comma", "smoother(-1)", "Less smooth", "smooth less", False, ","),
    Action("full_stop", "smoother(1)", "Smoother", "smooth more", False, "."),
    Action("l", "log_scale", "Log", "logarithmic values", False),
    Action("v", "larger", "Plot or text", "more room for the plot, or for the text"),
    Action("escape", "app.close_page", "Back", "back", shown_key="esc"),
)

# Actions of the landings page.
LANDING_ACTIONS = (
    Action("left", "older", "Older", "the evaluation before", False, "←"),
    Action("right", "newer", "Newer", "the evaluation after", False, "→"),
    Action("v", "rows", "Rows", "drawings or rows, on a small screen"),
    Action("z", "zoom", "Zoom", "nearer to the pad"),
    Action("w", "causes", "Why", "why training episodes failed, and back"),
    Action("f", "fly", "Fly", "fly the selected flight"),
)

# Actions of what the landings page opens.
DETAIL_ACTIONS = (
    Action("f", "fly", "Fly", "fly it"),
    Action("escape", "close", "Close", "back", shown_key="esc"),
)

# Actions of a flight.
FLIGHT_ACTIONS = (
    Action("space", "pause", "Pause", "pause, continue"),
    Action("plus", "speed(1)", "Faster", "play faster", shown_key="+"),
    Action("minus", "speed(-1)", "Slower", "play slower", shown_key="-"),
    Action("enter", "again", "Again", "fly it again", shown_key="enter"),
)

# Actions of the pages with a list of sections: checklist, incidents.
BROWSE_ACTIONS = (
    Action("slash", "filter", "Filter", "show lines with certain words", shown_key="/"),
    Action("escape", "back", "Back", "back", shown_key="esc"),
)
CHECKLIST_ACTIONS = (
    Action("o", "worst_first", "Worst first", "failing and open lines first, or as the document"),
    Action("j", "judge_again", "Judge", "judge again now"),
    *BROWSE_ACTIONS,
)
INCIDENT_ACTIONS = (
    Action(
        "c", "close_incident", "Close", "close the selected incident, with its cause", changes=True
    ),
    *BROWSE_ACTIONS,
)


def _changing() -> frozenset[str]:
    """The names of the actions that change something, without arguments: of every table here."""
    tables = [table for table in globals().values() if isinstance(table, tuple)]
    actions = [action for table in tables for action in table if isinstance(action, Action)]
    return frozenset(action.name.partition("(")[0] for action in actions if action.changes)


CHANGING = _changing()
