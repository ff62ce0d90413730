"""Which scope each address takes by which method, said once. An address by token that is not here fails the test."""

from __future__ import annotations

from portal.people.models import ApiToken
from tests.access.levels import ADMINISTRATOR, REVIEWER, UPLOADER, VIEWER, Level

Scope = ApiToken.Scope
LOWEST: dict[str, Level] = {
    Scope.UPLOAD: UPLOADER,
    Scope.READ: VIEWER,
    Scope.EXPORT: VIEWER,
    Scope.MANAGE: UPLOADER,
    Scope.REVIEW: REVIEWER,
}
"""The lowest role of a token's owner with which the scope counts."""
AT_LEAST: dict[tuple[str, str], Level] = {
    ("extractions:api:schemas", "POST"): ADMINISTRATOR,
    ("extractions:v1:classifier_test", "POST"): ADMINISTRATOR,
}
"""Where an address takes a higher role than its scope does."""
READS = {"GET": Scope.READ}
TAKES: dict[str, dict[str, str]] = {
    "extractions:api:extracts": READS | {"POST": Scope.UPLOAD},
    "extractions:api:extract": READS | {"GET ?download=json": Scope.EXPORT, "DELETE": Scope.MANAGE},
    "extractions:api:schemas": READS | {"POST": Scope.MANAGE},
    "extractions:api:schema": READS,
    "extractions:api:document": READS,
    "extractions:api:image": READS,
    "extractions:api:classifiers": READS,
    "extractions:api_document": READS,
    "extractions:api_image": READS,
    "extractions:v1:teams": READS,
    "extractions:v1:schemas": READS,
    "extractions:v1:schema": READS,
    "extractions:v1:classifiers": READS,
    "extractions:v1:classifier": READS,
    "extractions:v1:team_schemas": READS,
    "extractions:v1:team_schema": READS,
    "extractions:v1:team_classifiers": READS,
    "extractions:v1:team_classifier": READS,
    "extractions:v1:classifier_test": READS | {"POST": Scope.MANAGE},
    "extractions:v1:events": READS,
    "extractions:v1:exports": {"GET": Scope.EXPORT, "POST": Scope.EXPORT},
    "extractions:v1:export": {"GET": Scope.EXPORT, "DELETE": Scope.EXPORT},
    "extractions:v1:export_file": {"GET": Scope.EXPORT},
    "extractions:v1:documents": READS,
    "extractions:v1:document": READS,
    "extractions:v1:values": {"POST": Scope.REVIEW},
    "extractions:v1:review": {"POST": Scope.REVIEW},
}
BODIES = {
    "extractions:v1:values": {"do": "confirm", "path": "total"},
    "extractions:v1:review": {"action": "reopen"},
}
"""What is sent, where another body would be found wanting before anything is looked for."""
MCP_SCOPE = Scope.READ
MCP_TOOLS: dict[str, dict[str, str]] = {
    "find": {},
    "count": {},
    "read": {"document": "{document}"},
    "cite": {"document": "{document}", "path": "total"},
}
"""What each tool of the MCP server is asked. A tool that is not here fails the test."""
