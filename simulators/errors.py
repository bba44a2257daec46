"""Errors of the simulators.

SimulatorError
├── ScenarioInvalid    a scenario or layout file is refused: file, line, key, what is wrong
├── PublishRefused     the MQTT server said no for good: a person must mend address, password or rights
└── OutboxUnusable     the outbox file belongs to another target or cannot be opened
"""


class SimulatorError(Exception):
    """Root of everything that this package raises on purpose."""


class ScenarioInvalid(SimulatorError):
    """A file is refused at the door. Its text is `file:line: key: what is wrong`."""

    def __init__(self, file: str, line: int, key: str, wrong: str) -> None:
        super().__init__(f"{file}:{line}: {key or 'file'}: {wrong}")
        self.file = file
        self.line = line
        self.key = key
        self.wrong = wrong


class PublishRefused(SimulatorError):
    """The server refuses this publisher; repeating cannot help. Nothing unacknowledged was thrown away."""


class OutboxUnusable(SimulatorError):
    """The outbox cannot hold messages; publishing without it would lose them silently."""
