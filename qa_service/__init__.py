"""Quality assurance for debt-collection calls: a recording goes in, a scored review queue comes out.

Read the modules in the order a call passes through them: ``call`` and ``judgement`` (the vocabulary), ``lexicon``
(the knowledge), ``transcription``, ``reading``, ``checks``, ``scoring``, ``review``, ``pipeline``, ``storage``,
``actions``.
"""

__version__ = "0.1.0"
