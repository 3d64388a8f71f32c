"""What is kept: tables, the way into the database, migrations, the queue's rows, recordings, documents."""
