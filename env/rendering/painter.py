"""Draws frames as pictures."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from PIL import Image

from env.base.moon import RADIUS_M
from env.physics.vehicle import Vehicle
from env.rendering.camera import Camera, place_camera
from env.rendering.craft import draw_craft, draw_flames
from env.rendering.frame import Frame
from env.rendering.ground import depth_steps, make_noise, paint_ground
from env.rendering.mesh import build_mesh
from env.rendering.panel import SHARE, Panel
from env.rendering.surroundings import draw_dust, draw_sky, glow_of, shadow_of

WIDTH, HEIGHT = 960, 540
HILLS_M = 30_000.0  # beyond the horizon of a smooth Moon: what hills may show
NEAREST = (
    0.5  # of the distance at which level ground enters the picture: where nearer ground begins
)


class Painter:
    """Draws one vehicle in pictures of one size. The picture is a function of the frame alone."""

    def __init__(self, vehicle: Vehicle, width: int = WIDTH, height: int = HEIGHT) -> None:
        self._vehicle, self._width, self._height = vehicle, width, height
        self._mesh = build_mesh(vehicle)
        self._sky = draw_sky(width, height)
        self._noise = make_noise()
        self._panel = Panel(width, height)

    def paint(self, frame: Frame) -> npt.NDArray[np.uint8]:
        """The picture (H, W, 3) of a moment."""
        camera = place_camera(frame, self._vehicle, self._width, self._height)
        image = Image.fromarray(self._landscape(frame, camera))
        draw_flames(image, frame, self._vehicle, self._mesh, camera)
        draw_craft(image, frame, self._vehicle, self._mesh, camera)
        draw_dust(image, frame, self._vehicle, camera)
        self._panel.draw(image, frame, camera)
        return np.array(image)

    def _landscape(self, frame: Frame, camera: Camera) -> npt.NDArray[np.uint8]:
        """Sky and ground."""
        pixels = self._sky.copy()
        shown = round((1.0 - SHARE) * self._height)
        above_m = max(camera.z_m - frame.telemetry.ground_height_m, 1.0)
        enters_m = camera.focal_px * above_m / max(shown - camera.level_px, 1.0)
        farthest_m = math.sqrt(2.0 * RADIUS_M * above_m) + HILLS_M
        paint_ground(
            frame.ground.ground.maps,
            frame.ground.site,
            self._noise,
            np.array([camera.x_m, camera.y_m, camera.z_m, camera.forward_x, camera.forward_y]),
            np.array([camera.focal_px, camera.centre_px, camera.level_px]),
            depth_steps(camera.focal_px, above_m, NEAREST * enters_m, farthest_m),
            shadow_of(frame, self._vehicle, camera),
            glow_of(frame, self._vehicle),
            pixels[:shown],
        )
        return pixels
