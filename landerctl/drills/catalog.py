"""Every drill, in the order in which `drill all` carries them out."""

from __future__ import annotations

from landerctl.drills import environment, evaluation, reward
from landerctl.drills.model import DrillKind
from landerctl.drills.recovery import backup, crash, resume, rollback

<<<<<<< HEAD
_KINDS: tuple[DrillKind, ...] = (resume.DRILL, crash.DRILL, backup.DRILL, rollback.DRILL)
_KINDS: tuple[DrillKind, ...] = (environment.KIND, reward.KIND)
=======
_KINDS: tuple[DrillKind, ...] = (environment.KIND, reward.KIND, evaluation.KIND)
>>>>>>> ee477ab (Carry out the drill evaluation, and judge the final model by it)
DRILLS: dict[str, DrillKind] = {kind.name: kind for kind in _KINDS}
