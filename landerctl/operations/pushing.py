"""Sending the current values to a Prometheus Pushgateway."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit

from daemon.base.paths import StatePaths
from daemon.base.secrets.redaction import hide
from daemon.base.secrets.secret_file import SecretFileError, read_secret_file
from daemon.store.reader import StoreReader
from daemon.supervisor.monitoring.exposition import Exposed, read_exposed
from landerctl.exitcodes import Exit
from landerctl.failure import Failure

# Sampled together at the time of this one. Which of them are missing in the newest round, as the
# trainer's if none runs, have no value now.
ROUND = "cpu/machine_percent"
OF_ROUND = frozenset({"cpu", "memory", "process", "disk", "gpu", "temperature"})


@dataclass(frozen=True)
class Gateway:
    """A Pushgateway. `url` has no user and no password in it."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)


def gateway_of(address: str) -> Gateway:
    """The gateway with this URL of a command line. Raises Failure: also if it has a password,
    which other users of the machine would see among the processes' arguments.
    """
    found = _parse(address, "the URL")
    if found.user or found.password:
        raise Failure(
            "the URL has a user or a password in it, which other users can see in the list of "
            "processes; write it to a file of mode 600 and name that with --url-file",
            Exit.USAGE,
        )
    return found


def gateway_in(file: Path) -> Gateway:
    """The gateway whose URL, user and password included, is in this file. Raises Failure."""
    try:
        content = read_secret_file(file).decode("utf-8").strip()
    except SecretFileError as error:
        raise Failure(f"--url-file: {error}", Exit.NOT_FOUND) from None
    except UnicodeDecodeError:
        content = ""
    hide([content])
    found = _parse(content, f"--url-file: {file}")
    hide([text for text in (found.user, found.password) if text])
    return found


def _parse(address: str, what: str) -> Gateway:
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    plain = address.isascii() and address.isprintable() and " " not in address
    if not valid or not plain or parts.query or parts.fragment:
        text = f"{what}: expected the address of a Pushgateway, such as http://localhost:9091"
        raise Failure(text, Exit.USAGE)
    return Gateway(
        f"{parts.scheme}://{host}{parts.path.rstrip('/')}",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def current(paths: StatePaths, backups: Path) -> Exposed:
    """What the exporter of the daemon would expose now, by the store.

    Without a daemon: that none runs, and what the state folder says. Raises StoreError.
    """
    with StoreReader.open(paths.store) as reader:
        status = reader.status()
        values: dict[str, float] = {}
        if status.daemon is not None and status.run is not None:
            run_id, since_s = status.run.id, status.daemon.started_s
            trains = status.trainer is not None and status.trainer.state == "RUNNING"
            newest = reader.newest_of_run(ROUND, run_id, since_s=since_s)
            for name in reader.sample_names():
                sample = reader.newest_of_run(name, run_id, since_s=since_s)
                if sample is None or not (trains or sample.timesteps is None):
                    continue
                if newest and name.partition("/")[0] in OF_ROUND and sample.time_s < newest.time_s:
                    continue
                values[name] = sample.value
    found = read_exposed(paths, backups, values=values)
    return found if found.daemon_runs else replace(found, values={}, alerts=())


def push(exposed: Exposed, gateway: Gateway, grouping: Mapping[str, str], timeout_s: float) -> None:
    """Replace the group's metrics in the gateway. `grouping`: its labels, with `job`.

    Raises Failure if it does not answer, or refuses them.
    """
    # Only for this verb.
    from prometheus_client import CollectorRegistry, push_to_gateway  # noqa: PLC0415
    from prometheus_client.exposition import (  # noqa: PLC0415
        basic_auth_handler,
        default_handler,
    )

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(exposed))
    handler = default_handler
    if gateway.user or gateway.password:
        handler = partial(basic_auth_handler, username=gateway.user, password=gateway.password)
    keys = {name: value for name, value in grouping.items() if name != "job"}
    try:
        push_to_gateway(
            gateway.url,
            job=grouping["job"],
            registry=registry,
            grouping_key=keys,
            timeout=timeout_s,
            handler=handler,
        )
    except HTTPError as error:
        with error:
            problem = f"refused the metrics: {error.code} {error.reason}"
    except (OSError, HTTPException, UnicodeError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        problem = "does not answer: "
        if isinstance(reason, TimeoutError | socket.timeout):
            problem += f"nothing within {timeout_s:g} s"
        else:
            problem += getattr(reason, "strerror", None) or type(reason).__name__
    else:
        return
    raise Failure(f"the Pushgateway at {gateway.url} {problem}", Exit.NO_ANSWER)


class _Collected:
    def __init__(self, exposed: Exposed) -> None:
        self.collect = exposed.families
