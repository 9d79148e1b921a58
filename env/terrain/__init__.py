"""The ground: height maps, the sites of episodes in them, compiled queries of height and slope."""
