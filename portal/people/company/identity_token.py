"""Verification of ID tokens (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from portal.people.company.refusals import SignInRefused

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
LEEWAY_SECONDS = 60
MAX_SUBJECT_LENGTH = 191  # the column of the link; the specification allows 255 ASCII characters
REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
Claims = Mapping[str, Any]
CODES: tuple[tuple[type[Exception], str], ...] = (
    (jwt.ExpiredSignatureError, "expired"),
    (jwt.InvalidIssuerError, "issuer"),
    (jwt.InvalidAudienceError, "audience"),
    (jwt.ImmatureSignatureError, "not_yet_valid"),
    (jwt.MissingRequiredClaimError, "incomplete"),
    (jwt.InvalidAlgorithmError, "unsigned"),
    (jwt.InvalidSignatureError, "signature"),
)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say to be meant for this sign-in."""

    issuer: str
    client_id: str
    nonce: str


def verify(token: str, keys: Mapping[str, Any], expected: Expected) -> Claims:
    """The claims of a token that the provider signed for this sign-in; raises `SignInRefused`."""
    try:
        key = _key_for(token, keys)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(ALGORITHMS),
            issuer=expected.issuer,
            audience=expected.client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        code = next((code for kind, code in CODES if isinstance(error, kind)), "malformed")
        raise SignInRefused(code, str(error)) from error
    _check_party(claims, expected)
    return claims


def _key_for(token: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    """The provider's key that the token names. Symmetric algorithms and "none" are refused whatever the keys are."""
    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS:
        raise SignInRefused("unsigned", f"algorithm {header.get('alg')!r}")
    usable = [key for key in jwt.PyJWKSet.from_dict(dict(keys)).keys if key.public_key_use in (None, "sig")]
    named = [key for key in usable if key.key_id == header.get("kid")]
    if not named and "kid" not in header and len(usable) == 1:
        named = usable
    if not named:
        raise SignInRefused("signature", "the provider has no key of this name")
    return named[0]


def _check_party(claims: Claims, expected: Expected) -> None:
    audience = claims["aud"]
    if isinstance(audience, list) and len(audience) > 1 and "azp" not in claims:
        raise SignInRefused("audience", "several audiences and no authorized party")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise SignInRefused("audience", "another authorized party")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise SignInRefused("nonce")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_LENGTH or not subject.isprintable():
        raise SignInRefused("incomplete", "no subject")
