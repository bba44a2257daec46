"""Answering links: one person answers one thing from his phone, without logging in."""
