"""What each documented command prints first and how it ends, on a demo training's state folder.

A command in a document that is in none of these tables fails the test: add it here.
"""
