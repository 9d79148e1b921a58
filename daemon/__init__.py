"""What landerctl runs in the background: supervisor, store, checkpoints, and the trainer."""
