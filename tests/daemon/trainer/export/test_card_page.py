"""The model card has every fact that a stranger needs."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from daemon.config.schema import Config
from daemon.runs.evaluations import EvaluationResult, save_evaluation
from daemon.runs.statistics.intervals import wilson_interval
from daemon.trainer.export.card import Card
from daemon.trainer.export.card_page import card_page
from daemon.trainer.export.usage import flight_code
from daemon.trainer.fleets import fleet_settings
from tests.daemon.trainer.export.models import config_of, model_of, source_of

SCOUT = Path(__file__).parents[4] / "examples/plugin/landerctl_example/data/scout.toml"
UNUSUAL = ("sensors.noise=0.5", "fleet.control_interval_s=0.2", "terrain.local_relief=0.5")


def card_of(config: Config, run: Path = Path("run")) -> Card:
    return source_of(config, *model_of(config), run=run).card


def test_the_code_makes_the_environment_of_the_training() -> None:
    for settings in ((), UNUSUAL):
        config = config_of("ppo", *settings)
        setup = flight_code(card_of(config)).partition("lander = ")[0]
        names: dict[str, Any] = {}
        exec(setup, names)
        assert names["settings"] == fleet_settings(config, config.curriculum.stages[1], 1)


def test_the_code_flies_a_vehicle_of_another_package_with_the_run_s_numbers() -> None:
    config = config_of("ppo")
    craft: dict[str, Any] = {"vehicle": "scout", "vehicle_data": tomllib.loads(SCOUT.read_text())}
    card = card_of(config)
    card = msgspec.structs.replace(card, limits=msgspec.structs.replace(card.limits, **craft))
    config = msgspec.structs.replace(config, fleet=msgspec.structs.replace(config.fleet, **craft))
    names: dict[str, Any] = {}
    exec(flight_code(card).partition("lander = ")[0], names)
    assert names["settings"] == fleet_settings(config, config.curriculum.stages[1], 1)


def test_a_card_names_everything() -> None:
    card = card_of(config_of("ppo"))
    page = card_page(card, "weights", "lander.safetensors", "It acts as the checkpoint.")
    for text in (
        "It acts as the checkpoint.",
        "000012-600000-gate",
        "Not evaluated. This does: `landerctl evaluate ",
        "starship-hls",
        "h / (\\|h\\| + 10)",
        "MIT",
    ):
        assert text in page
    names = [(row.index, row.name) for row in card.observation]
    names += [(row.index, row.name) for row in card.action]
    assert all(f"| {index} | {name} | " in page for index, name in names)
    assert msgspec.json.decode(msgspec.json.encode(card), type=Card) == card


def test_the_newest_evaluation_of_the_checkpoint_is_shown(tmp_path: Path) -> None:
    rate = wilson_interval(90, 100)
    for created_s, pilot in ((1.0, "000012-600000-gate"), (2.0, "600000-steps"), (3.0, "7-steps")):
        result = EvaluationResult(
            run_id=None,
            pilot=pilot,
            created_s=created_s,
            vehicle="starship-hls",
            stage=2,
            stage_name="approach",
            episodes=100,
            first_seed=7,
            outcomes={"landed": 90, "crashed": 10},
            success_rate=rate,
            reward=rate,
            episode_steps=rate,
            roughness=rate,
            soft_landings=None,
            distance_m=None,
            touchdown_speed_m_s=None,
            touchdown_tilt_deg=None,
            fuel_left=None,
        )
        save_evaluation(tmp_path / "evaluations", result, b"")
    card = card_of(config_of("ppo"), tmp_path)
    assert card.evaluation is not None
    assert card.evaluation.pilot == "600000-steps"
    page = card_page(card, "onnx", "lander.onnx", "")
    assert "| success rate, % (90 landed, 10 crashed) | 90.0 | 82.6 | 94.5 |" in page
