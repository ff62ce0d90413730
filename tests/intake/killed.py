"""`python -m tests.intake.killed MODULE ATTRIBUTE before|after`: a run that is killed as by kill -9 at that call."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading

import django


def main() -> None:
    django.setup()
    from extractions.incoming import folders, mails
    from extractions.models import Mailbox, WatchedFolder

    folders.STABLE_SECONDS = 0.0
    module, name, moment = sys.argv[1:4]
    holder = importlib.import_module(module)
    for part in name.split(".")[:-1]:
        holder = getattr(holder, part)
    last = name.split(".")[-1]
    original = getattr(holder, last)

    def killing(*arguments, **named):
        if moment == "after":
            original(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(holder, last, killing)
    for folder in WatchedFolder.objects.all():
        folders.run(folder, threading.Event())
    for mailbox in Mailbox.objects.all():
        mails.run(mailbox, threading.Event())


if __name__ == "__main__":
    main()
