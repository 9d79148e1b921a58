"""The list of runs as text: which are listed, in which order, and the lines of each. Pure."""
