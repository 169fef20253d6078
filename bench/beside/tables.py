"""stub."""


def parts(found: object) -> dict[str, str]:
    """Return."""
    return {}
