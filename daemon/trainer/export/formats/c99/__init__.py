"""The policy as one C99 file that flight software takes as it is."""
