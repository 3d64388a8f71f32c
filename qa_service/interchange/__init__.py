"""Other people's transcripts and call logs become calls: one module per format, told apart by content.

A reader turns the text of a file into conversations (``said``); ``roles`` says who of the people in them is the agent.
Call logs of diallers (``dialler``) map their columns onto the contract's keys; numbers in clear leave as pseudonyms.
"""
