"""Metric names that several packages use."""

from __future__ import annotations

GPU_PREFIX = "gpu/"
DISTANCE = "checkpoint/distance_steps"
MACHINE_METRICS = frozenset(
    {
        "cpu/machine_percent",
        "cpu/supervisor_percent",
        "memory/used_percent",
        "memory/swap_percent",
        "memory/supervisor_bytes",
        "disk/free_gb",
        "disk/read_mb_s",
        "disk/write_mb_s",
        "process/limit_used_percent",
        "process/supervisor_descriptors",
        "servers/failing",
        "store/failing",
        "temperature/hottest_c",
    }
)


def is_of_the_machine(metric: str) -> bool:
    """Whether the metric is sampled even when no trainer runs."""
    return metric in MACHINE_METRICS or metric.startswith(GPU_PREFIX)
