"""Tests of self-watch."""
