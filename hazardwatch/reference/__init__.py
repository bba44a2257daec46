"""Pages of `docs/` that are made from the code, so that they cannot fall behind it.

`python -m hazardwatch.reference docs` rewrites what stands between the markers of each page; a test
holds that nothing is left to rewrite.
"""
