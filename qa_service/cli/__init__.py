"""The command line ``qa-service``: thin commands over ``qa_service.actions``, texts in Chinese."""
