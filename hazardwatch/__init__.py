"""The command line and the supervision of processes. Nobody imports this package."""
