"""Checkpoints on disk: manifest, commit, listing, retention. Never unpickles."""
