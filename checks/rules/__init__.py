"""One check a file: evidence in, a verdict out."""
