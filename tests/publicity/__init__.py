"""Tests of the publicity room."""
