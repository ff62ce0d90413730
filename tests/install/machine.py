"""A fresh Debian in a folder, by debootstrap. It needs root, and takes mirrors and certificates from this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

DOCUMENTED = ("git", "make", "python3", "python3-pip")
"""What the documentation tells people to install, and nothing else."""
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
SCRIPTS = Path("/usr/share/debootstrap/scripts")
OF_THE_REGISTRIES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "http_proxy", "https_proxy", "no_proxy")
PERSON = "1000:1000"


class Machine:
    def __init__(self, release: str, folder: Path) -> None:
        self.release = release
        self.root = folder / release

    def make(self) -> None:
        """From the mirror and with the keys that apt uses here; a folder that is there already is used again."""
        if not (self.root / "etc/debian_version").exists():
            mirror = _apt("indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main")
            keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
            # Releases that are younger than debootstrap itself are made as unstable is.
            script = SCRIPTS / (self.release if (SCRIPTS / self.release).exists() else "sid")
            _run(
                [
                    *("debootstrap", "--variant=minbase", f"--keyring={keyring}", self.release, str(self.root)),
                    *(mirror.split()[0], str(script)),
                ]
            )
        for file in (Path("/etc/resolv.conf"), Path("/etc/hosts")):
            shutil.copy(file, self.root / file.relative_to("/"))
        with self.running():
            self.run("apt-get", "update", "-q", person=False)
            self.run(
                *("apt-get", "install", "-q", "-y", "--no-install-recommends", *DOCUMENTED),
                person=False, DEBIAN_FRONTEND="noninteractive",
            )  # fmt: skip
        # Only now, for pip brings Debian's own.
        shutil.copy(CERTIFICATES, self.root / CERTIFICATES.relative_to("/"))
        (self.root / "home/person").mkdir(exist_ok=True)
        os.chown(self.root / "home/person", 1000, 1000)

    def clone(self, repository: Path) -> None:
        project = self.root / "home/person/portal"
        if project.exists():
            shutil.rmtree(project)
        _run(["git", "clone", "--quiet", "--no-hardlinks", f"file://{repository}", str(project)])
        _run(["chown", "-R", PERSON, str(project)])

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """With what every machine has mounted."""
        mounts = [("proc", "proc", "proc"), ("sysfs", "sysfs", "sys"), ("tmpfs", "tmpfs", "dev/shm")]
        for name in ("null", "zero", "full", "random", "urandom", "tty"):
            (self.root / "dev" / name).exists() or _run(["cp", "-a", f"/dev/{name}", str(self.root / "dev")])
        (self.root / "dev/shm").mkdir(exist_ok=True)
        mounted: list[Path] = []
        try:
            for kind, source, where in mounts:
                _run(["mount", "-t", kind, source, str(self.root / where)])
                mounted.append(self.root / where)
            yield
        finally:
            for place in reversed(mounted):
                _run(["umount", "--lazy", str(place)])

    def command(self, *words: str, person: bool = True, offline: bool = False) -> list[str]:
        """The words as a command in there; as an ordinary person, and with no network but the loopback."""
        who = ["chroot", f"--userspec={PERSON if person else '0:0'}", str(self.root)]
        where = ["sh", "-c", 'cd "$HOME/portal" 2>/dev/null; exec "$@"', "sh"]
        alone = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        return [*(alone if offline else []), *who, *where, *words]

    def environment(self, *, person: bool = True, **more: str) -> dict[str, str]:
        """Nothing of this machine's but the way to its registries."""
        kept = {name: os.environ[name] for name in OF_THE_REGISTRIES if name in os.environ}
        usual = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
        certificates = {"PIP_CERT": str(CERTIFICATES), "SSL_CERT_FILE": str(CERTIFICATES)}
        return kept | usual | certificates | {"HOME": "/home/person" if person else "/root"} | more

    def run(self, *words: str, person: bool = True, **environment: str) -> None:
        _run(self.command(*words, person=person), env=self.environment(person=person, **environment))


def _apt(*words: str) -> str:
    return subprocess.run(["apt-get", *words], check=True, capture_output=True, text=True).stdout


def _run(command: list[str], env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
