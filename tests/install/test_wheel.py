"""The wheel, installed where there is no checkout, and used as a new administrator does."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess

import pytest

from tests.install import first_steps
from tests.running import PATIENCE, ROOT, free_port, wait_for

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The `bin` of a virtual environment with the wheel and what it asks for."""
    if not all(shutil.which(name) for name in ("make", "python3")):
        pytest.skip("it needs make and python3 with pip")
    folder = tmp_path_factory.mktemp("wheel")
    run(["make", "wheel", f"DIST={folder}"], cwd=ROOT)
    (wheel,) = folder.glob("*.whl")
    run(["python3", "-m", "venv", "--without-pip", folder / "venv"])
    pip = ["python3", "-m", "pip", "--python", folder / "venv/bin/python", "install", "--quiet"]
    run([*pip, "--constraint", folder / "constraints.txt", wheel])
    return folder / "venv/bin"


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done.stdout


def environment(**more):
    """Nothing that leads back to the checkout."""
    ours = ("PYTHON", "DJANGO", "DATA", "ANESYA", "ENGINE", "PORTAL", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


def test_from_an_empty_folder_to_an_exported_sample(programs, tmp_path):
    log = tmp_path / "log"
    ports = {"PORTAL_PORT": str(free_port()), "ENGINE_PORT": str(free_port())}
    with log.open("w") as output:
        portal = subprocess.Popen(
            [programs / "extraction-portal", "up"], cwd=tmp_path, env=environment(**ports), stdout=output, stderr=output
        )
    try:
        link = wait_for(lambda: re.search(r"Open (http://\S+)", log.read_text()), 4 * PATIENCE).group(1)
        first_steps.main(link)
    finally:
        portal.send_signal(signal.SIGTERM)
        assert portal.wait(timeout=PATIENCE) == 0, log.read_text()
    assert (tmp_path / "var/portal.sqlite3").exists()
    assert "Traceback" not in log.read_text()


def test_pages_are_french_and_dressed(programs, tmp_path):
    """Templates, translations and style sheets are in the wheel."""
    ask = (
        "from django.test import Client; from django.contrib.staticfiles import finders\n"
        "print(Client().get('/accounts/password/reset/', headers={'accept-language': 'fr'}).content.decode())\n"
        "print('FOUND', finders.find('portal.css'))"
    )
    command = [programs / "extraction-portal", "manage"]
    environs = environment(DATA_DIR=str(tmp_path / "data"), ALLOWED_HOSTS="testserver")
    run([*command, "migrate", "--verbosity", "0"], cwd=tmp_path, env=environs)

    said = run([*command, "shell", "--verbosity", "0", "--command", ask], cwd=tmp_path, env=environs)

    assert 'lang="fr"' in said
    assert "Mot de passe oublié" in said
    assert "/portal/assets/static/portal.css" in said.rpartition("FOUND")[2]


def test_every_network_is_in_the_wheel(programs, tmp_path):
    ask = (
        "from reading.models import model_path; from reading.network_files import BOXES\n"
        "for package in BOXES:\n    for name in BOXES[package]:\n        print(model_path(package, name))"
    )

    found = run([programs / "python", "-c", ask], cwd=tmp_path, env=environment()).splitlines()

    assert found
    assert all("/reading/networks_inside/" in path for path in found)


def test_a_command_in_a_wrong_folder_begins_no_portal(programs, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    done = subprocess.run(
        [programs / "extraction-portal", "manage", "migrate"],
        cwd=elsewhere, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "There is no portal in" in done.stderr
    assert not list(elsewhere.iterdir())


def test_the_engines_commands_are_reached(programs, tmp_path):
    sample = ROOT / "extractions/samples/invoice-larkspur-instruments.pdf"

    said = run([programs / "extraction-portal", "engine", "read", sample], cwd=tmp_path, env=environment())

    assert "LI-26-10482" in said
