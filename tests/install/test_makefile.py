"""Which Python `make` takes, and what it says where there is none that fits."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.running import ROOT

TOOLS = ("make", "sh", "echo", "touch")
OLD = "#!/bin/sh\nexit 1\n"
"""An interpreter that is asked whether it is new enough, and is not."""


@pytest.fixture
def machine(tmp_path):
    """A folder of programs, and nothing else on the path."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    programs = tmp_path / "bin"
    programs.mkdir()
    for tool in TOOLS:
        (programs / tool).symlink_to(shutil.which(tool))
    return programs


def install_program(machine, name, text):
    (machine / name).write_text(text)
    (machine / name).chmod(0o755)


def make(machine, tmp_path, *options):
    command = [str(machine / "make"), *options, f"{tmp_path}/venv/bin/python", f"VENV={tmp_path}/venv"]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": str(machine), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


def this_python(*, pip=True):
    answer = f'case "$*" in "-m pip"*) exit {0 if pip else 1};; esac\n'
    return f'#!/bin/sh\n{answer}exec {sys.executable} "$@"\n'


def test_python3_serves_where_there_is_no_python3_11(machine, tmp_path):
    install_program(machine, "python3", this_python())

    done = make(machine, tmp_path)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "venv/bin/python").exists()


def test_a_newer_one_beside_an_old_python3_is_found(machine, tmp_path):
    install_program(machine, "python3", OLD)
    install_program(machine, "python3.12", this_python())

    assert "python3.12 -m venv" in make(machine, tmp_path, "--dry-run").stdout


def test_without_one_that_fits_it_says_which_do(machine, tmp_path):
    install_program(machine, "python3", OLD)

    done = make(machine, tmp_path)

    assert done.returncode
    assert "needs Python 3.11, 3.12, 3.13 or 3.14" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_without_pip_it_says_what_to_install(machine, tmp_path):
    install_program(machine, "python3", this_python(pip=False))

    done = make(machine, tmp_path)

    assert done.returncode
    assert "apt-get install python3-pip" in done.stderr


def test_uv_installs_where_it_is(machine, tmp_path):
    install_program(machine, "python3", this_python(pip=False))
    install_program(machine, "uv", OLD)
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").symlink_to(sys.executable)

    done = subprocess.run(
        [str(machine / "make"), "--dry-run", f"{tmp_path}/venv/.ready", f"VENV={tmp_path}/venv"],
        cwd=ROOT, env={"PATH": str(machine)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "uv pip install" in done.stdout
    assert "-m pip" not in done.stdout
