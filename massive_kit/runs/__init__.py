"""Runs: trained, resumed, predicted with, evaluated."""
