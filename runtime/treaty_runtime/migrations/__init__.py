"""Migrations: the runtime's own tables (`versions/`), and how an application's are written and applied.

`treaty migrate` compares two snapshots of the schema, plain data both, without a database:

    snapshot      what a schema is: tables, columns, constraints, as `generated/schema.json` holds them
    diff          two snapshots -> changes, or why they cannot be made safely
    protection    what a table's tenant and `appendOnly` mean: row-level security, grants, triggers
    render        changes -> one readable Alembic revision
    revise        writes the revision and the new `schema.json`, both or neither

`treaty upgrade` (module `upgrade`) applies the runtime's revisions, then the application's.
"""
