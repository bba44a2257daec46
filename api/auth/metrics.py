"""Figures of logins, keys and limits."""

from prometheus_client import CollectorRegistry, Counter


class AuthMetrics:
    """Names begin with `hazardwatch_api_`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self.logins = self._counter("logins", "Logins that succeeded")
        self.logins_refused = self._counter("logins_refused", "Logins refused", "reason")
        self.refreshes = self._counter("session_refreshes", "Logins continued with a refresh token")
        self.refreshes_refused = self._counter(
            "session_refreshes_refused",
            "Refresh tokens refused; `reused` means that one was stolen",
            "reason",
        )
        self.sessions_revoked = self._counter("sessions_revoked", "Logins ended before their time", "reason")
        self.keys_revoked = self._counter("api_keys_revoked", "Keys withdrawn", "kind")
        self.forgeries_refused = self._counter(
            "cross_site_requests_refused",
            "Requests with a cookie but without the proof that our page sent them",
        )
        self.requests_limited = self._counter("requests_limited", "Requests refused as too many", "by")
        self.foreign_deliveries = self._counter(
            "foreign_deliveries_refused", "Deliveries of a gateway for enterprises or in a name not its own"
        )
        self.housekeeping_failures = self._counter(
            "auth_housekeeping_failures",
            "Times that signing keys could not be changed, or the last use of keys not stored",
        )

    def _counter(self, name: str, doc: str, *labels: str) -> Counter:
        return Counter(f"hazardwatch_api_{name}", doc, labels, registry=self._registry)
