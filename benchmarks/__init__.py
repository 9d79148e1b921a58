"""What measures speed and memory. Each module prints one JSON object a figure; see report.py."""
