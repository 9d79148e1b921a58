"""Every drill, in the order in which `drill all` carries them out."""

from __future__ import annotations

from landerctl.drills import reward
from landerctl.drills.alerts.drill import DRILL as ALERTS
from landerctl.drills.algorithms.drill import DRILL as ALGORITHMS
from landerctl.drills.environment import drill as environment
from landerctl.drills.evaluation import drill as evaluation
from landerctl.drills.model import DrillKind
from landerctl.drills.recovery import backup, crash, resume, rollback

_KINDS: tuple[DrillKind, ...] = (
    environment.KIND,
    reward.KIND,
    resume.DRILL,
    crash.DRILL,
    backup.DRILL,
    rollback.DRILL,
    ALERTS,
    ALGORITHMS,
    evaluation.KIND,
)
DRILLS: dict[str, DrillKind] = {kind.name: kind for kind in _KINDS}
USUAL_S = {kind.name: kind.expected_s for kind in _KINDS}  # how long each takes
