"""The example files are valid, and docs/sweep-file.md has every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from daemon.config import load_config
from daemon.sweeps.creation import check_sweep
from daemon.sweeps.search.propose import propose, total_trials
from daemon.sweeps.spec.load import load_sweep
from daemon.sweeps.trial_config import trial_config
from tests.daemon.harness import ROOT
from tests.daemon.sweeps.spec.keys import keys_by_table

EXAMPLES = sorted((ROOT / "examples" / "sweeps").glob("*.toml"))
PAGE = ROOT / "docs" / "sweep-file.md"
TRIALS = {"grid": 27, "random-halving": 27, "seeds": 5, "tpe": 40}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_is_valid(file: Path) -> None:
    spec, base = load_sweep(file), load_config(None).config
    check_sweep(file, file.read_text(encoding="utf-8"), spec, base)
    first = propose(spec, [], [])
    assert first is not None
    assert trial_config(base, spec, first.values, first.seed).run.timesteps == spec.limits.steps
    assert total_trials(spec) == TRIALS[file.stem]


def test_every_example_is_named() -> None:
    assert {file.stem for file in EXAMPLES} == TRIALS.keys()
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{file.name}`" in text for file in EXAMPLES)


def test_the_page_has_every_key_in_its_table() -> None:
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for table, keys in keys_by_table().items():
        (section,) = (one for one in sections if one.startswith((f"`[{table}]", f"`[[{table}]]")))
        named = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\|([^|]*)\|", section, re.M))))
        assert keys <= named, table
