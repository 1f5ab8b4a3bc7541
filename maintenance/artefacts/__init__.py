"""What a release consists of: built reproducibly, judged, and installed.

``python -m maintenance.artefacts DIRECTORY`` leaves the wheel and the sdist there, if
they are fit to be published. Nothing is uploaded.
"""
