"""The TypeScript client is what the OpenAPI document says, and it and the mini-program fit it type by type."""

from django.core.management import call_command

from tests.clients.conftest import CLIENTS


def test_the_client_is_generated_from_the_document(node, tmp_path):
    document, generated = tmp_path / "schema.yaml", tmp_path / "schema.ts"
    call_command("spectacular", file=str(document))

    node("node_modules/.bin/openapi-typescript", str(document), "--output", str(generated))

    assert generated.read_text() == (CLIENTS / "typescript/schema.ts").read_text(), "run: make client"


def test_types_fit(node):
    node("node_modules/.bin/tsc", "--noEmit")
