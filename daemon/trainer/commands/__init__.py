"""The commands of `python -m daemon.trainer`, one file each."""
