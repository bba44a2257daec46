"""Trust in others' certificates: one context for all clients, because loading the roots takes its time."""

import functools
import ssl

import httpx


@functools.cache
def trusted_roots() -> ssl.SSLContext:
    """The roots that httpx trusts by default, whatever the environment says. Threads may share it."""
    return httpx.create_ssl_context(trust_env=False)
