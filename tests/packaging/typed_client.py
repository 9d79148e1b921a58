"""A program of others, as type checkers see it: what is Any, or unknown, to them is a fault."""

from __future__ import annotations

from typing import assert_type

import numpy as np
import numpy.typing as npt

from daemon.config import load_config
from env.vector import LunarLanders
from landerctl.api import Home, Run


def newest_run(home: Home) -> Run | None:
    assert_type(home.current, Run | None)
    for run in home.runs():
        assert_type(run.name, str)
        assert_type(run.tags, tuple[str, ...])
    return home.current


def act(run: Run, observation: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    policy = run.load_policy("best")
    run.metrics(1)  # type: ignore[call-overload]
    return policy.predict(observation)


def fly(landers: int) -> float:
    gamma = load_config(None).config.ppo.gamma
    assert_type(gamma, float)
    fleet = LunarLanders(num_envs=landers)
    assert_type(fleet.num_envs, int)
    fleet.close()
    return gamma
