"""Where an optional server can be reached, or why not: in the daemon's record and as events."""

from __future__ import annotations

from collections.abc import Callable

from daemon.store.async_recorder import Recorder
from daemon.store.records import ServerStatus

TITLES = {"tensorboard": "TensorBoard", "prometheus": "The exporter for Prometheus"}


class ServerRecord:
    """One server's record. Each problem is recorded once, not at each retry.

    `name`: its section in the configuration. `on_change` receives each new status.
    """

    def __init__(
        self, name: str, recorder: Recorder, on_change: Callable[[str, ServerStatus], None]
    ) -> None:
        self._name = name
        self._recorder = recorder
        self._on_change = on_change
        self.status = ServerStatus(None, None)

    def starts(self) -> None:
        """It does not serve (any more); a problem stays known until it serves again."""
        self._set(ServerStatus(None, self.status.problem))

    def serves(self, url: str) -> None:
        """It listens, and answers at `url`."""
        if self.status.problem is not None:
            text = f"{TITLES[self._name]} is served again: {url}"
            self._recorder.event(f"{self._name}.recovered", text, body={"url": url})
        self._set(ServerStatus(url, None))

    def has_no_port(self, problem: str) -> None:
        """Something else listens on its port, or it may not listen there. `problem`: one line."""
        self._fail(
            "port_taken",
            problem,
            f"{TITLES[self._name]} cannot listen on {problem}; will retry; stop what listens "
            f"there, or set another {self._name}.port in config.toml and restart the daemon",
        )

    def failed(self, problem: str) -> None:
        """It cannot be started, or has ended by itself. `problem`: one line."""
        self._fail("failed", problem, f"{TITLES[self._name]} failed: {problem}; will retry")

    def _fail(self, what: str, problem: str, text: str) -> None:
        if problem != self.status.problem:
            self._recorder.event(f"{self._name}.{what}", text, body={"error": problem})
        self._set(ServerStatus(None, problem))

    def _set(self, status: ServerStatus) -> None:
        if status != self.status:
            self.status = status
            self._on_change(self._name, status)
