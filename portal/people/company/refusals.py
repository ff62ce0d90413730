"""Why a sign-in by the company's account is refused. The codes go to the audit log, which has a sentence for each."""

from __future__ import annotations


class SignInRefused(Exception):
    """`code` is one of the keys of `portal.audit.descriptions.REFUSALS`; `detail` goes to the log only."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail
