"""The judge passes a file that acts as the original, and lists what another does otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
import torch

from daemon.trainer.algorithms import factory
from daemon.trainer.algorithms.normalizer import build_normalizer
from daemon.trainer.evaluation.policy_pilot import PolicyPilot
from daemon.trainer.export.formats.codecs import CODECS
from daemon.trainer.export.layers import act
from daemon.trainer.export.source import Source
from daemon.trainer.export.verify import (
    FIRST_SEED,
    LIMIT,
    ActorPilot,
    Difference,
    check_actions,
    check_outcomes,
    fly_outcomes,
    record_observations,
)
from daemon.trainer.fleets import build_fleet
from env.fleet import Episode, LanderFleet
from tests.daemon.trainer.conftest import small_config
from tests.daemon.trainer.export.models import source_of

CONFIG = small_config()
FLIGHTS = 6


class Flown(NamedTuple):
    """A fleet, an untrained policy that soon falls, its flights, and what files are made from."""

    fleet: LanderFleet
    pilot: PolicyPilot
    original: list[Episode]
    source: Source


@pytest.fixture(scope="module")
def flown() -> Iterator[Flown]:
    fleet = build_fleet(CONFIG, CONFIG.curriculum.stages[0], FLIGHTS)
    normalizer = build_normalizer(CONFIG, fleet, training=False)
    model = factory.build(CONFIG, normalizer)
    with torch.no_grad():
        dict(model.policy.named_parameters())["action_net.bias"].fill_(-0.6)
    pilot = PolicyPilot(model, normalizer)
    original = fly_outcomes(pilot, fleet, FLIGHTS)
    yield Flown(fleet, pilot, original, source_of(CONFIG, model, normalizer))
    fleet.close()


def test_a_faithful_file_passes(flown: Flown) -> None:
    fleet, pilot, original, source = flown
    observations = record_observations(pilot, fleet, 200, FLIGHTS)
    assert observations.shape == (200, source.policy.n_observations)
    # Whole flights: some at the start, some close to the ground.
    assert np.ptp(observations[:, 0]) > 0.1
    actor = CODECS["weights"].load(CODECS["weights"].encode(source))
    actions = check_actions(pilot.act(observations), actor, observations)
    assert actions.passed
    assert actions.observations == 200
    assert actions.largest_difference <= LIMIT
    outcomes = check_outcomes(original, fly_outcomes(ActorPilot(actor), fleet, FLIGHTS))
    assert outcomes.passed
    assert (outcomes.flights, outcomes.first_seed) == (FLIGHTS, FIRST_SEED)


def test_another_policy_does_not_pass(flown: Flown) -> None:
    _, pilot, _, source = flown
    *layers, last = source.policy.layers
    observations = np.zeros((3, source.policy.n_observations), np.float32)
    for bias, difference in ((last.bias + 0.5, 0.5), (np.full_like(last.bias, np.nan), np.inf)):
        policy = replace(source.policy, layers=(*layers, replace(last, bias=bias)))
        found = check_actions(pilot.act(observations), partial(act, policy), observations)
        assert found.largest_difference == pytest.approx(difference, abs=1e-6)
        assert not found.passed


def test_flights_that_end_otherwise_are_listed(
    flown: Flown,
) -> None:
    original = flown.original
    other = list(original)
    kinds = list(type(original[3].outcome))
    other[3] = replace(other[3], outcome=kinds[original[3].outcome - 1])
    found = check_outcomes(original, other)
    names = original[3].outcome.name.lower(), other[3].outcome.name.lower()
    assert found.differing == [Difference(FIRST_SEED + 3, *names)]
    assert not found.passed
    # Two of 200 may end otherwise, as at least 198 are equal.
    many = [replace(original[0], seed=k) for k in range(200)]
    for count, passes in ((2, True), (3, False)):
        changed = [
            replace(one, outcome=other[3].outcome) if k < count else replace(one, outcome=kinds[0])
            for k, one in enumerate(many)
        ]
        same = [replace(one, outcome=kinds[0]) for one in many]
        assert check_outcomes(same, changed).passed is passes
