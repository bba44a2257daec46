"""The master alarm database as it runs, for people: its rules, and the kinds of detectors behind them."""
