"""What changing a setting means for a fork."""
