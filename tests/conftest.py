"""What holds for every test."""

from hypothesis import settings

pytest_plugins = ["tests.servers", "tests.clusters"]

# A property is about values, not about how long this machine took for one of them while others wanted its cores.
settings.register_profile("yanzhang", deadline=None)
settings.load_profile("yanzhang")
