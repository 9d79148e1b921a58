"""The process of one trial: `python -m daemon.sweeps.trial`."""
