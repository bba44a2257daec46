"""Speed, measured on the real thing and stated as a ratio to a limit of the same run."""
