"""Every fault of sweep.toml is named at once, with its line and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config import ConfigError
from daemon.sweeps.spec.load import load_sweep, parse_sweep

WHOLE = """
base = ["mine.toml"]
limits = { steps = 300_000, trials = 8 }
search = { sampler = "random", seed = 7 }
set = { run.mode = "standard", "ppo.gamma" = 0.98 }

[[parameters]]
setting = "run.algorithm"
values = ["ppo", "sac"]

[[parameters]]
setting = "sac.tau"
kind = "log-uniform"
low = 0.001
high = 0.1
only_if.run.algorithm = ["sac"]

[[objectives]]
metric = "rollout/ep_rew_mean"
"""


def faults(text: str) -> list[str]:
    """What is wrong, without the file's name."""
    with pytest.raises(ConfigError) as caught:
        parse_sweep(Path("sweep.toml"), text)
    return [fault.one_line.removeprefix("sweep.toml:") for fault in caught.value.faults]


def one_fault(text: str) -> str:
    """The only fault of a sweep with these lines, without its line number."""
    (found,) = faults(f"limits.steps = 300_000\n{text}")
    return found.partition(": ")[2]


def parameter(text: str, sampler: str = "grid") -> str:
    trials = "" if sampler == "grid" else "limits.trials = 9\n"
    return one_fault(
        f'{trials}search.sampler = "{sampler}"\n[[parameters]]\n{text}\n'
        + ('[[parameters]]\nsetting = "ppo.gamma"\nkind = "uniform"\nlow = 0.9\nhigh = 0.99\n')
        * (sampler != "grid")
    )


def test_a_sweep(tmp_path: Path) -> None:
    file = tmp_path / "sweep.toml"
    file.write_text(WHOLE)
    spec = load_sweep(file)
    # Names of settings are dotted, whether quoted or tables of TOML.
    assert spec.set == {"run.mode": "standard", "ppo.gamma": 0.98}
    assert spec.parameters[1].only_if == {"run.algorithm": ["sac"]}
    assert (spec.limits.trials, spec.limits.threads, spec.seeds.count) == (8, 1, 1)


def test_the_smallest_sweep() -> None:
    spec = parse_sweep(Path("sweep.toml"), "limits.steps = 1000\nseeds.count = 5\n")
    assert [one.metric for one in spec.objectives] == ["gate"]


def test_every_fault_with_its_line() -> None:
    assert faults(
        """bse = []
[limits]
threads = 99
[set]
run.mod = "standard"
ppo.gamma = 3
[search]
sampler = "rnd"
[[parameters]]
setting = "ppo.clip_range"
kind = "uniform"
low = 2
high = 1
steps = 3
[[parameters]]
setting = "run.n_envs"
steps = "x"
[[objectives]]
metric = "sucess"
"""
    ) == [
        "1: unknown key bse; did you mean 'base'?",
        "2: limits: missing key steps",
        "8: search.sampler = 'rnd': expected one of cma-es, grid, qmc, random, tpe",
        "17: parameters[1].steps: expected int, got str",
        "5: unknown setting run.mod; did you mean 'mode'?",
        "6: ppo.gamma = 3: expected float <= 1.0",
        "12: ppo.clip_range: low = 2: must be below high = 1",
        "19: objectives: 'sucess' is no metric; did you mean 'success'?",
    ]


def test_every_statement_that_is_no_toml() -> None:
    assert [fault[:27] for fault in faults("a = \nb = 1\nc = ]\n")] == [
        "1: is not valid TOML: Inval",
        "3: is not valid TOML: Inval",
    ]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"x\.toml: cannot be read"):
        load_sweep(tmp_path / "x.toml")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("set.run.seed = 3", "run.seed: [seeds] decides"),
        ("set.fleet.threads = 3", "fleet.threads: limits.threads decides"),
        ("set.tensorboard.enabled = true", "tensorboard.enabled: trial.tensorboard decides"),
        ("set.notify.targets = []", "notify.targets: may hold secrets"),
        ('set.terrain.height_map = "m.npy"', "terrain.height_map = 'm.npy': expected a whole path"),
        ("seeds = { first = 2147483647, count = 2 }", "seeds.first = 2147483647: seeds end at"),
        (
            "limits.trials = 7\nseeds.count = 3",
            "limits.trials = 7: each set of values has seeds.count = 3 trials: choose 6 or 9",
        ),
        (
            'scheduler = { name = "asha", first_rung_steps = 300_000 }',
            "scheduler.first_rung_steps = 300000: must be below limits.steps = 300000",
        ),
        (
            'scheduler = { name = "population" }',
            "scheduler.name = 'population': there are no parameters",
        ),
        (
            'limits.trials = 3\nsearch.sampler = "random"',
            "search.sampler = 'random': there are no parameters",
        ),
        (
            '[[objectives]]\nmetric = "steps_to_gate"\ngate = 1',
            'objectives: steps_to_gate is better the smaller: direction = "minimize"',
        ),
        (
            '[[objectives]]\nmetric = "steps_to_gate"\ndirection = "minimize"',
            "objectives: steps_to_gate: missing gate",
        ),
        ('ray.backup = "s3://me:word@bucket"', "ray.backup: holds a password: put it into"),
        ('[[objectives]]\nmetric = "gate"\ngate = 1', "objectives: gate: gate is only of"),
        ('[[objectives]]\nmetric = "gate"\nstage = 1', "objectives: gate: stage is only of"),
        (
            '[[objectives]]\nmetric = "gate"\n[[objectives]]\nmetric = "gate"',
            "objectives: gate is there twice",
        ),
        (
            '[[objectives]]\nmetric = "success"\n[[objectives]]\nmetric = "success"\nstage = 2',
            "objectives: success is there twice",
        ),
    ],
)
def test_relations(text: str, fault: str) -> None:
    assert one_fault(text).startswith(fault)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            'setting = "alerts.disk-low.threshold"\nvalues = [1.0]',
            "alerts.disk-low.threshold: is a",
        ),
        ('setting = "ppo.gama"\nvalues = [0.9]', "unknown setting ppo.gama; did you mean 'gamma'?"),
        ('setting = "ppo.gamma"\nvalues = []', "ppo.gamma: missing values"),
        ('setting = "ppo.gamma"\nvalues = [0.9, 0.9]', "ppo.gamma: values: 0.9 is there twice"),
        ('setting = "run.algorithm"\nvalues = ["sak"]', "run.algorithm = 'sak': expected one of"),
        ('setting = "ppo.gamma"\nvalues = [0.9]\nlow = 0.8', "ppo.gamma: low: a list has values"),
        ('setting = "ppo.gamma"\nkind = "uniform"\nsteps = 3', "ppo.gamma: missing low and high"),
        (
            'setting = "ppo.gamma"\nkind = "uniform"\nlow = 0.9\nhigh = 0.99',
            "ppo.gamma: a grid needs steps",
        ),
        (
            'setting = "ppo.gamma"\nkind = "log-uniform"\nlow = 0.0\nhigh = 0.99\nsteps = 3',
            "ppo.gamma: low = 0: log-uniform needs more than 0",
        ),
        (
            'setting = "ppo.gamma"\nkind = "uniform"\nlow = 0.9\nhigh = 1.5\nsteps = 3',
            "high: ppo.gamma = 1.5: expected float <= 1.0",
        ),
        (
            'setting = "run.n_envs"\nkind = "integer"\nlow = 1.5\nhigh = 4',
            "run.n_envs: low = 1.5: expected an integer",
        ),
        (
            'setting = "ppo.gamma"\nvalues = [0.9]\nonly_if."ppo.n_step" = [1]',
            "ppo.gamma: only_if: ppo.n_step is no parameter before this one",
        ),
        (
            'setting = "run.algorithm"\nvalues = ["ppo"]\n[[parameters]]\nsetting = "ppo.gamma"\n'
            'values = [0.9]\nonly_if."run.algorithm" = ["pop"]',
            "ppo.gamma: only_if: run.algorithm never is 'pop'; did you mean 'ppo'?",
        ),
        (
            'setting = "ppo.gamma"\nvalues = [0.9]\n[[parameters]]\nsetting = "ppo.gamma"\n'
            "values = [0.8]",
            "ppo.gamma: is twice in parameters",
        ),
    ],
)
def test_parameters(text: str, fault: str) -> None:
    assert parameter(text).startswith(fault)


def test_what_a_sampler_cannot_do() -> None:
    text = 'setting = "run.n_envs"\nvalues = [8, 16]'
    assert (
        parameter(text, "cma-es") == "run.n_envs: cma-es takes no parameter with a list; tpe does"
    )
    text = 'setting = "run.n_envs"\nkind = "integer"\nlow = 8\nhigh = 16\nsteps = 3'
    assert parameter(text, "random").startswith("run.n_envs: steps: only of a grid")
    text = 'setting = "run.n_envs"\nkind = "uniform"\nlow = 8\nhigh = 16'
    assert faults(
        f'limits = {{ steps = 9, trials = 9 }}\nsearch.sampler = "qmc"\n[[parameters]]\n{text}'
    ) == [
        '6: run.n_envs: is an integer: kind = "integer"',
        '7: run.n_envs: is an integer: kind = "integer"',
    ]
