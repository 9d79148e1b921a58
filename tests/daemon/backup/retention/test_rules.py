"""Which backups retention keeps."""

from __future__ import annotations

import math
import random
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.backup.record import FORMAT, Backup, BackupKey, Tag, logs_id
from daemon.backup.retention.rules import DAY_S, Decision, decide
from daemon.checkpoint.best import best_first
from daemon.checkpoint.manifest import FileDigest, Manifest
from daemon.config import load_config
from daemon.config.schema import CheckpointKind
from tests.daemon.checkpoint.manifest_sample import manifest

KINDS: tuple[CheckpointKind, ...] = get_args(CheckpointKind)
NOW_S = 1_000 * DAY_S
SETTINGS = load_config(None).config.backup
ROOMY = msgspec.structs.replace(SETTINGS, max_gb=1e9)


def state(
    sequence: int,
    age_days: float,
    kind: CheckpointKind = "interval",
    *,
    run_id: str = "run",
    stage: int = 1,
    success_rate: float | None = None,
    size_bytes: int = 1_000_000,
) -> Backup:
    saved = manifest(sequence, kind, run_id=run_id, stage=stage, success_rate=success_rate)
    return backup(saved.id, age_days, run_id, saved, size_bytes)


def backup(
    id_: str, age_days: float, run_id: str, manifest: Manifest | None, size_bytes: int
) -> Backup:
    return Backup(
        format=FORMAT,
        id=id_,
        run_id=run_id,
        created_s=NOW_S - age_days * DAY_S,
        checkpoint=manifest,
        files={"model.zip": FileDigest(size_bytes, "")},
    )


def logs(age_days: float, run_id: str = "run") -> Backup:
    return backup(logs_id(NOW_S - age_days * DAY_S), age_days, run_id, None, 1_000_000)


def kept(decisions: list[Decision]) -> dict[str, str]:
    return {d.backup.id: d.reason for d in decisions if d.keep}


def key(one: Backup) -> BackupKey:
    return one.run_id, one.id


def test_old_unprotected_backups_are_removed() -> None:
    best = state(1, 400.0, "best", stage=3)
    old_final, final = state(2, 91.0, "final"), state(3, 89.0, "final")
    old, young, newest = state(4, 31.0), state(5, 29.9), state(6, 29.8)
    of_another_run = state(9, 400.0, run_id="another")
    all_ = [old, young, final, old_final, newest, best, of_another_run]
    found = decide(all_, {}, {}, now_s=NOW_S, settings=SETTINGS)
    assert kept(found) == {
        young.id: "29.9 days old, backup.keep_days is 30",
        final.id: "89.0 days old, backup.keep_final_days is 90",
        newest.id: "the run's newest",
        best.id: "the run's best",
        of_another_run.id: "the run's newest",
    }
    [expired] = [d for d in found if d.backup is old_final]
    assert expired.reason == "91.0 days old, backup.keep_final_days is 90"


def test_a_backup_is_not_older_than_those_of_earlier_checkpoints() -> None:
    """Made while the clock was a year behind: it is neither expired nor the first to go by size."""
    before, behind, newest = state(1, 20.0), state(2, 386.0), state(3, 1.0, stage=2)
    found = decide([before, behind, newest], {}, {}, now_s=NOW_S, settings=SETTINGS)
    assert kept(found)[behind.id] == "20.0 days old, backup.keep_days is 30"
    small = msgspec.structs.replace(SETTINGS, max_gb=2.5e-3)
    found = decide([before, behind, newest], {}, {}, now_s=NOW_S, settings=small)
    assert set(kept(found)) == {behind.id, newest.id}


def test_each_run_keeps_its_newest_its_best_and_its_newest_logs() -> None:
    given_ = [
        state(1, 400.0, "gate", stage=2, success_rate=0.6),
        state(2, 399.0, "best", stage=2, success_rate=0.5),
        state(3, 398.0, stage=2, success_rate=0.99),  # by training; evaluations decide
        state(4, 397.0, "gate", stage=1, success_rate=1.0),
        state(5, 396.0, success_rate=math.nan),
        logs(396.0),
        logs(397.0),
    ]
    others = [msgspec.structs.replace(one, run_id="other") for one in given_]
    found = decide(given_ + others, {}, {}, now_s=NOW_S, settings=SETTINGS)
    expected = [given_[1].id, given_[4].id, given_[5].id]
    assert sorted(d.backup.id for d in found if d.keep) == sorted(expected * 2)


def test_pinned_possibly_pinned_and_last_verified_are_kept() -> None:
    given_ = [state(number, 400.0 - number) for number in range(1, 8)]
    tags = {key(given_[0]): Tag(pinned=True), key(given_[1]): None, key(given_[2]): Tag(note="x")}
    verified = {key(given_[3]): NOW_S - 5.0, key(given_[4]): NOW_S - 4.0}
    found = kept(decide(given_, tags, verified, now_s=NOW_S, settings=SETTINGS))
    assert found == {
        given_[0].id: "pinned",
        given_[1].id: "its tag cannot be read, so it may be pinned",
        given_[4].id: "the run's last verified",
        given_[6].id: "the run's newest",
    }


def test_the_size_limit_removes_the_oldest_first() -> None:
    given_ = [state(number, 20.0 - number, size_bytes=30_000_000_000) for number in range(1, 6)]
    found = decide(given_, {key(given_[0]): Tag(pinned=True)}, {}, now_s=NOW_S, settings=SETTINGS)
    assert [d.keep for d in found] == [True, False, False, True, True]
    assert found[1].reason == "all backups together exceed backup.max_gb, 100"


def test_a_future_timestamp_does_not_age_other_backups() -> None:
    newest, ahead = state(1, 400.0), state(2, -3000.0)
    found = kept(decide([newest, ahead], {}, {}, now_s=NOW_S, settings=SETTINGS))
    assert found == {newest.id: "the run's newest", ahead.id: "its timestamp is in the future"}


rates = st.none() | st.floats(0.0, 1.0) | st.just(math.nan)
ages_days = st.floats(-200.0, 200.0)
sizes_bytes = st.integers(0, 60_000_000_000)
rows = st.tuples(
    st.sampled_from(["a", "b"]), st.sampled_from([*KINDS, None]), ages_days, st.integers(1, 3),
    rates, sizes_bytes, st.sampled_from(["none", "pinned", "unreadable"]), st.none() | ages_days,
)  # fmt: skip
Given = tuple[list[Backup], dict[BackupKey, Tag | None], dict[BackupKey, float]]


@st.composite
def folders(draw: st.DrawFn) -> Given:
    backups, tags, verified = [], {}, {}
    for number, row in enumerate(draw(st.lists(rows, max_size=25)), start=1):
        run_id, kind, age_days, stage, rate, size_bytes, tag, verified_days = row
        one = (
            backup(f"logs-{number:08d}", age_days, run_id, None, size_bytes)
            if kind is None
            else state(number, age_days, kind, run_id=run_id, stage=stage, success_rate=rate,
                       size_bytes=size_bytes)
        )  # fmt: skip
        backups.append(one)
        if tag != "none":
            tags[key(one)] = Tag(pinned=True) if tag == "pinned" else None
        if verified_days is not None:
            verified[key(one)] = NOW_S - verified_days * DAY_S
    return backups, tags, verified


@given(folders())
def test_protected_backups_are_never_removed(folder: Given) -> None:
    backups, tags, verified = folder
    found = decide(backups, tags, verified, now_s=NOW_S, settings=SETTINGS)
    assert sorted(key(d.backup) for d in found) == sorted(key(one) for one in backups)
    assert all(d.reason for d in found)
    stays = {key(d.backup) for d in found if d.keep}
    past = [one for one in backups if one.created_s <= NOW_S]
    assert {key(one) for one in backups} - {key(one) for one in past} <= stays
    assert {one for one in tags if tags[one] is None or tags[one] != Tag()} <= stays
    for run_id in ("a", "b"):
        states = [one for one in past if one.run_id == run_id and one.checkpoint]
        if states:
            newest = max(states, key=lambda one: one.checkpoint.sequence)  # type: ignore[union-attr]
            best = best_first(one.checkpoint for one in states if one.checkpoint)[0]
            assert key(newest) in stays
            assert (run_id, best.id) in stays
        known = [one for one in states if verified.get(key(one), math.inf) <= NOW_S]
        if known:
            last_s = max(verified[key(one)] for one in known)
            assert any(verified[key(one)] == last_s and key(one) in stays for one in known)
        old_logs = [one for one in past if one.run_id == run_id and not one.checkpoint]
        if old_logs:
            assert key(max(old_logs, key=lambda one: (one.created_s, one.id))) in stays
    total_bytes = sum(d.backup.size_bytes for d in found if d.keep)
    if total_bytes > SETTINGS.max_gb * 1e9:
        free = [d for d in found if d.keep and "days is" in d.reason]
        assert not free


@given(folders(), st.randoms())
def test_the_input_order_does_not_matter(folder: Given, draw: random.Random) -> None:
    backups, tags, verified = folder
    mixed = draw.sample(backups, len(backups))
    assert decide(mixed, tags, verified, now_s=NOW_S, settings=SETTINGS) == decide(
        backups, tags, verified, now_s=NOW_S, settings=SETTINGS
    )


@given(folders())
def test_a_second_pass_removes_nothing_more(folder: Given) -> None:
    backups, tags, verified = folder
    first = decide(backups, tags, verified, now_s=NOW_S, settings=SETTINGS)
    left = [d.backup for d in first if d.keep]
    second = decide(left, tags, verified, now_s=NOW_S, settings=SETTINGS)
    # Not in the same order: a backup's date depends on those before it.
    kept = [{(d.backup.run_id, d.backup.id) for d in of if d.keep} for of in (first, second)]
    assert kept[0] == kept[1]


@given(folders(), st.floats(0.0, 500.0))
def test_an_expired_backup_stays_expired(folder: Given, days: float) -> None:
    backups, tags, verified = folder
    now = decide(backups, tags, verified, now_s=NOW_S, settings=ROOMY)
    later = decide(backups, tags, verified, now_s=NOW_S + days * DAY_S, settings=ROOMY)
    assert {key(d.backup) for d in later if d.keep} <= {key(d.backup) for d in now if d.keep}


@given(folders(), ages_days.filter(lambda days: days < -0.01))
def test_a_future_timestamp_makes_no_other_backup_removable(folder: Given, days: float) -> None:
    backups, tags, verified = folder
    ahead = state(99, days, "best", run_id="a", stage=3, success_rate=1.0, size_bytes=0)
    without = kept(decide(backups, tags, verified, now_s=NOW_S, settings=SETTINGS))
    found = decide([*backups, ahead], tags, verified, now_s=NOW_S, settings=SETTINGS)
    assert kept(found).keys() == without.keys() | {ahead.id}


@pytest.mark.parametrize("max_gb", [1e-9, 100.0])
def test_a_single_backup_is_never_removed(max_gb: float) -> None:
    settings = msgspec.structs.replace(SETTINGS, max_gb=max_gb)
    [only] = decide([state(1, 4000.0)], {}, {}, now_s=NOW_S, settings=settings)
    assert only.keep
