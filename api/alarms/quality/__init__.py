"""How good is the alarm system itself: figures over annunciations, one idea a file (ISA-18.2, EEMUA 191).

Everything here counts annunciations only: the times that people were told, never what operators did.
Only process alarms count; faults of instruments, conditions of the system and advisories are other classes.
"""
