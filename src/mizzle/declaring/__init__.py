"""A catalog written as SQLAlchemy models: text in, text out, nothing is imported or run here.

It goes by the catalog, which is what is compared afterwards, and by the names in it. sqlacodegen, which goes by
SQLAlchemy's inspector, does not see what that does not see, and so could not be held to reading back equal.
"""
