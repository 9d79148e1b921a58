"""The parts of a state that a fork carries over, or begins anew."""

from __future__ import annotations

from typing import Literal

# What of a state can begin anew instead of being carried over:
#   flights        the landers' flights in progress, and VecNormalize's running returns
#   replay         the replay buffer of SAC and TD3
#   learning rate  the one that PPO has adapted
#   returns        VecNormalize's statistics of the returns, which scale rewards
#   random numbers the generators, of the next episodes too
#   window         the last episodes by which the stage is judged, and the watch for divergence
#   model          policy, optimisers, and the statistics of observations and returns
Part = Literal["flights", "replay", "learning rate", "returns", "random numbers", "window", "model"]
