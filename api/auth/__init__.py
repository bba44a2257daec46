"""Who is speaking, and what he may do and see."""
