"""What the OpenAPI description says of the classifiers that teams write themselves."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema

from extractions.api import classifier_studio_serializers as shapes
from extractions.api.descriptions_v1 import UNREAD, problems

TAGS = ["Classifiers"]
ID = OpenApiParameter("id", int, OpenApiParameter.PATH)

CLASSIFIER_LIST = extend_schema(
    operation_id="team_classifier_list",
    summary="List the classifiers that the team writes itself, with their versions.",
    tags=TAGS,
    responses={(200, "application/json"): shapes.StudioClassifierSerializer(many=True), **problems()},
)
CLASSIFIER_RETRIEVE = extend_schema(
    operation_id="team_classifier_retrieve",
    summary="Read a classifier of the team with its categories, and how often it was right by what people said.",
    tags=TAGS,
    parameters=[ID],
    responses={(200, "application/json"): shapes.MeasuredClassifierSerializer, **problems()},
)
TEST_RETRIEVE = extend_schema(
    operation_id="classifier_test_retrieve",
    summary="The newest test of a classifier, with its confusion table; also while it runs.",
    tags=TAGS,
    parameters=[ID],
    responses={(200, "application/json"): shapes.ClassifierTestSerializer, **problems()},
)
TEST_CREATE = extend_schema(
    operation_id="classifier_test_create",
    summary="Test a version on the documents whose category people have said. For administrators of the team.",
    description="The embedded engine reads them, which costs nothing. Ask for the test until `ended_at` is there.",
    tags=TAGS,
    parameters=[ID],
    request={"application/json": shapes.TestRequestSerializer},
    responses={
        (201, "application/json"): shapes.ClassifierTestSerializer,
        204: UNREAD,
        **problems(
            code_409="Not possible now: `detail` says why, `code` in a word: not_embedded, running or no_examples.",
            code_415="Not JSON.",
        ),
    },
)
