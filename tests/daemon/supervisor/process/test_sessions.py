"""What a supervisor records of a session: its configuration, its training time, its checkpoints."""

from __future__ import annotations

from daemon.config.fingerprint import fingerprint
from daemon.runs.run_folder import read_run_config
from daemon.store.catalogs.metric_names import DISTANCE
from daemon.store.reader import StoreReader
from tests.daemon.harness import Home
from tests.waiting import eventually


def test_a_sessions_beginning_and_end(home: Home) -> None:
    daemon = home.started("--interval", "5")
    began = home.event("trainer.running").body["trained_s"]
    assert home.event("daemon.started").body["fingerprint"] == fingerprint(
        read_run_config(home.run)
    )
    home.event("checkpoint.saved", 3)
    home.stop(daemon)
    status = home.status()
    assert status.progress is not None
    ended = home.event("trainer.exited").body["trained_s"]
    assert isinstance(began, float) and isinstance(ended, float)
    assert began < ended == status.progress.trained_s


def test_the_distance_of_checkpoints_is_the_largest_so_far(home: Home) -> None:
    daemon = home.started("--interval", "5")

    def distances() -> list[float]:
        with StoreReader.open(home.paths.store) as store:
            return [sample.value for sample in store.series(DISTANCE)]

    home.event("checkpoint.saved", 3)
    found = eventually(distances, "it is recorded")
    home.stop(daemon)
    assert found == sorted(found)
    assert distances()[-1] == 5000.0
