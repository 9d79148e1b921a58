"""The terminal that shows the screen: what it can show, in which colours; what it is sent."""
