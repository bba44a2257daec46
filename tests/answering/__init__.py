"""Tests of the answering links."""
