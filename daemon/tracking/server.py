"""An MLflow server, by its own client. The only module that imports mlflow."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from daemon.base.secrets.redaction import hide, password, redact
from daemon.base.secrets.secret_file import SecretFileError, read_secret_file
from daemon.base.text.one_line import one_line
from daemon.config.schema import TrackingSettings
from daemon.tracking.mapping import RUN_ID_TAG, Value

MAX_METRICS = 1000  # of a batch, by MLflow's REST API; of parameters and tags 100
MAX_PARAMETERS = 100
MAX_ERROR = 200
EXTRA = "landerctl[tracking]"


class TrackingError(Exception):
    """The server cannot be used now. The message is one line without a secret."""


class NotInstalledError(TrackingError):
    """mlflow is not installed."""


class RefusedError(TrackingError):
    """The server refuses what was sent, and would again."""


class RunGoneError(TrackingError):
    """The server has the run no more."""


def server_url(settings: TrackingSettings) -> str:
    """The server's URL, with its credentials if it has any. Raises TrackingError."""
    if not settings.mlflow_uri_file:
        return settings.mlflow_uri
    try:
        url = read_secret_file(Path(settings.mlflow_uri_file)).decode().strip()
    except SecretFileError as error:
        raise TrackingError(f"tracking.mlflow_uri_file: {error}") from None
    except UnicodeDecodeError:
        url = ""
    if not url.startswith(("http://", "https://")):
        raise TrackingError(
            f"tracking.mlflow_uri_file: {settings.mlflow_uri_file}: expected one line, a URL of "
            "http or https"
        )
    hide([password(url)])
    return url


class TrackingServer:
    """One experiment of a server. Every method raises TrackingError."""

    def __init__(self, url: str, experiment: str, timeout_s: float) -> None:
        # Retries are ours, since only we know how long; usage reports are nobody's.
        os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
        os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] = str(max(1, math.ceil(timeout_s)))
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        try:
            from mlflow.tracking import MlflowClient  # noqa: PLC0415 - takes seconds
        except ImportError:
            raise NotInstalledError(f"mlflow is not installed: `pip install '{EXTRA}'`") from None
        self._client: Any = MlflowClient(tracking_uri=url)
        self._experiment = experiment
        self._takes_files: dict[str, bool] = {}

    def open_run(self, run_id: str, started_s: float) -> str:
        """MLflow's id of the run of landerctl's `run_id`; creates it if there is none."""
        with _translated():
            experiment = self._client.get_experiment_by_name(self._experiment)
            if experiment is None:
                experiment_id = self._client.create_experiment(self._experiment)
            elif experiment.lifecycle_stage != "active":
                raise TrackingError(
                    f"experiment {self._experiment!r} was deleted at the server: restore it there, "
                    "or set another tracking.experiment"
                )
            else:
                experiment_id = experiment.experiment_id
            if (found := self._find(experiment_id, run_id)) is not None:
                return found
            run = self._client.create_run(
                experiment_id, start_time=round(started_s * 1e3), tags={RUN_ID_TAG: run_id}
            )
            return str(run.info.run_id)

    def find_run(self, run_id: str) -> str | None:
        """MLflow's id of the run of landerctl's `run_id`, None if it was never sent."""
        with _translated():
            experiment = self._client.get_experiment_by_name(self._experiment)
            return None if experiment is None else self._find(experiment.experiment_id, run_id)

    def _find(self, experiment_id: str, run_id: str) -> str | None:
        runs = self._client.search_runs(
            [experiment_id], filter_string=f"tags.`{RUN_ID_TAG}` = '{run_id}'", max_results=1
        )
        return str(runs[0].info.run_id) if runs else None

    def send_parameters(self, id_: str, parameters: Mapping[str, str]) -> None:
        """Add those that the run lacks: MLflow refuses to change one."""
        from mlflow.entities import Param  # noqa: PLC0415

        with self._changing(id_):
            known = self._client.get_run(id_).data.params
            missing = [Param(key, text) for key, text in parameters.items() if key not in known]
            for first in range(0, len(missing), MAX_PARAMETERS):
                self._client.log_batch(id_, params=missing[first : first + MAX_PARAMETERS])

    def send_tags(self, id_: str, tags: Mapping[str, str]) -> None:
        """Set these tags, at most MAX_PARAMETERS."""
        from mlflow.entities import RunTag  # noqa: PLC0415

        with self._changing(id_):
            self._client.log_batch(id_, tags=[RunTag(*tag) for tag in tags.items()])

    def send_values(self, id_: str, values: Sequence[Value]) -> None:
        """Add values of metrics, at most MAX_METRICS, all or none."""
        from mlflow.entities import Metric  # noqa: PLC0415

        with self._changing(id_):
            self._client.log_batch(id_, metrics=[Metric(*value) for value in values])

    def takes_files(self, id_: str) -> bool:
        """Whether artefacts go to the server, not to a store that this machine would write."""
        if id_ not in self._takes_files:
            with _translated():
                place = str(self._client.get_run(id_).info.artifact_uri)
            self._takes_files[id_] = place.startswith(("mlflow-artifacts:", "http"))
        return self._takes_files[id_]

    def send_file(self, id_: str, file: Path, folder: str) -> None:
        """Add or replace an artefact."""
        with _translated():
            self._client.log_artifact(id_, str(file), folder or None)

    def set_status(self, id_: str, status: str, at_s: float) -> None:
        """Set the run's status; of one that has ended also when: `at_s`, Unix time."""
        with self._changing(id_):
            if status == "RUNNING":
                self._client.update_run(id_, status=status)
            else:
                self._client.set_terminated(id_, status=status, end_time=round(at_s * 1e3))

    @contextmanager
    def _changing(self, id_: str) -> Iterator[None]:
        """As `_translated`. A run that was deleted refuses every change: RunGoneError."""
        try:
            with _translated():
                yield
        except RefusedError as error:
            with _translated():
                active = self._client.get_run(id_).info.lifecycle_stage == "active"
            if not active:
                raise RunGoneError(str(error)) from None
            raise


@contextmanager
def _translated() -> Iterator[None]:
    """Raises what mlflow raises as TrackingError."""
    from mlflow.exceptions import MlflowException  # noqa: PLC0415
    from requests.exceptions import RequestException  # noqa: PLC0415

    try:
        yield
    except (MlflowException, RequestException, OSError) as error:
        text = one_line(redact(_explained(error)))[:MAX_ERROR]
        code = getattr(error, "error_code", "")
        if code == "RESOURCE_DOES_NOT_EXIST":
            raise RunGoneError(text) from None
        if code in {"INVALID_PARAMETER_VALUE", "BAD_REQUEST"}:
            raise RefusedError(text) from None
        raise TrackingError(text) from None


def _explained(error: Exception) -> str:
    """The cause that a user can do something about, where it is one of the network."""
    chain: list[BaseException] = []
    found: object = error
    while isinstance(found, BaseException) and found not in chain:
        chain.append(found)
        inner = [*found.args, getattr(found, "reason", None), found.__cause__, found.__context__]
        found = next((one for one in inner if isinstance(one, BaseException)), None)
    names = {type(one).__name__ for one in chain}
    if names & {"ConnectTimeout", "ReadTimeout", "ConnectTimeoutError", "ReadTimeoutError"}:
        return "it does not answer in time"
    if any(isinstance(one, ConnectionResetError | BrokenPipeError) for one in chain):
        return "it closed the connection"  # it was reached
    for one in chain:
        if isinstance(one, OSError) and one.errno is not None and one.errno != errno.ENOENT:
            return f"it cannot be reached: {one.strerror or os.strerror(one.errno)}"
    if "NameResolutionError" in names:
        return "it cannot be reached: its name is unknown"
    if any(isinstance(one, ConnectionError) for one in chain):
        return "it closed the connection"
    return str(error)
