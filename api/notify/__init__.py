"""From a message that must be told to a receipt: outbox, worker, and one notifier for each channel."""
