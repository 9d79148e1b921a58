from __future__ import annotations

import msgspec


class FakeState(msgspec.Struct):
    """The training_state.json of the fake trainer."""

    timesteps: int
