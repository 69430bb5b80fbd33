"""A slow model keeps nobody else waiting."""

import asyncio
import threading

import httpx
import pytest

from verbind_bot.channels.web.app import create_app
from verbind_bot.channels.web.loading import Loader
from verbind_bot.settings import Settings

pytestmark = pytest.mark.model


class Slow:
    """An assistant whose answers wait for a sign."""

    def __init__(self, assistant, sign):
        self._assistant, self._sign = assistant, sign
        self.archive = assistant.archive

    def clean(self, question):
        return self._assistant.clean(question)

    def ask(self, *args, **kwargs):
        assert self._sign.wait(30)
        return self._assistant.ask(*args, **kwargs)


def test_the_event_loop_goes_on_while_every_thread_waits_for_the_model(small_parts, tmp_path):
    sign, order = threading.Event(), []
    slow = type(small_parts)(**{**vars(small_parts), "assistant": Slow(small_parts.assistant, sign)})
    loader = Loader(lambda progress: slow)
    app = create_app(Settings(_env_file=None, data_dir=tmp_path), loader)

    async def ask(client):
        response = await client.post("/api/ask", json={"question": "Welke kasten zijn er?"})
        order.append("answer")
        return response.status_code

    async def story():
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://x") as client,
        ):
            await asyncio.to_thread(loader._thread.join)
            asking = [asyncio.create_task(ask(client)) for _ in range(20)]
            for _ in range(5):
                await asyncio.sleep(0.02)
                assert (await client.get("/healthz")).status_code == 200
                order.append("health")
            sign.set()
            return await asyncio.gather(*asking)

    assert set(asyncio.run(story())) == {200}
    assert order == ["health"] * 5 + ["answer"] * 20
