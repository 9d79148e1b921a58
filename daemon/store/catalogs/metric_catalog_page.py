"""`docs/metrics.md`: `python -m daemon.store.catalogs.metric_catalog_page > docs/metrics.md`."""

from __future__ import annotations

import sys
from itertools import groupby

from daemon.store.catalogs.metric_catalog import ALL, KINDS, MetricKind

HEAD = """\
# What does each metric mean?

All metrics that the store keeps, alert rules can use and `landerctl metrics` lists. Generated from
`daemon/store/catalogs/metric_catalog.py` by `python -m daemon.store.catalogs.metric_catalog_page`;
a test compares it with what trainings store.

An iteration is a rollout of PPO (`ppo.n_steps` steps of each lander); with SAC and TD3 it is
shorter. What the trainer writes has the number of environment steps and is in TensorBoard too.
Prometheus gets the same values in base units: `disk/free_gb` is `landerctl_disk_free_bytes`.
"""


def render_metrics_page() -> str:
    """The page as Markdown, a table for each writer."""
    parts = [HEAD]
    for (written, algorithms), kinds in groupby(KINDS, key=lambda k: (k.written, k.algorithms)):
        title = written.value[0].upper() + written.value[1:]
        if algorithms != ALL:
            title += f", {' and '.join(name.upper() for name in algorithms)} only"
        rows = "".join(_row(kind) for kind in kinds)
        parts.append(f"## {title}\n\n| Name | Unit | Meaning |\n| --- | --- | --- |\n{rows}")
    return "\n".join(parts)


def _row(kind: MetricKind) -> str:
    return f"| `{kind.name}` | {kind.unit.symbol} | {kind.meaning} |\n"


if __name__ == "__main__":
    sys.stdout.write(render_metrics_page())
