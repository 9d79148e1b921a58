"""The status over time: what of it neither samples nor events tell, and how it is read back."""
