"""`landerctl tensorboard`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from daemon.base.files import open_log
from daemon.base.identity import lock_is_held
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import ServerStatus
from daemon.supervisor.sidecars.ports import port_problem
from daemon.supervisor.sidecars.tensorboard import (
    tensorboard_command,
    tensorboard_url,
)
from landerctl.cli.arguments.runs import RunId, find_run_folder
from landerctl.cli.shared.session import ConfigFile, Home, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl tensorboard",
    "landerctl tensorboard --open",
    "landerctl tensorboard --run 20261123-004146-curriculum-ppo-1223 --port 6007",
)
POLL_S = 0.2
START_S = 30.0  # TensorBoard takes 3 s to start, ten times that on a busy machine


def tensorboard(
    context: typer.Context,
    *,
    run_id: RunId = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="On loopback (default: tensorboard.port); 0 takes any free one.",
            show_default=False,
        ),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Show it in the browser as well.")
    ] = False,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Tell where the daemon's TensorBoard is, or run one until Ctrl-C."""
    session = open_session(context, home, config)
    supervised = _supervised_url(session) if run_id is None and port is None else None
    if supervised is not None:
        _tell(supervised, open_browser)
        return Exit.OK
    run = find_run_folder(session, run_id, "to show")
    used = session.load_config().tensorboard.port if port is None else port
    serve(run.tensorboard, run.tensorboard_log, run.id, used, open_browser)
    return Exit.OK


def _supervised_url(session: Session) -> str | None:
    """The address of the server that a living daemon keeps up; None if it keeps none up.

    Waits for a server that starts. Raises Failure if it does not serve.
    """
    deadline_s = time.monotonic() + START_S
    while (server := _supervised(session)) is not None:
        if server.url is not None:
            return server.url
        if server.problem is not None or time.monotonic() > deadline_s:
            problem = server.problem or f"it has not started within {START_S:g} s"
            raise Failure(
                f"the daemon's TensorBoard is not served: {problem}; "
                "`landerctl tensorboard --port 0` serves the run on any free port"
            )
        time.sleep(POLL_S)
    return None


def _supervised(session: Session) -> ServerStatus | None:
    if not lock_is_held(session.paths):
        return None
    try:
        with StoreReader.open(session.paths.store) as store:
            daemon = store.status().daemon
    except StoreError as error:
        raise Failure(str(error)) from None
    return daemon.servers.get("tensorboard") if daemon and daemon.stopped_s is None else None


def serve(folder: Path, log: Path, shown: str, port: int, open_browser: bool) -> None:
    """Run a server of a folder until Ctrl-C, which is an exception here. Raises Failure.

    `shown`: what the folder is of. `port` 0: any free one.
    """
    if (problem := port_problem(port)) is not None:
        raise Failure(f"{problem}; `--port 0` takes any free one")
    # SIGTERM ends the server as Ctrl-C does; what cannot be handled closes its standard input.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        output = open_log(log, "TensorBoard")
    except OSError as error:
        raise Failure(f"{log}: {error.strerror}", Exit.CANNOT_WRITE) from None
    reading, writing = os.pipe()
    server = subprocess.Popen(
        tensorboard_command(folder, port, writing),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        pass_fds=(writing,),
        start_new_session=True,  # it kills its process group at the end
    )
    os.close(output)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as report:
            listening = report.readline().strip()
        if listening:
            _tell(tensorboard_url(int(listening)), open_browser)
            print(f"It shows {shown} until Ctrl-C.", flush=True)
        code = server.wait()
    finally:
        server.terminate()
        server.wait()
    raise Failure(f"TensorBoard ended with exit code {code}; see {log}")


def _tell(url: str, open_browser: bool) -> None:
    print(url, flush=True)
    if open_browser and not webbrowser.open(url):
        print("landerctl: no browser could be opened; open the address by hand", file=sys.stderr)
