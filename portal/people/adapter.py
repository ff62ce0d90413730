"""The portal's policies for allauth."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from portal.audit.recording import Action, record_once
from portal.people import sign_in_limits
from portal.people.company.policy import is_the_only_way, passwords_closed
from portal.people.mail_queue import mail_queue
from portal.rate_limits import Counter, consume, refund
from portal.sessions import came_by_company


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from the first-run setup, an invitation or an administrator; there is no self-registration."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: object) -> AbstractBaseUser | None:
        """Count the attempt before checking the password, and refund it on success: concurrent attempts cannot exceed
        the limit."""
        counters: list[Counter] = sign_in_limits.counters_of(request, str(credentials.get("email", "")))
        if is_the_only_way():
            raise passwords_closed()
        if not consume(counters):
            record_once(
                Action.SIGN_IN_REFUSED,
                counters[0].key,  # the client's, as attackers can invent any number of e-mail addresses
                seconds=300,
                after={"email": str(credentials.get("email"))[:254]},
            )
            raise self.validation_error("too_many_login_attempts")
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if person is not None:
            refund(counters)
        return person

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Disabled: allauth's limit would lock the account for everybody; ours is in `authenticate`."""

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: object) -> None:
        sign_in_limits.reset_counters(request, str(credentials.get("email", "")))

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Asked before the session ends: whoever came by the company's account signs out there, too."""
        if came_by_company(request.session):
            return reverse("company_sign_out")
        return str(super().get_logout_redirect_url(request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        mail_queue.enqueue(lambda: super(AccountAdapter, self).send_mail(template_prefix, email, context))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, object] | None = None,
        email: str | None = None,
    ) -> None:
        """Fall back to the account's address: allauth has no row for it until the addresses page is first opened."""
        super().send_notification_mail(template_prefix, user, context, email or getattr(user, "email", None))
