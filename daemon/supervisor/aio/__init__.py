"""What asyncio lacks: clock, tasks with fault handlers, threads, subprocesses."""
