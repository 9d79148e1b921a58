"""One step of every craft, compiled into Basilisk's schedule; start and end of episodes."""
