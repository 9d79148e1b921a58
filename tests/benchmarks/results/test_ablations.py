"""A record of an ablation grows by seeds, and becomes the tables of docs/learning.md."""

from __future__ import annotations

import msgspec

from benchmarks.results.ablations.page import ablations_text
from benchmarks.results.ablations.record import Ablation, Trained, merged
from benchmarks.results.making.home import default_config, differences, settings_of
from benchmarks.results.record import Gate
from tests.benchmarks.results.samples import flights


def trained(seed: int, steps: tuple[int, ...], landed: int | None = None) -> Trained:
    """A training that passed gates at these steps, its best model flown 40 times if at its end."""
    outcomes = ("landed",) * (landed or 0) + ("crashed",) * (40 - (landed or 0))
    return Trained(
        seed=seed,
        timesteps=9_000_000,
        trained_s=900.0,
        complete=landed is not None,
        gates=[Gate(n, at, at / 1e4, 0.9, 1300.0) for n, at in enumerate(steps, start=1)],
        final=None if landed is None else flights(outcomes).result,
    )


ONE = Ablation(
    name="ramp",
    title="A shorter ramp into stage 5",
    source="Somebody, Something, 2020",
    changes=["curriculum.stages[5].ramp_steps = 8 instead of 20"],
    commit="",
    base=[trained(1, (1_000_000, 4_000_000), 30), trained(2, (1_000_000, 6_000_000), 30)],
    tried=[trained(1, (1_000_000, 2_000_000), 36), trained(2, (1_000_000, 2_400_000), 34)],
    verdict="kept",
    finding="Half the steps.",
)


def test_pairs_are_compared_at_the_last_gate_and_in_success() -> None:
    text = ablations_text([ONE])
    row = next(line for line in text.splitlines() if line.startswith("| [A shorter"))
    assert "(#a-shorter-ramp-into-stage-5) | 2 | 0.45 of those without (gate 2) |" in row
    assert "| 12.5 points (0." in row
    assert row.endswith("| kept |")
    assert "- Source: Somebody, Something, 2020" in text
    assert "- Setting: `curriculum.stages[5].ramp_steps = 8 instead of 20`" in text
    assert "- Verdict: kept. Half the steps." in text
    assert "| with, seed 2 | 1.0 M steps, 1.7 min | 2.4 M steps, 4.0 min | 85.0% (" in text


def test_a_training_that_is_not_at_its_end_says_how_far_it_is() -> None:
    part = msgspec.structs.replace(ONE, tried=[trained(1, (900_000,))], verdict="open", finding="")
    text = ablations_text([part])
    assert "| 1 | 0.90 of those without (gate 1) | - | open |" in text
    assert "| not by 9.0 M steps | not trained to its end | - | - | - |" in text
    assert "| without, seed 2 |" in text
    warm = msgspec.structs.replace(part, tried=[trained(1, (0, 0))])
    assert "| 1 | gate 2 before the training | - | open |" in ablations_text([warm])
    assert ablations_text([]).startswith("`python -m")


def test_a_seed_that_is_recorded_again_replaces_itself() -> None:
    one, two, again = trained(1, ()), trained(2, ()), trained(1, (5,))
    assert merged([two, one], [again]) == [again, two]


def test_settings_are_named_where_they_change_what_is_learned() -> None:
    base = default_config("starship-hls")
    assert settings_of(base) == ""
    run = msgspec.structs.replace(base.run, seed=9, n_envs=64, torch_threads=1)
    ppo = msgspec.structs.replace(base.ppo, n_steps=64)
    other = msgspec.structs.replace(base, run=run, ppo=ppo)
    assert settings_of(other) == "ppo.n_steps = 64 instead of 128"
    assert differences(base, other) == [
        "run.n_envs = 64 instead of 128",
        "ppo.n_steps = 64 instead of 128",
    ]
