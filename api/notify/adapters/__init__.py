"""One file a channel. Presence in this folder registers it; its ADAPTER says what a target needs."""
