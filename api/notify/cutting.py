"""Fitting texts to what a channel takes. What was cut off is said, never silent."""

CUT = "…（已截断 cut）"
_UNSEEN = dict.fromkeys(range(0x20)) | {0x7F: None, 0x2028: None, 0x2029: None}
_WIDE = str.maketrans("<>[]", "＜＞［］")


def one_line(text: str) -> str:
    """Without line ends and control characters: safe as a title, a mail subject, a header."""
    return " ".join(text.split()).translate(_UNSEEN)


def plain(text: str) -> str:
    """For markdown: what could be a link, a tag or a mention of everybody stays text."""
    return text.translate(_WIDE).replace("@all", "@ all").replace("@所有人", "@ 所有人")


def cut_characters(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else text[: max(0, most - 1)] + "…"


def cut_bytes(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, never half a character; at a line end where one is near."""
    raw = text.encode()
    if len(raw) <= most:
        return text
    room = most - len(CUT.encode())
    if room <= 0:
        return raw[:most].decode("utf-8", "ignore")
    kept = raw[:room].decode("utf-8", "ignore")
    line, found, rest = kept.rpartition("\n")
    if found and len(rest.encode()) < room // 4:
        kept = line
    return kept + CUT
