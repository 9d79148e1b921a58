"""Episodes flown to evaluate a policy, and their recorded tracks."""
