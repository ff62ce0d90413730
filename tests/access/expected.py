"""Who may do what, said once for each address. An address that is not here fails the test of the matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from tests.access.world import World


class Level(IntEnum):
    """The lowest standing that gets in. From VIEWER on, it is the role in the team that the thing belongs to."""

    ANYBODY = 0
    SIGNED_IN = 1
    VIEWER = 2
    UPLOADER = 3
    REVIEWER = 4
    ADMINISTRATOR = 5
    SITE = 6


ANYBODY, SIGNED_IN, VIEWER, UPLOADER, REVIEWER, ADMINISTRATOR, SITE = Level


@dataclass(frozen=True)
class Access:
    """`get` and `post` are the levels, None where the method is refused.

    `of_team`: the address names something of a team, and for strangers it does not exist. `own`: it names something
    of one person, the uploader. `site_too`: administrators of the site get in without being members.
    """

    get: Level | None = None
    post: Level | None = None
    arguments: Callable[[World], dict[str, Any]] = field(default=lambda world: {})
    of_team: bool = False
    own: bool = False
    site_too: bool = False
    by_token: bool = False
    """For programs: no session opens it. Which token does is tried in tests/api."""
    missing: int = 404
    """What is answered about a thing that does not exist, and so about one that is not for this person."""


def _document(world: World) -> dict[str, Any]:
    return {"key": world.extraction.key}


def see(**more: Any) -> Access:
    """A document is looked at by everybody on its team."""
    return Access(get=VIEWER, of_team=True, arguments=lambda world: _document(world) | more)


def do(level: Level = UPLOADER) -> Access:
    return Access(post=level, of_team=True, arguments=_document)


def own(
    name: str,
    number: Callable[[World], Any],
    *,
    get: bool = False,
    post: bool = False,
    missing: int = 404,
    **more: Any,
) -> Access:
    """Something of the uploader's that nobody else has anything to do with."""
    return Access(
        get=SIGNED_IN if get else None,
        post=SIGNED_IN if post else None,
        own=True,
        missing=missing,
        arguments=lambda world: {name: number(world)} | more,
    )


def of_administrators(
    name: str, *, get: bool = False, post: bool = False, arguments: Callable[[World], dict[str, Any]] | None = None
) -> Access:
    """Something of the team's that its administrators set up; `name` is its field in the world."""
    return Access(
        get=ADMINISTRATOR if get else None,
        post=ADMINISTRATOR if post else None,
        of_team=True,
        site_too=True,
        arguments=arguments or (lambda world: {"pk": getattr(world, name).pk}),
    )


def _classes(world: World) -> dict[str, Any]:
    return {"pk": world.studio_classifier.pk}


def of_classifier() -> Access:
    """A version of a team's classifier."""
    return of_administrators("studio_classifier", post=True, arguments=lambda world: _classes(world) | {"number": 1})


def of_webhook(*, get: bool = False, post: bool = False) -> Access:
    def arguments(world: World) -> dict[str, Any]:
        return {"pk": world.team.pk, "number": world.message.webhook_id}

    return of_administrators("team", get=get, post=post, arguments=arguments)


def of_message(*, get: bool = False, post: bool = False) -> Access:
    def arguments(world: World) -> dict[str, Any]:
        return {"pk": world.team.pk, "number": world.message.webhook_id, "key": world.message.key}

    return of_administrators("team", get=get, post=post, arguments=arguments)


def by_token(**arguments: Any) -> Access:
    return Access(
        get=SIGNED_IN,
        by_token=True,
        arguments=lambda world: {name: value(world) if callable(value) else value for name, value in arguments.items()},
    )


def _trial(world: World) -> dict[str, Any]:
    return {"pk": world.trial.pk}


def _studio(world: World) -> dict[str, Any]:
    return {"pk": world.studio.pk}


def written(**more: Any) -> Access:
    """A schema of the team is written by its administrators."""
    return Access(post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: _studio(world) | more)


POLICY = Access(
    get=VIEWER, post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: {"pk": world.team.pk}
)
"""Members of the team see it, administrators change it."""

EXPECTED: dict[str, Access] = {
    "extractions:openapi": Access(get=ANYBODY),
    "extractions:api_reference": Access(get=SIGNED_IN),
    "extractions:api:extracts": by_token(),
    "extractions:api:extract": by_token(id=lambda world: world.extraction.key),
    "extractions:api:schemas": by_token(),
    "extractions:api:schema": by_token(id=lambda world: world.rule.schema.remote_id),
    "extractions:api:document": by_token(id=lambda world: world.extraction.key),
    "extractions:api:image": by_token(id=lambda world: world.extraction.key),
    "extractions:api:classifiers": by_token(),
    "extractions:v1:teams": by_token(),
    "extractions:v1:schemas": by_token(),
    "extractions:v1:schema": by_token(id=lambda world: world.rule.schema.remote_id),
    "extractions:v1:classifiers": by_token(),
    "extractions:v1:classifier": by_token(id=lambda world: world.classifier.remote_id),
    "extractions:v1:team_schemas": by_token(),
    "extractions:v1:team_schema": by_token(id=lambda world: world.studio.pk),
    "extractions:v1:team_classifiers": by_token(),
    "extractions:v1:team_classifier": by_token(id=lambda world: world.studio_classifier.pk),
    "extractions:v1:classifier_test": by_token(id=lambda world: world.studio_classifier.pk),
    "extractions:v1:events": by_token(),
    "extractions:v1:exports": by_token(),
    "extractions:v1:export": by_token(id=lambda world: world.export.key),
    "extractions:v1:export_file": by_token(id=lambda world: world.export.key),
    "extractions:v1:documents": by_token(),
    "extractions:v1:document": by_token(id=lambda world: world.extraction.key),
    "extractions:v1:values": by_token(id=lambda world: world.extraction.key),
    "extractions:v1:review": by_token(id=lambda world: world.extraction.key),
    "extractions:api_document": by_token(id=lambda world: world.extraction.key),
    "extractions:api_image": by_token(id=lambda world: world.extraction.key),
    # Doors that stand open.
    "setup": Access(get=ANYBODY, post=ANYBODY, arguments=lambda world: {"token": "no-such-token"}),
    "theme": Access(post=ANYBODY),
    "manifest": Access(get=ANYBODY),
    # Where no provider is set up, and without a link, nothing is there.
    "company_sign_in": Access(post=ANYBODY),
    "company_callback": Access(get=ANYBODY),
    "company_sign_out": Access(get=ANYBODY),
    "break_glass": Access(get=ANYBODY, post=ANYBODY, arguments=lambda world: {"token": "no-such-token"}),
    "invitation": Access(get=ANYBODY, post=ANYBODY, arguments=lambda world: {"token": "no-such-token"}),
    "extractions:hook": Access(post=ANYBODY, arguments=lambda world: {"secret": "no-such-secret"}),
    # People and teams.
    "team": Access(get=SIGNED_IN),
    "new_team": Access(post=SITE),
    "rename_team": Access(
        post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: {"pk": world.team.pk}
    ),
    "invite": Access(post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: {"pk": world.team.pk}),
    "withdraw_invitation": Access(
        post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: {"pk": world.invitation.pk}
    ),
    "change_role": Access(
        post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: {"pk": world.membership.pk}
    ),
    "remove_member": Access(
        post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: {"pk": world.membership.pk}
    ),
    "set_active": Access(post=SITE, arguments=lambda world: {"pk": world.membership.person_id}),
    "account_email": Access(get=SIGNED_IN, post=SIGNED_IN),
    "account_sessions": Access(get=SIGNED_IN),
    "sign_out_everywhere": Access(post=SIGNED_IN),
    "account_tokens": Access(get=SIGNED_IN),
    "new_token": Access(post=SIGNED_IN),
    "new_service_token": Access(
        post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: {"pk": world.team.pk}
    ),
    "revoke_token": Access(
        post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: {"pk": world.service_token.pk}
    ),
    "audit": Access(get=ADMINISTRATOR),
    "export_audit": Access(get=ADMINISTRATOR),
    # Lists.
    "extractions:dashboard": Access(get=SIGNED_IN),
    "extractions:list": Access(get=SIGNED_IN),
    "extractions:suggest": Access(get=SIGNED_IN),
    "extractions:save_view": Access(post=SIGNED_IN),
    "extractions:remove_view": own("pk", lambda world: world.view.pk, post=True),
    "extractions:bulk": Access(post=SIGNED_IN),
    "extractions:undo_bulk": Access(post=SIGNED_IN),
    "extractions:new_export": Access(get=SIGNED_IN, post=SIGNED_IN),
    "extractions:export_mapping": Access(get=SIGNED_IN, post=SIGNED_IN),
    "extractions:exports": Access(get=SIGNED_IN),
    "extractions:export": own("key", lambda world: world.export.key, get=True),
    "extractions:export_file": own("key", lambda world: world.export.key, get=True),
    "extractions:cancel_export": own("key", lambda world: world.export.key, post=True),
    # Sending.
    "extractions:upload": Access(get=SIGNED_IN, post=SIGNED_IN),
    "extractions:sample": Access(post=UPLOADER, arguments=lambda world: {"slug": "no-such-sample"}),
    "extractions:presets": Access(get=SIGNED_IN),
    "extractions:keep_preset": Access(post=SIGNED_IN),
    "extractions:rename_preset": own("pk", lambda world: world.preset.pk, post=True),
    "extractions:remove_preset": own("pk", lambda world: world.preset.pk, post=True),
    "extractions:drafts": Access(post=UPLOADER),
    "extractions:outlook": Access(post=SIGNED_IN),
    "extractions:draft": own("key", lambda world: world.draft.key, get=True, post=True),
    "extractions:draft_pages": own("key", lambda world: world.draft.key, get=True, first=1),
    "extractions:arrange_draft": own("key", lambda world: world.draft.key, get=True, post=True),
    "extractions:draft_sheets": own("key", lambda world: world.draft.key, get=True, first=1),
    "extractions:split_draft": own("key", lambda world: world.draft.key, post=True),
    "extractions:remove_draft": own("key", lambda world: world.draft.key, post=True, missing=204),
    "extractions:send_draft": own("key", lambda world: world.draft.key, post=True, missing=200),
    "extractions:detail": see(),
    "extractions:progress": see(),
    "extractions:mentionable": see(),
    "extractions:comment": do(VIEWER),
    "extractions:raw": see(),
    "extractions:document": see(),
    "extractions:download": see(),
    "extractions:pages": see(),
    "extractions:page": see(number=1),
    "extractions:words": see(),
    "extractions:crop": see(position=0),
    "extractions:picture": see(position=0),
    "extractions:cancel": do(),
    "extractions:delete": Access(get=UPLOADER, post=UPLOADER, of_team=True, arguments=_document),
    "extractions:restore_document": Access(get=VIEWER, post=UPLOADER, of_team=True, arguments=_document),
    "extractions:trash": Access(get=SIGNED_IN, post=SIGNED_IN),
    "extractions:document_holds": Access(get=VIEWER, post=ADMINISTRATOR, of_team=True, arguments=_document),
    "extractions:release_hold": of_administrators("hold", post=True),
    "extractions:team_holds": of_administrators("team", get=True),
    "extractions:move": Access(get=UPLOADER, post=UPLOADER, of_team=True, arguments=_document),
    "extractions:try_again": do(),
    "extractions:again": do(),
    "extractions:test_document": do(REVIEWER),
    "extractions:decide": do(),
    "extractions:try_now": do(),
    "extractions:use_server": do(),
    "extractions:change_options": Access(get=UPLOADER, post=UPLOADER, of_team=True, arguments=_document),
    "extractions:notices": Access(get=SIGNED_IN),
    "extractions:read_notices": Access(post=SIGNED_IN),
    "extractions:notice_settings": Access(get=SIGNED_IN, post=SIGNED_IN),
    "extractions:set_category": do(),
    "extractions:next_step": do(),
    # Review.
    "extractions:review_queue": Access(get=SIGNED_IN),
    "extractions:review_next": Access(get=SIGNED_IN, post=SIGNED_IN),
    "extractions:review_column": Access(get=SIGNED_IN, post=SIGNED_IN),
    "extractions:review_keys": Access(get=SIGNED_IN, post=SIGNED_IN),
    "extractions:review": Access(get=REVIEWER, post=REVIEWER, of_team=True, arguments=_document),
    "extractions:review_value": do(REVIEWER),
    "extractions:review_history": Access(get=REVIEWER, of_team=True, arguments=_document),
    "extractions:review_here": do(REVIEWER),
    "extractions:review_end": do(REVIEWER),
    # What can be chosen.
    "extractions:schemas": Access(get=SIGNED_IN),
    "extractions:refresh_schemas": Access(post=SITE),
    "extractions:start_schema": Access(get=ADMINISTRATOR, post=ADMINISTRATOR),
    "extractions:new_schema": Access(get=ADMINISTRATOR, post=ADMINISTRATOR),
    "extractions:studio_schema": Access(get=VIEWER, of_team=True, site_too=True, arguments=_studio),
    "extractions:compare_schema": Access(get=VIEWER, of_team=True, site_too=True, arguments=_studio),
    "extractions:schema_file": Access(
        get=VIEWER, of_team=True, site_too=True, arguments=lambda world: _studio(world) | {"number": 1}
    ),
    "extractions:edit_schema": Access(
        get=ADMINISTRATOR, post=ADMINISTRATOR, of_team=True, site_too=True, arguments=_studio
    ),
    "extractions:publish_schema": written(number=1),
    "extractions:withdraw_schema": written(number=1),
    "extractions:restore_schema": written(number=1),
    "extractions:remove_schema": written(),
    "extractions:try_version": Access(
        post=ADMINISTRATOR, of_team=True, arguments=lambda world: _studio(world) | {"number": 1}
    ),
    "extractions:test_set": Access(get=VIEWER, of_team=True, site_too=True, arguments=_studio),
    "extractions:trial": Access(get=VIEWER, of_team=True, arguments=_trial),
    "extractions:start_trial": Access(post=ADMINISTRATOR, of_team=True, arguments=_trial),
    "extractions:cancel_trial": Access(post=ADMINISTRATOR, of_team=True, arguments=_trial),
    "extractions:classifiers": Access(get=SIGNED_IN, post=SITE),
    "extractions:classifier": Access(get=SITE, post=SITE, arguments=lambda world: {"pk": world.classifier.pk}),
    "extractions:remove_classifier": Access(post=SITE, arguments=lambda world: {"pk": world.classifier.pk}),
    "extractions:new_classifier": Access(get=ADMINISTRATOR, post=ADMINISTRATOR),
    "extractions:studio_classifier": Access(get=VIEWER, of_team=True, site_too=True, arguments=_classes),
    "extractions:edit_classifier": of_administrators("studio_classifier", get=True, post=True),
    "extractions:remove_studio_classifier": of_administrators("studio_classifier", post=True),
    "extractions:add_examples": of_administrators("studio_classifier", post=True),
    "extractions:drop_example": Access(
        post=ADMINISTRATOR, of_team=True, arguments=lambda world: _classes(world) | {"number": world.example.pk}
    ),
    "extractions:publish_classifier": of_classifier(),
    "extractions:enter_classifier": of_classifier(),
    "extractions:restore_classifier": of_classifier(),
    "extractions:test_classifier": of_classifier(),
    "extractions:rules": Access(get=SIGNED_IN, post=REVIEWER, arguments=lambda world: {"pk": world.rule.schema_id}),
    "extractions:remove_rule": Access(post=REVIEWER, of_team=True, arguments=lambda world: {"pk": world.rule.pk}),
    "extractions:second_person": Access(
        post=REVIEWER,
        of_team=True,
        missing=403,
        arguments=lambda world: {"pk": world.rule.schema_id, "team": world.team.pk},
    ),
    "extractions:credits": Access(get=SIGNED_IN),
    "extractions:budget": Access(
        post=ADMINISTRATOR, of_team=True, site_too=True, arguments=lambda world: {"pk": world.team.pk}
    ),
    "extractions:regions": POLICY,
    "extractions:keeping": POLICY,
    "extractions:evidence_policy": POLICY,
    # How often values are right.
    "extractions:accuracy": Access(get=REVIEWER),
    "extractions:export_accuracy": Access(get=REVIEWER),
    "extractions:second_look_share": of_administrators("team", post=True),
    "extractions:next_second_look": Access(get=REVIEWER),
    "extractions:second_look": Access(
        get=REVIEWER, post=REVIEWER, of_team=True, arguments=lambda world: {"key": world.second_look.extraction.key}
    ),
    "extractions:duplicate_policy": POLICY,
    "extractions:double_payments": Access(
        get=VIEWER, of_team=True, site_too=True, arguments=lambda world: {"pk": world.team.pk}
    ),
    "extractions:settle_double_payment": of_administrators("double_payment", post=True),
    "extractions:site_connection": Access(get=SITE, post=SITE),
    "extractions:test_site_connection": Access(post=SITE),
    "extractions:remove_site_connection": Access(post=SITE),
    "extractions:own_connection": of_administrators("team", get=True, post=True),
    "extractions:team_contract_differences": of_administrators("team", get=True),
    "extractions:acknowledge_difference": of_administrators("contract_difference", post=True),
    "extractions:test_own_connection": of_administrators("team", post=True),
    "extractions:remove_own_connection": of_administrators("team", post=True),
    "extractions:incoming": of_administrators("team", get=True),
    "extractions:new_watched_folder": of_administrators("team", get=True, post=True),
    "extractions:watched_folder": of_administrators("folder", get=True, post=True),
    "extractions:pause_watched_folder": of_administrators("folder", post=True),
    "extractions:run_watched_folder": of_administrators("folder", post=True),
    "extractions:remove_watched_folder": of_administrators("folder", post=True),
    "extractions:add_folder_rule": of_administrators("folder", post=True),
    "extractions:remove_folder_rule": of_administrators("folder_rule", post=True),
    "extractions:webhooks": of_administrators("team", get=True, post=True),
    "extractions:webhook": of_webhook(get=True, post=True),
    "extractions:new_webhook_secret": of_webhook(post=True),
    "extractions:test_webhook": of_webhook(post=True),
    "extractions:pause_webhook": of_webhook(post=True),
    "extractions:resume_webhook": of_webhook(post=True),
    "extractions:resend_webhook_messages": of_webhook(post=True),
    "extractions:webhook_message": of_message(get=True),
    "extractions:resend_webhook_message": of_message(post=True),
    "extractions:remove_webhook": of_webhook(post=True),
    "extractions:new_mailbox": of_administrators("team", get=True, post=True),
    "extractions:mailbox": of_administrators("mailbox", get=True, post=True),
    "extractions:test_mailbox": of_administrators("mailbox", post=True),
    "extractions:pause_mailbox": of_administrators("mailbox", post=True),
    "extractions:run_mailbox": of_administrators("mailbox", post=True),
    "extractions:remove_mailbox": of_administrators("mailbox", post=True),
    "extractions:add_mail_rule": of_administrators("mailbox", post=True),
    "extractions:remove_mail_rule": of_administrators("mail_rule", post=True),
    "extractions:transfer": of_administrators("membership", get=True, post=True),
    # Running the portal.
    "extractions:worker": Access(get=SITE),
    "extractions:pause_sending": Access(post=SITE),
    "extractions:resume_sending": Access(post=SITE),
    "extractions:try_everything": Access(post=SITE),
    "extractions:look_again": Access(post=SITE),
    "extractions:release": Access(post=SITE, arguments=_document),
    "extractions:go_on": Access(post=SITE),
    "extractions:quarantine_seen": Access(post=SITE),
    "extractions:contract_differences": Access(get=SITE),
    "extractions:acknowledge_differences": Access(post=SIGNED_IN),
    "extractions:healthz": Access(get=ANYBODY),
    "extractions:metrics": Access(get=SITE),
}
