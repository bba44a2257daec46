"""What is written about the code, held against the code."""
