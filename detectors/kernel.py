"""How kernels are compiled: once, without the interpreter lock, kept on disk.

numba notices a changed kernel only in the kernel's own file, not in a function that it calls. The
cache folder therefore carries a fingerprint of every kernel source, of the tables that kernels take
in as constants (all of `detectors/`) and of the numba that compiled them: a changed helper or table
can never be served from an old cache.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def _cache_folder() -> Path:
    root = Path(__file__).parents[1]
    digest = hashlib.sha256(f"{numba.__version__} {numba.config.CPU_NAME}".encode())
    for package in ("detectors", "gateway"):
        for source in sorted((root / package).rglob("*.py")):
            text = source.read_bytes()
            if package == "detectors" or b"@compiled" in text:
                digest.update(text)
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "hazardwatch" / f"kernels-{digest.hexdigest()[:16]}"


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = str(_cache_folder())


def compiled(function: F) -> F:
    """Compile at the first call, release the interpreter lock, keep the result on disk."""
    return cast(F, numba.njit(nogil=True, cache=True, error_model="numpy")(function))


def plain(function: F) -> F:
    """The same kernel as ordinary Python, for tests that compare the two."""
    return cast(F, getattr(function, "py_func", function))
