"""Who is told of an open alarm, when, and who next: the ladder that only a person's answer stops."""
