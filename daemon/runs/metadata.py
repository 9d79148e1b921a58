"""A run's `run.json`: what people call it, and where it comes from."""

from __future__ import annotations

import time

import msgspec

from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths
from daemon.base.text.one_line import one_line
from daemon.config.forking.carried import Part
from daemon.runs.names import made_up_name


class Parent(msgspec.Struct, frozen=True):
    """The state that a run was forked from."""

    run_id: str
    state: str  # the id of the checkpoint or backup
    timesteps: int
    anew: tuple[Part, ...] = ()  # what of the state was not carried over, sorted


class RunMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `run.json`. Name, tags and `archived_s` may change, the rest never does."""

    name: str
    tags: tuple[str, ...] = ()  # sorted
    archived_s: float | None = None  # Unix time since which lists leave it out; None: they do not
    created_s: float  # Unix time
    parent: Parent | None = None
    fingerprint: str = ""  # daemon.config.fingerprint.fingerprint; "": not recorded
    versions: dict[str, str] = {}  # of the packages that decide how a training goes
    machine: str = ""  # daemon.base.machine.machine_name; "": not recorded


def read_metadata(run: RunPaths) -> RunMetadata:
    """A run's metadata. One without a readable file has a name made from its id. Raises OSError.

    Runs of earlier versions have no file; a damaged one costs the name and the tags only.
    """
    try:
        return msgspec.json.decode(run.metadata.read_bytes(), type=RunMetadata)
    except (FileNotFoundError, NotADirectoryError, *MALFORMED):
        return RunMetadata(name=made_up_name(run.id), created_s=_created_s(run.id))


def shown_name(run: RunPaths) -> str:
    """What people call a run, for a terminal; "" if that cannot be read."""
    try:
        return one_line(read_metadata(run).name)
    except OSError:
        return ""


def write_metadata(run: RunPaths, metadata: RunMetadata) -> None:
    """Replace a run's metadata. Raises OSError."""
    write_atomically(run.metadata, msgspec.json.format(msgspec.json.encode(metadata)) + b"\n")


def _created_s(run_id: str) -> float:
    """The Unix time in a run's id, 0 if it has none."""
    try:
        return time.mktime(time.strptime(run_id[:15], "%Y%m%d-%H%M%S"))
    except (ValueError, OverflowError):
        return 0.0
