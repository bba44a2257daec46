"""Where alarms are kept: a narrow port, and SQLAlchemy behind it."""
