"""The daemon as host of rollbacks: requests, alert triggers, verification.

The procedure itself is in daemon.rollback.
"""
