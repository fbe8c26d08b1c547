"""The baton command: brings Baton up and asks its APIs."""
