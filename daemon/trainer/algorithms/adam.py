"""torch's Adam without torch's compiler.

torch.optim marks its methods as not to be compiled, and imports the compiler (torch._dynamo, with
sympy) to say so: 69 MB and a second of each start, for a trainer that compiles nothing.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch

_Adam = torch.optim.Adam
_step = inspect.unwrap(_Adam.step)
_state_dict = inspect.unwrap(_Adam.state_dict)
_load_state_dict = inspect.unwrap(_Adam.load_state_dict)
_zero_grad = inspect.unwrap(_Adam.zero_grad)
_add_param_group = inspect.unwrap(_Adam.add_param_group)


class EagerAdam(torch.optim.Adam):
    """torch.optim.Adam, equal to it to the bit, by the methods inside its decorators."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Take one step down the gradients; returns what `closure` returns."""
        return _step(self, closure)

    def state_dict(self) -> dict[str, Any]:
        """The moments and settings, as torch.optim.Adam's."""
        state: dict[str, Any] = _state_dict(self)
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` returned. Raises ValueError if its groups differ."""
        _load_state_dict(self, state_dict)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients, or set them to zero."""
        _zero_grad(self, set_to_none)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Optimise a further group of parameters. Raises TypeError, ValueError."""
        _add_param_group(self, param_group)
