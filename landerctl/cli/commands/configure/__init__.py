"""The verbs that show and check the configuration."""
