"""What has to happen later, written in the transaction of its cause."""
