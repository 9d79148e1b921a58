"""Measures the machine and the processes, and exports metrics. Alert rules are in alerting."""
