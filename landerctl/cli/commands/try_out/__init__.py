"""Fly a policy or test the environment, with no training."""
