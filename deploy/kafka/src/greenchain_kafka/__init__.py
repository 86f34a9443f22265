"""A real Apache Kafka broker, fetched from Maven and run without Docker: development and tests."""
