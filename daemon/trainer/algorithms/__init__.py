"""PPO, SAC and TD3 over the fleet, with what they learn from.

Their archives stay stable-baselines3's.
"""
