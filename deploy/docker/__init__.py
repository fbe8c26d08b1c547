"""The image of a service and its check (`make image-check`); no part of any image."""
