"""Where the camera stands: beside the craft, across the line from start to pad. Pure.

It looks horizontally; the picture is shifted instead of tilted, so that what is upright stays so.
World axes: x and y Moon-centred, z the height above the sphere through the pad.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from env.physics.vehicle import Vehicle
from env.rendering.frame import Frame
from env.terrain.ground import ground_height_m

Vector = npt.NDArray[np.float64]

FIELD = 1.1  # focal length, of the picture's width
MIDDLE = 0.42  # where the craft's middle is, of the picture's height from the top
FAR_SIZE, NEAR_SIZE = 0.21, 0.46  # the craft's, of the picture's height, far up and on the ground
NEAR_HEIGHTS = 6.0  # altitude in craft sizes at which half of that zoom is done
RAISED = 0.3  # camera above the craft's middle, in craft sizes
CLEARANCE = 0.2  # of the camera above ground between it and the craft, in craft sizes


@dataclass(frozen=True)
class Camera:
    """A pinhole camera that looks along `forward`."""

    x_m: float
    y_m: float
    z_m: float
    forward_x: float
    forward_y: float
    focal_px: float
    centre_px: float  # column of what is straight ahead
    level_px: float  # row of what is as high as the camera
    distance_m: float  # of the craft

    @property
    def right_x(self) -> float:
        """The direction of the picture's right side."""
        return self.forward_y

    @property
    def right_y(self) -> float:
        """Its y."""
        return -self.forward_x

    @property
    def pixels_per_m(self) -> float:
        """The scale at the craft."""
        return self.focal_px / self.distance_m

    def project(self, points: Vector) -> Vector:
        """Columns, rows and depths (m) (N, 3) of world points (N, 3)."""
        dx, dy = points[:, 0] - self.x_m, points[:, 1] - self.y_m
        depth = np.maximum(dx * self.forward_x + dy * self.forward_y, 0.1 * self.distance_m)
        across = dx * self.right_x + dy * self.right_y
        scale = self.focal_px / depth
        rows = self.level_px - scale * (points[:, 2] - self.z_m)
        return np.column_stack([self.centre_px + scale * across, rows, depth])


def craft_size_m(vehicle: Vehicle) -> float:
    """The larger of a craft's height and width."""
    return max(vehicle.height_m - vehicle.foot_station_m, 2.0 * vehicle.foot_radius_m)


def craft_origin(frame: Frame, vehicle: Vehicle) -> Vector:
    """The body's origin in world axes."""
    at = frame.telemetry
    feet = np.array([at.x_m, at.y_m, at.altitude_m + at.ground_height_m])
    offset: Vector = (vehicle.centre_of_mass_station_m - vehicle.foot_station_m) * frame.attitude[
        :, 2
    ]
    return feet + offset


def place_camera(frame: Frame, vehicle: Vehicle, width: int, height: int) -> Camera:
    """The camera for a picture of `width` x `height` pixels."""
    size_m = craft_size_m(vehicle)
    near = 1.0 / (1.0 + max(frame.telemetry.altitude_m, 0.0) / (NEAR_HEIGHTS * size_m))
    share = FAR_SIZE + (NEAR_SIZE - FAR_SIZE) * near
    focal_px = FIELD * width
    distance_m = focal_px * size_m / (share * height)
    forward_x, forward_y = math.sin(frame.bearing_rad), -math.cos(frame.bearing_rad)
    middle_m = 0.5 * (vehicle.height_m + vehicle.foot_station_m) - vehicle.centre_of_mass_station_m
    middle = craft_origin(frame, vehicle) + middle_m * frame.attitude[:, 2]
    x_m, y_m = middle[0] - distance_m * forward_x, middle[1] - distance_m * forward_y
    z_m = max(
        middle[2] + RAISED * size_m,
        CLEARANCE * size_m
        + max(_ground(frame, middle, (x_m, y_m), share / 6.0) for share in range(2, 7)),
    )
    level_px = MIDDLE * height - focal_px * (z_m - middle[2]) / distance_m
    return Camera(
        x_m,
        y_m,
        z_m,
        forward_x,
        forward_y,
        focal_px,
        0.5 * width,
        level_px,
        distance_m,
    )


def _ground(frame: Frame, start: Vector, end: tuple[float, float], share: float) -> float:
    """The ground's height `share` of the way between two places."""
    x_m = start[0] + share * (end[0] - start[0])
    y_m = start[1] + share * (end[1] - start[1])
    return float(ground_height_m(frame.ground.ground.maps, frame.ground.site, x_m, y_m))
