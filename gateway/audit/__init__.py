"""The audit trail kept in order: sealed as it grows, verified, counted."""
