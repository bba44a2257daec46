"""The chain as another program would check it, written from the description in `api.audit.chain` alone."""

from hashlib import sha256

from api.audit.chain import Link


def naive_hashes(rows: list[Link]) -> list[str]:
    """Hash of each row, following from the beginning."""
    previous = sha256(b"hazardwatch audit genesis v1\n").digest()
    hashes = []
    for row in rows:
        text = b"hazardwatch audit row v1\n" + previous
        text += row.number.to_bytes(8, "big", signed=True) + row.entry.time.to_bytes(8, "big", signed=True)
        for field in ("actor", "action", "subject", "text", "enterprise"):
            encoded = getattr(row.entry, field).encode("utf-8")
            text += len(encoded).to_bytes(4, "big") + encoded
        previous = sha256(text).digest()
        hashes.append(previous.hex())
    return hashes
