"""The system as those see it who look after it: one answer, gathered from every part."""
