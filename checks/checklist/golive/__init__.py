"""GO or NO-GO: the criteria, the evidence they rest on, what to do next, and what was decided."""
