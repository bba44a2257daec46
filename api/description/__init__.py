"""The OpenAPI document of the service: what FastAPI makes of the routes, completed by words and examples."""
