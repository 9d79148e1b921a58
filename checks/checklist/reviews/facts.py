"""What a review is made of. Frozen: a review reads nothing itself. Times: Unix, s."""

from __future__ import annotations

import msgspec

from daemon.protocol.trainer import OutcomeCount
from daemon.runs.evaluations import EvaluationResult
from daemon.runs.review_schedule import Span
from daemon.store.records import Event

REWARD = "rollout/ep_rew_mean"
SUCCESS = "episode/success_rate_100"
DIFFICULTY = "curriculum/difficulty"
TRAINED = "time/trained_s"
CPU = "cpu/machine_percent"
MEMORY = "memory/used_percent"
TRAINER_MEMORY = "memory/trainer_bytes"
GROWTH = "memory/growth_gb_per_day"
DISK = "disk/free_gb"
SPEED = "time/fps"
RESOURCES = (CPU, MEMORY, TRAINER_MEMORY, GROWTH, DISK, SPEED)


class SpanFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A run in one span, from its samples, events and episode counts.

    `rewards`, `successes`: by difficulty (`curriculum/difficulty`), in the order of time; at most
    one sample a minute or, in long spans, collect.MOST_SAMPLES evenly spread. `resources`: the same
    for each series of RESOURCES.
    """

    span: Span
    trained_s: float  # training time in the span
    timesteps: int  # environment steps in the span
    difficulty: float | None  # the last one
    rewards: dict[float, tuple[float, ...]] = {}
    successes: dict[float, tuple[float, ...]] = {}
    resources: dict[str, tuple[float, ...]] = {}
    outcomes: tuple[OutcomeCount, ...] = ()
    best: EvaluationResult | None = None  # the newest of the state that was the best at its end


class Completion(msgspec.Struct, frozen=True):
    """When a run ends, in training time since it began (s), with the 95% range.

    `trained_s`: training time at the estimate.
    """

    expected_s: float
    low_s: float
    high_s: float
    trained_s: float = 0.0


class EarlierEstimate(msgspec.Struct, frozen=True):
    """What an earlier review estimated."""

    time_s: float
    completion: Completion


class ReviewFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a review needs. `events`: the run's seldom ones until the span's end."""

    run_id: str
    stages: tuple[str, ...]  # names
    gates: tuple[float, ...]  # each stage's gate_success_rate
    now: SpanFacts
    before: SpanFacts
    events: tuple[Event, ...]
    episodes: int  # that an evaluation of the best model needs
    trained_s: float  # training time of the run until the span's end
    completed: bool
    best_id: str | None  # of the state that was the best at the span's end
    completion: Completion | None = None
    earlier: tuple[EarlierEstimate, ...] = ()
