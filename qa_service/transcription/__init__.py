"""A recording becomes turns: decode, find speech, recognise, doubt, say who spoke.

The order of the modules: ``audio`` (which decodes by ``limited`` → ``decode_process`` → ``decoding``) → ``vad`` →
``leakage`` → ``clips`` → ``engine`` → ``wording`` → ``suspect`` → ``roles`` → ``turns`` → ``transcribe``.
"""

import os

# Read by the hub client when it is first imported: no model is ever fetched while calls are processed.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
