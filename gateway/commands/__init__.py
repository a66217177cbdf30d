"""The commands of `hallpass`: one module per group, each with `register(app)`; what is heavy is imported late."""
