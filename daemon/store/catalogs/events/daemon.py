"""Events about the daemon itself, its store, clock and configuration."""

from __future__ import annotations

from daemon.store.catalogs.events.kind import EventKind

DAEMON: tuple[EventKind, ...] = (
    EventKind("daemon.started", "info", "The supervisor has started", ("pid", "fingerprint")),
    EventKind("daemon.stopped", "info", "The supervisor stopped on request", ("reason",)),
    EventKind(
        "daemon.paused",
        "info",
        "The supervisor stood still for a time; time-outs were extended by it",
        ("paused_s",),
    ),
    EventKind("daemon.recovered", "warning", "The previous supervisor exited without a stop"),
    EventKind(
        "daemon.home_lost",
        "critical",
        "The state folder was renamed, removed or replaced; the daemon stops",
        ("what",),
    ),
    EventKind("store.recovered", "warning", "A damaged store was set aside", ("path",)),
    EventKind(
        "clock.jumped",
        "warning",
        "The wall clock jumped; nothing is removed by age until it is trusted again",
        ("by_s",),
    ),
    EventKind(
        "clock.trusted",
        "info",
        "The clock returned, was steady for a day, or was confirmed; retention goes on",
    ),
    EventKind("config.reloaded", "info", "A changed configuration file was loaded", ("path",)),
    EventKind(
        "config.refused",
        "warning",
        "A changed configuration file is invalid; the old settings stay in force",
        ("path",),
    ),
    EventKind(
        "config.secrets_removed",
        "warning",
        "Secrets that an earlier version copied into runs and backups were removed",
        ("runs", "backups"),
    ),
    EventKind(
        "config.secrets_kept",
        "warning",
        "A run's or backup's copy of secrets could not be removed",
        ("error",),
    ),
    EventKind(
        "config.secret_file",
        "warning",
        "A file with a secret cannot be used, or others can read it",
        ("error",),
    ),
)
