"""`landerctl tensorboard`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import webbrowser
from typing import Annotated

import typer

from daemon.base.files import open_log
from daemon.base.identity import lock_is_held
from daemon.base.paths import RunPaths
from daemon.store.reader import StoreError, StoreReader
from daemon.supervisor.sidecars.tensorboard import (
    HOST,
    port_problem,
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


def tensorboard(
    context: typer.Context,
    *,
    run_id: RunId = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=65535,
            help="On loopback (default: tensorboard.port).",
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
    _serve(run, port or session.load_config().tensorboard.port, open_browser)
    return Exit.OK


def _supervised_url(session: Session) -> str | None:
    """The address of the server that a living daemon keeps up."""
    if not lock_is_held(session.paths):
        return None
    try:
        with StoreReader.open(session.paths.store) as store:
            daemon = store.status().daemon
    except StoreError as error:
        raise Failure(str(error)) from None
    return daemon.tensorboard_url if daemon and daemon.stopped_s is None else None


def _serve(run: RunPaths, port: int, open_browser: bool) -> None:
    """Run a server until Ctrl-C, which is an exception here. Raises Failure."""
    if (problem := port_problem(port)) is not None:
        raise Failure(f"{problem}; --port names another port")
    # SIGTERM ends the server as Ctrl-C does; what cannot be handled closes its standard input.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    log = run.tensorboard_log
    try:
        output = open_log(log)
    except OSError as error:
        raise Failure(f"{log}: {error.strerror}", Exit.CANNOT_WRITE) from None
    server = subprocess.Popen(
        tensorboard_command(run.tensorboard, port),
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        start_new_session=True,  # it kills its process group at the end
    )
    os.close(output)
    try:
        while server.poll() is None and not _answers(port):
            _wait(server)
        if server.poll() is None:
            _tell(tensorboard_url(port), open_browser)
            print(f"It shows {run.id} until Ctrl-C.", flush=True)
        code = server.wait()
    finally:
        server.terminate()
        server.wait()
    raise Failure(f"TensorBoard ended with exit code {code}; see {log}")


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=POLL_S).close()
    except OSError:
        return False
    return True


def _wait(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait(POLL_S)
    except subprocess.TimeoutExpired:
        return


def _tell(url: str, open_browser: bool) -> None:
    print(url, flush=True)
    if open_browser and not webbrowser.open(url):
        print("landerctl: no browser could be opened; open the address by hand", file=sys.stderr)
