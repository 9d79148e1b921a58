"""`landerctl status --at`: the state of daemon and training at an earlier moment."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from checks.liveness import last_sign_of_life_s
from checks.wording import date_and_clock, duration
from daemon.base.identity import lock_is_held
from daemon.base.paths import StatePaths
from daemon.config import ConfigError, Stage
from daemon.runs.metadata import shown_name
from daemon.runs.run_folder import read_run_config
from daemon.store.past import PastStatus, last_moment, read_past
from daemon.store.reader import StoreError, StoreReader
from landerctl.exitcodes import Exit
from landerctl.failure import Failure
from landerctl.fast_path.status_report import EXITS, NewestCheckpoint, Overview
from landerctl.presentation.moments import parse_moment


def overview_then(paths: StatePaths, text: str) -> Overview:
    """The overview of the moment that `text` names. Raises Failure."""
    now_s = time.time()
    try:
        at_s = parse_moment(text, now_s)
    except ValueError as error:
        raise Failure(f"--at: {error}", Exit.USAGE) from None
    if at_s > now_s:
        raise Failure(f"--at: {date_and_clock(at_s)} is in the future", Exit.USAGE)
    try:
        with StoreReader.open(paths.store) as store:
            if last_moment(store, math.nextafter(at_s, math.inf)) is None:
                when = date_and_clock(at_s)
                raise Failure(f"--at: nothing is recorded before {when}", Exit.UNKNOWN)
            then = read_past(
                store,
                at_s,
                present=store.status(),
                rules=[],
                stages_of=lambda run_id: _stages(paths, run_id),
                runs_now=lock_is_held(paths),
            )
            checkpoint = _newest_checkpoint(store, then)
    except (StoreError, OSError) as error:
        raise Failure(str(error), Exit.UNKNOWN) from None
    seen_s = last_sign_of_life_s(then.status)
    missing = f"; not recorded: {', '.join(then.not_recorded)}" if then.not_recorded else ""
    return Overview(
        time_s=at_s,
        home=str(paths.home),
        state=then.uptime.running,
        text=_text(then),
        exit_code=EXITS[then.uptime.running],
        orphaned=False,
        data_age_s=None if seen_s is None else at_s - seen_s,
        heartbeat_age_s=None,
        checkpoint=checkpoint,
        problems=[],
        status=then.status,
        run_name=shown_name(paths.run(then.status.run.id)) if then.status.run else "",
        then=f"{date_and_clock(at_s)}, {duration(now_s - at_s)} ago{missing}",
    )


def _text(then: PastStatus) -> str:
    uptime, daemon = then.uptime, then.status.daemon
    if uptime.ended_s is not None:
        ago = duration(then.at_s - uptime.ended_s)
        reason = f" ({uptime.reason})" if uptime.reason else ""
        return f"had {uptime.running} {ago} before{reason}"
    since = "" if uptime.began_s is None else f" for {duration(then.at_s - uptime.began_s)}"
    pid = f", pid {daemon.pid}" if daemon is not None and daemon.pid else ""
    return f"was {uptime.running}{since}{pid}"


def _newest_checkpoint(store: StoreReader, then: PastStatus) -> NewestCheckpoint | None:
    run = then.status.run
    if run is None:
        return None
    found = store.events(names=["checkpoint.saved"], run_id=run.id, until_s=then.at_s, limit=1)
    if not found:
        return None
    id_ = str(found[0].body.get("id"))
    progress = store.recorded_status(found[0].time_s).progress or then.status.progress
    _, _, rest = id_.partition("-")
    timesteps = rest.partition("-")[0]
    return NewestCheckpoint(
        id=id_,
        timesteps=int(timesteps) if timesteps.isdecimal() else 0,
        stage=progress.stage if progress else 0,
        age_s=then.at_s - found[0].time_s,
    )


def _stages(paths: StatePaths, run_id: str) -> Sequence[Stage]:
    try:
        return read_run_config(paths.run(run_id)).curriculum.stages
    except (OSError, ConfigError):
        return ()
