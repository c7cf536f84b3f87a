"""Mending contracts: the edits that diagnostics bring, put into the text and checked before anything is written."""
