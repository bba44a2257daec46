"""Call-up (叫应): a person is phoned until he answers; being sent to is not enough."""
