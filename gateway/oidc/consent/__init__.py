"""What a person lets a relying party know, and how she is asked."""
