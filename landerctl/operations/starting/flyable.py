"""Whether a configuration can be flown: asked before anything is created."""

from __future__ import annotations

import subprocess
import sys

from daemon.base.exitcodes import TrainerExit
from daemon.config import Config, load_config
from daemon.config.frozen import encode_frozen
from landerctl.exitcodes import Exit
from landerctl.failure import Failure


def refuse_unflyable(config: Config, source: str) -> None:
    """Raise Failure for a vehicle, stage, height map or device that cannot be used.

    The environment says so, in a process of its own, a second or two: the default settings are
    known to fly and start without that delay. `source` names the configuration in the message.
    """
    default = load_config(None).config
    stages = default.curriculum.stages
    if _checked(config) == _checked(default) and all(
        stage in stages for stage in config.curriculum.stages
    ):
        return
    done = subprocess.run(
        [sys.executable, "-P", "-m", "daemon.trainer.commands.check_config"],
        input=encode_frozen(config),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode == TrainerExit.COMPLETED:
        return
    lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no reason was given"]
    code = Exit.CONFIG if done.returncode == TrainerExit.CONFIG else Exit.FAILED
    raise Failure(f"{source}: {lines[-1]}", code)


def _checked(config: Config) -> tuple[object, ...]:
    fleet = config.fleet
    return fleet.vehicle, fleet.vehicle_data, config.terrain.height_map, config.run.device
