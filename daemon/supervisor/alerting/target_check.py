"""Whether the targets of [notify] can work at all, before a configuration is used."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from daemon.base.malformed import MALFORMED
from daemon.base.secrets.secret_file import SecretFileError
from daemon.config import LoadedConfig
from daemon.config.judging.explain import suggestion
from daemon.config.judging.relations import Fault
from daemon.config.schema import NotifyTarget
from daemon.notify.delivery import address_of
from daemon.plugins.installed import installed_plugins
from daemon.supervisor.alerting import apprise_check

TIMEOUT_S = 60.0  # it takes 2 s, on a busy machine ten times that

_log = logging.getLogger(__name__)


def check_targets(loaded: LoadedConfig) -> None:
    """Raise ConfigError for a target whose address or command cannot be used.

    A file with an address that cannot be read is another matter: it may come later, and
    `daemon.config.secrets.open_files` names it.
    """
    if faults := target_faults(loaded.config.notify.targets):
        raise loaded.error(faults)


def target_faults(targets: Sequence[NotifyTarget]) -> list[Fault]:
    """The same for some targets. Takes seconds if there are addresses."""
    faults = []
    addresses: list[tuple[Fault, str]] = []
    for number, target in enumerate(targets):
        path, key = f"notify.targets[{number}]", f"notify.targets.{target.name}"
        if target.command:
            if shutil.which(target.command[0]) is None:
                # Not its name: a command written as one text holds its arguments.
                text = f"{key}.command: no such program; expected a list, the program's path first"
                faults.append(Fault(f"{path}.command", text))
            continue
        if target.plugin:
            names = _notifiers()
            if target.plugin not in names:
                text = f"{key}.plugin = {target.plugin!r}: no such notifier is installed"
                faults.append(Fault(f"{path}.plugin", text + suggestion(target.plugin, names)))
            continue
        try:
            url = address_of(target)
        except SecretFileError:
            continue
        named = Fault(f"{path}.url", f"{key}.url")
        if not target.url:
            named = Fault(f"{path}.url_file", f"{key}.url_file: {target.url_file}")
        addresses.append((named, url))
    problems = _problems([url for _, url in addresses]) if addresses else []
    faults += [
        Fault(named.path, f"{named.text}: {problem}")
        for (named, _), problem in zip(addresses, problems, strict=True)
        if problem
    ]
    return faults


def _notifiers() -> list[str]:
    """The names of the installed notifiers."""
    return [one.name for one in installed_plugins(["notifiers"])]


def _problems(urls: list[str]) -> list[str]:
    """A text for each address, empty if apprise can use it, or if that cannot be found out."""
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", apprise_check.__name__],
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
