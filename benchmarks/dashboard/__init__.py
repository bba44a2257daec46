"""What the screens cost in the real browser: `python -m benchmarks.dashboard`."""
