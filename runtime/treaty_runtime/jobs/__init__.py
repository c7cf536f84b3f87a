"""Jobs: work that nobody waits for, on procrastinate's queue in the same PostgreSQL.

A job is enqueued in the transaction that asks for it, and carried out in one of its own, as the app role, for its
tenant. The queue itself belongs to the system role.
"""
