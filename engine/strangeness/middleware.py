"""Plays what is ordered, and answers at /x/strangeness/."""

from __future__ import annotations

import functools
import json

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from engine.strangeness.orders import Order, accepted, bound, note_accepted, standing
from engine.strangeness.plays import PLAYS, GoOn, Scope, names

OWN_PATH = "/x/strangeness/"


class StrangenessMiddleware:
    def __init__(self, get_response: GoOn) -> None:
        self.get_response = get_response

    def __call__(self, request: WSGIRequest) -> HttpResponseBase:
        if request.path == OWN_PATH:
            return control(request)
        if request.path.startswith("/x/"):
            return self.get_response(request)
        go_on: GoOn = self.accept
        orders = orders_for(request)
        jobs = [order for order in orders if PLAYS[order.name].scope is Scope.JOB]
        if jobs:
            go_on = functools.partial(self.accept_with, jobs)
        for order in orders:
            go_on = functools.partial(_play, order, go_on)
        return go_on(request)

    def accept(self, request: WSGIRequest) -> HttpResponseBase:
        """What the engine does by itself; every accepted document is counted here."""
        answer = self.get_response(request)
        created = request.method == "POST" and request.path == "/extract/" and answer.status_code == 201
        if created and isinstance(answer, HttpResponse):
            note_accepted(json.loads(answer.content))
        return answer

    def accept_with(self, jobs: list[Order], request: WSGIRequest) -> HttpResponseBase:
        """The document is bound to its orders before any job can start."""
        with bound.binding:
            answer = self.accept(request)
            if isinstance(answer, HttpResponse) and answer.status_code == 201:
                bound.bind(json.loads(answer.content)["id"], jobs)
        return answer


def orders_for(request: WSGIRequest) -> list[Order]:
    own = [Order.parse(text) for text in request.headers.get("X-Strange", "").split(",") if text.strip()]
    unknown = [order.name for order in own if order.name not in PLAYS]
    if unknown:
        raise ValueError(f"unknown plays: {unknown}")
    scope = Scope.UPLOAD if request.method == "POST" and request.path.endswith("/extract/") else Scope.READ
    return own + standing.take(names(Scope.ANY, scope))


def control(request: WSGIRequest) -> HttpResponseBase:
    """GET: what stands and what was accepted. POST: one more order. DELETE: no orders."""
    match request.method:
        case "POST":
            wish = json.loads(request.body)
            order = Order.parse(wish["play"], wish.get("times"))
            if order.name not in PLAYS:
                return JsonResponse({"play": [f"One of: {', '.join(PLAYS)}"]}, status=400)
            standing.add(order)
        case "DELETE":
            standing.clear()
    return JsonResponse({"orders": str(standing), "accepted": accepted(), "plays": list(PLAYS)})


def _play(order: Order, go_on: GoOn, request: WSGIRequest) -> HttpResponseBase:
    return PLAYS[order.name].run(request, go_on, order.number)
