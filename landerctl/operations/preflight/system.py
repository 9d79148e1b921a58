"""Limits, ports, the cache folder, and what starts jobs on this machine."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs
import psutil

from checks.preflight.system import CACHE_BYTES, CacheFact, LimitFacts, PortFact, SchedulerFacts
from daemon.base.cgroup import read_limits
from daemon.base.paths import StatePaths
from daemon.config import Config
from daemon.store.records import Status
from daemon.supervisor.sidecars.ports import port_problem
from landerctl.program import program

CRONTAB_S = 5.0
_DAEMONS = ("cron", "crond", "fcron", "busybox-crond", "dcron", "anacron", "supercronic")
_ENTRY = "drill due"


def limit_facts() -> LimitFacts:
    """Of this process and its container; a daemon that it starts inherits them."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    most, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    left = []
    # The kernel does not apply the limit to root.
    if most != resource.RLIM_INFINITY and os.geteuid() != 0:
        left.append(most - _threads_of_user())
    pids = read_limits().pids
    if pids is not None:
        left.append(pids.limit - pids.used)
    return LimitFacts(
        descriptors=None if descriptors == resource.RLIM_INFINITY else descriptors,
        processes=max(0, min(left)) if left else None,
    )


def port_facts(config: Config, status: Status | None, *, running: bool) -> list[PortFact]:
    """Of each enabled server. `running`: whether the daemon of `status` is."""
    servers = status.daemon.servers if running and status and status.daemon else {}
    found = []
    for name, settings in (("tensorboard", config.tensorboard), ("prometheus", config.prometheus)):
        if not settings.enabled:
            continue
        served = servers.get(name)
        ours = served is not None and served.url is not None
        if ours and settings.port and served is not None and served.url is not None:
            ours = urlsplit(served.url).port == settings.port
        problem = None if ours else port_problem(settings.port)
        found.append(PortFact(name, settings.port, problem, ours))
    return found


def cache_fact() -> CacheFact:
    """The folder of numba's compiled functions (env/base/compilation_cache.py)."""
    try:
        folder = platformdirs.user_cache_path("landerctl") / "numba"
    except RuntimeError:
        return CacheFact("~/.cache/landerctl/numba", f"user id {os.getuid()} has no home folder")
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return CacheFact(str(folder), f"{there} cannot be written")
    if shutil.disk_usage(there).free < CACHE_BYTES:
        return CacheFact(str(folder), "its disk is full")
    return CacheFact(str(folder))


def scheduler_facts(paths: StatePaths) -> SchedulerFacts:
    """Whether systemd and a cron daemon run, and whether this user's crontab has the drills."""
    called = Path(shutil.which(program()) or program()).absolute()  # cron has another folder
    cron = any(process.info["name"] in _DAEMONS for process in psutil.process_iter(["name"]))
    return SchedulerFacts(
        systemd=Path("/run/systemd/system").is_dir(),
        cron=cron,
        drills=_has_drills() if cron else None,
        command=f"{called} --home {paths.home}",
    )


def _has_drills() -> bool | None:
    try:
        listed = subprocess.run(
            ["crontab", "-l"], capture_output=True, check=False, timeout=CRONTAB_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = listed.stdout.decode(errors="replace").splitlines()
    return any(_ENTRY in line and not line.lstrip().startswith("#") for line in lines)


def _threads_of_user() -> int:
    own = os.getuid()
    count = 0
    for process in psutil.process_iter(["uids", "num_threads"]):
        uids, threads = process.info["uids"], process.info["num_threads"]
        if uids is not None and uids.real == own:
            count += threads or 1
    return count
