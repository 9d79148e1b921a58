"""The app in parts: each class adds one concept to the one before it."""
