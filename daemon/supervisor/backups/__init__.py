"""The daemon's backup jobs: make, prune, verify, send. The backups themselves: daemon.backup."""
