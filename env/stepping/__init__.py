"""One step of every craft, compiled into Basilisk's schedule; how episodes end."""
