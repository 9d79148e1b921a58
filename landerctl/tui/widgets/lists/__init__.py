"""Lists and tables with a cursor, and the field that filters them."""
