"""DPoP (RFC 9449): proofs of possession, their nonces, and which were used."""
