"""Where evidence comes from, a file a source. What cannot be read is said, never raised."""
