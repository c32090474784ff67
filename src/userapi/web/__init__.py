"""All Flask machinery: the typed blueprint, problem details, authentication, documents."""
