"""Episodes flown to judge a policy, and their recorded tracks."""
