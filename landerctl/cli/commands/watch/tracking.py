"""`landerctl tracking` and its verb."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
import typer

from daemon.base.paths import StatePaths
from daemon.base.text.counted import counted
from daemon.base.text.one_line import one_line
from daemon.config.schema import TrackingSettings
from daemon.store.reader import StoreError, StoreMissingError, StoreReader
from daemon.store.records import TrackingStatus
from daemon.tracking.protocol import Report
from landerctl.cli.arguments.runs import RunId, find_run_folder
from landerctl.cli.shared.columns import aligned
from landerctl.cli.shared.session import ConfigFile, Home, Json, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.status_report import tracking_text
from landerctl.operations.tracking import TrackedRun, send_now, tracked_runs

EXAMPLES = examples(
    "landerctl tracking                           what the tracking server has of each run",
    "landerctl tracking --json | jq '.runs[].lost'",
    "landerctl tracking sync                      send what is new of the current run now",
    "landerctl tracking sync --run 20261123-004146-curriculum-ppo-1223",
)

app = typer.Typer(
    help="Show what the tracking server of [tracking] has of each run; send a run now.",
    epilog=EXAMPLES,
    invoke_without_command=True,
)


class Overview(msgspec.Struct, frozen=True):
    """What `landerctl tracking --json` prints. `daemon`: its last report, None if it sends none."""

    enabled: bool
    experiment: str
    daemon: TrackingStatus | None
    runs: list[TrackedRun]


@app.callback(invoke_without_command=True)
def tracking(
    context: typer.Context, as_json: Json = False, home: Home = None, config: ConfigFile = None
) -> int:
    """Show what the tracking server has of each run; send a run now."""
    if context.invoked_subcommand is not None:
        return Exit.OK
    session = open_session(context, home, config)
    settings = session.load_config().tracking
    try:
        runs = tracked_runs(session.paths)
    except OSError as error:
        raise Failure(f"{session.paths.runs}: {error.strerror}", Exit.UNKNOWN) from None
    daemon = _last_report(session.paths)
    found = Overview(settings.enabled, settings.experiment, daemon, runs)
    if as_json:
        print(msgspec.json.encode(found).decode())
    else:
        _show(found)
    return Exit.OK


@app.command()
def sync(
    context: typer.Context,
    run_id: RunId = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Send what is new of a run now, and wait for it.

    For cron without [tracking] enabled, and for runs of before it was.
    """
    session = open_session(context, home, config)
    settings = session.load_config().tracking
    if not (settings.mlflow_uri or settings.mlflow_uri_file):
        raise Failure(
            "no tracking server: set tracking.mlflow_uri or tracking.mlflow_uri_file in "
            "config.toml; see docs/tracking.md",
            Exit.CONFIG,
        )
    run = find_run_folder(session, run_id, "to send")
    report = _sent(settings, session.paths, run.id)
    if as_json:
        print(msgspec.json.encode(report).decode())
    if report.problem:
        what = f"{report.server or 'tracking'}: {report.problem}"
        raise Failure(what, Exit.BUSY if report.busy else Exit.FAILED)
    if not as_json:
        lost = f", {report.lost:,} lost" if report.lost else ""
        print(f"{report.server} has {counted(report.sent, 'sample')} of {run.id}{lost}")
    return Exit.OK


def _sent(settings: TrackingSettings, paths: StatePaths, run_id: str) -> Report:
    report = Report("", problem="its process ended without a report")
    for report in send_now(settings, paths, paths.run(run_id)):  # noqa: B007 - the last one
        pass
    if report.unfinished:
        return msgspec.structs.replace(report, problem="its process ended before all was sent")
    return report


def _last_report(paths: StatePaths) -> TrackingStatus | None:
    try:
        with StoreReader.open(paths.store) as store:
            return store.status().tracking
    except StoreMissingError:
        return None
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None


def _show(found: Overview) -> None:
    if found.daemon is not None:
        print(one_line(tracking_text(found.daemon, time.time())))
    elif not found.enabled:
        print("off: tracking.enabled = false")
    if found.runs:
        rows = [
            (run.run_id, run.name, f"{run.sent:,}", f"{run.lost:,}", run.status, run.mlflow_run_id)
            for run in found.runs
        ]
        print("\n".join(aligned([("RUN", "NAME", "SENT", "LOST", "STATUS", "AT MLFLOW"), *rows])))
