"""Kernels as ordinary Python, through and through, and a buffer that tells on who reads outside it."""

import types
from typing import Any


def as_plain(kernel: Any, done: dict[Any, Any] | None = None) -> Any:
    """The kernel as plain Python, and every kernel that it calls too."""
    done = {} if done is None else done
    function = getattr(kernel, "py_func", kernel)
    if function in done:
        return done[function]
    scope = dict(function.__globals__)
    twin = done[function] = types.FunctionType(
        function.__code__, scope, function.__name__, function.__defaults__, function.__closure__
    )
    for name in function.__code__.co_names:
        if hasattr(scope.get(name), "py_func"):
            scope[name] = as_plain(scope[name], done)
    return twin


class Guarded:
    """Bytes that may be read from 0 to their end and nowhere else."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw)

    def __getitem__(self, at: int) -> int:
        if not 0 <= at < len(self._raw):
            raise AssertionError(f"byte {at} of {len(self._raw)} was read")
        return self._raw[at]
