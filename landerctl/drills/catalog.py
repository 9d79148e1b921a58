"""Every drill, in the order in which `drill all` carries them out."""

from __future__ import annotations

from landerctl.drills.model import DrillKind

_KINDS: tuple[DrillKind, ...] = ()
DRILLS: dict[str, DrillKind] = {kind.name: kind for kind in _KINDS}
