"""Pages about people and organizations: each asks a named GraphQL document, so that the schema's rules decide."""
