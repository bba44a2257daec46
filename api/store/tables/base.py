"""What all tables share. Times are ns UTC in 64-bit integers, JSON is kept as text."""

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData()

ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts by itself only in a column declared INTEGER."""
