"""From the wire to the journal: ingress, codecs, engine, journal, history.

Read `gateway/pipeline.py` first: it tells the whole way of a sample.
"""
