"""Roles that student information systems suggest: taken in, listed, and decided on by whoever manages users."""
