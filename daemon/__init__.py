"""What runs in the background: the supervisor, the store, the checkpoints, and the trainer."""
