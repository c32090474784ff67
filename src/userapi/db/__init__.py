"""All SQLAlchemy machinery: base and mixins, session, unit of work, migrations."""
