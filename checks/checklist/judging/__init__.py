"""What the daemon lets a light child judge, and how it is recorded."""
