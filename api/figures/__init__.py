"""监测报警技战指标: how well monitoring and answering work, each figure with its denominator.

spans (which time) ─► facts in columns (read by api/store/figures) ─► families/ (one file a family, pure)
"""
