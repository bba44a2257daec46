"""Thin routes: they read the request, call a part, and shape its answer."""
