"""The page of the production checklist: its lines, the decision, the burn-in, the reviews."""
