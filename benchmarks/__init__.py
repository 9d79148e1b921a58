"""Benchmarks of speed and memory. Each module prints one JSON object per figure; see report.py."""
