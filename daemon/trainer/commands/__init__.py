"""What `python -m daemon.trainer` can be asked for: a file a command."""
