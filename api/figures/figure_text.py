"""Numbers and durations as people read them. Pure."""


def spoken_s(seconds: float) -> str:
    """A duration: `45 s`, `12 min 5 s`, `3 h 20 min`, `2 d 4 h`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return _two(whole // 60, "min", whole % 60, "s")
    if whole < 86_400:
        return _two(whole // 3600, "h", whole % 3600 // 60, "min")
    return _two(whole // 86_400, "d", whole % 86_400 // 3600, "h")


def plain(number: float) -> str:
    """With thousands separated, and without decimals where there are none to show."""
    return f"{number:,.0f}" if number == int(number) or abs(number) >= 1000 else f"{number:,.1f}"


def _two(large: int, unit: str, small: int, sub: str) -> str:
    return f"{large} {unit} {small} {sub}" if small else f"{large} {unit}"
