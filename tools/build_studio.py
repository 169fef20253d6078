"""Builds the pages of studio when the package is built, so that who installs the wheel needs no npm.

An editable install takes what `make studio` built, if anything, and an install from a checkout without npm, as
pre-commit makes one, has no pages: `mizzle studio` says so. What is published has them: its wheel is made from the
source distribution.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StudioBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs npm in studio/ for a wheel or a source distribution; where only the pages are, they are taken."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless this is an editable install or the pages came along."""
        del build_data
        root = Path(self.root)
        built = root / "src/mizzle/studio/assets/index.html"
        is_checkout = (root / "studio" / "package.json").is_file() and not (root / "PKG-INFO").is_file()
        if version == "editable" or (built.is_file() and not is_checkout):
            return
        npm = shutil.which("npm")
        if npm is None and self.target_name == "wheel":
            self.app.display_warning("npm is not here: this wheel is without the pages of studio")
            return
        if npm is None:
            msg = "the pages of studio are built by npm, which is not here: install Node.js, then build again"
            raise RuntimeError(msg)
        for arguments in (["ci", "--silent"], ["run", "--silent", "build"]):
            subprocess.run([npm, *arguments], cwd=root / "studio", check=True)
