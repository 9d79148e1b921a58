"""Optional servers beside training, and systemd notifications. Training never depends on them."""
