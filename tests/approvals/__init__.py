"""Tests of changes by two persons."""
