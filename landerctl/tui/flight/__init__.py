"""A flight on the screen: what is flown, and how it is played."""
