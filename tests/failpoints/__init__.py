"""Triggers each failpoint of daemon/base/failpoint.py in a real process: nothing is lost.

To add a command, add its scenarios to `scenarios.py`.
"""
