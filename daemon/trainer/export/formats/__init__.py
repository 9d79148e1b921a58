"""A file's content in each format: how it is written, and read back."""
