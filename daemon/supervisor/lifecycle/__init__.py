"""A supervisor's start, shutdown and configuration. The parts it runs are elsewhere."""
