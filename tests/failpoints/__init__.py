"""Each place named in daemon/base/failpoint.py, made to fail in a real process: nothing is lost.

A verb joins by its scenarios in `scenarios.py`.
"""
