"""`landerctl service`: the daemon as a systemd user service."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from daemon.base.files import write_atomically
from daemon.base.paths import StatePaths, xdg_folder
from landerctl.cli.shared.session import ConfigFile, Home, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

UNIT = "landerctl.service"
STOP_MARGIN_S = 30.0  # in addition to supervision.stop_timeout_s, for running backups
EXAMPLES = examples(
    "landerctl service install          start it now and at each login",
    "landerctl service show             print the unit",
    "landerctl service uninstall",
    "loginctl enable-linger             start it at boot, before a login",
)
app = typer.Typer(help="Run the daemon as a systemd user service.", epilog=EXAMPLES)


@app.command()
def install(
    context: typer.Context,
    now: Annotated[bool, typer.Option("--now/--later", help="Start it now too.")] = True,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Install a unit: systemd starts the daemon at each login."""
    unit = _unit(context, home, config)
    _require_systemd()
    path = _unit_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, unit.encode())
    except OSError as error:
        raise Failure(
            f"{error.filename or path}: {error.strerror}; free space or check the folder",
            Exit.CANNOT_WRITE,
        ) from None
    print(f"{path} written")
    _systemctl("daemon-reload")
    _systemctl("enable", *(["--now"] if now else []), UNIT)
    print(f"{UNIT} starts at each login; `loginctl enable-linger` starts it at boot")
    return Exit.OK


@app.command()
def show(context: typer.Context, home: Home = None, config: ConfigFile = None) -> int:
    """Print the unit."""
    print(_unit(context, home, config), end="")
    return Exit.OK


@app.command()
def uninstall() -> int:
    """Stop the service and remove the unit.

    Runs and checkpoints are kept.
    """
    path = _unit_path()
    if not path.exists():
        raise Failure(f"{path}: no such unit; nothing to remove", Exit.NOT_FOUND)
    _systemctl("disable", "--now", UNIT)
    path.unlink()
    _systemctl("daemon-reload")
    print(f"{path} removed")
    return Exit.OK


def unit_text(paths: StatePaths, files: Sequence[str], python: str, stop_timeout_s: float) -> str:
    """The text of the unit for a state folder and configuration files, by their whole paths."""
    command = [python, "-P", "-m", "landerctl", "start", "--foreground", "--home", str(paths.home)]
    for file in files:
        command += ["--config", file]
    no_restart = " ".join(str(int(code)) for code in _NO_RESTART)
    return f"""\
[Unit]
Description=landerctl trains a lander in {_escaped(str(paths.home))}
Documentation=man:systemd.service(5)

[Service]
Type=notify
NotifyAccess=main
ExecStart={" ".join(_quoted(argument) for argument in command)}
ExecReload=/bin/kill -HUP $MAINPID
# The supervisor lets the trainer save; only processes left after that are killed.
KillMode=mixed
TimeoutStopSec={stop_timeout_s + STOP_MARGIN_S:.0f}
WatchdogSec=60
Restart=on-failure
RestartSec=5
RestartPreventExitStatus={no_restart}
UMask=0077

[Install]
WantedBy=default.target
"""


_NO_RESTART = (Exit.USAGE, Exit.CONFIG, Exit.ALREADY_RUNNING, Exit.CANNOT_WRITE, Exit.NOT_FOUND)


def _unit(context: typer.Context, home: Path | None, config: list[Path] | None) -> str:
    session = open_session(context, home, config)
    stop_timeout_s = session.load_config().supervision.stop_timeout_s
    return unit_text(session.paths, session.find_sources().files, sys.executable, stop_timeout_s)


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _quoted(argument: str) -> str:
    """An argument quoted for a command line of systemd.service(5)."""
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{_escaped(escaped)}"'


def _unit_path() -> Path:
    folder = xdg_folder("XDG_CONFIG_HOME", ".config", os.environ)
    if folder is None:
        raise Failure(
            "no home folder: HOME is not set and the user database has no entry for you; set HOME",
            Exit.CANNOT_WRITE,
        )
    return folder / "systemd" / "user" / UNIT


def _require_systemd() -> None:
    if shutil.which("systemctl") is None:
        raise Failure("systemd not found; use a line `@reboot landerctl start` in crontab instead")


def _systemctl(*arguments: str) -> None:
    """Run `systemctl --user`. Raises Failure."""
    _require_systemd()
    done = subprocess.run(
        ["systemctl", "--user", *arguments], check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        output = " ".join(done.stderr.split())
        raise Failure(f"systemctl --user {' '.join(arguments)}: {output}; is this a login session?")
