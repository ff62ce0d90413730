"""One hostile request: drawn for an address, and asked."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import quote, urlencode

from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT

from extractions.models import Comment, Export, Value
from tests.access.expected import EXPECTED
from tests.access.levels import Level
from tests.access.world import World, make_world
from tests.factories import Role, jpeg, make_extraction, make_person, make_team, pdf
from tests.fuzz.addresses import Address, other_names, other_words, search_names
from tests.fuzz.values import Values

FORM = "application/x-www-form-urlencoded"
# A charset that is not UTF-8 is refused before anything else, so it is asked for seldom.
CHARSETS = (
    *("", "; charset=utf-8") * 20,
    "; charset=utf-16",
    "; charset=unicode_escape",
    "; charset=x",
)
TYPES = ("", "multipart/form-data", "text/plain", FORM, "x" * 300, f"multipart/form-data; boundary={'x' * 300}")
FILES = (
    (b"a.pdf", pdf()), (b"\xed\xa0\x80\x00.png", b"\x89PNG\r\n\x1a\n"), (b"x" * 300 + b".jpg", jpeg()), (b"", b""),
    (b"../../b.pdf", b"%PDF-1.7\x00"), (b"\xff", b"text"), ("\u202efdp.exe".encode(), pdf()),
)  # fmt: skip
NUMBERS = ("0", "1", "2", "3", str(2**31), str(2**63), "9" * 18, "9" * 25, "9" * 5000)
SEGMENTS = {"int": NUMBERS, "uuid": ("not-a-uuid", str(uuid.UUID(int=0)), "0" * 32), "slug": ("facture", "invoice")}
HOSTILE = (
    "\x00",
    "\x00\x00a",
    "x" * 3000,
    "..",
    "%",
    "%00",
    "_3F",
    "_00",
    "9" * 5000,
    "é\U0001f4c4",
    "\xff",
    "a/b/c",
    " ",
    "\r\n",
)


@dataclass(frozen=True)
class Request:
    who: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    cookies: dict[str, str]
    body: bytes
    content_type: str


@dataclass
class Population:
    """Two teams with one of everything, and people of every standing, signed in."""

    ours: World = field(default_factory=lambda: make_world("Ours"))
    theirs: World = field(default_factory=lambda: make_world("Theirs"))
    clients: dict[str, Client] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        people = {str(role): make_person(f"Our {role}", team=self.ours.team, role=role) for role in Role}
        people["owner"] = self.ours.uploader
        people["other"] = make_person("Other", team=make_team("Third"), role=Role.ADMINISTRATOR)
        people["staff"] = make_person("Staff", is_staff=True)
        people["root"] = make_person("Root", is_staff=True, is_superuser=True)
        self.clients = {"nobody": Client()}
        for name, person in people.items():
            self.clients[name] = Client()
            self.clients[name].force_login(person)
        for world in (self.ours, self.theirs):
            self._add_ids_of(world)
        self.ids += [str(uuid.uuid4()), "FR-1", "csv", "on"]

    def _add_ids_of(self, world: World) -> None:
        Comment.objects.create(extraction=world.extraction, author=world.uploader, text="Is this right?")
        Export.objects.filter(pk=world.export.pk).update(query="q=total>1")
        document = world.extraction
        document.schema = world.rule.schema
        document.review_state = document.Review.WAITING
        document.save()
        for position, (path, text) in enumerate([("invoice_number", "INV-1"), ("lines[0].label", "Bread")], 1):
            Value.objects.create(extraction=document, position=position, path=path, text=text, extracted=text)
        again = make_extraction(owner=world.uploader, schema=world.rule.schema, state="FAILED")
        self.ids += [str(thing.key) for thing in (document, again, world.draft, world.export)]
        rows = (world.team, world.membership, world.classifier, world.preset, world.rule, world.view, world.rule.schema)
        self.ids += [str(row.pk) for row in (*rows, document, world.uploader, world.invitation)]
        self.ids.append(world.uploader.email)


def draw(address: Address, population: Population, seed: object) -> Request:
    values = Values(seed, population.ids)
    words = [*address.words, *(other_words() if values.random.random() < 0.3 else ())]
    others = (*search_names(), *other_names())
    own = address.parameters or (search_names() if "list" in address.name or "export" in address.name else ())
    pairs = values.pairs(own, others, words)
    body, content_type = _body(values, address, pairs, words)
    query = pairs if values.random.random() < 0.7 else values.pairs(own, others, words)
    return Request(
        who=values.random.choice(_people(address, population)),
        method=values.random.choice(_methods(address)),
        path=_path(values, address, population),
        query=urlencode(query, errors="surrogatepass"),
        headers=values.headers(),
        cookies=values.cookies(),
        body=body,
        content_type=content_type,
    )


def ask(population: Population, request: Request) -> int:
    """The status; whatever was done is undone."""
    client = population.clients[request.who]
    kept = {name: morsel.value for name, morsel in client.cookies.items()}
    client.cookies.load(kept | request.cookies)
    try:
        with transaction.atomic():
            response = client.generic(
                request.method, request.path, request.body, request.content_type,
                headers=request.headers, QUERY_STRING=request.query,
            )  # fmt: skip
            if response.streaming:
                for _chunk in response:
                    pass
            response._resource_closers.clear()  # closing it would end the test's connection
            transaction.set_rollback(True)
    finally:
        client.cookies = SimpleCookie(kept)
    return int(response.status_code)


def _path(values: Values, address: Address, population: Population) -> str:
    """Mostly one that leads to something, of one's own team or of another one."""
    access = EXPECTED.get(address.name)
    world = values.random.choice([population.ours] * 4 + [population.theirs])
    known = {name: str(value) for name, value in access.arguments(world).items()} if access else {}
    segments = {}
    for name, kind in address.segments:
        if name in known and values.random.random() < 0.85:
            segments[name] = known[name]
        else:
            segments[name] = values.random.choice(
                values.random.choice((population.ids, SEGMENTS.get(kind, HOSTILE), HOSTILE))
            )
    path = address.pattern.format(**segments) if segments else address.pattern
    return "/" + quote(path, safe="/")


def _methods(address: Address) -> list[str]:
    access = EXPECTED.get(address.name)
    gets, posts = not access or access.get is not None, not access or access.post is not None
    return [*["GET"] * 8 * gets, *["POST"] * 12 * posts, "GET", "POST", "HEAD", "PUT"]


def _people(address: Address, population: Population) -> list[str]:
    """Those who get in are asked for more often."""
    access, everybody = EXPECTED.get(address.name), list(population.clients)
    if address.name.startswith("admin:") or (access and Level.SITE in (access.get, access.post)):
        return [*everybody, *["root"] * 4 * len(everybody)]
    if access and access.own:
        return [*everybody, *["owner"] * 4 * len(everybody)]
    return [*everybody, *[str(Role.REVIEWER), str(Role.ADMINISTRATOR)] * 2 * len(everybody)]


def _body(values: Values, address: Address, pairs: list[tuple[str, str]], words: list[str]) -> tuple[bytes, str]:
    kind = values.random.random()
    charset = values.random.choice(CHARSETS)
    json_first = "value" in address.name or "here" in address.name
    if kind < (0.85 if json_first else 0.1):
        names = [*address.parameters, "path", "text", "do"]
        return values.json_body(names, words), f"application/json{charset if kind < 0.05 else ''}"
    if kind < 0.75 or json_first:
        return urlencode(pairs, errors="surrogatepass").encode(), FORM + charset
    if kind < 0.95:
        names = ["document", *address.parameters]
        uploads = [
            (values.random.choice(names), values.random.choice(FILES)) for _ in range(values.random.choice((1, 1, 2)))
        ]
        return _multipart(pairs, uploads), MULTIPART_CONTENT + charset
    return values.random.randbytes(values.random.randrange(200)), values.random.choice(TYPES)


def _multipart(pairs: list[tuple[str, str]], uploads: list[tuple[str, tuple[bytes, bytes]]]) -> bytes:
    parts = [b'name="%s"\r\n\r\n%s' % (_bytes(name), _bytes(text)) for name, text in pairs]
    for name, (file_name, content) in uploads:
        parts.append(b'name="%s"; filename="%s"\r\n\r\n%s' % (_bytes(name), file_name, content))
    boundary = b"--" + BOUNDARY.encode()
    whole = b"".join(b"%s\r\nContent-Disposition: form-data; %s\r\n" % (boundary, part) for part in parts)
    return whole + boundary + b"--\r\n"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
