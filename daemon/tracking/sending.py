"""Sends what is new of one run: one try, resumed where the last one ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from daemon.base.paths import RunPaths, StatePaths
from daemon.checkpoint.best import best_of
from daemon.checkpoint.catalog import list_checkpoints
from daemon.config.frozen import encode_frozen
from daemon.config.schema import TrackingSettings
from daemon.runs.evaluations import list_evaluations
from daemon.runs.metadata import read_metadata
from daemon.runs.run_folder import read_run_config
from daemon.store.samples import spans_of
from daemon.tracking import mapping
from daemon.tracking.cursor import read_cursor, recounted, set_back, write_cursor
from daemon.tracking.server import MAX_METRICS, RefusedError, RunGoneError, TrackingServer
from daemon.tracking.tail import NamedSample, Rest, Span, TailReader

OF_SERIES = 500  # samples that are read at a time
MAX_FILE_BYTES = 20_000_000
MAX_ROLLBACKS = 50
MAX_EVENTS = 10_000


class Sending:
    """The tracking of one run. `clock`: Unix time."""

    def __init__(
        self,
        settings: TrackingSettings,
        paths: StatePaths,
        run: RunPaths,
        *,
        destination: str,
        clock: Callable[[], float],
    ) -> None:
        """Raises OSError."""
        self._settings = settings
        self._paths = paths
        self._run = run
        self._clock = clock
        self._on_batch: Callable[[int], None] = lambda count: None
        self.cursor = read_cursor(run, destination)
        self.lost_before = self.cursor.lost

    def send(
        self, server: TrackingServer, *, supervised: bool, on_batch: Callable[[int], None]
    ) -> None:
        """Send everything that is new; what was sent before an error is not sent again.

        `supervised`: its supervisor runs. `on_batch` receives the number of samples of each batch,
        0 after an evaluation or a file: whoever waits for this process must hear of it.
        Raises TrackingError, StoreError, ConfigError, OSError.
        """
        self._on_batch = on_batch
        with TailReader.open(self._paths.store) as store:
            try:
                self._send(server, store, supervised)
            except RunGoneError:
                # Removed at the server, or the server is a new one: what is known begins again.
                self._keep(mlflow_run_id="", series={}, timesteps=0, sent=0, parameters=False)
                self._keep(tags={}, evaluations=(), files={}, status="")
                self._send(server, store, supervised)

    def rest(self) -> Rest:
        """What is not sent. Raises StoreError."""
        self.cursor = set_back(self.cursor, self._clock())
        with TailReader.open(self._paths.store) as store:
            return store.rest_after(self.cursor.series, self._spans(store), wanted=self._wanted)

    def count(self) -> Rest:
        """What is not sent; what was lost since the last count is added to the cursor's.

        Count while nothing can be sent, and before that is tried again. Raises StoreError, OSError.
        """
        rest, until_s = self.rest(), self._clock()
        cursor, still = self.cursor, Rest(0, None)
        with TailReader.open(self._paths.store) as store:
            spans = self._spans(store)
            if cursor.counted:
                still = store.rest_after(
                    cursor.series, spans, wanted=self._wanted, until_s=cursor.counted_until_s
                )
            new = store.rest_after(cursor.series, spans, wanted=self._wanted, until_s=until_s)
        self.cursor = recounted(cursor, still.count, new.count, until_s)
        write_cursor(self._run, self.cursor)
        return rest

    def _send(self, server: TrackingServer, store: TailReader, supervised: bool) -> None:
        metadata = read_metadata(self._run)
        if not self.cursor.mlflow_run_id:
            self._keep(mlflow_run_id=server.open_run(self._run.id, metadata.created_s))
        id_ = self.cursor.mlflow_run_id
        if not self.cursor.parameters:
            frozen = msgspec.json.decode(encode_frozen(read_run_config(self._run)))
            server.send_parameters(id_, mapping.parameters(frozen))
            self._keep(parameters=True)
        self._send_tags(server, store)
        events = store.seldom_events(self._run.id, [*mapping.STATUS], MAX_EVENTS)
        wanted = mapping.status(events, supervised=supervised)
        if wanted == "RUNNING":
            self._send_status(server, wanted)
        while samples := store.samples_after(
            self.cursor.series, self._spans(store), wanted=self._wanted, limit=OF_SERIES
        ):
            for first in range(0, len(samples), MAX_METRICS):
                self._send_samples(server, samples[first : first + MAX_METRICS])
        self._send_evaluations(server)
        if wanted != "RUNNING":
            self._send_status(server, wanted)
        if server.takes_files(id_):
            for file, folder in self._files():
                self._send_file(server, file, folder)

    def _send_tags(self, server: TrackingServer, store: TailReader) -> None:
        metadata = read_metadata(self._run)
        rollbacks = store.seldom_events(self._run.id, [mapping.ROLLBACK], MAX_ROLLBACKS)
        at_mlflow = self.cursor.tags.get("mlflow.parentRunId", "")
        if metadata.parent is not None and not self.cursor.tags:
            at_mlflow = server.find_run(metadata.parent.run_id) or ""
        tags = mapping.tags(self._run.id, metadata, rollbacks, at_mlflow)
        changed = dict(tags.items() - self.cursor.tags.items())
        if changed:
            server.send_tags(self.cursor.mlflow_run_id, changed)
            self._keep(tags=tags)

    def _send_samples(self, server: TrackingServer, samples: Sequence[NamedSample]) -> None:
        values = list(mapping.values(samples, self.cursor.timesteps))
        refused = self._send_values(server, values)
        newest = {sample.name: sample.time_s for sample in samples}
        self._keep(
            series=self.cursor.series | newest,
            timesteps=values[-1].step,
            sent=self.cursor.sent + len(values) - refused,
            lost=self.cursor.lost + refused,
            counted=0,
            counted_until_s=0.0,
        )
        self._on_batch(len(samples))

    def _send_values(self, server: TrackingServer, values: Sequence[mapping.Value]) -> int:
        """Send them; the number of those that the server refuses, found by halving."""
        try:
            server.send_values(self.cursor.mlflow_run_id, values)
        except RefusedError:
            if len(values) == 1:
                return 1
            middle = len(values) // 2
            return sum(
                self._send_values(server, part) for part in (values[:middle], values[middle:])
            )
        return 0

    def _send_evaluations(self, server: TrackingServer) -> None:
        for evaluation in list_evaluations(self._run.evaluations).whole:
            name = evaluation.path.name
            if name in self.cursor.evaluations:
                continue
            if values := mapping.evaluation_values(evaluation.result):
                self._send_values(server, values)
            self._keep(evaluations=(*self.cursor.evaluations, name))
            self._on_batch(0)

    def _files(self) -> Iterator[tuple[Path, str]]:
        """The artefacts, each with its folder at MLflow."""
        run = self._run
        if self._settings.artifacts:
            yield from ((file, "") for file in (run.config, run.metadata, run.curves, run.notes))
            yield from (
                (file, "evaluations") for file in sorted(run.evaluations.glob("[!.]*.json"))
            )
            yield from ((file, "plots") for file in sorted(run.plots.glob("[!.]*")))
        if self._settings.best_checkpoint:
            best = best_of(list_checkpoints(run.checkpoints).whole)
            if best is not None:
                folder = run.checkpoints / best.id
                yield from ((file, "best_checkpoint") for file in sorted(folder.iterdir()))

    def _send_file(self, server: TrackingServer, file: Path, folder: str) -> None:
        try:
            found = file.stat()
        except FileNotFoundError:
            return  # not every run has it, or it was pruned meanwhile
        name = f"{folder}/{file.name}".removeprefix("/")
        mark = f"{found.st_size} bytes of {found.st_mtime_ns}"
        if self.cursor.files.get(name) == mark or not file.is_file():
            return
        if found.st_size <= MAX_FILE_BYTES:
            server.send_file(self.cursor.mlflow_run_id, file, folder)
        self._keep(files=self.cursor.files | {name: mark})
        self._on_batch(0)

    def _send_status(self, server: TrackingServer, status: str) -> None:
        if status != self.cursor.status:
            ended_s = max(self.cursor.series.values(), default=self._clock())
            server.set_status(self.cursor.mlflow_run_id, status, ended_s)
            self._keep(status=status)

    def _spans(self, store: TailReader) -> list[Span]:
        return spans_of(store.sessions(), self._run.id)

    def _wanted(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self._settings.metrics)

    def _keep(self, **changes: object) -> None:
        self.cursor = msgspec.structs.replace(self.cursor, **changes)
        write_cursor(self._run, self.cursor)
