"""Packs of rules for whole kinds of points, one YAML file each; presence in this folder is registration.

See `alarm_rules.pack_files` for their form and `alarm_rules.pack_rules` for how they meet a point.
"""
