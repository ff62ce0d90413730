"""Two that speak the API are held against the contract: the engine, and a portal before the engine."""

from __future__ import annotations

import pytest

from tests.api.served import Served
from tests.engine.running import CLASSIFIER, RunningEngine


@pytest.fixture(scope="session")
def engine(tmp_path_factory):
    engine = RunningEngine(tmp_path_factory.mktemp("engine"), faulty_jobs=True, ENGINE_PROCESSES="1")
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def portal(tmp_path_factory, engine):
    portal = Served(tmp_path_factory.mktemp("portal") / "data", ANESYA_BASE_URL=engine.root, ANESYA_API_KEY=engine.key)
    portal.schema()
    portal.enter_classifier(CLASSIFIER)
    yield portal
    portal.stop()


@pytest.fixture(scope="session", params=["engine", pytest.param("portal", marks=pytest.mark.long)])
def service(request):
    return request.getfixturevalue(request.param)
