"""The ground: height maps, the sites of episodes in them, and compiled queries of height and slope."""
