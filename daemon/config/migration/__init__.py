"""From a configuration file of an earlier version to today's."""
