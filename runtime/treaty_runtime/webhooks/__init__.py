"""Webhooks: what other services tell this one.

What is signed is stored, together with a job that works on it later, in one statement; then it is answered. The job
finds out whose an event is, and enqueues what the contract has done after it.
"""
