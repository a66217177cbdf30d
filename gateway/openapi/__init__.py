"""The OpenAPI 3.1 document of what programs call over plain HTTP, put together from the code's own tables."""
