"""The fleet: N landers in one Basilisk simulation, as a stable-baselines3 vector environment."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv

from env.base.arguments import LARGEST_SEED, instance, integer, number
from env.base.random import scramble
from env.compilation.build import compile_environment
from env.physics.contact import LARGEST_STEP_S
from env.physics.vehicle import Vehicle
from env.physics.vehicles import STARSHIP_HLS
from env.sensing.lidar import FLASH_LIDAR, LidarModel, lidar_record
from env.sensing.sensors import NOISY, SensorModel, sensor_record
from env.state.buffers import make_buffers
from env.state.deviation import Deviation
from env.state.snapshot import FleetSnapshot, restore_snapshot, take_snapshot
from env.state.telemetry import (
    EpisodeGround,
    GroundProfile,
    Telemetry,
    read_attitude,
    read_profile,
    read_telemetry,
)
from env.state.track import as_table, read_tracks
from env.stepping.episode import begin_episode
from env.stepping.kernel import kernel_is_loaded
from env.stepping.simulation import LanderSimulation
from env.task.flyable import check_flyable
from env.task.reward import Component, Outcome
from env.task.start import TOUCHDOWN, StartConditions, start_record
from env.terrain.height_map import HeightMap
from env.terrain.maps import make_ground, synthetic_ground

COMPONENT_NAMES = tuple(part.name.lower() for part in Component)

EVERY_CRAFT = slice(None)
_SEED_STRIDE = 0xD1B54A32D192ED03  # odd, so that craft of one fleet never share a seed


@dataclass(frozen=True)
class FleetSettings:
    """The settings of a fleet."""

    n_envs: int = 1
    vehicle: Vehicle = STARSHIP_HLS
    start: StartConditions = TOUCHDOWN
    height_map: HeightMap | None = None  # the user's own; None: the synthetic Moon
    local_relief: float = 1.0  # factor of the relief finer than the height map
    sensors: SensorModel = NOISY
    lidar: LidarModel = FLASH_LIDAR
    control_interval_s: float = 0.1
    dynamics_interval_s: float = 0.05
    threads: int = 1

    def __post_init__(self) -> None:
        """Raises TypeError and ValueError that name the setting."""
        integer("n_envs", self.n_envs, 1)
        integer("threads", self.threads, 1)
        instance("vehicle", self.vehicle, Vehicle)
        instance("start", self.start, StartConditions)
        instance("sensors", self.sensors, SensorModel)
        instance("lidar", self.lidar, LidarModel)
        if self.height_map is not None:
            instance("height_map", self.height_map, HeightMap)
        number("local_relief", self.local_relief, 0.0)
        number("control_interval_s", self.control_interval_s, 0.0)
        number("dynamics_interval_s", self.dynamics_interval_s, 0.0)
        if not 0.0 < self.dynamics_interval_s <= LARGEST_STEP_S:
            raise ValueError(
                f"dynamics_interval_s = {self.dynamics_interval_s}: legs are stable in steps of "
                f"at most {LARGEST_STEP_S} s (env.physics.contact)"
            )
        steps = self.control_interval_s / self.dynamics_interval_s
        if round(steps) < 1 or abs(steps - round(steps)) > 1e-9:
            raise ValueError(
                f"control_interval_s = {self.control_interval_s}: expected a multiple of "
                f"dynamics_interval_s = {self.dynamics_interval_s}"
            )


@dataclass(frozen=True)
class Episode:
    """An episode that ended. Positions are of the point between the feet, seen from the pad.

    Touchdown values are those of the first contact: the fastest foot's speed, and the tilt. The
    roughness is the mean squared change of the action from step to step, up to that contact.
    """

    seed: int
    difficulty: float  # label of its start conditions
    outcome: Outcome
    steps: int
    time_s: float
    reward: float
    altitude_m: float
    x_m: float
    y_m: float
    tilt_rad: float
    speed_m_s: float
    descent_rate_m_s: float  # along the local vertical
    horizontal_speed_m_s: float
    spin_rad_s: float
    touchdown_speed_m_s: float
    touchdown_tilt_rad: float
    fuel_fraction: float
    roughness: float
    components: dict[str, float] = field(default_factory=dict)

    @property
    def distance_m(self) -> float:
        """Horizontal distance from the pad."""
        return math.hypot(self.x_m, self.y_m)

    @property
    def success(self) -> bool:
        """Whether it landed."""
        return self.outcome is Outcome.LANDED


class LanderFleet(VecEnv):
    """N landers that fly together. Actions (N, A) in [-1, 1], observations (N, D).

    Their layout depends on the vehicle: see env.physics.vehicle and env.task.observation.

    An episode that ends is followed by the next one in the same step, as stable-baselines3
    expects; `info` then holds `terminal_observation`, `episode`, `is_success` and `lander`
    (`Episode`). An episode depends only on its 64-bit seed, not on N or the number of threads.
    """

    def __init__(self, settings: FleetSettings) -> None:
        if not kernel_is_loaded():
            compile_environment(lambda compiled, needed: None)
        self.settings = settings
        n_envs = settings.n_envs
        self.render_mode: str | None = None
        # The compiled code reads the height maps at their addresses.
        self._ground = (
            synthetic_ground()
            if settings.height_map is None and settings.local_relief == 1.0
            else make_ground(settings.height_map, settings.local_relief)
        )
        self._buffers = make_buffers(
            n_envs,
            settings.vehicle,
            self._ground.maps,
            sensor_record(settings.sensors),
            lidar_record(settings.lidar),
        )
        super().__init__(
            n_envs,
            spaces.Box(self._buffers.low, self._buffers.high, dtype=np.float32),
            spaces.Box(-1.0, 1.0, (settings.vehicle.n_actions,), dtype=np.float32),
        )
        self.set_start(settings.start)
        self._simulation: LanderSimulation | None = LanderSimulation(
            settings.vehicle,
            self._buffers,
            control_interval_s=settings.control_interval_s,
            dynamics_interval_s=settings.dynamics_interval_s,
            threads=settings.threads,
        )
        self.seed(0)

    def set_start(self, start: StartConditions, crafts: slice = EVERY_CRAFT) -> None:
        """Draw the next episodes of `crafts` from these ranges.

        Raises UnflyableError for impossible ranges and for a delta-v that exceeds the tanks.
        """
        instance("start", start, StartConditions)
        check_flyable(start, self.settings.vehicle)
        self._buffers.start[crafts] = start_record(start)

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Give craft i's next episode a seed made of `seed` and i. `seed`: 0 to 2**64 - 1."""
        if seed is not None:
            integer("seed", seed, 0, LARGEST_SEED)
        # Scrambled, so that neighbouring seeds do not give the same numbers shifted by one.
        base = int(scramble(np.uint64(0 if seed is None else seed)))
        seeds = [(base + i * _SEED_STRIDE) % 2**64 for i in range(self.num_envs)]
        self.set_next_seeds(range(self.num_envs), seeds)
        return seeds

    def set_next_seeds(self, crafts: Iterable[int], seeds: Iterable[int | np.uint64]) -> None:
        """Give each of `crafts` the seed of its next episode, 0 to 2**64 - 1.

        Raises TypeError and ValueError; then no seed is changed.
        """
        rows = [self._craft(craft) for craft in crafts]
        values = [integer("seed", seed, 0, LARGEST_SEED) for seed in seeds]
        if len(rows) != len(values):
            raise ValueError(f"{len(values)} seeds for {len(rows)} crafts: expected one for each")
        self._buffers.episode["next_seed"][rows] = np.array(values, np.uint64)

    def deviate(self, craft: int, deviation: Deviation) -> None:
        """Make a craft's next episodes deviate from the settings: call it before `begin`.

        Deviations are no part of a snapshot. Raises ValueError for an engine that it does not have.
        """
        simulation, craft = self._open(), self._craft(craft)
        vehicle, record = deviation.vehicle(self.settings.vehicle)
        self._buffers.vehicle[craft] = record[0]
        self._buffers.sensors[craft] = deviation.sensors(self.settings.sensors)[0]
        simulation.set_hub(craft, vehicle)

    def reset(self) -> npt.NDArray[np.float32]:
        """Start a new episode of every craft; returns observations (N, D)."""
        for i in range(self.num_envs):
            self.begin(i)
        return self._buffers.observation.copy()

    def begin(self, craft: int) -> npt.NDArray[np.float32]:
        """Start a new episode of one craft; returns its observation (D,)."""
        self._open()
        craft = self._craft(craft)
        begin_episode(self._buffers, craft)
        row: npt.NDArray[np.float32] = self._buffers.observation[craft].copy()
        return row

    def step_async(self, actions: npt.NDArray[np.float32]) -> None:
        """Set the commands, clipped to [-1, 1].

        Raises ValueError for NaN and for a wrong shape, TypeError for what is not real numbers.
        """
        if np.shape(actions) != self._buffers.action.shape:
            raise ValueError(
                f"actions of shape {np.shape(actions)}: expected {self._buffers.action.shape}"
            )
        if (kind := np.asarray(actions).dtype).kind not in "fiu":
            raise TypeError(f"actions of {kind}: expected real numbers, -1 to 1")
        if np.isnan(actions).any():
            row = int(np.flatnonzero(np.isnan(actions).any(axis=1))[0])
            raise ValueError(f"action of lander {row} holds NaN: the policy has diverged")
        np.clip(actions, -1.0, 1.0, out=self._buffers.action)

    def step_wait(self) -> Any:
        """Fly one control interval; returns observations (N, D), rewards (N,), dones (N,),
        infos.
        """
        self._open().step()
        buffers = self._buffers
        dones = buffers.done.astype(bool)
        # One shared empty info for all running episodes: a dict each would cost a tenth of the step
        # in garbage collection.
        infos: list[dict[str, Any]] = [{}] * self.num_envs
        for i in np.flatnonzero(dones):
            episode = self._finished(int(i))
            infos[i] = {
                "terminal_observation": buffers.last_observation[i].copy(),
                "TimeLimit.truncated": False,
                "episode": {"r": episode.reward, "l": episode.steps, "t": episode.time_s},
                "is_success": episode.success,
                "lander": episode,
            }
        return buffers.observation.copy(), buffers.reward.copy(), dones, infos

    def _finished(self, i: int) -> Episode:
        row = self._buffers.finished[i]
        return Episode(
            seed=int(row["seed"]),
            difficulty=float(row["difficulty"]),
            outcome=Outcome(int(row["outcome"])),
            steps=int(row["steps"]),
            time_s=float(row["time_s"]),
            reward=float(row["return_"]),
            altitude_m=float(row["altitude_m"]),
            x_m=float(row["x_m"]),
            y_m=float(row["y_m"]),
            tilt_rad=float(row["tilt_rad"]),
            speed_m_s=float(row["speed_m_s"]),
            descent_rate_m_s=float(row["track"]["descent_rate_m_s"]),
            horizontal_speed_m_s=float(row["track"]["horizontal_speed_m_s"]),
            spin_rad_s=float(row["spin_rad_s"]),
            touchdown_speed_m_s=float(row["touchdown_speed_m_s"]),
            touchdown_tilt_rad=float(row["touchdown_tilt_rad"]),
            fuel_fraction=float(row["fuel_fraction"]),
            roughness=float(row["roughness"]),
            components=_by_name(row["components"]),
        )

    def components(self, craft: int) -> dict[str, float]:
        """The reward of one craft's episode so far, by component."""
        return _by_name(self._buffers.component[self._craft(craft)])

    def telemetry(self, craft: int) -> Telemetry:
        """A craft's true state. After the step that ended its episode: that of the next one."""
        self._open()
        return read_telemetry(self._buffers, self._craft(craft))

    def attitude(self, craft: int) -> npt.NDArray[np.float64]:
        """The matrix (3, 3) that turns a craft's body axes into Moon-centred ones."""
        self._open()
        return read_attitude(self._buffers, self._craft(craft))

    def episode_ground(self, craft: int) -> EpisodeGround:
        """The ground of a craft's episode."""
        self._open()
        return EpisodeGround(self._ground, self._buffers.site[self._craft(craft)].copy())

    def track(self, crafts: npt.NDArray[np.intp] | None = None) -> npt.NDArray[np.float32]:
        """True states now of these craft, or of all: (N, K), columns env.state.track.TRACK_COLUMNS.

        After the step that ended its episode a craft's row is the next one's first; `last_track`
        has the end.
        """
        self._open()
        every = np.arange(self.num_envs) if crafts is None else crafts
        return read_tracks(self._buffers, every)

    def last_track(self, crafts: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        """How the newest finished episode of each of these craft ended: (N, K), as `track`."""
        return as_table(self._buffers.finished["track"][crafts])

    def ground_profile(
        self, craft: int, *, bearing_rad: float, reach_m: float, points: int
    ) -> GroundProfile:
        """The ground of a craft's episode along a line through the pad (env.state.telemetry)."""
        self._open()
        return read_profile(
            self._buffers,
            self._craft(craft),
            bearing_rad=bearing_rad,
            reach_m=reach_m,
            points=points,
        )

    @property
    def settling(self) -> npt.NDArray[np.bool_]:
        """Which landers (N,) have touched down: no command moves them until the episode ends."""
        settling: npt.NDArray[np.bool_] = self._buffers.episode["touched"] == 1
        return settling

    def snapshot(self) -> FleetSnapshot:
        """The complete state of the fleet between two steps (env.state.snapshot)."""
        self._open()
        return take_snapshot(self._buffers, self.settings.vehicle.name)

    def restore(self, snapshot: FleetSnapshot) -> npt.NDArray[np.float32]:
        """Continue from a snapshot; returns observations (N, D).

        The same actions then give bit-identical flights on any number of threads. Raises ValueError
        if the snapshot does not fit this fleet; then nothing is changed.
        """
        self._open()
        restore_snapshot(self._buffers, self.settings.vehicle.name, snapshot)
        return self._buffers.observation.copy()

    def close(self) -> None:
        """Free the simulation's memory. May be called twice; the fleet cannot fly afterwards."""
        self._simulation = None

    def _craft(self, craft: int) -> int:
        return integer("craft", craft, 0, self.num_envs - 1)

    def _open(self) -> LanderSimulation:
        """The simulation. Raises RuntimeError if the fleet is closed: its memory is freed."""
        if self._simulation is None:
            raise RuntimeError("the fleet is closed: create a new one")
        return self._simulation

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """The fleet's attribute, once per requested craft."""
        value = getattr(self, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Set the fleet's attribute: single craft have none."""
        setattr(self, attr_name, value)

    def env_method(
        self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any
    ) -> list[Any]:
        """Call the fleet's method once."""
        return [getattr(self, method_name)(*args, **kwargs)]

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """No craft is wrapped; episodes are monitored by the fleet itself."""
        return [False for _ in self._get_indices(indices)]


def _by_name(components: npt.NDArray[np.float64]) -> dict[str, float]:
    return {name: float(components[k]) for k, name in enumerate(COMPONENT_NAMES)}
