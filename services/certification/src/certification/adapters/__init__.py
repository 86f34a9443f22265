"""What fills the ports: database, signer, footprint client, event mapping, scheme data."""
