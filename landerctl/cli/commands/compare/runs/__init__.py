"""`landerctl runs`: a file a verb."""
