"""The rules, one check per file: evidence in, verdict out."""
