"""Notes over HTTP."""

from flask.views import MethodView

from notes.records import NEWEST_FIRST, NoteDraft, NoteRecord
from notes.schemas import NoteCreateSchema, NoteQuerySchema, NoteSchema
from notes.service import NoteService
from userapi.kit.pagination import KeysetPage, KeysetRequest
from userapi.kit.principal import Principal
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("notes", description="What users write for themselves.")


@blp.route("/notes")
class NoteCollection(MethodView):
    """The caller's notes."""

    service = Provided(NoteService)

    @blp.auth()
    @blp.arguments(NoteQuerySchema, location="query")
    @blp.keyset_page(NoteSchema, NEWEST_FIRST)
    @blp.doc(operationId="list_notes")
    def get(self, principal: Principal, request: KeysetRequest) -> KeysetPage[NoteRecord]:
        """List the caller's notes.

        The newest come first; nobody else sees them.
        """
        return self.service.list(principal, request)

    @blp.auth()
    @blp.arguments(NoteCreateSchema)
    @blp.response(201, NoteSchema)
    @blp.doc(operationId="create_note")
    def post(self, principal: Principal, draft: NoteDraft) -> NoteRecord:
        """Write a note.

        Only the caller can read it.
        """
        return self.service.create(principal, draft)
