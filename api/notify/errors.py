"""Why a message was not delivered.

NotifyFailed
├─ Retriable         the same message may be delivered later; `retry_after_s` if the provider said when
│  ├─ ProviderBusy   the provider asks for patience: 429, too many messages a minute
│  ├─ ProviderDown   no connection, 5xx, time-out before anything was sent
│  └─ Unclear        it was sent, but the answer cannot be understood: it may have arrived
└─ Permanent         sending the same again cannot help: a person must mend something
   ├─ TargetRefused  address, key, signature or robot is wrong, disabled or forbidden
   └─ MessageRefused the provider will not take this content
"""


class NotifyFailed(Exception):
    """Not delivered. `words` are the provider's own, shortened, without secrets."""

    retriable = False
    outcome = "failed"
    """Stands in the receipt."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Retriable(NotifyFailed):
    """May succeed later."""

    retriable = True

    def __init__(self, words: str, retry_after_s: float | None = None) -> None:
        super().__init__(words)
        self.retry_after_s = retry_after_s


class ProviderBusy(Retriable):
    """Too many messages for now."""

    outcome = "busy"


class ProviderDown(Retriable):
    """Nobody there, or somebody who cannot work now."""

    outcome = "unreachable"


class Unclear(Retriable):
    """Sent, but whether it was accepted is not known. It is sent again: twice is better than never."""

    outcome = "unclear"


class Permanent(NotifyFailed):
    """Will fail in the same way until a person mends something."""


class TargetRefused(Permanent):
    """Mend the target."""

    outcome = "target_refused"


class MessageRefused(Permanent):
    """Mend the content, or the template at the provider."""

    outcome = "message_refused"


class AddressWrong(ValueError):
    """An address or option that cannot be one of this channel. Says what it should look like."""
