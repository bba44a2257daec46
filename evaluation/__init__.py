"""How good the detectors are, measured: runs with labelled truth, matching, figures, peers, a page."""
