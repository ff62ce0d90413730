"""`python -m client COMMAND …`, with the portal's address in PORTAL_ADDRESS and a token in PORTAL_TOKEN."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from client.api import ORIGINAL, Client
from client.errors import ApiError, Refused, TimedOut
from client.objects import Document
from client.types import Json

BAD_OPTIONS, REFUSED, NOT_READ, TIMED_OUT, TRY_LATER = 2, 3, 4, 5, 6
EXIT_CODES = """\
Ends with 0 when all went well, 2 when the options are wrong, 3 when something was refused, 4 when a document could not
be read, 5 when --timeout passed first, 6 when the portal could not be reached or could not keep a file at the moment;
of several, with the highest. The token is read from the environment, for everybody on a machine sees command lines."""


@dataclass(slots=True)
class Outcome:
    """What became of one file."""

    file: str
    outcome: str
    """received, known, refused or later; with --wait also read, failed or waiting."""
    id: str = ""
    page: str = ""
    status: str = ""
    state: str = ""
    why: str = ""
    credits: float | None = None
    extracted_data: Json = None

    def tell(self, *, as_json: bool) -> None:
        if as_json:
            facts = {name: value for name, value in asdict(self).items() if value not in ("", None)}
            print(json.dumps(facts, ensure_ascii=False), flush=True)
        else:
            words = [f"{self.file}: {self.outcome}", self.id, f"({self.why})" if self.why else ""]
            print(" ".join(word for word in words if word), flush=True)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    address, token = os.environ.get("PORTAL_ADDRESS", ""), os.environ.get("PORTAL_TOKEN", "")
    if not (address and token):
        print("Set PORTAL_ADDRESS and PORTAL_TOKEN.", file=sys.stderr)
        return BAD_OPTIONS
    client = Client(address, token, patience=options.patience)
    try:
        code: int = options.run(client, options)
    except ApiError as error:
        print(error, file=sys.stderr)
        return _exit_code(error)
    return code


def _exit_code(error: ApiError) -> int:
    return REFUSED if isinstance(error, Refused) else TIMED_OUT if isinstance(error, TimedOut) else TRY_LATER


def _upload(client: Client, options: argparse.Namespace) -> int:
    if options.key and len(options.files) > 1:
        print("--key is for one file.", file=sys.stderr)
        return BAD_OPTIONS
    code, sent = 0, []
    for file in options.files:
        try:
            document = client.upload(
                file,
                schema=options.schema,
                classifier=options.classifier,
                server=options.server,
                pages=options.pages,
                metadata=dict(options.metadata),
                key=options.key,
            )
        except (ApiError, OSError) as error:
            failed = _exit_code(error) if isinstance(error, ApiError) else REFUSED
            Outcome(file, "later" if failed == TRY_LATER else "refused", why=str(error)).tell(as_json=options.json)
            code = max(code, failed)
            continue
        sent.append((file, document))
        if not options.wait:
            _outcome(file, "known" if document.existing else "received", document).tell(as_json=options.json)
    for file, document in sent if options.wait else ():
        code = max(code, _wait_for(client, file, document, options))
    return code


def _wait_for(client: Client, file: str, document: Document, options: argparse.Namespace) -> int:
    try:
        ended = client.wait(document, timeout=options.timeout)
    except ApiError as error:
        _outcome(file, "failed" if isinstance(error, Refused) else "waiting", document, str(error)).tell(
            as_json=options.json
        )
        return NOT_READ if isinstance(error, Refused) else _exit_code(error)
    _outcome(file, "failed" if ended.failed else "read", ended).tell(as_json=options.json)
    return NOT_READ if ended.failed else 0


def _outcome(file: str, outcome: str, document: Document, why: str = "") -> Outcome:
    return Outcome(
        file,
        outcome,
        document.id,
        document.page,
        document.status,
        document.state,
        why or document.error,
        document.credits,
        document.data,
    )


def _read(client: Client, options: argparse.Namespace) -> int:
    print(json.dumps(client.read(options.id).raw, ensure_ascii=False, indent=2))
    return 0


def _values(client: Client, options: argparse.Namespace) -> int:
    for value in client.values(options.id):
        print(json.dumps(value.raw, ensure_ascii=False))
    return 0


def _approve(client: Client, options: argparse.Namespace) -> int:
    print(client.approve(options.id, options.reason)["review_state"])
    return 0


def _reject(client: Client, options: argparse.Namespace) -> int:
    print(client.reject(options.id, options.reason)["review_state"])
    return 0


def _download(client: Client, options: argparse.Namespace) -> int:
    content = client.download(options.id, options.form)
    if not content:
        print("There is nothing to download, or not yet.", file=sys.stderr)
        return NOT_READ
    if options.output:
        Path(options.output).write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m client", description=__doc__, epilog=EXIT_CODES)
    parser.add_argument("--patience", type=float, default=60.0, metavar="SECONDS", help="how long to repeat a request")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    upload = commands.add_parser("upload", help="send files")
    upload.add_argument("files", nargs="+", metavar="FILE")
    upload.add_argument("--schema", default="", help="name or id; without one, text and pictures are read")
    upload.add_argument("--classifier", default="", help="name or id")
    upload.add_argument("--server", default="FR-1")
    upload.add_argument("--pages", default=(None, None), metavar="3-9", type=_page_range, help="of PDF files")
    upload.add_argument("--metadata", action="append", default=[], metavar="KEY=VALUE", type=_pair)
    upload.add_argument("--key", default="", help="idempotency key: the same key is the same document")
    upload.add_argument("--wait", action="store_true", help="until every document is read")
    upload.add_argument("--timeout", type=float, default=3600.0, metavar="SECONDS", help="longest time to wait")
    upload.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    upload.set_defaults(run=_upload)
    for name, run, words in (
        ("read", _read, "print a document as JSON"),
        ("values", _values, "print its values with their evidence, one JSON object a line"),
        ("approve", _approve, "approve it"),
        ("reject", _reject, "reject it"),
        ("download", _download, "download its result or the original"),
    ):
        command = commands.add_parser(name, help=words)
        command.add_argument("id", metavar="ID")
        command.set_defaults(run=run)
        if name in ("approve", "reject"):
            command.add_argument("--reason", default="", required=name == "reject")
        if name == "download":
            command.add_argument("--form", default="json", choices=["csv", "json", "images", ORIGINAL])
            command.add_argument("--output", default="", metavar="FILE")
    return parser


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not (key and separator):
        raise argparse.ArgumentTypeError("KEY=VALUE is wanted")
    return key, value


def _page_range(text: str) -> tuple[int | None, int | None]:
    """`3-9`, `3-` or `5`."""
    first, dash, last = text.partition("-")
    if not first.isdecimal() or (last and not last.isdecimal()):
        raise argparse.ArgumentTypeError("a range such as 3-9, 3- or 5 is wanted")
    return int(first), int(last) if last else None if dash else int(first)
