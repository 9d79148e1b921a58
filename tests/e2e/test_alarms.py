"""Trainings that fail, and the default alert rules that detect it."""

from __future__ import annotations

import msgspec

from daemon.config import load_config
from tests.daemon.supervisor.alerting.rules import DEFAULT_RULES, rule_toml, toml
from tests.e2e.mission import PATIENCE_S, Mission
from tests.waiting import eventually


def add(mission: Mission, rules: set[str], *tables: str, ppo: str = "") -> None:
    """Add settings to the mission's, and replace its alert rules by default rules."""
    path = mission.paths.home / "config.toml"
    own, _, _ = path.read_text("utf-8").partition("[[alerts]]")
    own = own.replace("[ppo]\n", f"[ppo]\n{ppo}\n")
    parts = [own, *tables, *(rule_toml(r) for r in DEFAULT_RULES if r.name in rules)]
    path.write_text("".join(parts), "utf-8")


def fire(mission: Mission, names: set[str]) -> None:
    """Wait until these alerts fire, once each."""

    def fired() -> list[str]:
        return sorted(str(event.body["alert"]) for event in mission.events("alert.firing"))

    eventually(lambda: fired() == sorted(names), f"{names} fire", PATIENCE_S)


def test_diverging_updates(mission: Mission) -> None:
    rules = {"reward-not-finite", "training-given-up"}
    add(mission, rules, "[guards]\nmax_returns = 1\n", ppo="learning_rate = 1e30")
    mission.run("start", "--no-wait")
    fire(mission, rules)


def test_a_stage_that_is_never_passed(mission: Mission) -> None:
    curriculum = load_config(None).config.curriculum
    easy, hard = curriculum.stages[0], curriculum.stages[1]
    easy = msgspec.structs.replace(
        easy,
        gate_success_rate=0.0,
        gate_mean_reward=-1e9,
        mastery_success_rate=0.0,
        time_limit_s=10.0,
    )
    hard = msgspec.structs.replace(
        easy, name="never", gate_success_rate=1.0, gate_mean_reward=1e9, ramp_steps=hard.ramp_steps
    )
    settings = {
        "window_episodes": 8,
        "min_episodes": 8,
        "confirm_episodes": 8,
        "attempt_timesteps": 1024,
        "attempts": 1,
    }
    stages = [
        "[[curriculum.stages]]\n" + toml(msgspec.to_builtins(stage)) for stage in (easy, hard)
    ]
    add(mission, {"stage-regressing"}, "[curriculum]\n" + toml(settings), *stages)
    mission.done("start")
    fire(mission, {"stage-regressing"})
    assert len(mission.events("stage.regressed")) == 3
