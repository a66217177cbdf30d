"""The schema's changes, forward only: numbered revisions in `versions`, their text in `sql`, and what applies them."""
