"""Permissions as people read them: the vocabulary's phrases joined to one sentence."""

from collections.abc import Iterable, Mapping

from policy.ids import Permission
from policy.pack import PermissionTerm


def sentence(permissions: Iterable[Permission], vocabulary: Mapping[Permission, PermissionTerm], most: int) -> str:
    """`See results; print score reports; and 4 more.` Empty where the vocabulary knows none of them."""
    phrases = [vocabulary[name].label for name in dict.fromkeys(permissions) if name in vocabulary]
    if not phrases:
        return ""
    more = len(phrases) - most
    text = "; ".join(phrase[:1].lower() + phrase[1:] for phrase in phrases[:most])
    return (text[:1].upper() + text[1:] + (f"; and {more} more" if more > 0 else "")).rstrip(".") + "."
