"""The fake trainer's subcommands: `load-test FOLDER`, `evaluate FOLDER`.

LANDERCTL_TEST_UNLOADABLE: timesteps of a state that cannot be loaded. LANDERCTL_TEST_SUCCESS: the
success rate of every evaluation.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import msgspec

from daemon.rollback.load_test import LoadTest
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.statistics.intervals import Interval
from tests.daemon.fake_state import FakeState

if __name__ == "__main__":
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "load-test":
        content = (folder / "training_state.json").read_bytes()
        timesteps = msgspec.json.decode(content, type=FakeState).timesteps
        unloadable = os.environ.get("LANDERCTL_TEST_UNLOADABLE") == str(timesteps)
        result: msgspec.Struct = LoadTest(not unloadable, f"{timesteps} steps")
    else:
        nothing = Interval(0.0, None, None)
        result = EvaluationResult(
            run_id=None,
            pilot=folder.name,
            created_s=time.time(),
            vehicle="starship-hls",
            stage=1,
            stage_name="touchdown",
            episodes=1,
            first_seed=1,
            outcomes={},
            success_rate=Interval(
                float(os.environ.get("LANDERCTL_TEST_SUCCESS", "0.5")), None, None
            ),
            reward=nothing,
            episode_steps=nothing,
            roughness=nothing,
            soft_landings=None,
            distance_m=None,
            touchdown_speed_m_s=None,
            touchdown_tilt_deg=None,
            fuel_left=None,
        )
    print(msgspec.json.encode(result).decode())
