"""Whether the wall clock can be trusted by what removes for good."""
