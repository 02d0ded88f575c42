"""Which part of the world a place is in, as Glottolog parts it (Hammarström and Donohue 2014)."""

from __future__ import annotations

# Degrees are what these functions are about, and a name for each would say no more.
# ruff: noqa: PLR2004

AREAS = ("Africa", "Eurasia", "Papunesia", "Australia", "North America", "South America")
# What the name of an area that is none of a continent means.
PAPUNESIA = "the islands from Sumatra to Hawaii"


def macro_area(latitude: float, longitude: float) -> str:
    """The area of a place, by lines drawn through the seas: one of `AREAS`.

    Args:
        latitude: In degrees north.
        longitude: In degrees east.
    """
    if longitude < -30 and not _in_the_pacific(latitude, longitude):
        return _american(latitude, longitude)
    tests = {"Africa": _african, "Australia": _australian, "Papunesia": _papunesian}
    return next((area for area, test in tests.items() if test(latitude, longitude)), "Eurasia")


def _in_the_pacific(latitude: float, longitude: float) -> bool:
    siberian = latitude > 60 and longitude < -169
    hawaiian = latitude < 25 and longitude < -120
    polynesian = latitude < 0 and longitude < -95
    return siberian or hawaiian or polynesian


def _american(latitude: float, longitude: float) -> str:
    north = latitude > 12.6 or (longitude < -77.4 and latitude > 7.1)
    return "North America" if north else "South America"


def _african(latitude: float, longitude: float) -> bool:
    if latitude < 0:
        return -26 < longitude < 64
    if latitude < 12.6:
        # The Gulf of Aden.
        return -26 < longitude < 43.3 or (latitude < 12 and longitude < 52)
    red_sea = 43.3 - (latitude - 12.6) * (43.3 - 32.5) / (30 - 12.6)
    # Gibraltar, then Sicily, then Crete.
    north = 36 if longitude < -1 else 37.5 if longitude < 11.5 else 34
    return -26 < longitude < red_sea and latitude < north


def _australian(latitude: float, longitude: float) -> bool:
    if not (112 < longitude < 154 and latitude < -9.8):
        return False
    strait = 141.5 < longitude < 143.2
    islands = latitude > -12 and longitude > 146.5
    return (strait or latitude < -11.1) and not islands


def _papunesian(latitude: float, longitude: float) -> bool:
    if longitude < -90:
        return latitude < 30
    if longitude < 94 or latitude > 25.4 or latitude < -53:
        return False
    if longitude < 106:
        # Sumatra lies south of the Strait of Malacca.
        return latitude < 5.9 - (longitude - 95.5) * 0.6
    if longitude < 117:
        return latitude < (7.5 if longitude > 108.5 else 4.8)
    formosan = 119.9 < longitude < 122.2 and latitude > 21
    return latitude < 21.2 or formosan
