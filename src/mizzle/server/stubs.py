"""Stand-ins for extensions that the wheels lack, so that DDL which asks for them loads.

PostgreSQL 18 looks for extensions in the folders of `extension_control_path`; the installation's own come first,
so that a wheel which has the real one wins. What a stub does and does not is said in its control file's comment,
and by a warning from CREATE EXTENSION: on an embedded server nothing is encrypted.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).with_name("stubs")  # PostgreSQL looks into its subfolder `extension`
NAMES = ("pgcrypto", "uuid-ossp")
