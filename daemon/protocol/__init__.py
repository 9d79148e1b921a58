"""What processes say to each other: JSON lines, typed by msgspec on both ends."""
