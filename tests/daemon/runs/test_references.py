"""Naming runs and their states."""

from __future__ import annotations

import pytest

from daemon.base.paths import StatePaths
from daemon.config import load_config
from daemon.runs.creation import create_run
from daemon.runs.metadata import RunMetadata, read_metadata, write_metadata
from daemon.runs.names import made_up_name, name_fault
from daemon.runs.references import Reference, UnknownRunError, parse_reference, resolve_run
from daemon.runs.run_folder import set_current

CONFIG = load_config(None).config


@pytest.mark.parametrize(
    ("text", "run", "state"),
    [
        ("quiet-crater", "quiet-crater", None),
        ("quiet-crater/best", "quiet-crater", "best"),
        ("20260101-000000-demo-ppo-0123", "20260101-000000-demo-ppo-0123", None),
        ("000012-600000-gate", None, "000012-600000-gate"),
        ("newest", None, "newest"),
        ("reference", None, "reference"),
        ("current", "current", None),
        ("/best", None, "best"),
        ("quiet-crater/", "quiet-crater", None),
    ],
)
def test_a_text_names_a_run_a_state_or_both(text: str, run: str | None, state: str | None) -> None:
    assert parse_reference(text) == Reference(run, state)


def test_a_run_is_found_by_id_name_and_as_the_current_one(paths: StatePaths) -> None:
    first = create_run(paths, CONFIG, name="first")
    second = create_run(paths, CONFIG, name="second")
    set_current(paths, second.id)
    for text, run in ((first.id, first), ("first", first), ("second", second), ("current", second)):
        assert resolve_run(paths, text) == run


def test_an_unknown_run_gets_a_suggestion(paths: StatePaths) -> None:
    create_run(paths, CONFIG, name="quiet-crater")
    with pytest.raises(UnknownRunError, match="did you mean 'quiet-crater'"):
        resolve_run(paths, "quiet-cratr")
    with pytest.raises(UnknownRunError, match="no run yet"):
        resolve_run(paths, "current")


def test_a_name_of_two_runs_needs_an_id(paths: StatePaths) -> None:
    runs = [create_run(paths, CONFIG) for _ in range(2)]
    for run in runs:
        write_metadata(run, RunMetadata(name="twin", created_s=0.0))
    with pytest.raises(UnknownRunError, match="more than one run") as caught:
        resolve_run(paths, "twin")
    assert all(run.id in str(caught.value) for run in runs)


def test_a_run_of_an_earlier_version_has_a_name_of_its_id(paths: StatePaths) -> None:
    run = create_run(paths, CONFIG, 1e9)
    run.metadata.unlink()
    metadata = read_metadata(run)
    assert metadata.name == made_up_name(run.id)
    assert metadata.created_s == 1e9
    assert resolve_run(paths, metadata.name) == run
    run.metadata.write_text("{")
    assert read_metadata(run) == metadata


@pytest.mark.parametrize("name", ["", "7up", "a/b", "best", "x" * 41, "-x", "a b", "current"])
def test_invalid_names(name: str) -> None:
    assert name_fault(name)


def test_a_taken_name_gets_a_number() -> None:
    name = made_up_name("one")
    assert name_fault(name) is None
    assert made_up_name("one", {name, f"{name}-2"}) == f"{name}-3"
