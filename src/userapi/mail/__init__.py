"""Mail: rows in the transaction of their cause, which a job renders and sends afterwards."""
