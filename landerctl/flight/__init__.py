"""One flight on the terminal: its process, the live picture, the saved trajectory."""
