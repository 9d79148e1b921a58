"""From series to the cells of a plot. Pure: no widget, no clock; only `choice_file` has a file."""
