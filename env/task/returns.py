"""Between which rewards an episode can end, from the reward's own constants and its start.

The shaping sums to the potential's last value minus its first. The last is between 0 and
POTENTIAL_MAX. The first is at least what a start gives away: nothing spins, and the pad is no
farther than the start's ranges allow.
"""

from __future__ import annotations

import math

from env.task import reward
from env.task.start import Range, StartConditions

# The largest change of an action, from -1 to 1, squared.
LARGEST_ROUGHNESS = 4.0


def landing_returns(start: StartConditions) -> Range:
    """The least and the most that an episode with a landing can earn; neither is reached."""
    low, high = _shaping(start)
    least = (
        reward.LANDING_REWARD
        + reward.precision_bonus(reward.MAX_DISTANCE_M)
        + reward.smoothness_bonus(LARGEST_ROUGHNESS)
    )
    most = (
        reward.LANDING_REWARD
        + reward.PRECISION_BONUS
        + reward.SOFTNESS_BONUS
        + reward.ATTITUDE_BONUS
        + reward.FUEL_BONUS
        + reward.SMOOTHNESS_BONUS
    )
    return least + low, most + high


def failure_returns(start: StartConditions) -> Range:
    """The same without a landing: the worst is to leave the volume, the mildest to miss the pad."""
    low, high = _shaping(start)
    least = min(
        reward.CRASH_PENALTY + reward.CRASH_SPEED_PENALTY,
        reward.TIMEOUT_PENALTY + reward.TIMEOUT_DISTANCE_PENALTY,
        reward.ABORT_PENALTY + reward.ABORT_SPEED_PENALTY,
        2.0 * reward.HARD_LANDING_PENALTY,
        2.0 * reward.OFF_TARGET_PENALTY,
    )
    most = max(
        reward.CRASH_PENALTY,
        reward.TIMEOUT_PENALTY,
        reward.ABORT_PENALTY,
        reward.HARD_LANDING_PENALTY,
        reward.OFF_TARGET_PENALTY,
    )
    return least + low, most + high


def _shaping(start: StartConditions) -> Range:
    farthest_m = math.hypot(start.downrange_m[1], start.altitude_m[1])
    given = reward.SPIN_POTENTIAL + reward.ROLL_POTENTIAL + reward.approach_potential(farthest_m)
    return -reward.POTENTIAL_MAX, reward.POTENTIAL_MAX - given
