"""The public GraphQL contract: types, directives and payloads; `schema.graphql` is the committed SDL."""
