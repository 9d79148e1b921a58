"""What the C file calls things."""

from __future__ import annotations

from daemon.trainer.export.layers import ExportedPolicy

FUNCTION = "landing_policy"
MACRO = FUNCTION.upper()


def prototype(policy: ExportedPolicy) -> str:
    """The function's declaration, without a semicolon."""
    return (
        f"void {FUNCTION}(const float observation[{policy.n_observations}], "
        f"float action[{policy.n_actions}])"
    )
