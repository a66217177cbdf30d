"""Contacts of an LEA: whom the state writes to, without any access (S1-10)."""

from enum import StrEnum


class ContactKind(StrEnum):
    SPECIAL_EDUCATION = "special-education"
    TECHNOLOGY = "technology"
