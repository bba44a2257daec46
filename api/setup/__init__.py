"""The first start: from an empty folder to a first sample on the screen, guided by a page."""
