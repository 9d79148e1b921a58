"""The symptoms for which one rolls back: newest values of the run's samples. Reads the store."""

from __future__ import annotations

import msgspec

from checks.evidence import Evidence
from daemon.base.paths import StatePaths
from daemon.store.reader import StoreError, StoreReader
from daemon.store.records import Sample

GROWTH = "memory/growth_gb_per_day"
REGRESSIONS = "curriculum/regressions"
REWARD = "curriculum/reward_100"
ROLLED_BACK = "rollback.done"


class Symptoms(msgspec.Struct, frozen=True, kw_only=True):
    """Newest samples of the current run since its last rollback; None: there is none."""

    growth: Sample | None  # of GROWTH
    regressions: Sample | None
    reward: Sample | None
    best_reward: float | None  # the largest finite REWARD


def symptoms_of(paths: StatePaths, evidence: Evidence) -> Symptoms | None:
    """None if there is no run, or its store or history cannot be read."""
    record = evidence.status.run if evidence.status else None
    if record is None or evidence.history is None:
        return None
    since_s = max(record.created_s, rolled_back_s(evidence))
    try:
        with StoreReader.open(paths.store) as store:
            newest = {
                name: store.newest_of_run(name, record.id, since_s=since_s)
                for name in (GROWTH, REGRESSIONS, REWARD)
            }
            extremes = store.extremes(REWARD, since_s=since_s)
    except StoreError:
        return None
    return Symptoms(
        growth=newest[GROWTH],
        regressions=newest[REGRESSIONS],
        reward=newest[REWARD],
        best_reward=None if extremes is None else extremes[1],
    )


def rolled_back_s(evidence: Evidence) -> float:
    """When the run was last rolled back (Unix); 0.0 if it never was."""
    events = evidence.history.events if evidence.history else ()
    return max((one.time_s for one in events if one.name == ROLLED_BACK), default=0.0)
