"""The container files, held against the settings, routes and files that they name."""
