"""The judge of each line that is judged live."""

from __future__ import annotations

from checks.checklist.judge import LiveJudge
from checks.checklist.judges import (
    benchmarks,
    burn_in,
    configuration,
    deployment,
    golive,
    logs,
    monitoring,
    quality,
    rollback_when,
    tensorboard,
)

JUDGES: dict[str, LiveJudge] = {
    **rollback_when.JUDGES,
    **logs.JUDGES,
    **burn_in.JUDGES,
    **golive.JUDGES,
    **quality.JUDGES,
    **benchmarks.JUDGES,
    **configuration.JUDGES,
    **deployment.JUDGES,
    **monitoring.JUDGES,
    **tensorboard.JUDGES,
}
