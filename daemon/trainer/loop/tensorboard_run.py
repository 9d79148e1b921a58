"""What TensorBoard gets of a run besides its curves: settings to compare runs by, and its text.

One small event file, replaced at each start and appended to at the end, so that a run that was
resumed or rolled back has one consistent set. TensorBoard shows the first that it has read, so a
running server shows changed settings once it is started again.

The records are those of its HParams plugin (tensorboard/plugins/hparams/plugin_data.proto). It
takes the columns of all runs from the first run that it finds: every run lists the same ones.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterable
from typing import Any

import msgspec
from tensorboard.compat.proto.event_pb2 import Event  # type: ignore[import-untyped]
from tensorboard.compat.proto.summary_pb2 import Summary  # type: ignore[import-untyped]
from tensorboard.plugins.hparams import api_pb2, metadata  # type: ignore[import-untyped]
from tensorboard.plugins.hparams.plugin_data_pb2 import (  # type: ignore[import-untyped]
    HParamsPluginData,
    SessionEndInfo,
    SessionStartInfo,
)
from tensorboard.summary.writer.record_writer import RecordWriter  # type: ignore[import-untyped]
from torch.utils.tensorboard import summary as torch_summary

from daemon.base.files import make_private_folder, write_atomically
from daemon.base.paths import RunPaths
from daemon.config.as_file import frozen_text
from daemon.config.schema import Config
from daemon.runs.metadata import read_metadata

# Sorts before the files of curves, whose names have the time.
FILE = "events.out.tfevents.0.run"
# The dashboard shows five columns until others are chosen: settings that are marked as different
# among runs, then the others by name. What will differ is not known when a run begins.
FIRST = {"network.hidden", "ppo.desired_kl", "ppo.learning_rate", "run.algorithm", "run.seed"}
_SECTIONS = (
    *("run", "fleet", "terrain", "sensors", "network"),
    *("ppo", "sac", "td3", "normalize", "curriculum"),
)
RESULTS = {
    "eval/best_success_rate": "best evaluation: landed",
    "eval/success_rate": "last evaluation: landed",
    "eval/mean_reward": "last evaluation: reward",
    "rollout/ep_rew_mean": "training: reward",
    "curriculum/current_stage": "stage",
    "eval/distance_m": "last evaluation: miss (m)",
    "episode/success_rate_100": "training: landed",
}  # scalars, of which it shows the newest value
_TYPES = {
    bool: api_pb2.DATA_TYPE_BOOL,
    int: api_pb2.DATA_TYPE_FLOAT64,
    float: api_pb2.DATA_TYPE_FLOAT64,
    str: api_pb2.DATA_TYPE_STRING,
}


def describe_run(run: RunPaths, config: Config) -> None:
    """Write the run's settings and the text of its configuration. What fails is printed."""
    try:
        records = _records(run, config)
        make_private_folder(run.tensorboard)
        write_atomically(run.tensorboard / FILE, _encoded(records))
    except OSError as error:
        _report(run, error)


def record_end(run: RunPaths, *, completed: bool) -> None:
    """Append that the training ended, completed or to be resumed. What fails is printed."""
    status = api_pb2.STATUS_SUCCESS if completed else api_pb2.STATUS_UNKNOWN
    ended = SessionEndInfo(status=status, end_time_secs=time.time())
    record = _summary(metadata.SESSION_END_INFO_TAG, HParamsPluginData(session_end_info=ended))
    try:
        with (run.tensorboard / FILE).open("ab") as stream:
            stream.write(_encoded([record]))
    except OSError as error:
        _report(run, error)


def _records(run: RunPaths, config: Config) -> list[Any]:
    found, known = settings(config), read_metadata(run)
    # What the dashboard calls it. Runs of the same name would be taken for repetitions.
    name = f"{known.name} {run.id}"
    begun = SessionStartInfo(start_time_secs=known.created_s, group_name=name)
    for setting, value in found.items():
        if not _of_another(setting, config):
            _set(begun.hparams[setting], value)
    columns = api_pb2.Experiment(
        hparam_infos=[
            api_pb2.HParamInfo(name=setting, type=_TYPES[type(value)], differs=setting in FIRST)
            for setting, value in found.items()
        ],
        metric_infos=[
            api_pb2.MetricInfo(name=api_pb2.MetricName(tag=tag), display_name=title)
            for tag, title in RESULTS.items()
        ],
    )
    return [
        Event(file_version="brain.Event:2"),
        _summary(metadata.EXPERIMENT_TAG, HParamsPluginData(experiment=columns)),
        _summary(metadata.SESSION_START_INFO_TAG, HParamsPluginData(session_start_info=begun)),
        Event(summary=_text("configuration", f"```toml\n{frozen_text(config)}```\n")),
    ]


def settings(config: Config) -> dict[str, bool | float | str]:
    """The settings that decide how a run trains, by name; stages by their names."""
    found: dict[str, bool | float | str] = {}
    for section in _SECTIONS:
        for name, value in msgspec.to_builtins(getattr(config, section)).items():
            path = f"{section}.{name}"
            if path == "curriculum.stages":
                found[path] = ", ".join(stage["name"] for stage in value)
            else:
                found[path] = value if isinstance(value, bool | int | float | str) else str(value)
    return found


def _of_another(setting: str, config: Config) -> bool:
    """Whether it is a setting of an algorithm that the run does not use."""
    return setting.partition(".")[0] in {"ppo", "sac", "td3"} - {config.run.algorithm}


def _set(target: Any, value: bool | float | str) -> None:
    if isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, str):
        target.string_value = value
    else:
        target.number_value = value


def _summary(tag: str, content: Any) -> Any:
    described = metadata.create_summary_metadata(content)
    value = Summary.Value(tag=tag, metadata=described, tensor=metadata.NULL_TENSOR)
    return Event(summary=Summary(value=[value]))


def _text(tag: str, markdown: str) -> Any:
    return torch_summary.text(tag, markdown)  # type: ignore[no-untyped-call]


def _encoded(records: Iterable[Any]) -> bytes:
    content = io.BytesIO()
    writer = RecordWriter(content)
    for record in records:
        record.wall_time = time.time()
        writer.write(record.SerializeToString())
    return content.getvalue()


def _report(run: RunPaths, error: OSError) -> None:
    text = f"{run.tensorboard / FILE}: {error.strerror}; TensorBoard lacks the run's settings"
    print(text, file=sys.stderr)
