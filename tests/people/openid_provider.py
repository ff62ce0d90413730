"""An OpenID provider over HTTP that misbehaves on request."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, SECRET = "portal", "not much of a secret"


class Provider:
    """`person` is who signs in; `token` are claims that replace the right ones, None to leave one out."""

    def __init__(self) -> None:
        self.key, self.foreign_key = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        self.person = {"sub": "s-1", "email": "alice@example.com", "email_verified": True, "name": "Alice Example"}
        self.token: dict = {}
        self.userinfo: dict = {}
        self.signed = "rightly"
        self.answered_issuer: str | None = ""
        self.discovered: dict = {}
        self.failing: set[str] = set()
        self.codes: dict[str, dict] = {}
        self.asked: list[str] = []
        self.address = ""

    def discovery(self) -> dict:
        at = self.address
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
            "userinfo_endpoint": f"{at}/me",
            "end_session_endpoint": f"{at}/end",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
            **self.discovered,
        }

    def authorize(self, query: dict) -> str:
        """The address to which the browser is sent back."""
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        answer = {"code": code, "state": query["state"]}
        if self.answered_issuer is not None:
            answer["iss"] = self.answered_issuer or self.address
        return f"{query['redirect_uri']}?{urlencode(answer)}"

    def exchange(self, form: dict) -> dict | None:
        query = self.codes.pop(form["code"], None)
        if query is None or (form["client_id"], form["client_secret"]) != (CLIENT_ID, SECRET):
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != query["code_challenge"]:
            return None
        now = int(time.time())
        right = {"iss": self.address, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": query["nonce"]}
        claims = {name: value for name, value in {**right, **self.person, **self.token}.items() if value is not None}
        return {"access_token": "access", "token_type": "Bearer", "id_token": self._sign(claims)}

    def _sign(self, claims: dict) -> str:
        headers = {"kid": "k-1"}
        match self.signed:
            case "not at all":
                return jwt.encode(claims, None, algorithm="none", headers=headers)
            case "with the client's secret":
                return jwt.encode(claims, SECRET.ljust(32), algorithm="HS256", headers=headers)
            case "by somebody else":
                return jwt.encode(claims, self.foreign_key, algorithm="RS256", headers=headers)
            case "with an unknown key":
                return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "k-2"})
        return jwt.encode(claims, self.key, algorithm="RS256", headers=headers)

    def keys(self) -> dict:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "k-1", "use": "sig", "alg": "RS256"}]}


class Answering(BaseHTTPRequestHandler):
    def _answer(self, status: int, document: dict) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(Answering):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, urlsplit(self.path).query
            provider.asked.append(path)
            pages = {
                "/.well-known/openid-configuration": provider.discovery,
                "/keys": provider.keys,
                "/me": lambda: {**provider.person, **provider.userinfo},
            }
            if path in provider.failing:
                self._answer(503, {})
            elif path == "/authorize":
                self._redirect(provider.authorize({name: value[0] for name, value in parse_qs(query).items()}))
            elif path == "/end":
                self._redirect(parse_qs(query)["post_logout_redirect_uri"][0])
            elif path in pages:
                self._answer(200, pages[path]())
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: value[0] for name, value in parse_qs(body).items()}
            tokens = provider.exchange(form) if "/token" not in provider.failing else None
            self._answer(200 if tokens else 400, tokens or {"error": "invalid_grant"})

    return Handler


@contextmanager
def running():
    provider = Provider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    provider.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield provider
    server.shutdown()
    server.server_close()
