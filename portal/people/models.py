"""People, teams and roles."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True} | fields)


class User(AbstractUser):
    """A person, identified by e-mail address."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    session_epoch = models.PositiveIntegerField(_("sign-outs everywhere"), default=0, editable=False)
    """Part of every session hash and reset token: incrementing it invalidates them all."""
    is_service = models.BooleanField(_("service"), default=False, editable=False)
    """A program with a token of its own instead of a person. It is never active, so every way to sign in refuses it."""

    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)
    """Since then the account has neither name nor address, and nobody can sign in to it."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[assignment,misc]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.CheckConstraint(condition=Q(is_service=False) | Q(is_active=False), name="services_cannot_sign_in"),
        )

    def __str__(self) -> str:
        return self.get_full_name()

    @property
    def pseudonym(self) -> str:
        """What an erased person is called: always the same, and nobody else."""
        return gettext("Erased person %(number)s") % {"number": self.pk}

    def get_full_name(self) -> str:
        if self.erased_at is not None:
            return self.pseudonym
        return self.name.strip() or self.email.partition("@")[0]

    def get_short_name(self) -> str:
        return self.get_full_name().split()[0]

    def end_all_sessions(self) -> None:
        """Invalidate all sessions and password reset links."""
        type(self).objects.filter(pk=self.pk).update(session_epoch=models.F("session_epoch") + 1)
        self.refresh_from_db(fields=["session_epoch"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's hash of the password, extended by the session epoch once that is not 0."""
        password_hash = str(super()._get_session_auth_hash(secret))  # type: ignore[misc]
        if not self.session_epoch:
            return password_hash
        epoch = f"{password_hash} {self.session_epoch}"
        return salted_hmac("portal.people.session_epoch", epoch, secret=secret, algorithm="sha256").hexdigest()

    @property
    def initials(self) -> str:
        words = self.get_full_name().split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Team(models.Model):
    """People who share documents."""

    name = models.CharField(_("name"), max_length=100)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a team. Each role includes the permissions of the ones before it."""

    class Role(models.TextChoices):
        VIEWER = "viewer", _("Viewer")
        UPLOADER = "uploader", _("Uploader")
        REVIEWER = "reviewer", _("Reviewer")
        ADMINISTRATOR = "administrator", _("Team administrator")

    person = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("person"))
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships", verbose_name=_("team"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.UPLOADER)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (models.UniqueConstraint(fields=("person", "team"), name="one_role_per_person_and_team"),)

    def __str__(self) -> str:
        return f"{self.person}, {self.team}: {self.get_role_display()}"

    @property
    def rank(self) -> int:
        """Higher for a role that may do more."""
        return self.Role.values.index(self.role)


class Installation(models.Model):
    """A single row that says whether the installation has an owner."""

    claimed_at = models.DateTimeField(_("claimed"), null=True, editable=False)

    class Meta:
        verbose_name = _("installation")

    def __str__(self) -> str:
        return f"Installation, claimed {self.claimed_at}" if self.claimed_at else "Installation, not claimed"

    @classmethod
    def is_claimed(cls) -> bool:
        return cls.objects.filter(claimed_at__isnull=False).exists() or User.objects.exists()

    @classmethod
    def claim(cls) -> bool:
        """Claim the installation; only one of several concurrent calls succeeds."""
        cls.objects.get_or_create(pk=1)
        return bool(cls.objects.filter(pk=1, claimed_at__isnull=True).update(claimed_at=timezone.now()))


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> Self:
        """Neither used, nor withdrawn, nor too old."""
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())

    def open(self) -> Self:
        """Those by which somebody can join now."""
        return self.pending().filter(suspended_at=None)


class Invitation(models.Model):
    """A link by which one person joins a team; only a hash of its token is stored."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations", verbose_name=_("team"))
    role = models.CharField(_("role"), max_length=20, choices=Membership.Role.choices, default=Membership.Role.UPLOADER)
    note = models.CharField(_("for whom"), max_length=150, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by"))
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("good until"))
    accepted_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("used by")
    )
    accepted_at = models.DateTimeField(_("used"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    suspended_at = models.DateTimeField(_("suspended by a restore"), null=True, blank=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.note or str(self.get_role_display())

    def withdraw(self) -> bool:
        return bool(Invitation.objects.pending().filter(pk=self.pk).update(withdrawn_at=timezone.now()))

    def accept(self, person: User) -> bool:
        """Mark as used; only one of several concurrent calls succeeds."""
        rows = Invitation.objects.open().filter(pk=self.pk)
        return bool(rows.update(accepted_by=person, accepted_at=timezone.now()))


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def unended(self) -> Self:
        """Neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()), revoked_at=None)

    def open(self) -> Self:
        """Nor suspended."""
        return self.unended().filter(suspended_at=None)

    def with_role(self) -> Self:
        """Annotate `role`, the owner's present one in the team; without those whose owner is not in it any more."""
        rows = self.filter(person__memberships__team=models.F("team"))
        return rows.annotate(role=models.F("person__memberships__role"))


class ApiToken(models.Model):
    """A key by which a program acts as a person, or as a service, in one team; only a hash of it is stored.

    It never permits more than the role of its owner (`api_tokens.Grant`).
    """

    class Scope(models.TextChoices):
        UPLOAD = "upload", _("Send documents")
        READ = "read", _("Read documents and results")
        REVIEW = "review", _("Correct, approve and reject")
        EXPORT = "export", _("Download and export")
        MANAGE = "manage", _("Cancel, retry and delete")

    class Repeat(models.TextChoices):
        """What an upload is answered whose file and options were sent before."""

        ANSWER = "answer", _("Answer with the document that is there")
        REFUSE = "refuse", _("Refuse it")

    person = models.ForeignKey(User, models.CASCADE, related_name="api_tokens", verbose_name=_("acts as"))
    team = models.ForeignKey(Team, models.CASCADE, related_name="api_tokens", verbose_name=_("team"))
    name = models.CharField(_("name"), max_length=100)
    scopes = models.JSONField(_("scopes"), default=list)
    repeats = models.CharField(_("same file again"), max_length=10, choices=Repeat.choices, default=Repeat.ANSWER)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    beginning = models.CharField(_("begins with"), max_length=12, editable=False)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("made by"))
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    responsible = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("looked after by")
    )
    """Of a service: at first whoever made it, later whoever took it over."""
    rest_announced_at = models.DateTimeField(_("rest announced"), null=True, blank=True, editable=False)
    suspended_at = models.DateTimeField(_("suspended by a restore"), null=True, blank=True, editable=False)

    REST_NOTICE: ClassVar[timedelta] = timedelta(days=7)
    """How long before it rests its owner is told."""

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    @property
    def expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def vouched_at(self) -> datetime:
        """When its owner was last known to be able to sign in; making a token takes that, too."""
        return max(self.person.last_login or self.created_at, self.created_at)

    @property
    def rests_at(self) -> datetime | None:
        """When it stops working unless its owner signs in; never before the owner was told in time."""
        if not settings.TOKEN_SIGN_IN_DAYS or self.person.is_service:
            return None
        announced = self.rest_announced_at
        told = announced if announced is not None and announced > self.vouched_at else timezone.now()
        return max(self.vouched_at + timedelta(days=settings.TOKEN_SIGN_IN_DAYS), told + self.REST_NOTICE)

    @property
    def resting(self) -> bool:
        """Whether it waits for its owner to sign in."""
        return self.rests_at is not None and self.rests_at <= timezone.now()

    @property
    def scope_labels(self) -> list[str]:
        return [str(label) for value, label in self.Scope.choices if value in self.scopes]

    @property
    def role_label(self) -> str:
        """With `with_role`."""
        return str(Membership.Role(getattr(self, "role", "")).label)

    def revoke(self) -> bool:
        return bool(ApiToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now()))
