"""The ground floor of the daemon: files, paths, identity, exit codes.

Nothing here knows a run, a store or a process.
"""
