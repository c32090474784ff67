"""Imports and exports over HTTP."""

import uuid

from flask.views import MethodView

from userapi.imports.drafts import (
    UPLOADED_TYPES,
    ImportDraft,
    ImportPartDraft,
    UploadOptions,
)
from userapi.imports.errors import (
    ImportComplete,
    ImportEnded,
    ImportNotFound,
    ImportPartOutOfOrder,
    ImportTooLarge,
    TooManyImports,
)
from userapi.imports.policy import EXPORTING, IMPORTING
from userapi.imports.records import (
    BY_ROW,
    NEWEST_FIRST,
    ExportPart,
    ExportQuery,
    ImportRecord,
    Refusal,
)
from userapi.imports.schemas import (
    LINE,
    ImportCreateSchema,
    ImportPartSchema,
    ImportQuerySchema,
    ImportSchema,
    ImportUploadQuerySchema,
    RefusalQuerySchema,
    RefusedRowSchema,
    UserExportQuerySchema,
    UserExportSchema,
)
from userapi.imports.services.exporting import ExportService
from userapi.imports.services.receiving import ImportService
from userapi.kit.pagination import KeysetPage, KeysetRequest
from userapi.kit.principal import Principal
from userapi.rate_limits.decorator import limited
from userapi.web.blueprint import Blueprint
from userapi.web.operation import Link
from userapi.web.services import Provided, provided
from userapi.web.uploads import Upload

_FIRST = {"import_id": "$response.body#/imports/0/id"}

blp = Blueprint("imports", description="Many users at once, in and out.")


@blp.route("/admin/imports")
class Imports(MethodView):
    """All imports."""

    service = Provided(ImportService)

    @blp.auth(rule=IMPORTING)
    @blp.arguments(ImportQuerySchema, location="query")
    @blp.keyset_page(ImportSchema, NEWEST_FIRST)
    @blp.links(Link("get_import", _FIRST), Link("cancel_import", _FIRST))
    @blp.doc(operationId="list_imports")
    def get(self, principal: Principal, query: KeysetRequest) -> KeysetPage[ImportRecord]:
        """List imports.

        For admins. The newest come first, those of the operator's files too. Some time after its
        end (30 days unless configured otherwise) an import is deleted; its users stay.
        """
        return self.service.list(principal, query)

    @limited("import", "60 per 5 minutes")
    @blp.auth(rule=IMPORTING)
    @blp.arguments(ImportCreateSchema)
    @blp.response(202, ImportSchema)
    @blp.raises(ImportTooLarge, TooManyImports)
    @blp.doc(operationId="create_import")
    def post(self, principal: Principal, draft: ImportDraft) -> ImportRecord:
        """Import users.

        For admins. The users come in later, by a worker; `GET /admin/imports/{import_id}` tells how
        far it is and which rows were refused. A file that is larger than a request may be comes in
        several parts. Each row has `email`, `first_name` and `last_name`, and may have `is_active`,
        `role`, `language`, `email_verified_at`, `created_at` and more, hashes of passwords of other
        systems among them. Nobody is mailed. Ids are the database's.

        Where the admin is one no more before it is over, it fails where it is.
        """
        return self.service.begin(principal, draft)


@blp.route("/admin/imports/upload")
class ImportUpload(MethodView):
    """A file of users, as it is."""

    service = Provided(ImportService)

    @limited("import", "60 per 5 minutes")
    @blp.auth(rule=IMPORTING)
    @blp.arguments(ImportUploadQuerySchema, location="query")
    @blp.upload(
        UPLOADED_TYPES,
        lambda: provided(ImportService).upload_limits,
        example=LINE,
        admits=lambda principal: provided(ImportService).ensure_room(principal),
    )
    @blp.response(202, ImportSchema)
    @blp.raises(TooManyImports)
    @blp.doc(operationId="upload_import")
    def post(self, principal: Principal, query: UploadOptions, file: Upload) -> ImportRecord:
        """Import a file of users.

        For admins. The body is the file as it is: JSON objects in lines (`application/x-ndjson`),
        CSV behind a header (`text/csv`), or either as `application/octet-stream` with `format`. It
        is what `POST /admin/imports` does, for a file that need not be cut into parts, with limits
        of its own: of its size (256 MiB unless configured otherwise) and of the time that it takes.
        Who may not import is refused before the file is sent.
        """
        return self.service.upload(principal, query.of_file(file.media_type), file.content)


@blp.route("/admin/imports/<uuid:import_id>")
class ImportItem(MethodView):
    """One import."""

    service = Provided(ImportService)

    @blp.auth(rule=IMPORTING)
    @blp.response(200, ImportSchema)
    @blp.raises(ImportNotFound)
    @blp.doc(operationId="get_import")
    def get(self, principal: Principal, import_id: uuid.UUID) -> ImportRecord:
        """Read an import.

        For admins. It tells of the first 100 rows that were refused; others are listed by
        `GET /admin/imports/{import_id}/refusals`.
        """
        return self.service.get(principal, import_id)

    @blp.auth(rule=IMPORTING)
    @blp.response(204)
    @blp.raises(ImportEnded, ImportNotFound)
    @blp.doc(operationId="cancel_import")
    def delete(self, principal: Principal, import_id: uuid.UUID) -> None:
        """Cancel an import.

        For admins. Users who are in stay; no other ones come.
        """
        self.service.cancel(principal, import_id)


@blp.route("/admin/imports/<uuid:import_id>/refusals")
class ImportRefusals(MethodView):
    """The refused rows of an import."""

    service = Provided(ImportService)

    @blp.auth(rule=IMPORTING)
    @blp.arguments(RefusalQuerySchema, location="query")
    @blp.keyset_page(RefusedRowSchema, BY_ROW)
    @blp.links(Link("get_import", {"import_id": "$request.path.import_id"}))
    @blp.raises(ImportNotFound)
    @blp.doc(operationId="list_import_refusals")
    def get(
        self, principal: Principal, query: KeysetRequest, import_id: uuid.UUID
    ) -> KeysetPage[Refusal]:
        """List the refused rows of an import.

        For admins. In the order of the file, while the import goes on too. The first 10,000 are
        kept, as long as the import; `refused` of the import tells how many there were.
        """
        return self.service.refusals(principal, import_id, query)


@blp.route("/admin/imports/<uuid:import_id>/parts")
class ImportParts(MethodView):
    """The parts of an import."""

    service = Provided(ImportService)

    @limited("import", "60 per 5 minutes")
    @blp.auth(rule=IMPORTING)
    @blp.arguments(ImportPartSchema)
    @blp.response(202, ImportSchema)
    @blp.raises(ImportComplete, ImportEnded, ImportNotFound, ImportPartOutOfOrder, ImportTooLarge)
    @blp.doc(operationId="add_import_part")
    def post(
        self, principal: Principal, part: ImportPartDraft, import_id: uuid.UUID
    ) -> ImportRecord:
        """Add a part to an import.

        For admins; it was begun with `is_complete: false`. After a break `parts` of the import
        tells how many have come. An import whose next part does not come within a day fails.
        """
        return self.service.add_part(principal, import_id, part)


@blp.route("/admin/exports")
class Exports(MethodView):
    """All users, as a file."""

    service = Provided(ExportService)

    @limited("export-users", "300 per 5 minutes")
    @blp.auth(rule=EXPORTING)
    @blp.arguments(UserExportQuerySchema, location="query")
    @blp.response(200, UserExportSchema)
    @blp.doc(operationId="export_users")
    def get(self, principal: Principal, query: ExportQuery) -> ExportPart:
        """Export users.

        For admins. The users whose accounts are not closed, by their ids, as an import takes them;
        more than a part holds are got by `after`. No hashes of passwords: the operator exports
        those. In CSV what a spreadsheet would take for a formula has an apostrophe before it.
        """
        return self.service.export(principal, query)
