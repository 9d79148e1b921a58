"""What screens are composed of: panels, lists, plots, tabs, the line of keys."""
