"""Physics, stepped with numpy: no clock, no files but their tables of coefficients, no transport."""
