"""What the screen shows of landings: an evaluation's flights, and training episodes that failed."""
