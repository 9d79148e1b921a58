"""A restored fleet continues bit-identically, wherever it is restored."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from env.fleet import FleetSettings, LanderFleet
from env.physics.vehicles import APOLLO_LM, STARSHIP_HLS
from env.state.buffers import Buffers
from env.state.snapshot import CARRIED, PER_STEP, STATIC, FleetSnapshot
from env.task.start import TOUCHDOWN

# Low over full relief: soon they touch, settle and end; LiDAR and all noise are involved.
SETTINGS = FleetSettings(
    n_envs=12,
    threads=2,
    start=replace(
        TOUCHDOWN,
        altitude_m=(1.0, 10.0),
        ground_slope_deg=(0.0, 4.0),
        relief=1.0,
        clear_radius_m=0.0,
        time_limit_s=40.0,
    ),
)
POINTS = (0, 20, 50, 80, 140, 180)  # steps after which a snapshot is taken
STEPS = 240
IN_ANOTHER_PROCESS = """
import sys
from pathlib import Path
import numpy as np
from env.state.snapshot import FleetSnapshot
from tests.env.state.test_snapshot import STEPS, fly, new_fleet
folder, first = Path(sys.argv[1]), int(sys.argv[2])
fleet = new_fleet(threads=1)
fleet.restore(FleetSnapshot.load(folder / "fleet.npz"))
np.save(folder / "flown.npy", fly(fleet, first, STEPS))
"""

Numbers = npt.NDArray[np.float64]


@cache
def commands() -> npt.NDArray[np.float32]:
    """Random steering; engines on for some steps and off for others."""
    generator = np.random.default_rng(5)
    shape = (STEPS, SETTINGS.n_envs, STARSHIP_HLS.n_actions)
    actions = generator.uniform(-1.0, 0.4, shape).astype(np.float32)
    on = generator.choice([-1.0, 0.5], (STEPS // 6, *shape[1:]), p=[0.9, 0.1])
    engines = slice(STARSHIP_HLS.n_engines)
    actions[:, :, engines] = np.repeat(on[:, :, engines], 6, axis=0)
    return actions


def new_fleet(*, threads: int) -> LanderFleet:
    return LanderFleet(replace(SETTINGS, threads=threads))


def fly(fleet: LanderFleet, first: int, last: int) -> Numbers:
    """All outputs of the steps `first` to `last` (exclusive), one row per step."""
    rows = [np.empty(0)] * (last - first)
    for k, actions in enumerate(commands()[first:last]):
        fleet.step_async(actions)
        observations, rewards, dones, infos = fleet.step_wait()
        ends = np.zeros((SETTINGS.n_envs, 4))
        for i in np.flatnonzero(dones):
            end = infos[i]["lander"]
            ends[i] = end.seed % 2**32, end.outcome, end.reward, end.touchdown_speed_m_s
        rows[k] = np.concatenate([observations.ravel(), rewards, ends.ravel()])
    return np.array(rows)


class Flight(NamedTuple):
    """An uninterrupted flight, and snapshots of it."""

    reported: Numbers
    snapshots: dict[int, FleetSnapshot]


@cache
def flight() -> Flight:
    fleet = new_fleet(threads=2)
    fleet.seed(3)
    fleet.reset()
    parts, snapshots = [], {}
    for first, last in pairwise((*POINTS, STEPS)):
        snapshots[first] = fleet.snapshot()
        parts.append(fly(fleet, first, last))
    fleet.close()
    return Flight(np.concatenate(parts), snapshots)


def test_every_buffer_is_carried_static_or_of_one_step() -> None:
    assert sorted(CARRIED + STATIC + PER_STEP) == sorted(Buffers._fields)


def test_the_snapshots_hold_every_phase_of_a_flight_and_episodes_end_after_them() -> None:
    reported, snapshots = flight()
    delay_s = STARSHIP_HLS.engine_start_delay_s
    phases: dict[str, list[bool]] = {}
    for snapshot in snapshots.values():
        episode, wait_s = snapshot.arrays["episode"], snapshot.arrays["engine_wait_s"]
        for phase, craft in (
            ("flying", episode["touched"] == 0),
            ("starting", (wait_s > 0) & (wait_s < delay_s - 0.01)),
            ("running", wait_s > delay_s - 0.01),
            ("touching", episode["feet_down"] > 0),
            ("settling", episode["settle_s"] > 0),
            ("resting", episode["rest_s"] > 0),
        ):
            phases.setdefault(phase, []).append(bool(craft.any()))
    assert all(any(seen) for seen in phases.values()), phases
    seeds = reported[:, -4 * SETTINGS.n_envs :: 4]
    assert np.count_nonzero(seeds) > SETTINGS.n_envs  # some craft fly a second episode and a third
    assert np.count_nonzero(seeds[POINTS[-1] :]) > 0


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_fresh_fleet_flies_on_to_the_bit_on_any_number_of_threads(threads: int) -> None:
    reported, snapshots = flight()
    for point in (0, 50, 140):
        fleet = new_fleet(threads=threads)
        fleet.restore(snapshots[point])
        assert np.array_equal(fly(fleet, point, STEPS), reported[point:])
        fleet.close()


def test_a_restore_overwrites_all_previous_state() -> None:
    """Fly otherwise first, then fill all carried and per-step buffers with noise."""
    reported, snapshots = flight()
    fleet = new_fleet(threads=2)
    fleet.reset()
    fly(fleet, 0, 50)
    generator = np.random.default_rng(1)
    for point in POINTS:
        for name in CARRIED + PER_STEP:
            noise = getattr(fleet._buffers, name).view(np.uint8)
            noise[...] = generator.integers(0, 256, noise.shape)
        observations = fleet.restore(snapshots[point])
        assert np.array_equal(observations, snapshots[point].arrays["observation"])
        assert np.array_equal(fly(fleet, point, STEPS), reported[point:])
    fleet.close()


def test_another_process_flies_on_to_the_bit(tmp_path: Path) -> None:
    reported, snapshots = flight()
    snapshots[80].save(tmp_path / "fleet.npz")
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(tmp_path), "80"]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[3])
    assert np.array_equal(np.load(tmp_path / "flown.npy"), reported[80:])


Arrays = dict[str, npt.NDArray[Any]]


def _with(name: str, change: Callable[[npt.NDArray[Any]], object]) -> Callable[[Arrays], object]:
    def spoil(arrays: Arrays) -> None:
        arrays[name] = arrays[name].copy()
        change(arrays[name])

    return spoil


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda arrays: arrays.pop("bias"), "bias: missing"),
        (lambda arrays: arrays.update(luck=np.zeros(12)), "luck: unknown array"),
        (lambda arrays: arrays.update(bias=arrays["bias"][:4]), "n_envs: bias has 4 landers"),
        (lambda arrays: arrays.update(bias=arrays["bias"][:, :4]), r"bias: shape \(12, 4\)"),
        (lambda arrays: arrays.update(stream=np.zeros(12)), "stream: not of this version"),
        (lambda arrays: arrays.update(bias=np.float64(1.0)), r"bias: shape \(\)"),
        (_with("bias", lambda a: a.__setitem__((3, 1), np.inf)), "bias: not finite, lander 3"),
        (
            _with("episode", lambda a: a["potential"].__setitem__(7, np.nan)),
            "episode.potential: not finite, lander 7",
        ),
        (
            _with("basilisk_states", lambda a: a.__setitem__((11, 0), np.nan)),
            "basilisk_states: not finite, lander 11",
        ),
        (
            _with("reading", lambda a: a["ranges_m"].__setitem__((2, 5), np.inf)),
            "reading.ranges_m: not finite, lander 2",
        ),
    ],
)
def test_an_invalid_snapshot_is_refused_by_name_and_changes_nothing(
    spoil: Callable[[Arrays], object], fault: str
) -> None:
    good = flight().snapshots[50]
    arrays = dict(good.arrays)
    spoil(arrays)
    fleet = shared_fleet()
    before = fleet.snapshot()
    with pytest.raises(ValueError, match=fault):
        fleet.restore(FleetSnapshot(good.vehicle, arrays))
    after = fleet.snapshot()
    assert all(
        before.arrays[name].tobytes() == after.arrays[name].tobytes() for name in good.arrays
    )


@cache
def shared_fleet() -> LanderFleet:
    fleet = new_fleet(threads=1)
    fleet.reset()
    return fleet


def test_another_vehicle_is_refused_by_name() -> None:
    fleet = LanderFleet(replace(SETTINGS, vehicle=APOLLO_LM))
    with pytest.raises(ValueError, match="vehicle: the snapshot has starship-hls, this fleet"):
        fleet.restore(flight().snapshots[0])
    fleet.close()


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x03\x04 not really an archive"])
def test_a_file_that_is_no_snapshot_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "fleet.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not an archive of arrays"):
        FleetSnapshot.load(path)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "fleet.npz"
    np.savez(path, bias=np.array([print], object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        FleetSnapshot.load(path)
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(ValueError, match="a single array"):
        FleetSnapshot.load(tmp_path / "one.npy")


def test_a_saved_snapshot_loads_without_pickle(tmp_path: Path) -> None:
    taken = flight().snapshots[180]
    taken.save(tmp_path / "fleet.npz")
    read = FleetSnapshot.load(tmp_path / "fleet.npz")
    assert read.vehicle == taken.vehicle
    assert read.arrays.keys() == taken.arrays.keys()
    for name, array in taken.arrays.items():
        assert read.arrays[name].dtype == array.dtype
        assert read.arrays[name].tobytes() == array.tobytes()
    assert not any(array.dtype.hasobject for array in taken.arrays.values())
