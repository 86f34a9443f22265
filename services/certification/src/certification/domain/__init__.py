"""What a green-product record is and how it lives. Pure: no framework, database or wire format."""
