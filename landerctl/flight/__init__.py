"""One flight on the terminal: the process that flies it, what is drawn of it, what is kept."""
