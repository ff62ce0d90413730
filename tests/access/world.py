"""Two teams that have one of everything, and somebody of every standing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from extractions.models import (
    Classifier,
    ClassifierExample,
    ClassifierTest,
    Connection,
    ContractDifference,
    DoublePayment,
    Draft,
    ErasureReceipt,
    Export,
    Extraction,
    FolderRule,
    GuestLink,
    LegalHold,
    Mailbox,
    MailRule,
    Preset,
    RetentionRule,
    Rule,
    SavedView,
    SchemaProposal,
    SecondLook,
    StudioClassifier,
    StudioSchema,
    Trial,
    Value,
    WatchedFolder,
    WebhookMessage,
)
from extractions.services.guest_links import GuestLinkOptions
from extractions.services.guest_links import create as create_guest_link
from portal.people.api_tokens import TokenOptions, issue_for_service
from portal.people.invitations import invite
from portal.people.models import ApiToken, Invitation, Membership, Team, User
from tests.factories import (
    Role,
    State,
    make_classifier,
    make_content_image,
    make_extraction,
    make_page,
    make_person,
    make_receipt,
    make_schema,
    make_studio_classifier,
    make_studio_schema,
    make_team,
    make_webhook,
)


@dataclass
class World:
    """One of everything that an address can name, all of one team."""

    team: Team
    uploader: User
    extraction: Extraction
    invitation: Invitation
    membership: Membership
    classifier: Classifier
    draft: Draft
    export: Export
    preset: Preset
    view: SavedView
    rule: Rule
    double_payment: DoublePayment
    folder: WatchedFolder
    folder_rule: FolderRule
    second_look: SecondLook
    message: WebhookMessage
    service_token: ApiToken
    studio: StudioSchema
    trial: Trial
    proposal: SchemaProposal

    @property
    def mailbox(self) -> Mailbox:
        """Made with the first that asks for it."""
        return Mailbox.objects.get_or_create(team=self.team, host="nowhere.example", username=self.team.name)[0]

    @property
    def hold(self) -> LegalHold:
        return LegalHold.objects.get_or_create(extraction=self.extraction, reason="audit", released_at=None)[0]

    @property
    def guest_link(self) -> GuestLink:
        known = GuestLink.objects.filter(team=self.team).order_by("pk").first()
        if known is None:
            maker = Membership.objects.filter(team=self.team, role=Role.ADMINISTRATOR).earliest("pk").person
            options = GuestLinkOptions("Guest", timezone.now() + timedelta(days=1))
            known = create_guest_link(self.team, [self.extraction], options, by=maker)[0]
        return known

    @property
    def retention_rule(self) -> RetentionRule:
        return RetentionRule.objects.get_or_create(team=self.team, schema=None, defaults={"original_days": 90})[0]

    @property
    def receipt(self) -> ErasureReceipt:
        known = ErasureReceipt.objects.filter(team=self.team).first()
        return known or make_receipt(self.extraction)

    @property
    def studio_classifier(self) -> StudioClassifier:
        """With a test."""
        known = StudioClassifier.objects.filter(team=self.team).first() or make_studio_classifier(team=self.team)
        ClassifierTest.objects.get_or_create(version=known.newest)
        return known

    @property
    def example(self) -> ClassifierExample:
        facts = {"studio": self.studio_classifier, "extraction": self.extraction, "category": "Lease"}
        return ClassifierExample.objects.get_or_create(**facts)[0]

    @property
    def contract_difference(self) -> ContractDifference:
        own = Connection.objects.get_or_create(team=self.team, scope="team", base_url="https://nowhere.example")[0]
        return ContractDifference.objects.get_or_create(connection=own, form="Extract", path="confidence")[0]

    @property
    def mail_rule(self) -> MailRule:
        return MailRule.objects.get_or_create(mailbox=self.mailbox, sender="x")[0]


def make_world(name: str) -> World:
    team = make_team(name)
    uploader = make_person(f"{name} uploader", team=team, role=Role.UPLOADER)
    administrator = make_person(f"{name} administrator", team=team, role=Role.ADMINISTRATOR)
    extraction = make_extraction(owner=uploader, state=State.EXTRACTED)
    make_content_image(extraction, b"\xff\xd8\xff\xe0")
    make_page(extraction)
    Value.objects.create(extraction=extraction, position=0, path="total", text="12.50", page=1, boxes=[[0, 0, 1, 1]])
    return World(
        team=team,
        uploader=uploader,
        extraction=extraction,
        invitation=invite(team, Role.VIEWER, "", by=administrator)[0],
        membership=Membership.objects.get(person=make_person(f"{name} somebody", team=team, role=Role.VIEWER)),
        classifier=make_classifier(f"Classes of {name}"),
        draft=_draft(uploader, extraction),
        export=_export(uploader, extraction),
        preset=Preset.objects.create(owner=uploader, connection=extraction.connection, name=name, server="FR-1"),
        rule=Rule.objects.create(team=team, schema=make_schema(f"Schema of {name}"), text="total > 0"),
        folder=(folder := _folder(team)),
        folder_rule=FolderRule.objects.create(folder=folder, subfolder="receipts"),
        double_payment=DoublePayment.objects.create(extraction=extraction, remote_id="second", credits=3),
        second_look=_second_look(uploader),
        message=WebhookMessage.objects.create(webhook=make_webhook(team), event="webhook.test"),
        service_token=make_service(team, administrator),
        studio=make_studio_schema(team=team, author=administrator),
        proposal=SchemaProposal.objects.create(team=team, language="en"),
        trial=Trial.objects.create(team=team, name=name, definition={}),
        view=SavedView.objects.create(owner=uploader, name=name),
    )


def _export(person: User, extraction: Extraction) -> Export:
    return Export.objects.create(
        person=person,
        teams=[extraction.team_id],
        form="csv",
        state=Export.State.READY,
        next_try_at=None,
        file=extraction.document.name,
    )


def _folder(team: Team) -> WatchedFolder:
    return WatchedFolder.objects.create(team=team, path=f"/nowhere/{team.pk}")


def _second_look(owner: User) -> SecondLook:
    approved = make_extraction(owner=owner, state=State.EXTRACTED, review_state="approved")
    return SecondLook.objects.create(extraction=approved)


def _draft(owner: User, extraction: Extraction) -> Draft:
    return Draft.objects.create(
        owner=owner,
        batch=uuid.uuid4(),
        name="draft.pdf",
        document=extraction.document.name,
        sha256=f"{extraction.team_id:064}",
        size=1,
        mime="application/pdf",
        page_count=1,
    )


def make_service(team: Team, administrator: User) -> ApiToken:
    options = TokenOptions(f"Service of {team}", ["read"], None)
    return issue_for_service(team, Role.UPLOADER, options, by=administrator)[0]
