"""The verbs of the panel "Sweep": many trainings that differ by settings or seeds."""
