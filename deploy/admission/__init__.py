"""A real API server judges the manifests: ``python -m deploy.admission``, by hand.

building.py makes the two programs, serving.py runs them on loopback, judging.py puts the manifests
to them as ``kubectl apply --server-side --validate=strict`` would.
"""
