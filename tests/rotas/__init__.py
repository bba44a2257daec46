"""Tests of the on-call rotas."""
