"""Asyncio helpers: clock, timed waits, tasks with error handlers, one exclusive operation."""
