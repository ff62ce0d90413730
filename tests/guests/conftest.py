from tests.guests.sharing import document  # noqa: F401 - a fixture
