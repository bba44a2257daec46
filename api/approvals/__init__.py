"""Changes that take two persons: one proposes, another one agrees, then it is made."""
