"""The Basilisk simulation of the landers and its Gymnasium and SB3 environments.

Importing this package registers `landerctl/LunarLander-v0` with Gymnasium::

    import env, gymnasium
    lander = gymnasium.make("landerctl/LunarLander-v0")
    landers = gymnasium.make_vec("landerctl/LunarLander-v0", num_envs=64)
"""

import gymnasium

from env.base.basilisk import require_basilisk
from env.base.compilation_cache import use_compilation_cache

require_basilisk()
use_compilation_cache()
gymnasium.register(
    id="landerctl/LunarLander-v0",
    entry_point="env.lander:LunarLander",
    vector_entry_point="env.vector:LunarLanders",
)
