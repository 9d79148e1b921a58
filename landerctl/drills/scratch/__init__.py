"""Where drills work: a scratch folder, a state folder in it, processes that end with the drill."""
