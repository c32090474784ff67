"""What can go wrong with what is left for later."""

from userapi.kit.errors import OperatorError


class ClusterTablesMissing(OperatorError):
    """`JOBS` is procrastinate, and the database lacks its tables."""

    message = "the tables of procrastinate are missing; run: userapi jobs create-tables"


class NoClusterTables(OperatorError):
    """`JOBS` is not procrastinate, which needs tables of its own."""

    message = "JOBS is embedded, which needs no other tables; for those of procrastinate set JOBS"
