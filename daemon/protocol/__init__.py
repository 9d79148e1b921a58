"""Messages between processes: JSON lines, typed by msgspec on both ends."""
