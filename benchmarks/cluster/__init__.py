"""The grown installation: PgBouncer, Patroni with a replica, and Redis, below several servers."""
