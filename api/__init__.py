"""The alert service: condition changes come in, alarms live in a store, people answer them.

`app.py` composes it. Decisions are pure functions (`alarms/lifecycle.py`, `intake.py`); `service.py`
is the only writer; `live.py` tells the screens after each commit.
"""
