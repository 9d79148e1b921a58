"""Retention of samples."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from daemon.store.reader import StoreReader
from daemon.store.retention import KEEP_S, THIN_AFTER_S, expired
from daemon.store.writer import StoreWriter

NOW_S = 1_800_000_000.0
ages = st.one_of(
    st.floats(0.0, 2.0 * THIN_AFTER_S),
    st.floats(KEEP_S - 1000.0, KEEP_S + 1000.0),
    st.sampled_from([THIN_AFTER_S, KEEP_S]),
)


def minute(time_s: float) -> float:
    return time_s // 60.0


@given(st.lists(ages, max_size=200, unique=True))
def test_recent_samples_then_one_per_minute_then_none(ages_s: list[float]) -> None:
    times_s = sorted({NOW_S - age_s for age_s in ages_s})
    removed = set(expired(times_s, NOW_S))
    kept = [time_s for time_s in times_s if time_s not in removed]
    assert {time_s for time_s in times_s if NOW_S - time_s <= THIN_AFTER_S} <= set(kept)
    assert all(NOW_S - time_s <= KEEP_S for time_s in kept)
    living = [time_s for time_s in times_s if NOW_S - time_s <= KEEP_S]
    for _, of_a_minute in groupby(living, minute):
        first, *others = of_a_minute
        assert first in kept
        assert not [time_s for time_s in others if NOW_S - time_s > THIN_AFTER_S and time_s in kept]
    assert not list(expired(kept, NOW_S))


def test_each_series_is_thinned_separately(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    writer = StoreWriter.open(path)
    old_s = NOW_S - 2 * THIN_AFTER_S
    for second in range(180):
        writer.add_samples(old_s + second, {"cpu": 1.0, "loss": 2.0}, timesteps=second)
        writer.add_samples(NOW_S - second, {"cpu": 3.0})
    writer.add_samples(NOW_S - 2 * KEEP_S, {"cpu": 4.0, "forgotten": 5.0})
    writer.thin_samples(NOW_S)
    with StoreReader.open(path) as reader:
        assert reader.sample_names() == ["cpu", "loss"]
        assert [sample.timesteps for sample in reader.series("loss")] == [0, 60, 120]
        assert len(reader.series("cpu")) == 3 + 180
    # A series that lost all of its samples can be continued.
    writer.add_samples(NOW_S, {"forgotten": 6.0})
    writer.close()
    with StoreReader.open(path) as reader:
        assert [sample.value for sample in reader.series("forgotten")] == [6.0]
