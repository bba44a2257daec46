"""Changes of limits: proposed with both back-tests, agreed to by a second person, written into the site."""
