"""The Basilisk simulation of the landers and its Gymnasium and SB3 environments.

Importing this package registers `ENVIRONMENTS` with Gymnasium, which does so itself where the
package's name is before the id::

    import gymnasium
    lander = gymnasium.make("env:landerctl/LunarLander-v0")
    landers = gymnasium.make_vec("env:landerctl/LunarLander-v0", num_envs=64)
"""

from typing import Any

import gymnasium

from env.base.basilisk import require_basilisk
from env.base.compilation_cache import use_compilation_cache

# Ids, and what they give LunarLander: the first stage's start and Starship HLS, where nothing else.
ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "landerctl/LunarLander-v0": {},
    "landerctl/LunarLander-apollo-v0": {"vehicle": "apollo-lm"},
    **{f"landerctl/LunarLander-stage{stage}-v0": {"stage": stage} for stage in range(1, 6)},
}

require_basilisk()
use_compilation_cache()
for _id, _given in ENVIRONMENTS.items():
    gymnasium.register(
        id=_id,
        entry_point="env.lander:LunarLander",
        vector_entry_point="env.vector:LunarLanders",
        kwargs=_given,
    )
