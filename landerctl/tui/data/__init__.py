"""The screen's data, read by one thread into a frozen snapshot."""
