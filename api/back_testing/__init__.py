"""Back-tests of wished changes of limits, as jobs: asked for on a page, run apart, then proposed."""
