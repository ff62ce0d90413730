"""What has to hold between the values of one result. Pure: no Django, no sentences."""
