"""What a person meets at the door: sign-in, invitation, sign-out, the choice of an active role, missing steps."""
