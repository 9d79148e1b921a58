"""Whether the targets of [notify] can work at all, before a configuration is used."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.secrets.secret_file import SecretFileError
from daemon.config import ConfigError, LoadedConfig
from daemon.supervisor.alerting import apprise_check
from daemon.supervisor.alerting.delivery import address_of

TIMEOUT_S = 60.0  # it takes 2 s, on a busy machine ten times that

_log = logging.getLogger(__name__)


def check_targets(loaded: LoadedConfig) -> None:
    """Raise ConfigError for a target whose address or command cannot be used.

    A file with an address that cannot be read is another matter: it may come later, and
    `daemon.config.secrets.open_files` names it.
    """
    source = str(loaded.path) if loaded.path else "configuration"
    addresses: dict[str, str] = {}
    for target in loaded.config.notify.targets:
        key = f"{source}: notify.targets.{target.name}"
        if target.command:
            if shutil.which(target.command[0]) is None:
                # Not its name: a command written as one text holds its arguments.
                raise ConfigError(
                    f"{key}.command: no such program; expected a list, the program's path first"
                )
            continue
        try:
            url = address_of(target)
        except SecretFileError:
            continue
        addresses[f"{key}.url" if target.url else f"{key}.url_file: {target.url_file}"] = url
    problems = _problems(list(addresses.values())) if addresses else []
    for key, problem in zip(addresses, problems, strict=True):
        if problem:
            raise ConfigError(f"{key}: {problem}")


def _problems(urls: list[str]) -> list[str]:
    """A text for each address, empty if apprise can use it, or if that cannot be found out."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", apprise_check.__name__],
            input=msgspec.json.encode(urls),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=TIMEOUT_S,
        )
        found = msgspec.json.decode(ended.stdout, type=list[str])
    except (OSError, subprocess.TimeoutExpired, *MALFORMED) as error:
        _log.warning("the addresses of notify.targets could not be checked: %s", error)
        return [""] * len(urls)
    return found if len(found) == len(urls) else [""] * len(urls)
