"""Pure judges of the lines that are judged live: facts in, outcome out."""
