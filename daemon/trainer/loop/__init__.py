"""The training loop: set up for a run, executed rollout by rollout, reported."""
