"""Do the manifests of deploy/ say what the code is? One file a question, all by ``python -m``.

``python -m deploy.checks`` asks them of every overlay and component. A check is a pure function of
what was rendered (and of contracts, settings, schemas); it returns sentences, none if all is well.
"""
