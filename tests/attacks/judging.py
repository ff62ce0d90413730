"""One attack, and what came of it."""

from __future__ import annotations

import time

from tests.attacks.kinds import KINDS
from tests.attacks.scene import Answer, Memory, Outcome, Prepared, Scene


def judge(prepared: Prepared, name: str, *, looks: int, seconds: float) -> Outcome:
    """Idle, then during the attack, then the end of all processes while it goes on."""
    scene = Scene(prepared)
    try:
        scene.looks(8, seconds)  # compiles templates, opens connections
        idle = scene.looks(looks, seconds)
        with Memory(scene) as memory, KINDS[name](scene) as met:
            time.sleep(1)
            busy = scene.looks(looks, seconds)
            told = met()
            took = scene.end()
        return Outcome(
            name,
            [answer.seconds for answer in idle],
            [answer.seconds for answer in busy],
            [answer for answer in busy if not well(answer)],
            memory.most - memory.idle,
            took,
            told,
        )
    finally:
        scene.portal.stop()


def well(answer: Answer) -> bool:
    return answer.status in (200, 302)
