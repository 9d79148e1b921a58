"""Texts for people: one line, plurals, other encodings."""
