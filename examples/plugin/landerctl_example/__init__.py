"""One plugin of each kind for landerctl."""
