"""Installed plugins: alert rules, checks, notifiers and vehicles of other packages.

A process that supervises imports none: alert rules and vehicles are files that are read, checks and
notifiers are functions that a child process calls.
"""
