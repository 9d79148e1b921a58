"""The daemon's account of plugins: which it found, and which it no longer uses."""
