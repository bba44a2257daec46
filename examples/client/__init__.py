"""A small typed client of the alert service, to read and to begin from."""
