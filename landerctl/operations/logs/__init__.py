"""Reads the logs of a state folder: each with its rotated files as one, all merged by time."""
