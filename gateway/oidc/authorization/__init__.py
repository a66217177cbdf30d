"""The authorization endpoint: what a request asks, who gets in, and how the answer travels back."""
