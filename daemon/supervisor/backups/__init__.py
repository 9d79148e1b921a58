"""The daemon's care for backups: made, removed, verified, sent to other places."""
