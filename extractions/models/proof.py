"""The keys that proof sheets are signed with."""

from __future__ import annotations

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.sealing import Unreadable, seal, unseal


class ProofKey(models.Model):
    """An Ed25519 key of this portal; all machines share it. Older ones stay, for what was signed with them."""

    public_key = models.CharField(_("public key"), max_length=44, unique=True, help_text=_("in Base64"))
    sealed_private_key = models.TextField(_("private key, sealed"), editable=False)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("key for proof sheets")
        verbose_name_plural = _("keys for proof sheets")

    def __str__(self) -> str:
        return self.fingerprint

    @classmethod
    def current(cls) -> ProofKey:
        """The newest that can be read here; the first call makes one, as does the loss of what sealed the others."""
        for key in cls.objects.order_by("-pk"):
            if key._private_key() is not None:
                return key
        private = Ed25519PrivateKey.generate()
        return cls.objects.create(
            public_key=base64.b64encode(private.public_key().public_bytes_raw()).decode(),
            sealed_private_key=seal(base64.b64encode(private.private_bytes_raw()).decode()),
        )

    @property
    def fingerprint(self) -> str:
        """What names the key on sheets: the beginning of its SHA-256."""
        return hashlib.sha256(base64.b64decode(self.public_key)).hexdigest()[:16]

    def sign(self, content: bytes) -> bytes:
        private = self._private_key()
        if private is None:
            raise Unreadable
        return private.sign(content)

    def has_signed(self, content: bytes, signature: bytes) -> bool:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(self.public_key))
        try:
            public.verify(signature, content)
        except InvalidSignature:
            return False
        return True

    def _private_key(self) -> Ed25519PrivateKey | None:
        try:
            return Ed25519PrivateKey.from_private_bytes(base64.b64decode(unseal(self.sealed_private_key)))
        except Unreadable:
            return None
