"""Levers for exporters."""
