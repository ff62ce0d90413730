"""The secrets of an installation, sealed with a passphrase, so that a backup alone opens nothing."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from portal.environment import Environment

SECRET_FILE = "secret.key"  # noqa: S105 - its name
SALT_BYTES = 16
COST = {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 2}


class WrongPassphrase(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Keys:
    """`from_environment` names those that no file holds: whoever restores has to set them again."""

    secret_key: str
    secret_key_fallbacks: list[str]
    sealing_keys: list[str]
    from_environment: list[str]

    @classmethod
    def present(cls) -> Keys:
        names = ("SECRET_KEY", "SECRET_KEY_FALLBACKS", "SEALING_KEYS")
        given = [name for name in names if Environment().list(name, default=[])]
        return cls(settings.SECRET_KEY, list(settings.SECRET_KEY_FALLBACKS), list(settings.SEALING_KEYS), given)

    def seal(self, passphrase: str) -> bytes:
        salt = os.urandom(SALT_BYTES)
        sealed = _fernet(passphrase, salt).encrypt(json.dumps(asdict(self)).encode())
        return base64.b64encode(salt) + b"\n" + sealed + b"\n"

    @classmethod
    def unseal(cls, sealed: bytes, passphrase: str) -> Keys:
        salt, _newline, token = sealed.strip().partition(b"\n")
        try:
            return cls(**json.loads(_fernet(passphrase, base64.b64decode(salt)).decrypt(token)))
        except InvalidToken as error:
            raise WrongPassphrase from error

    def put_back(self) -> list[str]:
        """Writes the secret key where the next start finds it; returns what has to be set in the environment."""
        if "SECRET_KEY" not in self.from_environment:
            path = Path(settings.DATA_DIR) / SECRET_FILE
            draft = path.with_name(f"{path.name}.restored")
            draft.write_text(self.secret_key)
            draft.chmod(0o600)
            draft.replace(path)
        now = {
            "SECRET_KEY": self.secret_key == settings.SECRET_KEY,
            "SECRET_KEY_FALLBACKS": list(settings.SECRET_KEY_FALLBACKS) == self.secret_key_fallbacks,
            "SEALING_KEYS": list(settings.SEALING_KEYS) == self.sealing_keys,
        }
        return [name for name in self.from_environment if not now[name]]


def _fernet(passphrase: str, salt: bytes) -> Fernet:
    raw = hash_secret_raw(passphrase.encode(), salt, hash_len=32, type=Type.ID, **COST)
    return Fernet(base64.urlsafe_b64encode(raw))
