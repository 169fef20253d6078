"""Where the wanted schema comes from: models and SQL files in, DDL out. SQLAlchemy is imported here only."""
