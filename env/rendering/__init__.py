"""Pictures of a lander, drawn without a display: what `render()` returns, and films are made of."""
