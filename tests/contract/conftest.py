from __future__ import annotations

import pytest

from tests.engine.running import RunningEngine


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    engine = RunningEngine(tmp_path_factory.mktemp("engine"), faulty_jobs=True, ENGINE_PROCESSES="1")
    yield engine
    engine.stop()
