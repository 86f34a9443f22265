"""What the application stands on: database, supplier service, packaged files, Brightway."""
