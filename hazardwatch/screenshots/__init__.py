"""Pictures of every page of the screens, for the documentation: `python -m hazardwatch.screenshots`."""
