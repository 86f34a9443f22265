"""The ports of the application on a database and on the platform's events."""
