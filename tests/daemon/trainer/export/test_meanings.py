"""Every number that a policy sees or commands has a meaning."""

from __future__ import annotations

import pytest

from daemon.trainer.export.meanings import action_table, observation_meaning
from env.physics.vehicles import VEHICLES
from env.task.observation import observation_table


@pytest.mark.parametrize("name", VEHICLES)
def test_all_rows_have_a_meaning(name: str) -> None:
    vehicle = VEHICLES[name]
    rows = observation_table(vehicle)
    assert all(observation_meaning(row.name, vehicle) for row in rows)
    commands = [command for command, _ in action_table(vehicle)]
    assert len(commands) == vehicle.n_actions
    # The actuators' states end the observation, in the layout of the action.
    assert commands == [row.name for row in rows[-vehicle.n_actions :]]
