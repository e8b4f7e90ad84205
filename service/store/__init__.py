"""Records that outlive a run: the only importer of SQLAlchemy."""
