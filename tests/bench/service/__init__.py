"""How fast the service is, beside the same work written by hand and beside what PostgreSQL can do at all."""
