"""Verbs that fly a policy or test the environment, without training."""
