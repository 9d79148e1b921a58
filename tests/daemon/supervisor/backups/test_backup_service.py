"""The daemon's backup jobs: copy each checkpoint, prune old backups, report damaged ones."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import msgspec
import pytest

from daemon.backup.catalog import scan
from daemon.backup.make import make_backup
from daemon.backup.retention.prune_journal import JOURNAL
from daemon.backup.verification.verify import verify_backup
from daemon.base.clocks.record import confirm_clock
from daemon.base.clocks.trust import look
from daemon.checkpoint.catalog import list_checkpoints
from daemon.protocol.control import Done, RollbackRequest
from daemon.store.records import Event
from tests.daemon.harness import Home, config_text, save_checkpoint
from tests.daemon.small_disk import small_disk
from tests.waiting import eventually


def configure(home: Home, **settings: object) -> None:
    lines = [f"{name} = {str(value).lower()}" for name, value in settings.items()]
    home.config.write_text("\n".join([config_text(), "[backup]", *lines]) + "\n")


def copied(home: Home) -> set[str]:
    return {backup.id for backup in scan(home.paths.backups, home.run.id).whole}


def event_file(home: Home, name: str = "events.out.tfevents.1.host.1.0") -> Path:
    path = home.run.tensorboard / name
    path.write_bytes(b"scalars")
    return path


def test_checkpoints_of_a_killed_daemon_are_copied_oldest_first(home: Home) -> None:
    made = [save_checkpoint(home.run, timesteps=number).id for number in range(1, 8)]
    home.started("--rollout-s", "30")
    home.event("backup.made", len(made))
    assert [event.body["id"] for event in home.events("backup.made")] == made
    # Retention came after the copies.
    home.event("checkpoint.pruned")
    assert copied(home) == set(made)


def test_every_checkpoint_has_its_backup_before_it_is_pruned(home: Home) -> None:
    daemon = home.started("--rollout-s", "0.02", "--interval", "1")
    home.event("checkpoint.saved", 25)
    home.stop(daemon)
    saved = {str(event.body["id"]) for event in home.events("checkpoint.saved")}
    assert copied(home) == saved
    assert len(list_checkpoints(home.run.checkpoints).whole) < len(saved)
    for id_ in saved:
        verify_backup(home.paths.backups / home.run.id / id_)


def test_a_restored_state_is_copied_at_once(home: Home) -> None:
    target = save_checkpoint(home.run, timesteps=5000)
    home.started("--rollout-s", "30")
    home.event("backup.made")
    done = home.ask(RollbackRequest([target.id], "me"))[-1]
    assert isinstance(done, Done), done
    eventually(lambda: done.data["checkpoint"] in copied(home), "the restored state is copied")


def test_the_regular_sweep_finds_unreported_checkpoints(home: Home, tmp_path: Path) -> None:
    configure(home, sweep_interval_s=0.2)
    home.started("--rollout-s", "30")
    home.event("trainer.running")
    elsewhere = save_checkpoint(home.run).id
    home.event("backup.made")
    shutil.move(home.run.checkpoints / elsewhere, tmp_path / elsewhere)
    shutil.rmtree(home.paths.backups / home.run.id / elsewhere)
    shutil.copytree(tmp_path / elsewhere, home.run.checkpoints / elsewhere)
    home.event("backup.made", 2)
    assert copied(home) == {elsewhere}


def test_kinds_not_configured_are_not_copied(home: Home) -> None:
    configure(home, automatic='["gate"]')
    save_checkpoint(home.run, kind="interval")
    gate = save_checkpoint(home.run, kind="gate")
    home.stop(home.started())
    assert copied(home) == {gate.id}


def test_a_damaged_checkpoint_is_recorded_once_and_blocks_no_other(home: Home) -> None:
    configure(home, sweep_interval_s=0.1)
    broken, whole = save_checkpoint(home.run), save_checkpoint(home.run)
    (home.run.checkpoints / broken.id / "model.zip").write_bytes(b"x")
    home.started("--rollout-s", "0.02", "--interval", "5")
    home.event("backup.made", 5)
    assert whole.id in copied(home) and broken.id not in copied(home)
    [failed] = home.events("backup.failed")
    assert broken.id in failed.text


def test_tensorboard_files_are_copied_daily_and_at_the_runs_end(home: Home) -> None:
    configure(home, sweep_interval_s=0.1)

    def of_logs() -> list[Event]:
        return [e for e in home.events("backup.made") if str(e.body["id"]).startswith("logs-")]

    event_file(home)
    daemon = home.started("--rollout-s", "0.02", "--interval", "1")
    eventually(of_logs, "the day's logs are copied")
    count = len(home.events("backup.made"))
    event_file(home).write_bytes(b"more scalars")
    home.event("backup.made", count + 5)
    assert len(of_logs()) == 1
    home.stop(daemon)
    home.started("--exit-after", "1")
    eventually(lambda: len(of_logs()) == 2, "the run's logs are copied at its end")
    logs = [b for b in scan(home.paths.backups).whole if b.checkpoint is None]
    assert [b.size_bytes for b in logs] == [len(b"scalars"), len(b"more scalars")]


def test_a_stop_does_not_wait_for_many_copies(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    # The clock is so fast that the time limit for the last copies is reached at once.
    monkeypatch.setenv("LANDERCTL_TEST_SPEEDUP", "1e4")
    text = config_text(heartbeat_timeout_s=1e9, stop_timeout_s=1e9)
    home.config.write_text(text.replace("startup_timeout_s = 10.0", "startup_timeout_s = 1e9"))
    made = {save_checkpoint(home.run, kind="gate").id for _ in range(20)}
    daemon = home.started("--rollout-s", "30")
    home.event("trainer.running")
    eventually(lambda: made <= copied(home), "all are copied")
    # Nothing reports this: the sweep after the stop's own checkpoint finds it.
    for id_ in made:
        shutil.rmtree(home.paths.backups / home.run.id / id_)
    home.stop(daemon)
    *others, stop = list_checkpoints(home.run.checkpoints).whole
    assert stop.kind == "stop" and stop.id in copied(home)
    # None of the others is lost, and the next daemon copies them.
    assert made <= {manifest.id for manifest in others} and not made <= copied(home)
    home.started("--rollout-s", "30")
    eventually(lambda: made <= copied(home), "the rest is copied")


def test_old_backups_are_pruned_and_not_made_again(home: Home) -> None:
    configure(home, sweep_interval_s=0.1)
    old = save_checkpoint(home.run, kind="manual")
    last_year_s = time.time() - 366 * 86_400.0
    make_backup(home.paths, home.run, old.id, home.paths.backups, created_s=last_year_s)
    newer = save_checkpoint(home.run, kind="gate")
    confirm_clock(home.paths.clock, look())  # which that backup makes doubtful
    home.started("--rollout-s", "0.02", "--interval", "5")
    assert home.event("backup.pruned").body["count"] == 1
    home.event("backup.made", 4)
    assert old.id not in copied(home) and newer.id in copied(home)
    [line] = (home.paths.backups / JOURNAL).read_text().strip().splitlines()
    assert msgspec.json.decode(line)["id"] == old.id


def test_a_damaged_backup_is_recorded_until_it_is_removed(home: Home) -> None:
    configure(home, sweep_interval_s=0.1)
    checkpoint = save_checkpoint(home.run)
    home.started("--rollout-s", "30")
    home.event("backup.made")
    folder = home.paths.backups / home.run.id / checkpoint.id
    (folder / "model.zip").write_bytes(b"x")
    damaged = home.event("backup.damaged")
    assert damaged.body == {"id": f"{home.run.id}/{checkpoint.id}"}
    assert "model.zip" in damaged.text and damaged.severity == "critical"
    shutil.rmtree(folder)
    home.event("backup.repaired")
    # Its checkpoint still exists.
    home.event("backup.made", 2)
    assert len(home.events("backup.damaged")) == 1


@pytest.mark.parametrize("fault", ["link", "no record"])
def test_other_files_in_a_backups_place_are_not_touched(
    home: Home, fault: str, tmp_path: Path
) -> None:
    configure(home, sweep_interval_s=0.1)
    taken, free = save_checkpoint(home.run), save_checkpoint(home.run)
    place = home.paths.backups / home.run.id / taken.id
    place.parent.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    if fault == "link":
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place.mkdir()
    home.started("--rollout-s", "30")
    home.event("backup.made")
    assert copied(home) == {free.id}
    assert list(place.iterdir()) == [] == list((tmp_path / "elsewhere").iterdir())


def test_a_full_backup_disk_blocks_nothing_and_is_caught_up_later(home: Home) -> None:
    with small_disk(4) as disk:
        configure(home, directory=f'"{disk.folder / "backups"}"', sweep_interval_s=0.2)
        disk.fill()
        home.started("--rollout-s", "0.02", "--interval", "5")
        home.event("backup.failed", 3)
        # Checkpoints are still pruned.
        home.event("checkpoint.pruned")
        assert not home.events("backup.made")
        disk.free()
        home.event("backup.made", 3)
        listing = scan(disk.folder / "backups", home.run.id)
        assert listing.whole and not listing.damaged
        assert len(home.events("trainer.started")) == 1
        home.close()
