"""How good the detectors are, measured: offline runs with labelled truth, matching, figures, peers, a page."""
