"""What runs Baton elsewhere than on this machine, and the checks that it equals the code."""
