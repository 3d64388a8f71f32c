"""The command ``qa-service`` (``python -m qa_service``)."""

from __future__ import annotations

import sys

from qa_service.cli.app import app
from qa_service.errors import QaError, SettingsInvalid, in_words


def main() -> None:
    """Run a command; an error raised on purpose ends in its sentence on standard error, never in a traceback.

    Exit status: 0 done, 1 some input refused or the service unable, 2 wrong usage or settings.
    """
    try:
        app(prog_name="qa-service")
    except SettingsInvalid as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
    except QaError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except OSError as error:
        # What no command expects: the disk full under its output, a file gone or forbidden while it worked.
        where = f"{error.filename}：" if error.filename is not None else ""
        sys.stderr.write(f"{where}读写没有成功（{in_words(error)}），请处理后重新运行。\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
