"""The Typer program: registers the verbs and runs the command line."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any

import typer
from rich.markup import escape

from landerctl.cli.arguments import from_declarations
from landerctl.cli.arguments.dispersions import with_default
from landerctl.cli.commands import version
from landerctl.cli.commands.compare.runs.app import app as runs
from landerctl.cli.commands.configure.app import app as configure
from landerctl.cli.commands.decide import (
    benchmarks,
    burn_in,
    drill,
    estimate,
    golive,
    incident,
    note,
    preflight,
    report,
    review,
    signoff,
)
from landerctl.cli.commands.recover import backups, restore, rollback
from landerctl.cli.commands.recover.backup.app import app as backup
from landerctl.cli.commands.run import service, start, stop
from landerctl.cli.commands.sweep.app import app as sweep
from landerctl.cli.commands.sweep.begin import seeds
from landerctl.cli.commands.try_out import evaluate, export, film, fly, selftest
from landerctl.cli.commands.watch import (
    episodes,
    logs,
    plot,
    plugins,
    tensorboard,
    tracking,
    tui,
    watch,
    web,
)
from landerctl.cli.commands.watch.alerts.app import app as alerts
from landerctl.cli.commands.watch.events.app import app as events
from landerctl.cli.commands.watch.metrics.app import app as metrics
from landerctl.cli.shared.panels import (
    COMPARE,
    COMPLETION_HELP,
    DECIDE,
    RECOVER,
    RUN,
    SWEEP,
    TRY_OUT,
    WATCH,
    Program,
)
from landerctl.cli.shared.session import ConfigFile, Home, examples
from landerctl.exitcodes import Exit
from landerctl.failure import Failure, one_line
from landerctl.fast_path import check as light_check
from landerctl.fast_path import status as light_status
from landerctl.fast_path.check_options import CheckOptions
from landerctl.fast_path.checklist import command as light_checklist
from landerctl.fast_path.checklist.options import ChecklistOptions
from landerctl.fast_path.options import StatusOptions

app = typer.Typer(
    name="landerctl",
    cls=Program,
    help="Mission control for runs that teach a spacecraft to land on the Moon.",
    epilog=examples(
        "landerctl start                 start a run, or resume the last one",
        "landerctl tui                   watch it",
        "landerctl stop                  save a checkpoint and stop",
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
    # Unexpected exceptions are logged as plain tracebacks (landerctl.failure).
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def landerctl(
    context: typer.Context,
    home: Home = None,
    config: ConfigFile = None,
    show_version: Annotated[
        bool, typer.Option("--version", "-V", help="Print the version.")
    ] = False,
) -> int:
    """Show the help or the version if no verb is given."""
    if show_version:
        print(version.text())
        raise typer.Exit(Exit.OK)
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(Exit.USAGE)
    return Exit.OK


def _panel(name: str, verbs: dict[str, tuple[Callable[..., int], str]]) -> None:
    """Add the verbs of one panel of the help: the function and the examples of each."""
    for verb, (function, verb_examples) in verbs.items():
        app.command(verb, epilog=verb_examples, rich_help_panel=name)(function)


_panel(RUN, {"start": (start.start, start.EXAMPLES), "stop": (stop.stop, stop.EXAMPLES)})
app.add_typer(service.app, name="service", rich_help_panel=RUN)
app.add_typer(configure, name="config", rich_help_panel=RUN)
app.command(
    "status",
    help="Show the state of daemon, trainer, stage, speed, resources, alerts and checkpoints.",
    epilog=examples(
        "landerctl status",
        "landerctl status --json | jq .status.progress.success_rate",
        "landerctl status --at 'yesterday 22:00'",
        "landerctl status >/dev/null || landerctl start",
    ),
    rich_help_panel=WATCH,
)(from_declarations.command(StatusOptions, light_status.run))
app.command(
    "check",
    help="Check the run's health for cron and monitoring: one line, exit code 0 OK, 1 WARNING, "
    "2 CRITICAL, 3 UNKNOWN.",
    epilog=examples(
        "landerctl check",
        "landerctl check disk memory",
        "landerctl check --quiet --ping",
        "landerctl check --quiet || mail -s 'lander in trouble' me@example.org",
    ),
    rich_help_panel=WATCH,
)(from_declarations.command(CheckOptions, light_check.run))
_panel(
    WATCH,
    {
        "tui": (tui.tui, tui.EXAMPLES),
        "web": (web.web, web.EXAMPLES),
        "watch": (watch.watch, watch.EXAMPLES),
        "logs": (logs.logs, logs.EXAMPLES),
        "episodes": (episodes.episodes, episodes.EXAMPLES),
        "plot": (plot.plot, plot.EXAMPLES),
        "tensorboard": (tensorboard.tensorboard, tensorboard.EXAMPLES),
        "plugins": (plugins.plugins, plugins.EXAMPLES),
    },
)
app.add_typer(alerts, name="alerts", rich_help_panel=WATCH)
app.add_typer(events, name="events", rich_help_panel=WATCH)
app.add_typer(metrics, name="metrics", rich_help_panel=WATCH)
app.add_typer(tracking.app, name="tracking", rich_help_panel=WATCH)
_panel(
    RECOVER,
    {
        "backups": (backups.backups, backups.EXAMPLES),
        "rollback": (rollback.rollback, rollback.EXAMPLES),
        "restore": (restore.restore, restore.EXAMPLES),
    },
)
app.add_typer(backup, name="backup", rich_help_panel=RECOVER)
_panel(
    TRY_OUT,
    {
        "fly": (fly.fly, fly.EXAMPLES),
        "film": (film.film, film.EXAMPLES),
        "evaluate": (evaluate.evaluate, evaluate.EXAMPLES),
        "export": (export.export, export.EXAMPLES),
        "selftest": (selftest.selftest, selftest.EXAMPLES),
    },
)
app.add_typer(runs, name="runs", rich_help_panel=COMPARE)
app.add_typer(sweep, name="sweep", rich_help_panel=SWEEP)
_panel(SWEEP, {"seeds": (seeds.seeds, seeds.EXAMPLES)})
app.command(
    "checklist",
    help="Judge every line of the production checklist, or show lines whole with their evidence.",
    epilog=examples(
        "landerctl checklist",
        "landerctl checklist --open",
        "landerctl checklist burn-in --watch",
        "landerctl checklist quality.success",
        "landerctl checklist --json | jq .counts",
    ),
    rich_help_panel=DECIDE,
)(from_declarations.command(ChecklistOptions, light_checklist.run))
_panel(
    DECIDE,
    {
        "preflight": (preflight.preflight, preflight.EXAMPLES),
        "drill": (drill.drill, drill.EXAMPLES),
        "burn-in": (burn_in.burn_in, burn_in.EXAMPLES),
        "benchmarks": (benchmarks.benchmarks, benchmarks.EXAMPLES),
        "estimate": (estimate.estimate_command, estimate.EXAMPLES),
        "review": (review.review, review.EXAMPLES),
        "golive": (golive.golive, golive.EXAMPLES),
        "signoff": (signoff.signoff, signoff.EXAMPLES),
        "note": (note.note, note.EXAMPLES),
        "report": (report.report, report.EXAMPLES),
    },
)
app.add_typer(incident.app, name="incident", rich_help_panel=DECIDE)
app.command("version", epilog=version.EXAMPLES, rich_help_panel=TRY_OUT)(version.version)


@cache
def root_command() -> Any:
    """The command of the whole program."""
    command: Any = typer.main.get_command(app)
    for option in command.params:
        option.help = COMPLETION_HELP.get(option.name, option.help)
    _show_plainly(command)
    return command


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code. Raises Failure and BrokenPipeError."""
    try:
        given = with_default(arguments)
        code = root_command().main(given, prog_name="landerctl", standalone_mode=False)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "landerctl"
        text = one_line(error.format_message()).rstrip(".")
        raise Failure(f"{text}; see `{path} --help`", Exit.USAGE) from None
    except SystemExit as end:
        # Typer turns a broken pipe into exit code 1.
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None
        raise
    return code if isinstance(code, int) else Exit.OK


def _show_plainly(command: Any) -> None:
    """Keep Rich from taking square brackets in the helps of a command and its verbs for markup, and
    show no type of options that have no value.
    """
    options = command.get_params(typer.Context(command, **command.context_settings))
    for shown in (command, *options):
        for name in ("help", "short_help", "epilog"):
            if text := getattr(shown, name, None):
                setattr(shown, name, escape(text))
        if getattr(shown, "is_flag", False):
            shown.metavar = ""
    for verb in getattr(command, "commands", {}).values():
        _show_plainly(verb)
