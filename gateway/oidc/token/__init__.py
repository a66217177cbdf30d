"""The token endpoint: a grant decides over loaded facts, and tokens are written."""
