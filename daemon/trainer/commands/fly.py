"""`fly`: one episode of one craft, printed as the lines of daemon.protocol.flight."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from daemon.backup.restoring.find_state import verify_state
from daemon.base.exitcodes import TrainerExit
from daemon.base.paths import RunPaths
from daemon.checkpoint.manifest import DamagedCheckpointError
from daemon.config import Config, ConfigError, Sources, load_sources
from daemon.protocol.flight import (
    REFERENCE,
    FlightBegan,
    FlightEnded,
    FlightFailed,
    FlightReport,
    FlightSample,
    encode_flight_line,
)
from daemon.runs.dispersion.draw import cases_of, draw_case, in_words
from daemon.runs.dispersion.parameters import TOGETHER
from daemon.runs.run_folder import read_run_config
from daemon.trainer.commands.disperse import usable
from daemon.trainer.curriculum.difficulty import conditions_at
from daemon.trainer.evaluation.dispersion.deviations import deviation_of, for_vehicle
from daemon.trainer.evaluation.policy_pilot import PolicyPilot
from daemon.trainer.fleets import build_fleet
from daemon.trainer.flyable import start_conditions
from daemon.trainer.health.errors import UnusableCheckpointError, UnusableError
from daemon.trainer.startup.progress import StartupProgress
from env.compilation.build import compile_environment
from env.fleet import Episode, LanderFleet
from env.pilot.campaign import Pilot
from env.pilot.pilot import ReferencePilot
from env.task.reward import MAX_DISTANCE_M, MAX_REST_TILT_RAD, MAX_TOUCHDOWN_SPEED_M_S
from env.task.start import StartConditions

PROFILE_POINTS = 801
PROFILE_MARGIN_M = 500.0  # ground profile beyond the start and the pad


class Dispersed(NamedTuple):
    """The case of a dispersed evaluation that an episode is flown in."""

    file: Path | None  # of the dispersions; None: the default set
    case: str


def fly_reference(
    run: RunPaths | None,
    sources: Sources,
    startup: StartupProgress,
    *,
    stage: int,
    seed: int,
    output: BinaryIO,
    difficulty: float | None = None,
    dispersed: Dispersed | None = None,
) -> int:
    """Fly a stage with the reference pilot: of a run, else of a configuration.

    `difficulty`: on the ramp into that stage (None: the stage itself).

    Ends `startup`, which reports to `output` as well.
    """

    def flight() -> Iterator[FlightReport]:
        config = read_run_config(run) if run else load_sources(sources).config
        fleet, start = _build(config, stage, difficulty, startup)
        drawn = _disperse(fleet, start, seed, dispersed)
        interval_s = config.fleet.control_interval_s
        pilot = ReferencePilot(fleet.settings.vehicle, 1, interval_s)
        yield from _fly(config, fleet, pilot, name=REFERENCE, stage=stage, seed=seed, drawn=drawn)

    return _write_reports(flight(), startup, output)


def fly_checkpoint(
    run: RunPaths,
    checkpoint: Path,
    startup: StartupProgress,
    *,
    stage: int | None,
    seed: int,
    output: BinaryIO,
    difficulty: float | None = None,
    dispersed: Dispersed | None = None,
) -> int:
    """Fly a stage of the run (None: the one it was saved in) with a checkpoint's policy.

    `difficulty`: on the ramp into that stage (None: the stage itself).

    Ends `startup`, which reports to `output` as well.
    """

    def flight() -> Iterator[FlightReport]:
        config = read_run_config(run)
        manifest = verify_state(checkpoint).manifest
        number = stage
        if number is None:
            standard = config.run.mode == "standard"
            number = config.run.stage if standard else manifest.stage
        fleet, start = _build(config, number, difficulty, startup)
        drawn = _disperse(fleet, start, seed, dispersed)
        pilot = PolicyPilot.load(checkpoint, config, fleet)
        yield from _fly(
            config, fleet, pilot, name=checkpoint.name, stage=number, seed=seed, drawn=drawn
        )

    return _write_reports(flight(), startup, output)


def _write_reports(
    flight: Iterator[FlightReport], startup: StartupProgress, output: BinaryIO
) -> int:
    """Write the reports of `flight`; returns a `TrainerExit` or 1."""
    code = int(TrainerExit.COMPLETED)
    try:
        try:
            with startup:
                for report in flight:
                    output.write(encode_flight_line(report))
                    output.flush()
        except (UnusableCheckpointError, DamagedCheckpointError) as error:
            code = 1
            text = f"{error}; choose another, `landerctl backups` lists them"
            output.write(encode_flight_line(FlightFailed(text)))
        except (ConfigError, UnusableError) as error:
            code = TrainerExit.CONFIG
            output.write(encode_flight_line(FlightFailed(str(error))))
        output.flush()
    except BrokenPipeError:
        # The reader is gone; redirect, or the flush at exit would fail as well.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
        code = 1
    return code


def _build(
    config: Config, stage: int, difficulty: float | None, startup: StartupProgress
) -> tuple[LanderFleet, StartConditions]:
    """The fleet of one, and where its episodes start."""
    stages = config.curriculum.stages
    if not 1 <= stage <= len(stages):
        raise UnusableError(f"--stage {stage}: allowed 1 to {len(stages)}")
    startup.next()
    compile_environment(startup.compiled)
    startup.next()
    fleet = build_fleet(config, stages[stage - 1], 1)
    start = fleet.settings.start
    if difficulty is not None:
        if not stage - 1 <= difficulty <= stage or difficulty < 1.0:
            raise UnusableError(f"--difficulty {difficulty:g}: is not on the ramp to stage {stage}")
        start = conditions_at([start_conditions(one) for one in stages], difficulty)
        fleet.set_start(start)
    startup.end()
    return fleet, start


def _disperse(
    fleet: LanderFleet, start: StartConditions, seed: int, dispersed: Dispersed | None
) -> str:
    """Give the lander what its seed draws; returns that in words."""
    if dispersed is None:
        return ""
    vehicle = fleet.settings.vehicle
    dispersions = for_vehicle(usable(dispersed.file), vehicle, own_file=dispersed.file is not None)
    if dispersed.case not in (*cases_of(dispersions), TOGETHER):
        known = ", ".join(dispersions)
        raise UnusableError(f"--only {dispersed.case}: it is not dispersed here; choose of {known}")
    drawn = draw_case(dispersed.case, seed, dispersions)
    deviation = deviation_of(drawn, vehicle)
    fleet.deviate(0, deviation)
    fleet.set_start(deviation.start(start, vehicle))
    return in_words(drawn)


def _fly(
    config: Config,
    fleet: LanderFleet,
    pilot: Pilot,
    *,
    name: str,
    stage: int,
    seed: int,
    drawn: str,
) -> Iterator[FlightReport]:
    fleet.set_next_seeds([0], [seed])
    observations = fleet.reset()
    yield _began(config, fleet, name, stage, seed=seed, drawn=drawn)
    start_propellant_kg = fleet.telemetry(0).propellant_kg
    while True:
        yield msgspec.convert(fleet.telemetry(0), FlightSample, from_attributes=True)
        fleet.step_async(pilot.act(observations))
        observations, _, dones, infos = fleet.step_wait()
        if dones[0]:
            yield _ended(infos[0]["lander"], start_propellant_kg)
            return


def _began(
    config: Config, fleet: LanderFleet, pilot: str, stage: int, *, seed: int, drawn: str
) -> FlightBegan:
    vehicle = fleet.settings.vehicle
    stages = config.curriculum.stages
    start = fleet.telemetry(0)
    bearing_rad = math.atan2(start.y_m, start.x_m)
    profile = fleet.ground_profile(
        0,
        bearing_rad=bearing_rad,
        reach_m=start.distance_m + PROFILE_MARGIN_M,
        points=PROFILE_POINTS,
    )
    return FlightBegan(
        pilot=pilot,
        vehicle=vehicle.name,
        stage=stage,
        stages=len(stages),
        stage_name=stages[stage - 1].name,
        seed=seed,
        drawn=drawn,
        control_interval_s=config.fleet.control_interval_s,
        time_limit_s=stages[stage - 1].time_limit_s,
        max_touchdown_speed_m_s=MAX_TOUCHDOWN_SPEED_M_S,
        max_distance_m=MAX_DISTANCE_M,
        max_tilt_deg=math.degrees(MAX_REST_TILT_RAD),
        hull_radius_m=vehicle.hull_radius_m,
        foot_radius_m=vehicle.foot_radius_m,
        nose_offset_m=vehicle.height_m - vehicle.centre_of_mass_station_m,
        thruster_offset_m=vehicle.landing_station_m - vehicle.centre_of_mass_station_m,
        engine_offset_m=-vehicle.centre_of_mass_station_m,
        foot_offset_m=vehicle.foot_station_m - vehicle.centre_of_mass_station_m,
        start_propellant_kg=start.propellant_kg,
        bearing_rad=bearing_rad,
        profile_distance_m=profile.distance_m,
        profile_height_m=profile.height_m,
    )


def _ended(episode: Episode, start_propellant_kg: float) -> FlightEnded:
    touched = episode.touchdown_speed_m_s > 0.0
    left_kg = episode.fuel_fraction * start_propellant_kg
    return FlightEnded(
        outcome=episode.outcome.name.lower(),
        success=episode.success,
        steps=episode.steps,
        time_s=episode.time_s,
        altitude_m=episode.altitude_m,
        distance_m=episode.distance_m,
        speed_m_s=episode.speed_m_s,
        touchdown_speed_m_s=episode.touchdown_speed_m_s if touched else None,
        touchdown_tilt_deg=math.degrees(episode.touchdown_tilt_rad) if touched else None,
        propellant_used_kg=start_propellant_kg - left_kg,
        propellant_left_kg=left_kg,
        reward=episode.reward,
        components=episode.components,
    )
