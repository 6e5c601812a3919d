"""What the server says about its own dataset and service, counted in the data."""
