"""The drill `algorithms`: PPO, SAC and TD3 learn to land, and are compared."""
