"""A password's hash costs an attacker what OWASP asks for, whatever the tests' own hashes cost (checklist 46)."""

import importlib.util
from types import ModuleType

import pytest
from argon2 import Type, extract_parameters

from gateway.signin import passwords
from tests.quick_hashes import QUICK


def _as_served() -> ModuleType:
    """The module as a process of Hallpass loads it."""
    found = importlib.util.find_spec("gateway.signin.passwords")
    assert found is not None
    assert found.loader is not None
    loaded = importlib.util.module_from_spec(found)
    found.loader.exec_module(loaded)
    return loaded


@pytest.mark.checklist(46)
def test_a_hash_costs_nineteen_mebibytes_and_two_passes() -> None:
    costs = extract_parameters(_as_served().HASHER.hash("orchard lantern"))
    assert (costs.type, costs.memory_cost, costs.time_cost, costs.parallelism) == (Type.ID, 19 * 1024, 2, 1)


@pytest.mark.checklist("43 time of sign-in")
def test_a_stranger_costs_the_same() -> None:
    served = _as_served()
    assert extract_parameters(served.NOBODYS_HASH) == extract_parameters(served.HASHER.hash("orchard lantern"))


def test_the_tests_themselves_hash_quickly() -> None:
    assert passwords.HASHER is QUICK
    assert extract_parameters(passwords.NOBODYS_HASH) == extract_parameters(QUICK.hash("orchard lantern"))
