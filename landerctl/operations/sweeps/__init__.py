"""What the verbs of sweeps do."""
