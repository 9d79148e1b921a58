"""The sweep of `landerctl seeds`: one configuration, trained with several seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from daemon.config import Config
from daemon.config.layering.assign import Assignment
from daemon.config.schema import Mode

_STEPS = "run.timesteps"  # of a sweep's trials limits.steps decides


def seeds_text(
    count: int, first: int, settings: Sequence[Assignment], base: Config, steps: int | None
) -> str:
    """The text of its sweep.toml.

    `steps` of each trial, by default those of the configuration. Objectives: success of a fresh
    evaluation, and of a training with several stages the last gate passed before it.
    """
    # As slow to import as a small verb.
    import tomli_w  # noqa: PLC0415

    chosen: Mapping[str, Any] = {one.setting: one.value for one in settings}
    mode: Mode = chosen.get("run.mode", base.run.mode)
    objectives = [{"metric": "success"}]
    if mode != "standard":
        objectives.insert(0, {"metric": "gate"})
    content = {
        "set": {name: value for name, value in chosen.items() if name != _STEPS},
        "seeds": {"count": count, "first": first},
        "limits": {"steps": steps or chosen.get(_STEPS, base.run.timesteps)},
        "objectives": objectives,
    }
    return tomli_w.dumps({name: value for name, value in content.items() if value})
