"""Basic building blocks of the daemon: files, paths, identity, exit codes.

Nothing here depends on runs, the store or processes.
"""
