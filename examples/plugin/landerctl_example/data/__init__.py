"""Data: the file of each entry point is named after its colon, without its ending."""
