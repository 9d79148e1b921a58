"""The Python interface: look at runs, load policies, start, stop and roll back.

    from landerctl.api import Home

    run = Home().run("quiet-crater")
    reward = run.metrics("rollout/ep_rew_mean")   # numpy columns: time_s, timesteps, value

Importing it takes milliseconds; what is heavy is imported by the method that needs it. What
`__all__` names is public and follows semantic versioning: see docs/api.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landerctl.api.errors import Error
from landerctl.api.home import Home
from landerctl.api.run import Run

if TYPE_CHECKING:
    from daemon.config import Config
    from daemon.runs.evaluations import EvaluationResult as Evaluation
    from daemon.store.records import Event
    from landerctl.api.columns import Columns
    from landerctl.api.policy import Policy
    from landerctl.fast_path.status_report import Overview
    from landerctl.operations.states.state_listing import Entry as Checkpoint

__all__ = [
    "Checkpoint",
    "Columns",
    "Config",
    "Error",
    "Evaluation",
    "Event",
    "Home",
    "Overview",
    "Policy",
    "Run",
]

# Types of what methods return, imported when they are asked for.
_WHERE = {
    "Checkpoint": ("landerctl.operations.states.state_listing", "Entry"),
    "Columns": ("landerctl.api.columns", "Columns"),
    "Config": ("daemon.config", "Config"),
    "Evaluation": ("daemon.runs.evaluations", "EvaluationResult"),
    "Event": ("daemon.store.records", "Event"),
    "Overview": ("landerctl.fast_path.status_report", "Overview"),
    "Policy": ("landerctl.api.policy", "Policy"),
}


def __getattr__(name: str) -> Any:
    """A public type, on its first use (PEP 562)."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when a type is asked for

    module, attribute = _WHERE[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted(__all__)
