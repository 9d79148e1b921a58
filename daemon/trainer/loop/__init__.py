"""The training loop: built for a run, executed rollout by rollout, reported."""
