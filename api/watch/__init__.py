"""The service watches itself and its gateways: every check has a limit and a system alarm."""
