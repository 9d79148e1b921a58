"""The drills of what saves a training: resume, crash, backup, rollback."""
