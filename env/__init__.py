"""The Basilisk simulation of the landers and its Gymnasium and SB3 environments."""
