"""What counts time: the wall clock and whether it is to be trusted, and running time."""
