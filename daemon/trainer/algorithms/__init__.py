"""PPO, SAC and TD3 on the fleet, with replay buffer and normalization.

Their archives are stable-baselines3's.
"""
