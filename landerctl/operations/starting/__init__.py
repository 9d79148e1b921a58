"""What a start trains: a new run, the last one, or a fork."""
