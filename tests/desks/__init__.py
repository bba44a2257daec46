"""Tests of the two desks."""
