"""Tests, in packages named after what they test."""
