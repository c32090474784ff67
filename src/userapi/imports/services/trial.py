"""A dry run: what an import would do, without doing it."""

from dataclasses import replace

from userapi.imports.deciding import decide
from userapi.imports.reading import Source
from userapi.imports.records import Counts, ImportOptions
from userapi.imports.seen import Seen
from userapi.imports.services.loading import NOBODY, Audience, batches
from userapi.imports.store import UserRows
from userapi.imports.validation import RowRules


class ImportTrial:
    """Tries imports."""

    def __init__(self, *, rows: UserRows) -> None:
        self._rows = rows

    def run(
        self,
        options: ImportOptions,
        source: Source,
        rules: RowRules,
        audience: Audience = NOBODY,
    ) -> Counts:
        """Return what would become of the rows; raise `SourceRefused`.

        It writes nothing. Rows that would come in are remembered in a file that is gone afterwards.
        """
        counts = Counts()
        with Seen() as seen:
            for batch in batches(source.entries(), source, rules):
                decisions = decide(
                    batch,
                    options.on_duplicate,
                    holders=seen.holders(batch.emails) | self._rows.holders(batch.emails),
                    taken_ids=seen.ids(batch.ids) | self._rows.taken_ids(batch.ids),
                )
                seen.add(decisions.created)
                counts = replace(counts.plus(decisions.counts), rows_read=batch.last_row)
                audience.report(decisions.refusals)
                audience.watch(counts, batch.bytes_read)
        return counts
