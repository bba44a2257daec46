"""Which peers there are, and whether they are installed."""

from importlib.util import find_spec

from evaluation.peers import Peer
from evaluation.peers_pyod import pyod_peers
from evaluation.peers_river import GaussianScorer, HalfSpaceTrees, PageHinkley

LIBRARIES = ("river", "pyod")


class PeersMissing(ValueError):
    """The libraries to compare with are not installed."""


def require_peers() -> None:
    """Raises PeersMissing with what to install."""
    missing = [name for name in LIBRARIES if find_spec(name) is None]
    if missing:
        raise PeersMissing(
            f"--peers needs {' and '.join(missing)}: make peers, or pip install {' '.join(missing)}"
        )


def scenario_peers() -> list[Peer]:
    """Quick enough for millions of samples."""
    require_peers()
    return [GaussianScorer(), PageHinkley(), *pyod_peers()]


def field_peers() -> list[Peer]:
    """For a recording of some days."""
    require_peers()
    return [GaussianScorer(360), HalfSpaceTrees(), PageHinkley(), *pyod_peers()]
