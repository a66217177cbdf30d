"""GraphQL over HTTP: a request in, a document run against the schema, JSON out."""
