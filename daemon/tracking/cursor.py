"""What of a run was sent: `tracking.json` in its folder, replaced after each batch.

A process that is killed between a batch and its cursor sends the batch again, equal to the last
digit: a server with a database keeps one of two equal values.
"""

from __future__ import annotations

import msgspec

from daemon.base.files import write_atomically
from daemon.base.malformed import MALFORMED
from daemon.base.paths import RunPaths

MARGIN_S = 60.0  # more than passes between two looks at the clock


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent of one run to one destination."""

    destination: str  # the server without its credentials, and the experiment
    mlflow_run_id: str = ""
    series: dict[str, float] = {}  # the time (Unix) of the last sample that was sent
    timesteps: int = 0  # of the last sample of the training that was sent
    sent: int = 0
    lost: int = 0
    # Of the samples before `counted_until_s` (Unix) so many were not sent when last counted.
    counted: int = 0
    counted_until_s: float = 0.0
    parameters: bool = False  # sent
    tags: dict[str, str] = {}
    evaluations: tuple[str, ...] = ()  # names of those whose figures were sent
    files: dict[str, str] = {}  # artefacts, each with a mark of the version that was sent
    status: str = ""  # of the run at MLflow


def read_cursor(run: RunPaths, destination: str) -> Cursor:
    """The cursor of a run; an empty one if it is missing, damaged or of another destination.

    Raises OSError.
    """
    cursor = read_any_cursor(run)
    if cursor is None or cursor.destination != destination:
        return Cursor(destination=destination)
    return cursor


def read_any_cursor(run: RunPaths) -> Cursor | None:
    """The cursor of a run; None if it is missing or damaged. Raises OSError."""
    try:
        return msgspec.json.decode(run.tracking.read_bytes(), type=Cursor)
    except (FileNotFoundError, *MALFORMED):
        return None


def write_cursor(run: RunPaths, cursor: Cursor) -> None:
    """Replace it. Raises OSError."""
    write_atomically(run.tracking, msgspec.json.encode(cursor) + b"\n")


def set_back(cursor: Cursor, now_s: float) -> Cursor:
    """The cursor where the clock was set back to `now_s` (Unix), MARGIN_S before it.

    What it then sends again the server has with the same time. Otherwise the same cursor.
    """
    if max(cursor.series.values(), default=now_s) <= now_s:
        return cursor
    series = {name: min(time_s, now_s - MARGIN_S) for name, time_s in cursor.series.items()}
    return msgspec.structs.replace(cursor, series=series, counted=0, counted_until_s=0.0)


def recounted(cursor: Cursor, still_unsent: int, unsent: int, until_s: float) -> Cursor:
    """The cursor after a count, with those in `lost` that were removed since the last one.

    `still_unsent`: samples before `counted_until_s` that are not sent, with nothing sent since
    then. `unsent`: those before `until_s`.
    """
    lost = cursor.lost + max(0, cursor.counted - still_unsent)
    return msgspec.structs.replace(cursor, lost=lost, counted=unsent, counted_until_s=until_s)
