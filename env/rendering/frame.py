"""What one picture shows, and what lies between two of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from env.fleet import Episode, LanderFleet
from env.state.telemetry import EpisodeGround, Telemetry
from env.state.track import TRACK_COLUMNS
from env.task.reward import MAX_DISTANCE_M, MAX_REST_TILT_RAD, MAX_TOUCHDOWN_SPEED_M_S, Outcome

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """A moment of an episode."""

    telemetry: Telemetry
    attitude: Matrix  # (3, 3), body axes to Moon-centred ones
    bearing_rad: float  # of the start seen from the pad, from +x towards +y: left in the picture
    ground: EpisodeGround
    episode: Episode | None = None  # how it ended; None: it goes on


def read_frame(fleet: LanderFleet, craft: int, bearing_rad: float | None = None) -> Frame:
    """The craft's moment now. `bearing_rad`: None: the episode starts."""
    telemetry = fleet.telemetry(craft)
    if bearing_rad is None:
        bearing_rad = math.atan2(telemetry.y_m, telemetry.x_m)
    return Frame(telemetry, fleet.attitude(craft), bearing_rad, fleet.episode_ground(craft))


def end_frame(fleet: LanderFleet, craft: int, last: Frame, episode: Episode) -> Frame:
    """The moment of an episode's end, whose craft already flies the next one.

    `last`: the moment a control step before.
    """
    row = fleet.last_track(np.array([craft]))[0]
    track = dict(zip(TRACK_COLUMNS, map(float, row), strict=True))
    telemetry = replace(
        last.telemetry,
        time_s=track["time_s"],
        altitude_m=track["height_m"],
        ground_height_m=track["ground_height_m"],
        x_m=track["x_m"],
        y_m=track["y_m"],
        distance_m=episode.distance_m,
        descent_rate_m_s=track["descent_rate_m_s"],
        horizontal_speed_m_s=track["horizontal_speed_m_s"],
        tilt_deg=track["tilt_deg"],
        propellant_fraction=track["propellant_fraction"],
        feet_down=int(track["feet_down"]),
        reward=episode.reward,
    )
    return replace(last, telemetry=telemetry, episode=episode)


def between(first: Frame, second: Frame, share: float) -> Frame:
    """The moment `share` (0 to 1) of the way from one to the next of the same episode."""
    if share <= 0.0:
        return first
    if share >= 1.0:
        return second
    values = {
        field.name: _between(
            getattr(first.telemetry, field.name), getattr(second.telemetry, field.name), share
        )
        for field in fields(Telemetry)
    }
    mixed = first.attitude + share * (second.attitude - first.attitude)
    left, _, right = np.linalg.svd(mixed)  # the nearest rotation
    return replace(first, telemetry=Telemetry(**values), attitude=left @ right)


def _between(first: Any, second: Any, share: float) -> Any:
    if isinstance(first, tuple):
        return tuple(_between(a, b, share) for a, b in zip(first, second, strict=True))
    if isinstance(first, int):
        return first
    return first + share * (second - first)


def verdict(episode: Episode) -> tuple[str, str]:
    """How an episode ended, in words: the outcome, and why."""
    speed = f"touchdown at {episode.touchdown_speed_m_s:.1f} m/s"
    miss = f"{episode.distance_m:,.1f} m from the pad"
    tilt_deg = math.degrees(episode.tilt_rad)
    allowed_deg = math.degrees(MAX_REST_TILT_RAD)
    if episode.outcome is Outcome.CRASHED and not episode.touchdown_speed_m_s:
        speed = f"{episode.speed_m_s:.1f} m/s at {episode.altitude_m:,.0f} m"
    reason = {
        Outcome.LANDED: f"{speed}, {miss}",
        Outcome.HARD_LANDING: f"{speed}: {MAX_TOUCHDOWN_SPEED_M_S:g} m/s are allowed",
        Outcome.OFF_TARGET: f"{miss}: {MAX_DISTANCE_M:g} m are allowed",
        Outcome.CRASHED: f"{speed}, tilt {tilt_deg:.0f}°: {MAX_TOUCHDOWN_SPEED_M_S:g} m/s and "
        f"{allowed_deg:g}° are allowed",
        Outcome.ABORTED: f"left the volume of the descent, {miss}",
        Outcome.TIMEOUT: f"time is up at {episode.altitude_m:,.0f} m, {miss}",
    }
    return episode.outcome.name.replace("_", " "), reason.get(episode.outcome, "")
