"""The decision to go live, for verbs and screens: the judgement of now, the burn-in, incidents."""
