"""Tests of logins, keys, rights and tenancy."""
