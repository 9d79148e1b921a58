"""Runs the checks of plugins side by side, and says which of them failed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from checks.evidence import Evidence
from checks.plugins import call
from checks.verdict import Level, Verdict
from daemon.base.malformed import MALFORMED
from daemon.base.secrets.redaction import redact
from daemon.base.text.one_line import one_line
from daemon.processes.lease import kill_group
from daemon.store.records import PluginStatus

PREFIX = "plugin:"  # of their names: `landerctl check plugin:fuel`
LIMIT_S = 5.0
MAX_CHARACTERS = 200


class Ran(msgspec.Struct, frozen=True):
    """What came of a plugin's check; `fault`: how it failed, empty if it did not.

    `late`: it failed as it had not answered in time.
    """

    plugin: str
    verdict: Verdict
    fault: str = ""
    late: bool = False


def named(names: Sequence[str]) -> list[str]:
    """The checks of plugins among the names of checks, without PREFIX."""
    return [name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)]


def disabled_verdicts(plugins: Sequence[PluginStatus]) -> list[Verdict]:
    """A WARNING for each plugin, of any kind, that the daemon no longer uses."""
    return [
        Verdict(
            f"{PREFIX}{one.name}",
            Level.WARNING,
            f"{one.text} is disabled: {one.fault}; see `landerctl plugins`",
        )
        for one in plugins
        if one.disabled
    ]


def run_plugin_checks(names: Sequence[str], evidence: Evidence, limit_s: float) -> list[Ran]:
    """Each check's verdict, UNKNOWN for one that fails or takes longer than `limit_s`."""
    content = msgspec.msgpack.encode(without_targets(evidence))  # JSON has no NaN, no infinity
    outcomes: dict[str, Ran] = {}

    def work(name: str) -> None:
        outcomes[name] = _run(name, content, limit_s)

    threads = [threading.Thread(target=work, args=(name,), daemon=True) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [outcomes[name] for name in names]


def without_targets(evidence: Evidence) -> Evidence:
    """The evidence without the settings that may hold a secret."""
    config = evidence.config
    if config is None:
        return evidence
    config = msgspec.structs.replace(
        config,
        notify=msgspec.structs.replace(config.notify, targets=[]),
        backup=msgspec.structs.replace(config.backup, targets=[]),
    )
    return msgspec.structs.replace(evidence, config=config)


def _run(name: str, content: bytes, limit_s: float) -> Ran:
    lifeline, held = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", call.__name__, name, str(lifeline)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(lifeline,),
            start_new_session=True,
        )
    except OSError as error:
        os.close(held)
        return _failed(name, f"its process cannot be started: {error.strerror}")
    finally:
        os.close(lifeline)
    with process:
        try:
            output, errors = process.communicate(content, limit_s)
        except subprocess.TimeoutExpired:
            return _failed(name, f"no answer within {limit_s:.3g} s", late=True)
        finally:
            with suppress(ProcessLookupError):
                kill_group(process.pid)
            os.close(held)
    if process.returncode:
        lines = errors.decode("utf-8", "replace").strip().splitlines()
        return _failed(name, lines[-1] if lines else f"it ended with {process.returncode}")
    try:
        verdict = msgspec.msgpack.decode(output, type=Verdict)
    except MALFORMED:
        return _failed(name, "it ended without a verdict")
    return Ran(name, _labelled(name, verdict))


def _labelled(name: str, verdict: Verdict) -> Verdict:
    perf = tuple(msgspec.structs.replace(one, label=f"{name}_{one.label}") for one in verdict.perf)
    return msgspec.structs.replace(verdict, check=f"{PREFIX}{name}", perf=perf)


def _failed(name: str, fault: str, *, late: bool = False) -> Ran:
    fault = redact(one_line(fault))[:MAX_CHARACTERS]
    return Ran(name, Verdict(f"{PREFIX}{name}", Level.UNKNOWN, f"failed: {fault}"), fault, late)
