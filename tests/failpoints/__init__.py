"""Each named place in daemon/failpoint.py, made to fail in a real process: nothing is lost by it.

A verb joins by its scenarios in `scenarios.py`.
"""
