"""The register (台账) for the people who look at it and change it."""
