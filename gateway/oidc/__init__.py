"""The OpenID provider: one file per endpoint, one per grant; decisions are pure functions over loaded facts."""
