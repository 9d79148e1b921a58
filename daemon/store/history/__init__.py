"""The status over time: what of it is in neither samples nor events, and how it is read back."""
