"""`landerctl web`."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from landerctl.cli.arguments.times import seconds
from landerctl.cli.shared.session import ConfigFile, Home, Session, examples, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

EXAMPLES = examples(
    "landerctl web                       watch in a browser of this machine",
    "landerctl web --write               back up and roll back from there too",
    "landerctl web --behind-proxy https://lander.example.org",
    "ssh -L 8600:127.0.0.1:8600 server landerctl web",
)
NEEDED = ("aiohttp", "textual_serve")


def web(
    context: typer.Context,
    *,
    host: Annotated[
        str, typer.Option(help="Where to listen: a loopback address.", metavar="ADDRESS")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8600,
    write: Annotated[
        bool, typer.Option("--write", help="Let visitors change things; else they only watch.")
    ] = False,
    behind_proxy: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Where an HTTPS proxy serves it, as https://lander.example.org; it alone is "
            "answered then, on any --host.",
            show_default=False,
        ),
    ] = None,
    sessions: Annotated[int, typer.Option(min=1, max=100, help="Most screens at once.")] = 4,
    idle: Annotated[
        str, typer.Option(help="A screen in which nothing is typed so long ends.", metavar="TIME")
    ] = "1d",
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Show the screen in a browser, to those who have the address that it prints.

    Each tab has a screen of its own, read-only without --write.
    """
    session = open_session(context, home, config)
    idle_s = seconds(idle)
    if any(find_spec(name) is None for name in NEEDED):
        raise Failure(
            "web needs packages that are not installed: pip install 'landerctl[web]'", Exit.USAGE
        )
    # aiohttp takes long to import; only this verb needs it.
    from landerctl.web.access import is_loopback, proxy_origin  # noqa: PLC0415
    from landerctl.web.run import Place, serve  # noqa: PLC0415
    from landerctl.web.server import Limits  # noqa: PLC0415

    proxy = None if behind_proxy is None else proxy_origin(behind_proxy)
    if behind_proxy is not None and proxy is None:
        raise Failure(
            f"{behind_proxy}: is not an address as https://lander.example.org, without a path",
            Exit.USAGE,
        )
    if proxy is None and not is_loopback(host):
        raise Failure(
            f"{host}: others could reach it there, unencrypted; listen on 127.0.0.1 and use an "
            "SSH tunnel, or an HTTPS proxy and --behind-proxy (docs/web.md)",
            Exit.USAGE,
        )
    command = screen_command(session, write=write)
    serve(command, Place(host, port, proxy), Limits(sessions, idle_s), session.paths.web_address)
    return Exit.OK


def screen_command(session: Session, *, write: bool) -> list[str]:
    """The command of each tab's screen; no shell reads it, whatever the state folder's name."""
    command = [
        sys.executable,
        "-P",
        "-P",
        "-m",
        "landerctl",
        "--home",
        str(session.paths.home.absolute()),
    ]
    for file in session.config_files:
        command += ["--config", str(file.absolute())]
    return [*command, "tui", *([] if write else ["--read-only"])]
