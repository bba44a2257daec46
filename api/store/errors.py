"""What can go wrong with the store.

StoreUnavailable  try again later: disk full, server gone
StoreConflict     somebody else has written meanwhile: decide again
StoreInUse        another service writes here: stop one of them
"""


class StoreUnavailable(Exception):
    """The store cannot be read or written now. Nothing of this work was stored."""


class StoreConflict(Exception):
    """Somebody else has written what this work was decided on: decide again. Nothing was stored."""


class StoreInUse(Exception):
    """Another alert service writes to this store: stop it, or give this one a store of its own."""
