"""A real MLflow server with a database, a process of its own.

MLflow's own REST application; `mlflow server` takes ten times as long to start, for what is not
used here.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.daemon.harness import ROOT
from tests.waiting import eventually

START_S = 180.0  # on a busy machine


class MlflowServer:
    """Its process, and what it has stored."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        command = [sys.executable, "-m", "tests.daemon.tracking.mlflow_server"]
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(self._folder), str(self.port)], cwd=ROOT, stdout=log, stderr=log
            )
        eventually(self._listens, "the MLflow server listens", START_S)

    def kill(self) -> None:
        """End it without a warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What its database answers."""
        with closing(sqlite3.connect(self._folder / "mlflow.db", timeout=20.0)) as database:
            return database.execute(query).fetchall()

    def delete_run(self, id_: str) -> None:
        """Delete a run, as its page does."""
        with closing(sqlite3.connect(self._folder / "mlflow.db", timeout=20.0)) as database:
            database.execute(
                "UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = ?", (id_,)
            )
            database.commit()

    def artifacts(self) -> set[str]:
        """The stored artefacts of all runs, by their paths in a run."""
        files = (file for file in (self._folder / "artifacts").rglob("*") if file.is_file())
        return {str(file).partition("/artifacts/")[2].partition("/artifacts/")[2] for file in files}

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1.0).close()
        except OSError:
            return False
        return True


def serve(folder: Path, port: int) -> None:
    """Serve until killed."""
    database = f"sqlite:///{folder / 'mlflow.db'}"
    os.environ |= {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "_MLFLOW_SERVER_FILE_STORE": database,
        "_MLFLOW_SERVER_REGISTRY_STORE": database,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder / "artifacts"),
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    }
    from mlflow.server import app
    from werkzeug.serving import run_simple

    run_simple("127.0.0.1", port, app, threaded=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
