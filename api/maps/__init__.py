"""The ground under the map: none by default, or tiles of a server that the site names."""
