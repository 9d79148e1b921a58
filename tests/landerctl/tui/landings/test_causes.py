from __future__ import annotations

from pathlib import Path

from daemon.base.paths import StatePaths
from daemon.protocol.trainer import EpisodesEnded, FailedEpisode, OutcomeCount
from daemon.store.episodes import StoredEpisode
from daemon.store.records import RunRecord
from daemon.store.writer import StoreWriter
from landerctl.tui.landings.causes import COLUMNS, cause_lines, failed_row
from landerctl.tui.landings.details import episode_details, flight_details
from landerctl.tui.landings.failed import FailedEpisodes, FailedReader
from tests.evaluation_samples import keep_evaluation, trajectories
from tests.landerctl.tui.landings.flights import flight
from tests.landerctl.tui.landings.test_reader import snapshot

RUN = "run-1"


def failed(seed: int = 7, cause: str = "crashed", **changes: object) -> FailedEpisode:
    fields: dict[str, object] = {
        "seed": seed,
        "stage": 2,
        "difficulty": 1.75,
        "cause": cause,
        "timesteps": 123_456,
        "steps": 321,
        "flown_s": 32.1,
        "x_m": 3.0,
        "y_m": 4.0,
        "altitude_m": -0.2,
        "descent_rate_m_s": 7.5,
        "horizontal_speed_m_s": 1.5,
        "tilt_deg": 33.0,
        "spin_deg_s": 2.0,
        "touchdown_speed_m_s": 7.6,
        "fuel_fraction": 0.4,
    }
    return FailedEpisode(**(fields | changes))  # type: ignore[arg-type]


def counts(*of: tuple[int, str, int]) -> tuple[OutcomeCount, ...]:
    return tuple(OutcomeCount(*one) for one in of)


def test_the_newest_failed_episodes_come_first_and_none_of_the_future(tmp_path: Path) -> None:
    paths = StatePaths(tmp_path)
    writer = StoreWriter.open(paths.store)
    writer.put_run(RunRecord(RUN, 1e9, "curriculum", "ppo", 8))
    for time_s, seed in ((1e9, 1), (1e9 + 60.0, 2), (1e9 + 120.0, 3)):
        ended = EpisodesEnded(time_s, list(counts((2, "crashed", 1))), [failed(seed)])
        writer.add_episodes(RUN, ended)
    writer.close()
    reader = FailedReader(paths)
    assert [one.seed for one in reader.read(snapshot(1e9 + 130.0)).newest] == [3, 2, 1]
    assert [one.seed for one in reader.read(snapshot(1e9 + 70.0)).newest] == [2, 1]
    assert sum(one.count for one in reader.read(snapshot(1e9 + 70.0)).counts) == 2


def test_a_bar_a_stage_with_the_causes_by_mark() -> None:
    episodes = FailedEpisodes(
        counts((1, "landed", 50), (1, "crashed", 25), (1, "timeout", 25), (2, "landed", 10)),
        counts((1, "landed", 9), (1, "crashed", 1)),
    )
    legend, first, second = (line.plain for line in cause_lines(episodes, 100))
    assert "✖ crashed 25" in legend
    assert "◆ out of time 25" in legend
    assert first.startswith("stage 1 " + "✖" * 10 + "◆" * 10 + "─" * 20)
    assert "50 of 100 failed, 50%; last hour 10%" in first
    assert "0 of 10 failed, 0%" in second
    assert "last hour" not in second


def test_bars_fit_and_nothing_yet_is_said() -> None:
    episodes = FailedEpisodes(counts((1, "crashed", 1_000_000)))
    assert all(len(line.plain) <= 40 for line in cause_lines(episodes, 40))
    assert "No training episode" in cause_lines(FailedEpisodes(), 80)[0].plain


def stored(**changes: object) -> StoredEpisode:
    import msgspec

    return StoredEpisode(**msgspec.structs.asdict(failed(**changes)), time_s=1e9)  # type: ignore[arg-type]


def test_a_row_has_the_figures_and_a_dash_for_what_is_unknown() -> None:
    row = dict(zip(COLUMNS, failed_row(stored()), strict=True))
    assert row["Ended"] == "✖ crashed"
    assert row["Stage"] == "1.75"
    assert row["Miss m"] == "5.0"
    assert row["Touch m/s"] == "7.6"
    unknown = dict(
        zip(COLUMNS, failed_row(stored(touchdown_speed_m_s=None, x_m=None)), strict=True)
    )
    assert unknown["Touch m/s"] == unknown["Miss m"] == "–"


def test_details_say_everything_and_how_to_fly_it_again() -> None:
    title, lines = episode_details(stored(seed=2**64 - 1))
    text = "\n".join(line.plain for line in lines)
    assert title == "Crashed"
    for words in ("123,456", "321 steps", "7.60 m/s", "33.0 °", "40%", "3.00 m", "1.75"):
        assert words in text
    assert f"fly --pilot newest --difficulty 1.75 --seed {2**64 - 1}" in text


def test_details_of_an_evaluated_flight(tmp_path: Path) -> None:
    result = keep_evaluation(tmp_path, trajectories(("landed",))).result
    title, lines = flight_details(flight(3.0, 4.0, "hard_landing"), result, result.pilot)
    text = "\n".join(line.plain for line in lines)
    assert title == "Hard landing"
    assert "5.00 m: x 3.00 m, y 4.00 m" in text
    assert "fly --pilot 000012-600000-gate --stage 2 --seed 7" in text
