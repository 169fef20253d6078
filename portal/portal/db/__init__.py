"""The schema (`schema.py`) and the client (`client.py`) of the portal's database."""
