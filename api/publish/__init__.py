"""What leaves the house: warnings as CAP 1.2 for publication, values and events to provincial platforms."""
