"""The database of the alert service."""
