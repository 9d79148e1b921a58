"""Events about what is reported and served: alerts, notifications, plugins, servers."""

from __future__ import annotations

from daemon.store.catalogs.events.kind import EventKind

REPORTING: tuple[EventKind, ...] = (
    EventKind("alert.firing", "warning", "An alert fired", ("alert", "value")),
    EventKind("alert.resolved", "info", "An alert ended", ("alert", "value")),
    EventKind("alert.acted", "warning", "An alert rule's action was started", ("alert", "action")),
    EventKind("alert.acknowledged", "info", "An alert was acknowledged", ("alert",)),
    EventKind("alert.silenced", "info", "A silence started or ended", ("pattern", "for_s")),
    EventKind("notify.sent", "info", "A target was notified of alerts", ("target", "alerts")),
    EventKind(
        "notify.failed", "warning", "A notification failed; it is retried", ("target", "error")
    ),
    EventKind(
        "notify.tested",
        "info",
        "A target was tried with `landerctl alerts test`; error: why it failed",
        ("target", "error"),
    ),
    EventKind(
        "notify.dropped",
        "critical",
        "Notifications were dropped undelivered",
        ("target", "count"),
    ),
    EventKind(
        "plugin.disabled",
        "warning",
        "A plugin failed and is no longer used until the daemon restarts; error: how it failed",
        ("kind", "plugin", "package", "version", "error"),
    ),
    EventKind(
        "plugin.rule_left_out",
        "info",
        "A plugin's alert rule is for a stage that the curriculum lacks: it is left out",
        ("plugin", "rule", "stage"),
    ),
    EventKind(
        "tensorboard.port_taken",
        "warning",
        "TensorBoard cannot listen on its port; it is retried with backoff",
        ("error",),
    ),
    EventKind(
        "tensorboard.failed",
        "warning",
        "TensorBoard could not be started or has ended; it is restarted with backoff",
        ("error",),
    ),
    EventKind("tensorboard.recovered", "info", "TensorBoard is served again", ("url",)),
    EventKind(
        "prometheus.port_taken",
        "warning",
        "The exporter for Prometheus cannot listen on its port; it is retried with backoff",
        ("error",),
    ),
    EventKind(
        "prometheus.failed",
        "warning",
        "The exporter for Prometheus could not be started; it is retried with backoff",
        ("error",),
    ),
    EventKind(
        "prometheus.recovered", "info", "The exporter for Prometheus is served again", ("url",)
    ),
    EventKind(
        "tracking.failed",
        "warning",
        "Nothing can be sent to the tracking server; it is retried with backoff",
        ("error", "behind"),
    ),
    EventKind("tracking.recovered", "info", "The tracking server is sent to again", ("behind",)),
    EventKind(
        "tracking.lost",
        "warning",
        "Samples were removed by the store's retention, or refused, before they were sent",
        ("count",),
    ),
    EventKind(
        "tracking.given_up",
        "warning",
        "The run is not sent to the tracking server any more until the daemon's next start",
        ("error",),
    ),
)
