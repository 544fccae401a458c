"""A case put forward, before there is a review: by alert or request, to its SIN or its local outcomes."""
