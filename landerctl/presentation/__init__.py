"""How alerts and starts are worded, on every screen and in every verb."""
