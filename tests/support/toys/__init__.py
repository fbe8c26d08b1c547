"""Toy services on which chassis is tested: small in business, whole in engineering."""
