"""What templates ask about guest links."""

from __future__ import annotations

from django import template

from extractions.services import guest_links
from portal.people.models import Team, User

register = template.Library()


@register.simple_tag
def manages_guest_links(person: User, team: Team) -> bool:
    return guest_links.may_manage(person, team)
