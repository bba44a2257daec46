"""What goes with a rota: hand-over notes, and the secret addresses under which calendars fetch it."""

import msgspec


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What whoever leaves tells whoever comes."""

    number: int
    time: int
    """ns UTC."""
    written_by: str
    text: str


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A calendar address that holds a secret; only the secret's hash is kept."""

    id: str
    rota: str
    receiver: str
    """Only this receiver's shifts; empty: the whole rota."""
    created_by: str
    created_at: int
    revoked_by: str = ""
    revoked_at: int | None = None
