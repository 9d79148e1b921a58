"""What is wrong with a configuration, and how it is said."""
