"""`landerctl metrics push`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from daemon.backup.catalog import backup_directory
from daemon.base.text.counted import counted
from daemon.store.reader import StoreError
from landerctl.cli.shared.session import ConfigFile, Home, examples, named_path, open_session
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.operations.pushing import current, gateway_in, gateway_of, push

EXAMPLES = examples(
    "landerctl metrics push http://gateway.example.org:9091",
    "landerctl metrics push http://localhost:9091 --job landers --instance bench-2",
    "landerctl metrics push --url-file ~/.config/landerctl/gateway-url",
)
MAX_TIMEOUT_S = 3600.0


def push_command(
    context: typer.Context,
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="The Pushgateway, without a password.")
    ] = None,
    *,
    url_file: Annotated[
        Path | None,
        typer.Option(
            "--url-file",
            metavar="FILE",
            parser=named_path,
            help="A file, mode 600, with the URL, in which user and password may be.",
        ),
    ] = None,
    job: Annotated[
        str, typer.Option(help="The label `job` of what is pushed.", metavar="NAME")
    ] = "landerctl",
    instance: Annotated[
        str | None,
        typer.Option(
            help="The label `instance` (default: the machine's name).",
            metavar="NAME",
            show_default=False,
        ),
    ] = None,
    timeout: Annotated[
        float, typer.Option(help="Seconds to wait for the gateway.", metavar="SECONDS", min=0.1)
    ] = 10.0,
    home: Home = None,
    config: ConfigFile = None,
) -> int:
    """Push the current values to a Prometheus Pushgateway.

    By cron, for machines that no Prometheus can scrape. Without a daemon it pushes that none runs.
    """
    session = open_session(context, home, config)
    if (url is None) == (url_file is None):
        raise Failure("name the Pushgateway: either URL or --url-file FILE", Exit.USAGE)
    gateway = gateway_of(url) if url is not None else gateway_in(url_file or Path())
    grouping = {"job": job, "instance": instance or os.uname().nodename}
    if not timeout <= MAX_TIMEOUT_S:  # nor not a number, which `min` lets through
        raise Failure(f"--timeout: expected at most {MAX_TIMEOUT_S:g} seconds", Exit.USAGE)
    if not all(grouping.values()):
        raise Failure("--job must not be empty", Exit.USAGE)
    try:
        found = current(session.paths, backup_directory(session.load_config(), session.paths))
    except StoreError as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    push(found, gateway, grouping, timeout)
    what = counted(len(found.values), "metric") if found.daemon_runs else "that no daemon runs"
    print(f"Pushed {what} to {gateway.url}, {', '.join(f'{k} {v}' for k, v in grouping.items())}")
    return Exit.OK
