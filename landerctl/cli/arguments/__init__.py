"""Reading what a user typed: checkpoints, backups, runs, times, and their completion."""
