"""The life of an alarm: its facts, and the pure functions that change them."""
