"""Whatever the OpenAPI document allows, and what it does not: the server never fails."""

from __future__ import annotations

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def schema(small_parts, tmp_path_factory):
    loader = Loader(lambda progress: small_parts)
    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("schema"), questions_per_minute=0)
    app = create_app(settings, loader)
    with TestClient(app):
        loader._thread.join()
        yield schemathesis.openapi.from_asgi("/openapi.json", app)


def test_no_request_makes_the_server_fail(schema):
    seen = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        seen.add(operation.path)

        @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def send(case):
            response = case.call()
            assert response.status_code < 500, (case, response.text)

        send()
    assert {"/api/ask", "/api/intakes", "/api/feedback"} <= seen
