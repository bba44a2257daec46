"""Pure numerics: one file a kind of detector, compiled kernels over columns, one row a rule.

Nothing here reads a clock, a file, a socket or a configuration.
"""
