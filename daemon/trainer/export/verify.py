"""The judge of exported files: the same actions, and the same outcomes of flights."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from daemon.trainer.evaluation.fly_episodes import fly_seeds
from daemon.trainer.export.source import Actor
from env.fleet import Episode, LanderFleet
from env.pilot.campaign import Pilot

LIMIT = 1e-5  # of a difference of two actions in [-1, 1]
EQUAL_SHARE = 0.99  # of outcomes: contact and hysteresis amplify the last bit
FIRST_SEED = 600_000_001  # not used by training or by evaluations


class ActionCheck(msgspec.Struct, frozen=True, kw_only=True):
    """How an exported file acts on recorded observations."""

    observations: int
    largest_difference: float  # of one command, in [-1, 1], from stable-baselines3's action

    @property
    def passed(self) -> bool:
        """Whether it acts as the original."""
        return self.largest_difference <= LIMIT


class Difference(msgspec.Struct, frozen=True):
    """A flight that ended otherwise."""

    seed: int
    original: str
    exported: str


class OutcomeCheck(msgspec.Struct, frozen=True, kw_only=True):
    """How the flights of an exported file ended, against those of the original."""

    flights: int
    first_seed: int
    landed: int  # by the exported file
    landed_originally: int
    differing: list[Difference]

    @property
    def passed(self) -> bool:
        """Whether enough flights ended as the original's."""
        return len(self.differing) <= round((1.0 - EQUAL_SHARE) * self.flights)


class _Recorder:
    """A pilot that keeps what it sees and does."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        self.observations: list[npt.NDArray[np.float32]] = []

    def reset(self, crafts: npt.NDArray[np.intp]) -> None:
        self._pilot.reset(crafts)

    def keep(self, crafts: npt.NDArray[np.intp]) -> None:
        self._pilot.keep(crafts)

    def act(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self.observations.append(observations.copy())
        return self._pilot.act(observations)


class ActorPilot:
    """An exported file as a pilot."""

    def __init__(self, actor: Actor) -> None:
        self.act = actor

    def reset(self, crafts: npt.NDArray[np.intp]) -> None:
        """Does nothing: a policy has no memory."""

    def keep(self, crafts: npt.NDArray[np.intp]) -> None:
        """Does nothing: a policy has no memory."""


def record_observations(
    pilot: Pilot, fleet: LanderFleet, count: int, flights: int
) -> npt.NDArray[np.float32]:
    """Raw observations (count, O) drawn at random from whole flights.

    `flights` are flown, and as many again while that is too little.
    """
    recorder = _Recorder(pilot)
    first_seed = FIRST_SEED
    while sum(len(rows) for rows in recorder.observations) < count:
        fly_seeds(recorder, fleet, first_seed=first_seed, episodes=flights)
        first_seed += flights
    every = np.concatenate(recorder.observations)
    drawn = np.random.default_rng(0).permutation(len(every))[:count]
    chosen: npt.NDArray[np.float32] = every[drawn]
    return chosen


def check_actions(
    expected: npt.NDArray[np.float32], actor: Actor, observations: npt.NDArray[np.float32]
) -> ActionCheck:
    """Compare an exported file with what stable-baselines3 `expected` (N, A) of observations."""
    actions = actor(observations)
    assert actions.shape == expected.shape, (actions.shape, expected.shape)
    # NaN is no agreement.
    difference = np.nan_to_num(np.abs(actions - expected), nan=np.inf)
    return ActionCheck(observations=len(observations), largest_difference=float(difference.max()))


def fly_outcomes(pilot: Pilot, fleet: LanderFleet, flights: int) -> list[Episode]:
    """The flights on FIRST_SEED and up that `check_outcomes` compares."""
    flown = fly_seeds(pilot, fleet, first_seed=FIRST_SEED, episodes=flights)
    return [one.episode for one in flown]


def check_outcomes(original: Sequence[Episode], exported: Sequence[Episode]) -> OutcomeCheck:
    """Compare the flights of an exported file with the original's on the same seeds."""
    pairs = list(zip(original, exported, strict=True))
    assert all(a.seed == b.seed for a, b in pairs)
    return OutcomeCheck(
        flights=len(pairs),
        first_seed=original[0].seed,
        landed=sum(b.success for _, b in pairs),
        landed_originally=sum(a.success for a, _ in pairs),
        differing=[
            Difference(a.seed, a.outcome.name.lower(), b.outcome.name.lower())
            for a, b in pairs
            if a.outcome is not b.outcome
        ],
    )
