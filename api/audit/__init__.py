"""The audit as a chain that cannot be changed unseen: linking, signing, checking, sending away."""
