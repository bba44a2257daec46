"""值班日报: what happened at a desk on one day, as JSON, XLSX and PDF.

gather (one reading transaction) ─► DailyReport (tables and charts) ─► pdf, xlsx, json (pure)
"""
