"""What the screen shows, read by one thread into a frozen snapshot."""
