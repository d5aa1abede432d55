"""What holds for every test."""

import os
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings

pytest_plugins = ["tests.servers", "tests.clusters"]

# A property is about values, not about how long this machine took for one of them while others wanted its cores.
settings.register_profile("yanzhang", deadline=None)
settings.load_profile("yanzhang")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first: one that began last would keep a single core at work when all else is done."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def prefect_in_a_home_of_ours() -> Iterator[None]:
    """Prefect reads its settings once in a process: whoever loads it before ``be_quiet`` spoils a flow that runs later,
    which then asks its own server with no password. By the order of files, that is one run of CI in some.
    """
    yield
    assert "prefect.context" not in sys.modules or "PREFECT_HOME" in os.environ, "load Prefect in a process of its own"
