"""The daemon's own judging: the checklist, at an interval, in a process of its own."""
