"""Saves a trajectory as .csv or .npz, one row per control step."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from daemon.base.files import write_atomically
from daemon.protocol.flight import FlightBegan, FlightSample
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.new_file import check_new_file

SUFFIXES = (".csv", ".npz")
# Column names of the samples' tuples; `{}` is a number or an axis.
_UNITS = {
    "engine_thrust": "engine_{}_of_full_thrust",
    "landing_thrust": "landing_thruster_{}_of_full_thrust",
    "gimbal_deg": "gimbal_{}_deg",
    "rcs": "rcs_{}_of_full_torque",
}


def check_target(path: Path, *, force: bool) -> None:
    """Check before the flight that the file can be written. Raises Failure."""
    if path.suffix not in SUFFIXES:
        raise Failure(f"--save {path}: must be a {' or '.join(SUFFIXES)} file", Exit.USAGE)
    check_new_file(path, force=force, option="--save")


def save(path: Path, began: FlightBegan, samples: Sequence[FlightSample]) -> None:
    """Write all samples atomically. Raises Failure."""
    names, rows = table(samples)
    content = _npz(began, names, rows) if path.suffix == ".npz" else _csv(names, rows)
    try:
        write_atomically(path, content)
    except OSError as error:
        raise Failure(f"--save {path}: {error.strerror}", Exit.CANNOT_WRITE) from None


def table(samples: Sequence[FlightSample]) -> tuple[list[str], list[list[float]]]:
    """Column names with units, and one row per sample."""
    names: list[str] = []
    for field in FlightSample.__struct_fields__:
        value = getattr(samples[0], field)
        if not isinstance(value, tuple):
            names.append(field)
        elif field == "rcs":
            names += [_UNITS[field].format(axis) for axis in "xyz"]
        elif field == "gimbal_deg":
            names += [_UNITS[field].format(f"{k // 2 + 1}{'xy'[k % 2]}") for k in range(len(value))]
        else:
            names += [_UNITS[field].format(k) for k in range(1, len(value) + 1)]
    return names, [_row(sample) for sample in samples]


def _row(sample: FlightSample) -> list[float]:
    row: list[float] = []
    for field in sample.__struct_fields__:
        value = getattr(sample, field)
        row += value if isinstance(value, tuple) else [value]
    return row


def _csv(names: list[str], rows: list[list[float]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().encode()


def _npz(began: FlightBegan, names: list[str], rows: list[list[float]]) -> bytes:
    """One array per column, and the flight's ground profile and seed."""
    import numpy as np  # noqa: PLC0415 - only for .npz

    columns = dict(zip(names, np.asarray(rows, np.float64).T, strict=True))
    content = io.BytesIO()
    np.savez(
        content,
        allow_pickle=False,
        seed=np.uint64(began.seed),
        profile_distance_m=np.asarray(began.profile_distance_m),
        profile_height_m=np.asarray(began.profile_height_m),
        **columns,
    )
    return content.getvalue()
