"""The daemon's side of a rollback: requested, automatic, verified.

The procedure is daemon.rollback's.
"""
