"""What TensorBoard reads of a run's settings, by its own reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import (  # type: ignore[import-untyped]
    EventAccumulator,
)
from tensorboard.plugins.hparams import api_pb2, metadata  # type: ignore[import-untyped]

from daemon.base.paths import RunPaths
from daemon.config import Config, load_config
from daemon.runs.metadata import read_metadata
from daemon.store.catalogs.metric_catalog import CATALOGUE
from daemon.trainer.loop.tensorboard_run import (
    FILE,
    FIRST,
    RESULTS,
    describe_run,
    record_end,
    settings,
)


def config_of(**run: Any) -> Config:
    return load_config(None, {"run": run, "ppo": {"desired_kl": 0.004}}).config


@pytest.fixture
def run(tmp_path: Path) -> RunPaths:
    return RunPaths(tmp_path)


class Shown:
    """A run's folder as TensorBoard reads it."""

    def __init__(self, run: RunPaths) -> None:
        self.events = EventAccumulator(str(run.tensorboard)).Reload()
        self.content = self.events.PluginTagToContent("hparams")

    @property
    def begun(self) -> Any:
        tag = metadata.SESSION_START_INFO_TAG
        return metadata.parse_session_start_info_plugin_data(self.content[tag])

    @property
    def settings(self) -> dict[str, Any]:
        return {k: getattr(v, v.WhichOneof("kind")) for k, v in self.begun.hparams.items()}

    @property
    def columns(self) -> Any:
        return metadata.parse_experiment_plugin_data(self.content[metadata.EXPERIMENT_TAG])

    @property
    def ended(self) -> Any:
        found = self.content.get(metadata.SESSION_END_INFO_TAG)
        return found and metadata.parse_session_end_info_plugin_data(found).status


def test_settings_and_results_are_columns(run: RunPaths) -> None:
    describe_run(run, config_of(n_envs=16))
    shown = Shown(run)
    assert shown.settings["run.n_envs"] == 16.0
    assert shown.settings["run.algorithm"] == "ppo"
    assert shown.settings["ppo.desired_kl"] == 0.004
    assert shown.settings["normalize.observations"] is True
    assert shown.settings["curriculum.stages"].startswith("touchdown, ")
    assert not any(name.startswith("sac.") for name in shown.settings)
    assert [one.name.tag for one in shown.columns.metric_infos] == list(RESULTS)
    assert set(RESULTS) <= set(CATALOGUE)
    assert shown.begun.group_name == f"{read_metadata(run).name} {run.id}"
    assert shown.ended is None


def test_runs_of_all_algorithms_list_the_same_columns(tmp_path: Path) -> None:
    """TensorBoard takes them from one run, whichever it finds first."""
    names = []
    for algorithm in ("ppo", "sac"):
        run = RunPaths(tmp_path / algorithm)
        run.folder.mkdir()
        describe_run(run, config_of(algorithm=algorithm))
        names.append([(one.name, one.type) for one in Shown(run).columns.hparam_infos])
    assert names[0] == names[1]
    assert {name for name, _ in names[0]} == set(settings(config_of())) > FIRST


def test_the_configuration_is_text_without_secrets(run: RunPaths) -> None:
    target = {"targets": [{"name": "phone", "url": "json://secret.example"}]}
    describe_run(run, load_config(None, {"notify": target}).config)
    (shown,) = Shown(run).events.Tensors("configuration/text_summary")
    text = shown.tensor_proto.string_val[0].decode()
    assert text.startswith("```toml\n[run]\n")
    assert text.endswith("```\n")
    assert "secret" not in text
    assert b"secret" not in (run.tensorboard / FILE).read_bytes()


def test_a_resumed_run_has_one_set(run: RunPaths) -> None:
    describe_run(run, config_of(timesteps=1_000_000))
    record_end(run, completed=True)
    assert Shown(run).ended == api_pb2.STATUS_SUCCESS
    describe_run(run, config_of(timesteps=2_000_000))
    shown = Shown(run)
    assert shown.settings["run.timesteps"] == 2_000_000
    assert shown.ended is None
    record_end(run, completed=False)
    assert Shown(run).ended == api_pb2.STATUS_UNKNOWN
    assert [path.name for path in run.tensorboard.iterdir()] == [FILE]


def test_what_cannot_be_written_stops_nothing(
    run: RunPaths, capsys: pytest.CaptureFixture[str]
) -> None:
    run.tensorboard.write_text("in the way")
    describe_run(run, config_of())
    record_end(run, completed=True)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all("TensorBoard lacks the run's settings" in line for line in lines)
